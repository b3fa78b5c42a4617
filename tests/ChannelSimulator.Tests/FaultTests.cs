using System.Net;
using System.Net.Http.Json;

namespace PayCore.ChannelSimulator.Tests;

public sealed class FaultTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public static TheoryData<string> Kinds => [.. FaultKinds.All.Where(k => FaultKinds.Fits(k, "callback"))];

    [Theory]
    [InlineData(FaultKinds.Garbage, "headers")]
    [InlineData(FaultKinds.NotSigned, "headers")]
    [InlineData(FaultKinds.BadSignature, "signature")]
    [InlineData(FaultKinds.OldTimestamp, "clock")]
    [InlineData(FaultKinds.ProbeSignature, "signature")]
    [InlineData(FaultKinds.BodyChanged, "signature")]
    public async Task Answer_Falsified_IsNotBelievedOnceThoughTheWorkIsDone(string kind, string distrust)
    {
        await using var host = await SimulatorHost.StartAsync();
        foreach (var operation in (string[])["place", "query", "close"])
        {
            var fault = host.Faults.Add(new Fault { Operation = operation, Kind = kind, OutTradeNo = "ORDER00001" });

            var answer = await CallAsync(host, operation);

            ((int)answer.Status).Should().BeOneOf(200, 204);
            answer.Distrust.Should().Be(distrust);
            fault.Fired.Should().Be(1);
            if (kind == FaultKinds.ProbeSignature)
            {
                answer.Headers["Wechatpay-Signature"].Should().StartWith("WECHATPAY/SIGNTEST/");
            }

            if (operation != "close")
            {
                (await CallAsync(host, operation)).Distrust.Should().BeNull("the fault has struck out");
            }
        }

        host.Ledger.All.Single().State.Should().Be("CLOSED");
        host.Requests.Calls.Count(c => c.Fault == kind).Should().Be(3);
    }

    [Theory]
    [InlineData(FaultKinds.Error500Before, 500, false)]
    [InlineData(FaultKinds.Error500After, 500, true)]
    [InlineData(FaultKinds.Error429, 429, false)]
    [InlineData(FaultKinds.Error503, 503, false)]
    public async Task Error_OfTheGateway_IsUnsignedAndKnowsWhetherTheWorkIsDone(string kind, int status, bool placed)
    {
        await using var host = await SimulatorHost.StartAsync();
        host.Faults.Add(new Fault { Operation = "any", Kind = kind, Count = -1 });

        for (var i = 0; i < 2; i++)
        {
            var answer = await host.Client.PlaceAsync();
            ((int)answer.Status).Should().Be(status);
            answer.Distrust.Should().Be("headers");
        }

        host.Ledger.All.Should().HaveCount(placed ? 1 : 0);
    }

    [Theory]
    [InlineData(FaultKinds.Lost, false)]
    [InlineData(FaultKinds.EffectThenTimeout, true)]
    public async Task Call_WithoutAnAnswer_EndsOnlyWhenTheCallerGoesAway(string kind, bool placed)
    {
        await using var host = await SimulatorHost.StartAsync();
        var fault = host.Faults.Add(new Fault { Operation = "place", Kind = kind });
        using var patience = new CancellationTokenSource();
        var request = host.Client.Make(HttpMethod.Post, "/v3/pay/transactions/native", SigningClient.OrderBody().ToJsonString());
        var calling = host.Client.SendAsync(request, patience.Token);
        await host.Faults.WaitForFiredAsync(fault.Id, Cancellation);

        await patience.CancelAsync();

        await calling.Invoking(c => c).Should().ThrowAsync<OperationCanceledException>();
        (await host.Requests.WaitForCallAsync(c => c.Fault == kind, Cancellation)).Status.Should().BeNull();
        host.Ledger.All.Should().HaveCount(placed ? 1 : 0);
    }

    [Fact]
    public async Task Connection_Dropped_AfterTheWork()
    {
        await using var host = await SimulatorHost.StartAsync();
        host.Faults.Add(new Fault { Operation = "place", Kind = FaultKinds.EffectThenDrop });

        await host.Client.Invoking(c => c.PlaceAsync()).Should().ThrowAsync<HttpRequestException>();

        host.Ledger.All.Should().ContainSingle();
    }

    [Theory]
    [InlineData(FaultKinds.Hold, false)]
    [InlineData(FaultKinds.HoldAfterEffect, true)]
    public async Task Call_Held_IsAnsweredWhenReleased(string kind, bool placed)
    {
        await using var host = await SimulatorHost.StartAsync();
        var fault = host.Faults.Add(new Fault { Operation = "place", Kind = kind });
        var placing = host.Client.PlaceAsync();
        await host.Faults.WaitForFiredAsync(fault.Id, Cancellation);
        host.Ledger.All.Should().HaveCount(placed ? 1 : 0);
        placing.IsCompleted.Should().BeFalse();

        host.Faults.Release(fault.Id).Should().BeTrue();

        (await placing).Distrust.Should().BeNull();
        host.Ledger.All.Should().ContainSingle();
    }

    [Fact]
    public async Task Answer_Late_ComesAfterTheDelay()
    {
        var time = new Microsoft.Extensions.Time.Testing.FakeTimeProvider();
        await using var host = await SimulatorHost.StartAsync(time);
        var fault = host.Faults.Add(new Fault { Operation = "place", Kind = FaultKinds.Late, DelayMs = 1000 });
        var placing = host.Client.PlaceAsync();
        await host.Faults.WaitForFiredAsync(fault.Id, Cancellation);
        host.Ledger.All.Should().ContainSingle();
        placing.IsCompleted.Should().BeFalse();

        time.Advance(TimeSpan.FromSeconds(1));

        (await placing).Status.Should().Be(HttpStatusCode.OK);
    }

    [Theory]
    [InlineData(FaultKinds.WrongAmount, "total")]
    [InlineData(FaultKinds.OtherMchId, "mchid")]
    [InlineData(FaultKinds.OtherOutTradeNo, "out_trade_no")]
    public async Task Query_AnsweredWithALie_IsSignedAllTheSame(string kind, string member)
    {
        await using var host = await SimulatorHost.StartAsync();
        await host.Client.PlaceAsync();
        var truth = (await host.Client.QueryAsync()).Json;
        host.Faults.Add(new Fault { Operation = "query", Kind = kind });

        var lie = await host.Client.QueryAsync();

        lie.Distrust.Should().BeNull();
        (Member(lie.Json) == Member(truth)).Should().BeFalse();

        string Member(System.Text.Json.Nodes.JsonNode n) => (member == "total" ? n["amount"]! : n)[member]!.ToJsonString();
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task Callback_WithAFault_GoesWrongThatWayAndThenRight(string kind)
    {
        await using var host = await SimulatorHost.StartAsync(scale: 0.0001);
        await using var receiver = await NotifyReceiver.StartAsync();
        receiver.Answer = (arrived, _) => Task.FromResult(Believed(host, arrived) ? 204 : 500);
        var fault = host.Faults.Add(new Fault { Operation = "callback", Kind = kind });
        await host.Client.PlaceAsync(notify: receiver.Url);
        await host.Ledger.PayAsync(SimulatorHost.MchId, "ORDER00001");
        await host.Faults.WaitForFiredAsync(fault.Id, Cancellation);
        if (kind is FaultKinds.Hold or FaultKinds.HoldAfterEffect)
        {
            host.Callbacks.Sends.Should().BeEmpty();
            host.Faults.Release(fault.Id);
        }

        var faulty = await host.Callbacks.WaitForSendAsync(s => s.Fault == kind, Cancellation);
        await host.Callbacks.WaitForSendAsync(s => s.Delivered, Cancellation);

        faulty.Delivered.Should().Be(kind is FaultKinds.Late or FaultKinds.Hold or FaultKinds.HoldAfterEffect or FaultKinds.Twice);
        fault.Fired.Should().Be(1);
        if (kind == FaultKinds.Twice)
        {
            (await receiver.NextAsync()).Id.Should().Be((await receiver.NextAsync()).Id);
        }
    }

    [Theory]
    [InlineData("place", "explode")]
    [InlineData("repay", "lost")]
    [InlineData("download", "bad_signature")]
    [InlineData("place", "twice")]
    [InlineData("callback", "error_500_before")]
    public async Task Fault_WithoutMeaning_IsRefused(string operation, string kind)
    {
        await using var host = await SimulatorHost.StartAsync();

        using var answer = await host.Client.Http.PostAsJsonAsync("/control/faults", new { operation, kind });

        answer.StatusCode.Should().Be(HttpStatusCode.BadRequest);
    }

    private static Task<Answer> CallAsync(SimulatorHost host, string operation) => operation switch
    {
        "place" => host.Client.PlaceAsync(),
        "query" => host.Client.QueryAsync(),
        _ => host.Client.CloseAsync(),
    };

    private static bool Believed(SimulatorHost host, NotifyReceiver.Received arrived)
    {
        try
        {
            return PlatformCheck.Verify(arrived.Headers, arrived.Body, host.Client.Trusted, TimeProvider.System) is null
                && arrived.Transaction() is var t
                && (string?)t["mchid"] == SimulatorHost.MchId && (string?)t["out_trade_no"] == "ORDER00001" && (long)t["amount"]!["total"]! == 1234;
        }
        catch (System.Security.Cryptography.CryptographicException)
        {
            return false;
        }
    }
}
