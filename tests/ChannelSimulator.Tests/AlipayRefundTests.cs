using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Time.Testing;
using PayCore.TestKit;

namespace PayCore.ChannelSimulator.Tests;

/// <summary>Refunds (alipay.md 6.8 and 7).</summary>
public sealed class AlipayRefundTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Refund_MovesMoneyOnce_AndSaysSoOnce()
    {
        await using var host = await SimulatorHost.StartAsync();
        using var client = AlipayClient.Register(host);
        await PaidAsync(host, client);

        var first = await RefundAsync(client, "R1", "1.00");
        var again = await RefundAsync(client, "R1", "1.00");
        var second = await RefundAsync(client, "R2", "2.00");

        client.Distrust(first).Should().BeNull();
        (first.Code, first.Text("fund_change"), first.Text("refund_fee")).Should().Be(("10000", "Y", "1.00"));
        (again.Code, again.Text("fund_change"), again.Text("refund_fee")).Should().Be(("10000", "N", "1.00"));
        (second.Text("fund_change"), second.Text("refund_fee")).Should().Be(("Y", "3.00"), "the fee is the sum over the trade");
        host.Get<AlipayLedger>().Accounts.EffectsOf("refund", "R1").Should().Be(1);
        host.Get<AlipayLedger>().Totals().Should().Match<LedgerTotals>(t => t.Paid == 1 && t.PaidTotal == 1234 && t.RefundedTotal == 300);
        (await client.QueryAsync()).Text("trade_status").Should().Be("TRADE_SUCCESS");
    }

    [Fact]
    public async Task Refund_OfTheSameNumberAtTheSameMoment_MovesMoneyOnce()
    {
        await using var host = await SimulatorHost.StartAsync();
        using var client = AlipayClient.Register(host);
        await PaidAsync(host, client);

        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => RefundAsync(client, "R1", "1.00")));

        answers.Select(a => a.Text("fund_change")).Order().Should().Equal("N", "N", "N", "N", "N", "N", "N", "Y");
        host.Get<AlipayLedger>().Accounts.EffectsOf("refund", "R1").Should().Be(1);
    }

    [Fact]
    public async Task Refund_OfEverything_ClosesTheTrade()
    {
        await using var host = await SimulatorHost.StartAsync();
        using var client = AlipayClient.Register(host);
        await PaidAsync(host, client);

        (await RefundAsync(client, null, "12.34")).Text("fund_change").Should().Be("Y");

        var queried = await client.QueryAsync();
        queried.Text("trade_status").Should().Be("TRADE_CLOSED");
        queried.Text("send_pay_date").Should().NotBeNull();
        (await RefundAsync(client, null, "12.34")).Text("fund_change").Should().Be("N", "its number is the order's");
        (await RefundAsync(client, "R2", "0.01")).SubCode.Should().Be("ACQ.TRADE_HAS_CLOSE");
    }

    [Fact]
    public async Task Refund_AgainstTheRules_IsRefused()
    {
        await using var host = await SimulatorHost.StartAsync();
        using var client = AlipayClient.Register(host);
        await PaidAsync(host, client);
        await client.ScannedAsync(host, "WAITING");
        await RefundAsync(client, "R1", "10.00");

        (await RefundAsync(client, "R1", "9.99")).SubCode.Should().Be("ACQ.DISCORDANT_REPEAT_REQUEST");
        (await RefundAsync(client, "R2", "2.35")).SubCode.Should().Be("ACQ.REASON_TRADE_REFUND_FEE_ERR");
        (await RefundAsync(client, "R2", "12.35")).SubCode.Should().Be("ACQ.REFUND_AMT_NOT_EQUAL_TOTAL");
        (await RefundAsync(client, null, "2.34")).SubCode.Should().Be("ACQ.REFUND_AMT_NOT_EQUAL_TOTAL");
        (await RefundAsync(client, "R2", "1.00", "WAITING")).SubCode.Should().Be("ACQ.TRADE_STATUS_ERROR");
        (await RefundAsync(client, "R2", "1.00", "UNKNOWN")).SubCode.Should().Be("ACQ.TRADE_NOT_EXIST");
        (await RefundAsync(client, "R2", "1")).SubCode.Should().Be("ACQ.INVALID_PARAMETER");
        host.Get<AlipayLedger>().Refunds.All.Should().ContainSingle();
    }

    [Fact]
    public async Task Refund_WithoutBalance_IsNotMade_AndGoesThroughByTheSameNumberAfterATopUp()
    {
        await using var host = await SimulatorHost.StartAsync();
        using var client = AlipayClient.Register(host);
        await PaidAsync(host, client);
        using var set = await client.Http.PostAsJsonAsync("/control/alipay/balance", new { pid = AlipayClient.Pid, balance = 99 }, Cancellation);
        set.StatusCode.Should().Be(HttpStatusCode.OK);

        (await RefundAsync(client, "R1", "1.00")).SubCode.Should().Be("ACQ.SELLER_BALANCE_NOT_ENOUGH");
        host.Get<AlipayLedger>().Accounts.SetBalance(AlipayClient.Pid, AlipayLedger.Account, 100);

        (await RefundAsync(client, "R1", "1.00")).Text("fund_change").Should().Be("Y");
        host.Get<AlipayLedger>().Accounts.Balance(AlipayClient.Pid, AlipayLedger.Account).Should().Be(0);
    }

    [Fact]
    public async Task Refund_LaterThanAYear_IsRefused()
    {
        var time = new FakeTimeProvider(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));
        await using var host = await SimulatorHost.StartAsync(time);
        using var client = AlipayClient.Register(host);
        await PaidAsync(host, client);
        time.Advance(TimeSpan.FromDays(365));
        (await RefundAsync(client, "R1", "1.00")).Code.Should().Be("10000");

        time.Advance(TimeSpan.FromSeconds(1));

        (await RefundAsync(client, "R2", "1.00")).SubCode.Should().Be("ACQ.TRADE_HAS_FINISHED");
    }

    [Fact]
    public async Task Refund_WithinThreeSecondsOfAnother_IsRefusedWhereThatIsEnforced()
    {
        var time = new FakeTimeProvider(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));
        await using var host = await SimulatorHost.StartAsync(time, settings: [new("Simulator:EnforceRefundSpacing", "true")]);
        using var client = AlipayClient.Register(host);
        await PaidAsync(host, client);
        await RefundAsync(client, "R1", "1.00");

        (await RefundAsync(client, "R2", "1.00")).SubCode.Should().Be("ACQ.SYSTEM_ERROR");
        time.Advance(TimeSpan.FromSeconds(3));
        (await RefundAsync(client, "R2", "1.00")).Code.Should().Be("10000");
    }

    [Fact]
    public async Task Query_TellsSuccess_AndOfEverythingElseNothing()
    {
        await using var host = await SimulatorHost.StartAsync();
        using var client = AlipayClient.Register(host);
        await PaidAsync(host, client);
        await RefundAsync(client, "R1", "1.00");

        var found = await QueryAsync(client, "R1");
        var unknown = await QueryAsync(client, "R2");

        (found.Text("refund_status"), found.Text("refund_amount"), found.Text("total_amount"), found.Text("out_request_no"))
            .Should().Be(("REFUND_SUCCESS", "1.00", "12.34", "R1"));
        found.Text("gmt_refund_pay").Should().NotBeNull();
        unknown.Json.AsObject().Select(m => m.Key).Should().BeEquivalentTo("code", "msg");
        unknown.Code.Should().Be("10000");
        (await QueryAsync(client, "R1", "UNKNOWN")).SubCode.Should().Be("ACQ.TRADE_NOT_EXIST");
    }

    [Theory]
    [InlineData("SUCCESS")]
    [InlineData("FAIL")]
    public async Task Refund_ThatWaits_MovesNothingBeforeItsTime(string outcome)
    {
        var time = new FakeTimeProvider(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));
        await using var host = await SimulatorHost.StartAsync(time);
        using var client = AlipayClient.Register(host);
        await PaidAsync(host, client);
        using var plan = await client.Http.PostAsJsonAsync("/control/alipay/refunds/plan", new { number = "R1", delay_ms = 10_000, outcome }, Cancellation);

        var asked = await RefundAsync(client, "R1", "1.00");
        (asked.Code, asked.Text("fund_change"), asked.Text("refund_fee")).Should().Be(("10000", "N", "0.00"));
        (await QueryAsync(client, "R1")).Text("refund_status").Should().BeNull();
        time.Advance(TimeSpan.FromSeconds(10));

        (await QueryAsync(client, "R1")).Text("refund_status").Should().Be(outcome == "SUCCESS" ? "REFUND_SUCCESS" : null);
        host.Get<AlipayLedger>().Accounts.EffectsOf("refund", "R1").Should().Be(outcome == "SUCCESS" ? 1 : 0);
    }

    [Fact]
    public async Task Notify_OfAPartialRefund_IsThePaymentsWithTheRefund_AndOfAFullOneOnMobileOnly()
    {
        await using var host = await SimulatorHost.StartAsync();
        await using var receiver = await NotifyReceiver.StartAsync(200);
        receiver.Body = "success";
        using var client = AlipayClient.Register(host);
        await PaidAsync(host, client, notify: receiver.Url);
        var payment = AlipayClient.Form(Encoding.UTF8.GetString((await receiver.NextAsync()).Body));

        await RefundAsync(client, "R1", "1.00");
        var told = AlipayClient.Form(Encoding.UTF8.GetString((await receiver.NextAsync()).Body));
        await RefundAsync(client, "R2", "11.34");

        client.Distrust(told).Should().BeNull();
        told.Should().Contain(new Dictionary<string, string>
        {
            ["trade_status"] = "TRADE_SUCCESS",
            ["out_trade_no"] = "ORDER00001",
            ["out_biz_no"] = "R1",
            ["refund_fee"] = "1.00",
            ["total_amount"] = "12.34",
        });
        told.Should().ContainKey("gmt_refund").And.NotContainKey("gmt_close");
        told["notify_id"].Should().NotBe(payment["notify_id"]);
        host.Get<AlipayLedger>().Refunds.Find(AlipayClient.AppId, "ORDER00001", "R2")!.Callback.Should().BeNull("a code's trade does not tell TRADE_CLOSED");
        using var answer = await client.Http.PostAsJsonAsync("/control/callbacks/resend", new { out_request_no = "R1", times = 2 }, Cancellation);
        JsonNode.Parse(await answer.Content.ReadAsStringAsync(Cancellation))!.AsArray().Select(s => (string)s!["notification_id"]!)
            .Should().HaveCount(2).And.AllBe(told["notify_id"]);
        (await host.Callbacks.WaitForSendAsync(s => s.OutTradeNo == "R1", Cancellation)).Operation.Should().Be("alipay.refund_callback");
    }

    [Fact]
    public async Task Notify_OfAFullRefundOnMobile_IsTradeClosed()
    {
        await using var host = await SimulatorHost.StartAsync();
        await using var receiver = await NotifyReceiver.StartAsync(200);
        receiver.Body = "success";
        using var client = AlipayClient.Register(host);
        var order = AlipayClient.Order();
        order["product_code"] = "QUICK_WAP_WAY";
        await client.CallAsync("alipay.trade.wap.pay", order, p => p["notify_url"] = receiver.Url.ToString());
        host.Get<AlipayWallet>().Pay(AlipayClient.AppId, "ORDER00001");
        await receiver.NextAsync();

        await RefundAsync(client, "R1", "12.34");

        var told = AlipayClient.Form(Encoding.UTF8.GetString((await receiver.NextAsync()).Body));
        (told["trade_status"], told["refund_fee"], told["out_biz_no"]).Should().Be(("TRADE_CLOSED", "12.34", "R1"));
        told.Should().ContainKey("gmt_close");
    }

    [Fact]
    public async Task Refunds_AfterARestart_AreTheSame()
    {
        using var folder = new TemporaryFolder();
        IReadOnlyList<AlipayRefund> before;
        await using (var host = await SimulatorHost.StartAsync(folder: folder.Path))
        {
            using var client = AlipayClient.Register(host);
            await PaidAsync(host, client);
            await RefundAsync(client, "R1", "1.00");
            before = host.Get<AlipayLedger>().Refunds.All;
        }

        await using var again = await SimulatorHost.StartAsync(folder: folder.Path);

        again.Get<AlipayLedger>().Refunds.All.Should().Equal(before);
        again.Get<AlipayLedger>().Accounts.Balance(AlipayClient.Pid, AlipayLedger.Account).Should().Be(1_000_000_00 + 1134);
    }

    [Theory]
    [InlineData(FaultKinds.EffectThenDrop, true)]
    [InlineData(FaultKinds.DropBefore, false)]
    [InlineData(FaultKinds.Code20000Before, false)]
    [InlineData(FaultKinds.Code20000After, true)]
    [InlineData(FaultKinds.BadSignature, true)]
    [InlineData(FaultKinds.WrongAmount, true)]
    public async Task Refund_WithAFault_IsDoneOrNot_AndARepeatMovesTheMoneyOnce(string kind, bool done)
    {
        await using var host = await SimulatorHost.StartAsync();
        using var client = AlipayClient.Register(host);
        await PaidAsync(host, client);
        var fault = host.Faults.Add(new Fault { Operation = "alipay.refund", Kind = kind, OutTradeNo = "R1" });
        try
        {
            var answer = await RefundAsync(client, "R1", "1.00");
            (answer.Code == "10000" && client.Distrust(answer) is null && answer.Text("refund_fee") == "1.00").Should().BeFalse();
        }
        catch (HttpRequestException)
        {
            kind.Should().BeOneOf(FaultKinds.EffectThenDrop, FaultKinds.DropBefore);
        }

        fault.Fired.Should().Be(1);
        host.Get<AlipayLedger>().Accounts.EffectsOf("refund", "R1").Should().Be(done ? 1 : 0);
        (await RefundAsync(client, "R1", "1.00")).Text("fund_change").Should().Be(done ? "N" : "Y");
        host.Get<AlipayLedger>().Accounts.EffectsOf("refund", "R1").Should().Be(1);
    }

    private static async Task PaidAsync(SimulatorHost host, AlipayClient client, string number = "ORDER00001", Uri? notify = null)
    {
        await client.PrecreateAsync(number, notify);
        host.Get<AlipayWallet>().Pay(AlipayClient.AppId, number);
    }

    private static Task<AlipayAnswer> RefundAsync(AlipayClient client, string? number, string amount, string order = "ORDER00001")
    {
        var content = new JsonObject { ["out_trade_no"] = order, ["refund_amount"] = amount, ["refund_reason"] = "不要了" };
        if (number is not null)
        {
            content["out_request_no"] = number;
        }

        return client.CallAsync("alipay.trade.refund", content);
    }

    private static Task<AlipayAnswer> QueryAsync(AlipayClient client, string number, string order = "ORDER00001") => client.CallAsync(
        "alipay.trade.fastpay.refund.query",
        new JsonObject { ["out_trade_no"] = order, ["out_request_no"] = number, ["query_options"] = new JsonArray("gmt_refund_pay") });
}
