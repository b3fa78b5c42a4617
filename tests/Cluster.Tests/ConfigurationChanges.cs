using System.Diagnostics;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;
using PayCore.ChannelSimulator;
using PayCore.Cluster.Tests.Support;
using PayCore.Configuration;
using PayCore.Contracts.V1;
using PayCore.Host.Cluster;
using PayCore.Host.Demonstration;
using PayCore.Host.Demonstration.Tour;
using PayCore.ServiceDefaults;

namespace PayCore.Cluster.Tests;

/// <summary>Documents change under the running cluster, and the server that keeps them goes away.</summary>
[Collection(nameof(TestCluster))]
public sealed class ConfigurationChanges(TestCluster cluster)
{
    private const string OtherAccount = "1900000002";

    /// <summary>From the end of the write to the last request by the old document.</summary>
    private static readonly TimeSpan _seenWithin = TimeSpan.FromSeconds(1);

    private int _number;

    /// <summary>A merchant's request, and which account it came to.</summary>
    private sealed record Asked(long At, TimeSpan Took, string Account, string Result);

    [Fact]
    public async Task ChangedAccount_NewKeyNewWeightDisabled_TakesEffectWithinASecondOnAllInstances_WithoutAFailedRequest()
    {
        await cluster.UntilHealthyAsync();
        await cluster.WriteAppAsync([]);
        using var over = new CancellationTokenSource();
        var others = AskAsync("alipay", () => over.IsCancellationRequested);

        // The provider knows a new key of an account that takes no payments yet, and then it takes all of them.
        await ChangeAsync(OtherAccount, await NewKeyAsync());
        var switched = await SwitchAsync("wechat", () => cluster.WriteAppAsync(new() { ["wechat.QR"] = OtherAccount }), a => a.Account == TourAccounts.Wechat);

        switched.Should().OnlyContain(a => a.Result == "ACTION");
        await over.CancelAsync();
        (await others).Should().NotBeEmpty().And.OnlyContain(a => a.Result == "ACTION");

        var disabled = await SwitchAsync("wechat", () => ChangeAsync(OtherAccount, a => a["enabled"] = false), a => a.Result == "ACTION");
        disabled.Should().Contain(a => a.Result != "ACTION");
        var enabled = await SwitchAsync("wechat", () => ChangeAsync(OtherAccount, a => a["enabled"] = true), a => a.Result != "ACTION");
        enabled.Should().Contain(a => a.Result == "ACTION");
        await cluster.WriteAppAsync([]);
    }

