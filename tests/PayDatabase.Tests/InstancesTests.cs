using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using PayCore.Contracts.V1;

namespace PayCore.PayDatabase.Tests;

/// <summary>What processes and the doctor say is kept as they said it last, and forgotten in time.</summary>
public sealed class InstancesTests
{
    public static TheoryData<string> Providers => DatabaseFixture.Providers;

    [Theory]
    [MemberData(nameof(Providers))]
    public async Task Instance_ReportedAgain_IsOneWithItsLastWord_AndForgottenAfterADay(string provider)
    {
        await using var db = await DatabaseFixture.StartAsync(provider);
        var client = db.Instances;
        var first = new Instance { InstanceId = "a", Machine = "one", Roles = { "PayGateway" }, Readiness = Instance.Types.Readiness.NotReady, StartTime = Timestamp.FromDateTimeOffset(db.Clock.GetUtcNow()) };
        await client.ReportInstanceAsync(new ReportInstanceRequest { Instance = first });
        db.Clock.Advance(TimeSpan.FromSeconds(20));
        first.Readiness = Instance.Types.Readiness.Degraded;
        first.RefusedDocuments.Add(new RefusedDocument { Folder = "apps", Name = "tea", Reason = "routes: 路由" });
        await client.ReportInstanceAsync(new ReportInstanceRequest { Instance = first });
        await client.ReportInstanceAsync(new ReportInstanceRequest { Instance = new Instance { InstanceId = "b" } });

        var told = (await client.ListInstancesAsync(new ListInstancesRequest())).Instances;
        told.Select(i => i.InstanceId).Should().Equal("a", "b");
        told[0].SeenTime.ToDateTimeOffset().Should().Be(db.Clock.GetUtcNow());
        told[0].SeenTime = null;
        told[0].Should().Be(first);
        (await client.ListInstancesAsync(new ListInstancesRequest { AfterInstanceId = "a", Limit = 1 })).Instances.Single().InstanceId.Should().Be("b");

        db.Clock.Advance(TimeSpan.FromHours(25));
        await client.ReportInstanceAsync(new ReportInstanceRequest { Instance = new Instance { InstanceId = "c" } });
        (await client.ListInstancesAsync(new ListInstancesRequest())).Instances.Single().InstanceId.Should().Be("c");
    }

    [Theory]
    [MemberData(nameof(Providers))]
    public async Task Verdict_KeptAgain_ReplacesTheOneBefore(string provider)
    {
        await using var db = await DatabaseFixture.StartAsync(provider);
        var client = db.Instances;
        foreach (var (account, level) in new[] { ("2", AccountFinding.Types.Level.Good), ("1", AccountFinding.Types.Level.Good), ("1", AccountFinding.Types.Level.Failure) })
        {
            var finding = new AccountFinding { Check = "key_pair", Level = level, Field = "private_key", TextEn = "It is another key.", TextZh = "密钥不配对" };
            await client.KeepVerdictAsync(new KeepVerdictRequest { Verdict = new AccountVerdict { Channel = "x", Account = account, By = "ada", DocumentVersion = "7", Findings = { finding } } });
        }

        var all = (await client.ListVerdictsAsync(new ListVerdictsRequest())).Verdicts;
        all.Select(v => v.Account).Should().Equal("1", "2");
        all[0].Findings.Single().Level.Should().Be(AccountFinding.Types.Level.Failure);
        all[0].Findings.Single().TextZh.Should().Be("密钥不配对");
        (await client.ListVerdictsAsync(new ListVerdictsRequest { Channel = "x", Account = "2" })).Verdicts.Single().By.Should().Be("ada");
        (await client.ListVerdictsAsync(new ListVerdictsRequest { AfterChannel = "x", AfterAccount = "1" })).Verdicts.Single().Account.Should().Be("2");
        (await FluentActions.Awaiting(async () => await client.KeepVerdictAsync(new KeepVerdictRequest { Verdict = new AccountVerdict { Account = "1" } })).Should().ThrowAsync<RpcException>())
            .Which.Status.Detail.Should().Contain("verdict.channel");
    }
}
