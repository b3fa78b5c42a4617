using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Time.Testing;
using PayCore.TestKit;

namespace PayCore.ChannelSimulator.Tests;

/// <summary>Refunds (wechat-pay-v3.md 6).</summary>
public sealed class WechatRefundTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Refund_IsProcessingFirst_ThenSuccess_AndTheOrderIsRefunded()
    {
        await using var host = await SimulatorHost.StartAsync();
        await host.Client.PayAsync(host);

        var accepted = await host.Client.RefundAsync(SigningClient.RefundBody());
        var queried = await host.Client.QueryRefundAsync();

        accepted.Status.Should().Be(HttpStatusCode.OK);
        accepted.Distrust.Should().BeNull();
        ((string)accepted.Json["status"]!).Should().Be("PROCESSING");
        accepted.Json["success_time"].Should().BeNull();
        ((string)queried.Json["status"]!).Should().Be("SUCCESS");
        queried.Json["success_time"].Should().NotBeNull();
        ((string)queried.Json["transaction_id"]!).Should().Be(host.Ledger.All.Single().TransactionId);
        ((long)queried.Json["amount"]!["refund"]!).Should().Be(100);
        ((string)queried.Json["amount"]!["currency"]!).Should().Be("CNY");
        ((string)(await host.Client.QueryAsync()).Json["trade_state"]!).Should().Be("REFUND");
        host.Ledger.Totals().Should().Match<LedgerTotals>(t => t.Paid == 1 && t.PaidTotal == 1234 && t.RefundedTotal == 100);
        host.Ledger.Accounts.Balance(SimulatorHost.MchId, "BASIC").Should().Be(1134);
    }

    [Fact]
    public async Task Refund_AskedForAgain_IsTheSameRefund()
    {
        await using var host = await SimulatorHost.StartAsync();
        await host.Client.PayAsync(host);
        var first = await host.Client.RefundAsync(SigningClient.RefundBody());

        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => host.Client.RefundAsync(SigningClient.RefundBody())));

        answers.Should().OnlyContain(a => a.Distrust == null && (string)a.Json["status"]! == "SUCCESS"
            && (string)a.Json["refund_id"]! == (string)first.Json["refund_id"]!);
        host.Ledger.Refunds.All.Should().ContainSingle().Which.RequestedCount.Should().Be(9);
        host.Ledger.Accounts.EffectsOf("refund", "REFUND1").Should().Be(1);
    }

    [Fact]
    public async Task Refund_ByTheProvidersNumber_WinsOverTheMerchants()
    {
        await using var host = await SimulatorHost.StartAsync();
        await host.Client.PayAsync(host, "ORDER00001");
        await host.Client.PayAsync(host, "ORDER00002");
        var body = SigningClient.RefundBody(order: "ORDER00002");
        body["transaction_id"] = host.Ledger.Find(SimulatorHost.MchId, "ORDER00001")!.TransactionId;

        ((string)(await host.Client.RefundAsync(body)).Json["out_trade_no"]!).Should().Be("ORDER00001");
    }

    [Fact]
    public async Task Refund_WithEverySignThatItsNumberMayHave_IsFound()
    {
        await using var host = await SimulatorHost.StartAsync();
        await host.Client.PayAsync(host);

        await host.Client.RefundAsync(SigningClient.RefundBody("R_-|*@1"));

        ((string)(await host.Client.QueryRefundAsync("R_-|*@1")).Json["out_refund_no"]!).Should().Be("R_-|*@1");
    }

    [Fact]
    public async Task Refund_AgainstTheRules_IsRefused()
    {
        await using var host = await SimulatorHost.StartAsync();
        await host.Client.PayAsync(host);
        await host.Client.PlaceAsync("ORDER00002");
        (await host.Client.RefundAsync(SigningClient.RefundBody("R1", amount: 1000))).Status.Should().Be(HttpStatusCode.OK);
        var otherTotal = SigningClient.RefundBody("R3");
        otherTotal["amount"]!["total"] = 1235;

        await RefusedAsync(host, SigningClient.RefundBody("R1", amount: 999), 400, "INVALID_REQUEST");
        await RefusedAsync(host, SigningClient.RefundBody("R2", amount: 235), 400, "INVALID_REQUEST");
        await RefusedAsync(host, otherTotal, 400, "INVALID_REQUEST");
        await RefusedAsync(host, SigningClient.RefundBody("R4", "ORDER00002"), 404, "RESOURCE_NOT_EXISTS");
        await RefusedAsync(host, SigningClient.RefundBody("R5", "ORDER00003"), 404, "RESOURCE_NOT_EXISTS");
        (await host.Client.QueryRefundAsync("R2")).Code.Should().Be("RESOURCE_NOT_EXISTS");
        (await host.Client.RefundAsync(SigningClient.RefundBody("R2", amount: 234))).Status.Should().Be(HttpStatusCode.OK);
        host.Ledger.Refunds.All.Select(r => r.OutRefundNo).Should().Equal("R1", "R2");
        host.Ledger.Totals().RefundedTotal.Should().Be(1234);
    }

    [Theory]
    [InlineData("out_refund_no", "\"\"")]
    [InlineData("out_refund_no", "\"a b\"")]
    [InlineData("out_refund_no", "7")]
    [InlineData("out_trade_no", null)]
    [InlineData("notify_url", "\"https://a.example/?x=1\"")]
    [InlineData("funds_account", "\"OTHER\"")]
    [InlineData("amount", "{\"refund\":100,\"total\":1234}")]
    [InlineData("amount", "{\"refund\":100,\"total\":1234,\"currency\":\"USD\"}")]
    [InlineData("amount", "{\"refund\":0,\"total\":1234,\"currency\":\"CNY\"}")]
    [InlineData("amount", "{\"refund\":1.0,\"total\":1234,\"currency\":\"CNY\"}")]
    [InlineData("amount", "{\"refund\":100,\"total\":1234,\"currency\":\"CNY\",\"from\":[{\"account\":\"AVAILABLE\",\"amount\":99}]}")]
    [InlineData("surprise", "1")]
    public async Task Refund_WithABadField_IsParamError(string field, string? json)
    {
        await using var host = await SimulatorHost.StartAsync();
        await host.Client.PayAsync(host);
        var body = SigningClient.RefundBody();
        body[field] = json is null ? null : JsonNode.Parse(json);
        if (json is null)
        {
            body.Remove(field);
        }

        await RefusedAsync(host, body, 400, "PARAM_ERROR");
    }

    [Fact]
    public async Task Order_TakesFiftyRefunds_AndNotOneMore()
    {
        await using var host = await SimulatorHost.StartAsync();
        await host.Client.PayAsync(host);
        for (var i = 0; i < 50; i++)
        {
            (await host.Client.RefundAsync(SigningClient.RefundBody($"R{i}", amount: 1))).Status.Should().Be(HttpStatusCode.OK);
        }

        await RefusedAsync(host, SigningClient.RefundBody("R50", amount: 1), 400, "INVALID_REQUEST");
    }

    [Fact]
    public async Task Refund_LaterThanAYear_IsRefused()
    {
        var time = new FakeTimeProvider(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));
        await using var host = await SimulatorHost.StartAsync(time);
        await host.Client.PayAsync(host);
        time.Advance(TimeSpan.FromDays(365));

        (await host.Client.RefundAsync(SigningClient.RefundBody("R1"))).Status.Should().Be(HttpStatusCode.OK);

        time.Advance(TimeSpan.FromSeconds(1));
        await RefusedAsync(host, SigningClient.RefundBody("R2"), 400, "INVALID_REQUEST");
    }

    [Fact]
    public async Task Refund_WithinAMinuteOfAnother_IsRefusedWhereThatIsEnforced()
    {
        var time = new FakeTimeProvider(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));
        await using var host = await SimulatorHost.StartAsync(time, settings: [new("Simulator:EnforceRefundSpacing", "true")]);
        await host.Client.PayAsync(host);
        await host.Client.RefundAsync(SigningClient.RefundBody("R1"));
        time.Advance(TimeSpan.FromSeconds(59));

        await RefusedAsync(host, SigningClient.RefundBody("R2"), 429, "FREQUENCY_LIMITED");
        (await host.Client.RefundAsync(SigningClient.RefundBody("R1"))).Status.Should().Be(HttpStatusCode.OK, "a repeat is no other refund");
        host.Ledger.Refunds.All.Should().ContainSingle();

        time.Advance(TimeSpan.FromSeconds(1));
        (await host.Client.RefundAsync(SigningClient.RefundBody("R2"))).Status.Should().Be(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Refund_WithoutBalance_IsNotMade_AndGoesThroughByTheSameNumberAfterATopUp()
    {
        await using var host = await SimulatorHost.StartAsync();
        await host.Client.PayAsync(host);
        await ControlAsync(host, "/control/wechat/balance", new { mchid = SimulatorHost.MchId, account = "BASIC", balance = 99 });

        await RefusedAsync(host, SigningClient.RefundBody(), 403, "NOT_ENOUGH");
        host.Ledger.Refunds.All.Should().BeEmpty();

        await ControlAsync(host, "/control/wechat/balance", new { mchid = SimulatorHost.MchId, account = "BASIC", balance = 100 });
        (await host.Client.RefundAsync(SigningClient.RefundBody())).Status.Should().Be(HttpStatusCode.OK);
        host.Ledger.Accounts.Balance(SimulatorHost.MchId, "BASIC").Should().Be(0);
    }

    [Theory]
    [InlineData("SUCCESS")]
    [InlineData("ABNORMAL")]
    [InlineData("CLOSED")]
    public async Task Refund_SettlesWhenItsTimeHasCome_AndTellsTheMerchant(string outcome)
    {
        var time = new FakeTimeProvider(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));
        await using var host = await SimulatorHost.StartAsync(time);
        await using var receiver = await NotifyReceiver.StartAsync();
        await host.Client.PayAsync(host);
        await ControlAsync(host, "/control/wechat/refunds/plan", new { delay_ms = 60_000, outcome });
        await host.Client.RefundAsync(SigningClient.RefundBody(notify: receiver.Url));
        time.Advance(TimeSpan.FromMilliseconds(59_999));
        ((string)(await host.Client.QueryRefundAsync()).Json["status"]!).Should().Be("PROCESSING");
        host.Callbacks.Sends.Should().NotContain(s => s.Operation == "refund_callback");

        time.Advance(TimeSpan.FromMilliseconds(1));

        ((string)(await host.Client.QueryRefundAsync()).Json["status"]!).Should().Be(outcome);
        var arrived = await receiver.NextAsync();
        PlatformCheck.Verify(arrived.Headers, arrived.Body, host.Client.Trusted, time).Should().BeNull();
        ((string)arrived.Json["event_type"]!).Should().Be("REFUND." + outcome);
        ((string)arrived.Json["resource"]!["original_type"]!).Should().Be("refund");
        ((string)arrived.Json["resource"]!["associated_data"]!).Should().Be("refund");
        var told = arrived.Transaction().AsObject();
        ((string)told["refund_status"]!).Should().Be(outcome);
        ((string)told["out_refund_no"]!).Should().Be("REFUND1");
        ((string)told["mchid"]!).Should().Be(SimulatorHost.MchId);
        told.ContainsKey("status").Should().BeFalse();
        told.ContainsKey("success_time").Should().Be(outcome == "SUCCESS");
        told["amount"]!.AsObject().Select(m => m.Key).Should().BeEquivalentTo("total", "refund", "payer_total", "payer_refund");
        host.Ledger.Accounts.Balance(SimulatorHost.MchId, "BASIC").Should().Be(outcome == "CLOSED" ? 1234 : 1134);
    }

    [Fact]
    public async Task Refund_Closed_LeavesItsAmountForAnother()
    {
        await using var host = await SimulatorHost.StartAsync();
        await host.Client.PayAsync(host);
        host.Ledger.Refunds.Plan(new SettlementPlan { Number = "R1", Outcome = "CLOSED" });
        await host.Client.RefundAsync(SigningClient.RefundBody("R1", amount: 1234));

        (await host.Client.RefundAsync(SigningClient.RefundBody("R2", amount: 1234))).Status.Should().Be(HttpStatusCode.OK);

        host.Ledger.Totals().RefundedTotal.Should().Be(1234);
        ((string)(await host.Client.QueryRefundAsync("R1")).Json["status"]!).Should().Be("CLOSED");
    }

    [Fact]
    public async Task Refund_HeldByItsPlan_IsSettledByTheControlApi()
    {
        await using var host = await SimulatorHost.StartAsync();
        await host.Client.PayAsync(host);
        host.Ledger.Refunds.Plan(new SettlementPlan { DelayMs = -1 });
        await host.Client.RefundAsync(SigningClient.RefundBody());
        ((string)(await host.Client.QueryRefundAsync()).Json["status"]!).Should().Be("PROCESSING");

        await ControlAsync(host, "/control/wechat/refunds/settle", new { mchid = SimulatorHost.MchId, number = "REFUND1", outcome = "ABNORMAL" });
        ((string)(await host.Client.QueryRefundAsync()).Json["status"]!).Should().Be("ABNORMAL");
        await ControlAsync(host, "/control/wechat/refunds/settle", new { mchid = SimulatorHost.MchId, number = "REFUND1", outcome = "SUCCESS" });

        ((string)(await host.Client.QueryRefundAsync()).Json["status"]!).Should().Be("SUCCESS");
        host.Ledger.Refunds.Invoking(r => r.Settle(SimulatorHost.MchId, "REFUND1", "CLOSED")).Should().Throw<InvalidOperationException>();
    }

    [Fact]
    public async Task Callback_Refused_IsRepeated_AndCanBeSentAgain()
    {
        await using var host = await SimulatorHost.StartAsync(scale: 0.0001);
        await using var receiver = await NotifyReceiver.StartAsync();
        var count = 0;
        receiver.Answer = (_, _) => Task.FromResult(Interlocked.Increment(ref count) < 3 ? 500 : 200);
        await host.Client.PayAsync(host);
        await host.Client.RefundAsync(SigningClient.RefundBody(notify: receiver.Url));

        var delivered = await host.Callbacks.WaitForSendAsync(s => s.Delivered, Cancellation);
        using var answer = await host.Client.Http.PostAsJsonAsync("/control/callbacks/resend", new { out_refund_no = "REFUND1", times = 2 }, Cancellation);

        delivered.Should().Match<CallbackSend>(s => s.Attempt == 3 && s.Operation == "refund_callback" && s.OutTradeNo == "REFUND1");
        var sends = JsonNode.Parse(await answer.Content.ReadAsStringAsync(Cancellation))!.AsArray();
        sends.Select(s => (string)s!["notification_id"]!).Should().HaveCount(2).And.AllBe(delivered.NotificationId);
        host.Ledger.Refunds.All.Single().Callback!.Delivered.Should().BeTrue();
    }

    [Fact]
    public async Task Refunds_AfterARestart_AreTheSame_AndSettleOn()
    {
        using var folder = new TemporaryFolder();
        IReadOnlyList<SimulatedRefund> before;
        await using (var host = await SimulatorHost.StartAsync(folder: folder.Path))
        {
            await host.Client.PayAsync(host);
            host.Ledger.Refunds.Plan(new SettlementPlan { Number = "R2", DelayMs = -1 });
            await host.Client.RefundAsync(SigningClient.RefundBody("R1"));
            await host.Client.RefundAsync(SigningClient.RefundBody("R2"));
            host.Ledger.Accounts.SetBalance(SimulatorHost.MchId, "BASIC", 5000);
            before = host.Ledger.Refunds.All;
        }

        await using var again = await SimulatorHost.StartAsync(folder: folder.Path);

        again.Ledger.Refunds.All.Should().Equal(before);
        again.Ledger.Accounts.Balance(SimulatorHost.MchId, "BASIC").Should().Be(5000);
        again.Ledger.Totals().RefundedTotal.Should().Be(200);
        again.Ledger.Refunds.Settle(SimulatorHost.MchId, "R2", "SUCCESS").State.Should().Be("SUCCESS");
    }

    private static async Task RefusedAsync(SimulatorHost host, JsonNode body, int status, string code)
    {
        var answer = await host.Client.RefundAsync(body);
        ((int)answer.Status).Should().Be(status);
        answer.Code.Should().Be(code);
    }

    private static async Task ControlAsync(SimulatorHost host, string path, object body)
    {
        using var answer = await host.Client.Http.PostAsJsonAsync(path, body, Cancellation);
        answer.StatusCode.Should().Be(HttpStatusCode.OK);
    }
}