    [Fact]
    public async Task InvalidDocument_IsRefusedAndShown_AndTheLastGoodOneStaysInUse()
    {
        await cluster.UntilHealthyAsync();
        await cluster.WriteAppAsync([]);
        var good = await ReadAsync(TourAccounts.Wechat);

        await cluster.Documents.WriteAsync("wechat", TourAccounts.Wechat, """{"mch_id":"not a number"}"""u8.ToArray(), CancellationToken.None);
        await TestCluster.UntilAsync("both instances say so", TimeSpan.FromSeconds(30), async () => (await RefusedAsync()).All(r => r.Contains($"wechat/{TourAccounts.Wechat}", StringComparison.Ordinal)));
        (await AskAsync("wechat", Times(6))).Should().OnlyContain(a => a.Result == "ACTION" && a.Account == TourAccounts.Wechat);

        await cluster.Documents.WriteAsync("wechat", TourAccounts.Wechat, JsonSerializer.SerializeToUtf8Bytes(good), CancellationToken.None);
        await TestCluster.UntilAsync("nothing is refused any more", TimeSpan.FromSeconds(30), async () => (await RefusedAsync()).All(r => !r.Contains("wechat/", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Services_ThatStartWhileEtcdIsAway_TakeTheLastGoodCopy_AndFollowWhenItIsBack()
    {
        await cluster.UntilHealthyAsync();
        await cluster.WriteAppAsync([]);
        (await AskAsync("wechat", Times(6))).Should().OnlyContain(a => a.Result == "ACTION");
        var etcd = cluster.Parts.Single(p => p.Name == "etcd").Process!;
        await SignalAsync("STOP", etcd);
        try
        {
            string[] killed = [$"{RoleNames.PayGateway}-1", $"{RoleNames.Channel("wechat")}-1", $"{RoleNames.Channel("wechat")}-2"];
            var before = cluster.Parts;
            foreach (var part in before.Where(p => killed.Contains(p.Name)))
            {
                using var process = Process.GetProcessById(part.Process!.Pid);
                process.Kill();
            }

            await TestCluster.UntilAsync("they are back without etcd", TimeSpan.FromSeconds(120), () => Task.FromResult(cluster.Parts.Where(p => killed.Contains(p.Name))
                .All(p => p.Phase == PartPhase.Ready && p.Restarts > before.Single(b => b.Name == p.Name).Restarts)));
            // A gateway that lived on may find the channel's new processes a moment after they are ready; an order meanwhile is PROCESSING, and asked for again.
            await TestCluster.UntilAsync("they serve without etcd", TimeSpan.FromSeconds(20), async () => (await AskAsync("wechat", Times(6))).All(a => a.Result == "ACTION"));
        }
        finally
        {
            await SignalAsync("CONT", etcd);
        }

        var switched = await SwitchAsync("wechat", () => cluster.WriteAppAsync(new() { ["wechat.QR"] = OtherAccount }), a => a.Account == TourAccounts.Wechat, TimeSpan.FromSeconds(20));
        switched.Should().Contain(a => a.Account == OtherAccount);
        await cluster.WriteAppAsync([]);
    }

    /// <summary>
    /// Changes documents while merchants ask every instance of PayGateway in turn, and demands that no request that began later than a second went by the old ones. A
    /// request that takes long shows that the machine is busy, and the instances too.
    /// </summary>
    private async Task<IReadOnlyList<Asked>> SwitchAsync(string method, Func<Task> change, Func<Asked, bool> isOld, TimeSpan? within = null)
    {
        var isOver = false;
        var limit = within ?? _seenWithin;
        // Often enough to see it, and no more: nobody pays these orders, and OrderMonitor looks at each of them again and again.
        var asking = AskAsync(method, () => isOver, limit / 50);
        await change();
        var written = TimeProvider.System.GetTimestamp();
        await Task.Delay(limit * 2);
        isOver = true;
        var asked = await asking;
        var slack = asked.Max(a => a.Took);

        var after = asked.Where(a => a.At > written).ToList();
        after.Should().Contain(a => !isOld(a), "somebody asked after the change");
        after.Where(isOld).Should().OnlyContain(a => TimeProvider.System.GetElapsedTime(written, a.At) < limit + slack);
        return asked;
    }

    private static Func<bool> Times(int times) => () => times-- <= 0;

    /// <summary>Asks each instance of PayGateway in turn, by its own address, until it is over.</summary>
    private async Task<IReadOnlyList<Asked>> AskAsync(string method, Func<bool> isOver, TimeSpan pause = default)
    {
        var gateways = ClusterPlan.Instances.Where(i => i.Role.Name == RoleNames.PayGateway).Select(i => cluster.MerchantAt(cluster.Plan.Address(i, "web"))).ToList();
        var asked = new List<Asked>();
        while (!isOver())
        {
            var number = Interlocked.Increment(ref _number);
            var began = TimeProvider.System.GetTimestamp();
            using var answer = await gateways[asked.Count % gateways.Count].PostAsJsonAsync(
                "/v1/pay-orders", TestCluster.NewOrder($"F{Environment.ProcessId}{number:D5}{RandomNumberGenerator.GetHexString(6)}", method, 700));
            var took = TimeProvider.System.GetElapsedTime(began);
            var text = await answer.Content.ReadAsStringAsync();
            answer.IsSuccessStatusCode.Should().BeTrue(text);
            var json = JsonNode.Parse(text)!;
            var order = await cluster.Database.ReadOrderAsync(new ReadOrderRequest { OrderId = json["order"]!["id"]!.GetValue<string>() });
            asked.Add(new Asked(began, took, order.Attempts.Single().Account, json["result"]!.GetValue<string>()));
            await Task.Delay(pause);
        }

        gateways.ForEach(g => g.Dispose());
        return asked;
    }

    private async Task ChangeAsync(string account, Action<JsonObject> change)
    {
        var document = await ReadAsync(account);
        change(document);
        await cluster.Documents.WriteAsync("wechat", account, JsonSerializer.SerializeToUtf8Bytes(document), CancellationToken.None);
    }

    private async Task<JsonObject> ReadAsync(string account) => JsonNode.Parse(
        (await cluster.Documents.ReadAllAsync(CancellationToken.None)).Single(d => (d.Folder, d.Name) == ("wechat", account)).Content.Span)!.AsObject();

    /// <summary>Gives the provider a new key of the other account.</summary>
    private async Task<Action<JsonObject>> NewKeyAsync()
    {
        using var key = RSA.Create(2048);
        var serial = RandomNumberGenerator.GetHexString(40);
        var document = await ReadAsync(OtherAccount);
        await new ProvidersElsewhere(cluster.Provider).RegisterAsync(new WechatMerchantRegistration
        {
            MchId = OtherAccount,
            AppId = document["app_id"]!.GetValue<string>(),
            Name = "cluster",
            MerchantSerialNo = serial,
            MerchantPublicKeyPem = key.ExportSubjectPublicKeyInfoPem(),
            ApiV3Key = document["api_v3_key"]!.GetValue<string>(),
            KeyMode = WechatKeyMode.Certificate,
        });
        var pem = key.ExportPkcs8PrivateKeyPem();
        return changed =>
        {
            changed["private_key"] = pem;
            changed["merchant_serial_no"] = serial;
        };
    }

    /// <summary>What each instance of the channel says about its documents to whoever operates it.</summary>
    private async Task<IReadOnlyList<string>> RefusedAsync()
    {
        using var client = new HttpClient();
        return await Task.WhenAll(ClusterPlan.Instances.Where(i => i.Role.Name == RoleNames.Channel("wechat"))
            .Select(i => client.GetStringAsync(new Uri($"{cluster.Plan.Address(i, "operations")}/health/ready"))));
    }

    private static async Task SignalAsync(string signal, ProcessMark process)
    {
        using var kill = Process.Start("kill", [$"-{signal}", $"{process.Pid}"]);
        await kill.WaitForExitAsync();
    }
}
