using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Time.Testing;

namespace PayCore.ChannelSimulator.Tests;

/// <summary>Mobile pages, apps, mini programs, payment codes, and cancelling (alipay.md 4 and 5.3).</summary>
public sealed class AlipaySceneTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Wap_OpensACashier_WhoseWaysLeadBackToTheMerchant()
    {
        await using var host = await SimulatorHost.StartAsync();
        using var client = AlipayClient.Register(host);
        var cashier = await OpenAsync(client, "alipay.trade.wap.pay", "QUICK_WAP_WAY", p => p["return_url"] = "https://shop.example/done");
        (await client.QueryAsync()).SubCode.Should().Be("ACQ.TRADE_NOT_EXIST");
        using var page = await client.Http.GetAsync(cashier, Cancellation);
        page.Headers.GetValues("Content-Security-Policy").Single().Should().Contain("form-action 'self' https://shop.example https://quit.example");
        (await page.Content.ReadAsStringAsync(Cancellation)).Should().Contain("¥12.34");

        using var left = await PostAsync(client, cashier, "leave");
        using var paid = await PostAsync(client, cashier, "pay");

        left.Headers.Location.Should().Be(new Uri("https://quit.example/cart"));
        var back = paid.Headers.Location!;
        back.GetLeftPart(UriPartial.Path).Should().Be("https://shop.example/done");
        var form = AlipayClient.Form(back.Query[1..]);
        form["method"].Should().Be("alipay.trade.wap.pay.return");
        client.Distrust(form).Should().BeNull();
        (await client.QueryAsync()).Text("trade_status").Should().Be("TRADE_SUCCESS");
    }

    [Fact]
    public async Task Wap_ShorterThanFiveMinutes_LastsFive()
    {
        var time = new FakeTimeProvider(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));
        await using var host = await SimulatorHost.StartAsync(time);
        using var client = AlipayClient.Register(host);
        var order = Order("QUICK_WAP_WAY");
        order["timeout_express"] = "1m";
        await client.CallAsync("alipay.trade.wap.pay", order);

        host.Get<AlipayLedger>().All.Single().TimeExpire.Should().Be(time.GetUtcNow().AddMinutes(5));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Wap_ThatEndsUnpaid_IsToldAsClosed(bool byTheMerchant)
    {
        var time = new FakeTimeProvider(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));
        await using var host = await SimulatorHost.StartAsync(time);
        await using var receiver = await NotifyReceiver.StartAsync(200);
        receiver.Body = "success";
        using var client = AlipayClient.Register(host);
        await OpenAsync(client, "alipay.trade.wap.pay", "QUICK_WAP_WAY", p => p["notify_url"] = receiver.Url.ToString());
        host.Get<AlipayWallet>().Decline(AlipayClient.AppId, "ORDER00001");

        if (byTheMerchant)
        {
            (await client.CloseAsync()).Code.Should().Be("10000");
        }
        else
        {
            time.Advance(TimeSpan.FromDays(15) + TimeSpan.FromSeconds(1));
            (await client.QueryAsync()).Text("trade_status").Should().Be("TRADE_CLOSED");
        }

        var told = AlipayClient.Form(System.Text.Encoding.UTF8.GetString((await receiver.NextAsync()).Body));
        client.Distrust(told).Should().BeNull();
        told["trade_status"].Should().Be("TRADE_CLOSED");
        told.Should().ContainKey("gmt_close").And.NotContainKeys("refund_fee", "gmt_refund", "gmt_payment", "fund_bill_list");
    }

    [Fact]
    public async Task App_IsOpenedByItsOrderString_AndHasNoTradeBeforeItIsPaid()
    {
        await using var host = await SimulatorHost.StartAsync();
        using var client = AlipayClient.Register(host);
        var text = OrderString(client.Parameters("alipay.trade.app.pay", Order("QUICK_MSECURITY_PAY")));

        using var opened = await client.Http.PostAsJsonAsync("/control/alipay/open", new { order_string = text }, Cancellation);
        opened.StatusCode.Should().Be(HttpStatusCode.OK);
        host.Get<AlipayWallet>().Decline(AlipayClient.AppId, "ORDER00001");
        (await client.QueryAsync()).SubCode.Should().Be("ACQ.TRADE_NOT_EXIST");
        using var page = await client.Http.GetAsync(new Uri("/alipay/app?" + text, UriKind.Relative), Cancellation);
        page.StatusCode.Should().Be(HttpStatusCode.Redirect);
        host.Get<AlipayWallet>().Pay(AlipayClient.AppId, "ORDER00001");

        (await client.QueryAsync()).Text("trade_status").Should().Be("TRADE_SUCCESS");
    }

    [Fact]
    public async Task App_WithAChangedOrderString_IsNotOpened()
    {
        await using var host = await SimulatorHost.StartAsync();
        using var client = AlipayClient.Register(host);
        var parameters = client.Parameters("alipay.trade.app.pay", Order("QUICK_MSECURITY_PAY"));
        parameters["biz_content"] = parameters["biz_content"].Replace("12.34", "0.01", StringComparison.Ordinal);

        host.Get<AlipayWallet>().Invoking(w => w.OpenApp(OrderString(parameters))).Should().Throw<InvalidOperationException>().WithMessage("isv.invalid-signature*");
        host.Get<AlipayWallet>().Invoking(w => w.OpenApp(OrderString(client.Parameters("alipay.trade.precreate", AlipayClient.Order()))))
            .Should().Throw<InvalidOperationException>().WithMessage("isv.invalid-method*");
        host.Get<AlipayLedger>().All.Should().BeEmpty();
    }

    [Fact]
    public async Task Create_MakesATradeAtOnce_WhichTheNamedBuyerPays()
    {
        await using var host = await SimulatorHost.StartAsync();
        using var client = AlipayClient.Register(host);

        var created = await client.CallAsync("alipay.trade.create", MiniOrder());
        var again = await client.CallAsync("alipay.trade.create", MiniOrder());
        (await client.QueryAsync()).Text("trade_status").Should().Be("WAIT_BUYER_PAY");
        using var page = await client.Http.GetAsync(new Uri("/alipay/trade?trade_no=" + created.Text("trade_no"), UriKind.Relative), Cancellation);
        using var paid = await PostAsync(client, page.Headers.Location!, "pay");

        again.Text("trade_no").Should().Be(created.Text("trade_no")).And.NotBeNull();
        var queried = await client.QueryAsync();
        (queried.Text("trade_status"), queried.Text("buyer_user_id")).Should().Be(("TRADE_SUCCESS", "2088000000000077"));
        (await client.CallAsync("alipay.trade.create", MiniOrder())).SubCode.Should().Be("ACQ.TRADE_HAS_SUCCESS");
    }

    [Theory]
    [InlineData("buyer_id", null)]
    [InlineData("op_app_id", null)]
    [InlineData("op_app_id", "2021000000000099")]
    [InlineData("product_code", "QR_CODE_OFFLINE")]
    public async Task Create_WithoutWhatItNeeds_IsRefused(string field, string? value)
    {
        await using var host = await SimulatorHost.StartAsync();
        using var client = AlipayClient.Register(host);
        var order = MiniOrder();
        order[field] = value;
        if (value is null)
        {
            order.Remove(field);
        }

        (await client.CallAsync("alipay.trade.create", order)).SubCode.Should().Be("ACQ.INVALID_PARAMETER");
    }

    [Fact]
    public async Task Create_WithOtherData_IsInconsistent()
    {
        await using var host = await SimulatorHost.StartAsync();
        using var client = AlipayClient.Register(host);
        await client.CallAsync("alipay.trade.create", MiniOrder());
        var other = MiniOrder();
        other["total_amount"] = "12.35";

        (await client.CallAsync("alipay.trade.create", other)).SubCode.Should().Be("ACQ.CONTEXT_INCONSISTENT");
    }

    [Fact]
    public async Task Code_IsPaidAtOnce_OncePerCode()
    {
        await using var host = await SimulatorHost.StartAsync();
        using var client = AlipayClient.Register(host);
        using var shown = await client.Http.PostAsJsonAsync("/control/alipay/auth-codes", new { payer = "2088000000000077" }, Cancellation);
        var code = (string)JsonNode.Parse(await shown.Content.ReadAsStringAsync(Cancellation))!["auth_code"]!;

        var paid = await PayAsync(client, code);

        client.Distrust(paid).Should().BeNull();
        (paid.Code, paid.Text("total_amount"), paid.Text("buyer_user_id")).Should().Be(("10000", "12.34", "2088000000000077"));
        paid.Text("gmt_payment").Should().NotBeNull();
        (await PayAsync(client, code)).SubCode.Should().Be("ACQ.TRADE_HAS_SUCCESS");
        (await PayAsync(client, code, "ORDER00002")).SubCode.Should().Be("ACQ.PAYMENT_AUTH_CODE_INVALID");
        host.Get<AlipayLedger>().Accounts.EffectsOf("payment", "ORDER00001").Should().Be(1);
    }

    [Fact]
    public async Task Code_ThatAsksForThePassword_Waits()
    {
        await using var host = await SimulatorHost.StartAsync(settings: [new("Simulator:PasswordFrom", "1234")]);
        using var client = AlipayClient.Register(host);
        var code = host.Get<AlipayWallet>().ShowCode();

        var waiting = await PayAsync(client, code);
        (waiting.Code, client.Distrust(waiting)).Should().Be(("10003", null));
        waiting.Text("trade_no").Should().NotBeNull();
        (await PayAsync(client, code)).Code.Should().Be("10003");
        (await client.QueryAsync()).Text("trade_status").Should().Be("WAIT_BUYER_PAY");
        host.Get<AlipayWallet>().Pay(AlipayClient.AppId, "ORDER00001");

        (await client.QueryAsync()).Text("trade_status").Should().Be("TRADE_SUCCESS");
    }

    [Fact]
    public async Task Code_ThatFails_LeavesNoTrade()
    {
        await using var host = await SimulatorHost.StartAsync();
        using var client = AlipayClient.Register(host);

        (await PayAsync(client, host.Get<AlipayWallet>().ShowCode(refusal: "ACQ.BUYER_BALANCE_NOT_ENOUGH"))).SubCode.Should().Be("ACQ.BUYER_BALANCE_NOT_ENOUGH");
        (await PayAsync(client, "12" + new string('0', 16))).SubCode.Should().Be("ACQ.INVALID_PARAMETER");

        (await client.QueryAsync()).SubCode.Should().Be("ACQ.TRADE_NOT_EXIST");
        host.Get<AlipayLedger>().All.Should().BeEmpty();
    }

    [Theory]
    [InlineData(false, "close")]
    [InlineData(true, "refund")]
    public async Task Cancel_EndsTheTrade_PaidOrNot(bool paid, string action)
    {
        await using var host = await SimulatorHost.StartAsync();
        using var client = AlipayClient.Register(host);
        await PayAsync(client, host.Get<AlipayWallet>().ShowCode(asksPassword: !paid));

        var cancelled = await CancelAsync(client);
        var again = await CancelAsync(client);

        client.Distrust(cancelled).Should().BeNull();
        foreach (var answer in (AlipayAnswer[])[cancelled, again])
        {
            (answer.Code, answer.Text("action"), answer.Text("retry_flag"), answer.Text("out_trade_no")).Should().Be(("10000", action, "N", "ORDER00001"));
        }

        (await client.QueryAsync()).Text("trade_status").Should().Be("TRADE_CLOSED");
        var ledger = host.Get<AlipayLedger>();
        ledger.Accounts.EffectsOf("reversal", "ORDER00001").Should().Be(paid ? 1 : 0);
        ledger.Accounts.Balance(AlipayClient.Pid, AlipayLedger.Account).Should().Be(1_000_000_00);
        ledger.Totals().RefundedTotal.Should().Be(paid ? 1234 : 0);
        host.Get<AlipayWallet>().Invoking(w => w.Pay(AlipayClient.AppId, "ORDER00001")).Should().Throw<InvalidOperationException>();
    }

    [Fact]
    public async Task Cancel_OfAMissingTrade_SaysNothingWasDone()
    {
        await using var host = await SimulatorHost.StartAsync();
        using var client = AlipayClient.Register(host);
        await client.PrecreateAsync();

        var answer = await CancelAsync(client);

        (answer.Code, answer.Text("action"), answer.Text("retry_flag")).Should().Be(("10000", null, "N"));
        host.Get<AlipayWallet>().Pay(AlipayClient.AppId, "ORDER00001").TradeStatus.Should().Be("TRADE_SUCCESS", "the code is payable all the same");
    }

    [Fact]
    public async Task Cancel_AgainstTheRules_IsRefused()
    {
        var time = new FakeTimeProvider(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));
        await using var host = await SimulatorHost.StartAsync(time);
        using var client = AlipayClient.Register(host);
        await client.CallAsync("alipay.trade.page.pay", AlipayClient.PageOrder("PAGE1"));
        host.Get<AlipayWallet>().Pay(AlipayClient.AppId, "PAGE1");
        await PayAsync(client, host.Get<AlipayWallet>().ShowCode(), "OLD1");
        await PayAsync(client, host.Get<AlipayWallet>().ShowCode(), "BACK1");
        await client.CallAsync("alipay.trade.refund", new JsonObject { ["out_trade_no"] = "BACK1", ["refund_amount"] = "1.00", ["out_request_no"] = "R1" });

        (await CancelAsync(client, "PAGE1")).SubCode.Should().Be("ACQ.CANCEL_NOT_ALLOWED");
        (await CancelAsync(client, "BACK1")).SubCode.Should().Be("ACQ.REASON_TRADE_REFUND_FEE_ERR");
        host.Get<AlipayLedger>().Accounts.SetBalance(AlipayClient.Pid, AlipayLedger.Account, 1);
        (await CancelAsync(client, "OLD1")).SubCode.Should().Be("ACQ.SELLER_BALANCE_NOT_ENOUGH");
        time.Advance(TimeSpan.FromHours(24) + TimeSpan.FromSeconds(1));
        (await CancelAsync(client, "OLD1")).SubCode.Should().Be("ACQ.TRADE_CANCEL_TIME_OUT");
    }

    [Fact]
    public async Task Cancel_ToBeRepeated_SaysSo()
    {
        await using var host = await SimulatorHost.StartAsync();
        using var client = AlipayClient.Register(host);
        await PayAsync(client, host.Get<AlipayWallet>().ShowCode());
        host.Faults.Add(new Fault { Operation = "alipay.cancel", Kind = FaultKinds.RetryFlag });

        var first = await CancelAsync(client);
        var second = await CancelAsync(client);

        (first.Text("retry_flag"), first.Text("action")).Should().Be(("Y", null));
        (second.Text("retry_flag"), second.Text("action")).Should().Be(("N", "refund"));
    }

    private static JsonObject Order(string product)
    {
        var order = AlipayClient.Order();
        order["product_code"] = product;
        if (product == "QUICK_WAP_WAY")
        {
            order["quit_url"] = "https://quit.example/cart";
        }

        return order;
    }

    private static JsonObject MiniOrder()
    {
        var order = Order("JSAPI_PAY");
        (order["buyer_id"], order["op_app_id"]) = ("2088000000000077", AlipayClient.AppId);
        return order;
    }

    private static async Task<Uri> OpenAsync(AlipayClient client, string method, string product, Action<SortedDictionary<string, string>> change)
    {
        var target = AlipayClient.Target(client.Parameters(method, Order(product), change));
        using var answer = await client.Http.GetAsync(target, Cancellation);
        answer.StatusCode.Should().Be(HttpStatusCode.Redirect);
        return answer.Headers.Location!;
    }

    private static async Task<HttpResponseMessage> PostAsync(AlipayClient client, Uri cashier, string act)
    {
        using var form = new FormUrlEncodedContent([new("session", cashier.ToString().Split('=')[1])]);
        return await client.Http.PostAsync(new Uri("/alipay/cashier/" + act, UriKind.Relative), form, Cancellation);
    }

    private static Task<AlipayAnswer> PayAsync(AlipayClient client, string code, string number = "ORDER00001")
    {
        var order = AlipayClient.Order(number);
        (order["product_code"], order["scene"], order["auth_code"]) = ("FACE_TO_FACE_PAYMENT", "bar_code", code);
        return client.CallAsync("alipay.trade.pay", order);
    }

    private static Task<AlipayAnswer> CancelAsync(AlipayClient client, string number = "ORDER00001") =>
        client.CallAsync("alipay.trade.cancel", new JsonObject { ["out_trade_no"] = number });

    private static string OrderString(IReadOnlyDictionary<string, string> parameters) =>
        string.Join('&', parameters.Select(p => $"{p.Key}={Uri.EscapeDataString(p.Value)}"));
}
