using System.Net;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Microsoft.Extensions.Time.Testing;

namespace PayCore.ChannelSimulator.Tests;

/// <summary>Page pay (alipay.md 1.7, 4.3 and 6.9, and 14 no. 5).</summary>
public sealed partial class AlipayCashierTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("GET")]
    [InlineData("POST")]
    public async Task Page_OpenedByLinkOrForm_ShowsTheOrderAndMakesNoTrade(string method)
    {
        await using var host = await SimulatorHost.StartAsync();
        using var client = AlipayClient.Register(host);
        var order = AlipayClient.PageOrder();
        order["subject"] = "<script>alert(1)</script>".Replace("/", "", StringComparison.Ordinal);

        var (status, page, headers) = await ShownAsync(client, await OpenAsync(client, order, method: method));

        status.Should().Be(HttpStatusCode.OK);
        page.Should().Contain("¥12.34").And.Contain("Tea &lt;House&gt;").And.Contain("&lt;script&gt;").And.NotContain("<script").And.Contain("Alipay cashier");
        var policy = headers.GetValues("Content-Security-Policy").Single();
        policy.Should().Contain("default-src 'none'").And.Contain("form-action 'self' http://127.0.0.1:9;").And.NotContain("script-src").And.NotContain("unsafe");
        (await client.QueryAsync()).SubCode.Should().Be("ACQ.TRADE_NOT_EXIST", "nobody has logged in");
        (await client.CloseAsync()).SubCode.Should().Be("ACQ.TRADE_NOT_EXIST");
    }

    [Fact]
    public async Task Paying_SendsTheBuyerBackWithSignedParametersAndNoStatus()
    {
        var time = new FakeTimeProvider(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));
        await using var host = await SimulatorHost.StartAsync(time);
        await using var receiver = await NotifyReceiver.StartAsync(200);
        using var client = AlipayClient.Register(host);
        var cashier = await OpenAsync(client, AlipayClient.PageOrder(), notify: receiver.Url);

        var (status, location) = await ActAsync(client, cashier, "pay");

        status.Should().Be(HttpStatusCode.SeeOther);
        var parts = location.Split('?', 2);
        parts[0].Should().Be("http://127.0.0.1:9/back");
        parts[1].Should().StartWith("shop=1&");
        var form = AlipayClient.Form(parts[1]["shop=1&".Length..]);
        client.Distrust(form).Should().BeNull();
        form.Remove("sign");
        form.Should().BeEquivalentTo(new Dictionary<string, string>
        {
            ["charset"] = "utf-8",
            ["out_trade_no"] = "ORDER00001",
            ["method"] = "alipay.trade.page.pay.return",
            ["total_amount"] = "12.34",
            ["trade_no"] = host.Get<AlipayLedger>().All.Single().TradeNo!,
            ["auth_app_id"] = AlipayClient.AppId,
            ["version"] = "1.0",
            ["app_id"] = AlipayClient.AppId,
            ["sign_type"] = "RSA2",
            ["seller_id"] = AlipayClient.Pid,
            ["timestamp"] = "2026-01-01 08:00:00",
        });
        (await client.QueryAsync()).Text("trade_status").Should().Be("TRADE_SUCCESS");
        AlipayClient.Form(System.Text.Encoding.UTF8.GetString((await receiver.NextAsync()).Body))["trade_status"].Should().Be("TRADE_SUCCESS");
        var (_, page, _) = await ShownAsync(client, cashier);
        page.Should().Contain("Payment successful").And.Contain("Back to the merchant").And.NotContain("/alipay/cashier/pay");
        (await ActAsync(client, cashier, "pay")).Location.Should().StartWith("http://127.0.0.1:9/back", "who reloads gets there too");
        host.Get<AlipayLedger>().Totals().PaidTotal.Should().Be(1234);
    }

    [Fact]
    public async Task Paying_WithoutReturnUrl_ShowsTheResult()
    {
        await using var host = await SimulatorHost.StartAsync();
        using var client = AlipayClient.Register(host);
        var cashier = await OpenAsync(client, AlipayClient.PageOrder(), returnUrl: "");

        var (_, location) = await ActAsync(client, cashier, "pay");

        location.Should().Be(cashier);
        (await ShownAsync(client, location)).Page.Should().Contain("Payment successful").And.NotContain("Back to the merchant");
    }

    [Fact]
    public async Task Failing_LogsTheBuyerInAndLeavesTheTradeUnpaid()
    {
        await using var host = await SimulatorHost.StartAsync();
        using var client = AlipayClient.Register(host);
        var cashier = await OpenAsync(client, AlipayClient.PageOrder());

        var (_, location) = await ActAsync(client, cashier, "fail");

        (await ShownAsync(client, location)).Page.Should().Contain("The payment failed").And.Contain("Pay after all");
        (await client.QueryAsync()).Text("trade_status").Should().Be("WAIT_BUYER_PAY");
        (await client.CloseAsync()).Code.Should().Be("10000");
        (await ActAsync(client, cashier, "pay")).Location.Should().Be(cashier);
        (await ShownAsync(client, cashier)).Page.Should().Contain("The order is closed").And.NotContain("/alipay/cashier/pay");
        (await client.QueryAsync()).Text("trade_status").Should().Be("TRADE_CLOSED");
    }

    [Fact]
    public async Task Leaving_LeavesNoTrade()
    {
        await using var host = await SimulatorHost.StartAsync();
        using var client = AlipayClient.Register(host);
        var cashier = await OpenAsync(client, AlipayClient.PageOrder());

        var (_, location) = await ActAsync(client, cashier, "leave");

        (await ShownAsync(client, location)).Page.Should().Contain("You left the cashier without paying");
        (await client.QueryAsync()).SubCode.Should().Be("ACQ.TRADE_NOT_EXIST");
        (await ActAsync(client, cashier, "pay")).Location.Should().StartWith("http://127.0.0.1:9/back", "the page can still be paid");
    }

    [Fact]
    public async Task Page_OpenedAgain_IsTheSameOrder()
    {
        await using var host = await SimulatorHost.StartAsync();
        using var client = AlipayClient.Register(host);
        var cashier = await OpenAsync(client, AlipayClient.PageOrder());

        (await OpenAsync(client, AlipayClient.PageOrder())).Should().Be(cashier);
        await ActAsync(client, cashier, "fail");
        (await OpenAsync(client, AlipayClient.PageOrder())).Should().Be(cashier, "the trade is there and waits");

        host.Get<AlipayLedger>().All.Should().ContainSingle();
    }

    [Fact]
    public async Task Page_WithOtherData_CountsOnlyWhileThereIsNoTrade()
    {
        await using var host = await SimulatorHost.StartAsync();
        using var client = AlipayClient.Register(host);
        var dearer = AlipayClient.PageOrder();
        dearer["total_amount"] = "99.00";
        var first = await OpenAsync(client, AlipayClient.PageOrder());

        var second = await OpenAsync(client, dearer);
        var (gone, _, _) = await ShownAsync(client, first);
        await ActAsync(client, second, "fail");
        var refused = await RefusalAsync(client, AlipayClient.PageOrder());

        gone.Should().Be(HttpStatusCode.NotFound);
        refused.Should().Contain("ACQ.CONTEXT_INCONSISTENT");
        host.Get<AlipayLedger>().All.Single().Total.Should().Be(9900);
    }

    [Theory]
    [InlineData("app_id", "2021000000000009", "invalid-app-id")]
    [InlineData("sign", "AAAA", "invalid-signature")]
    [InlineData("sign", "", "missing-signature")]
    [InlineData("biz_content", """{"out_trade_no":"ORDER00001","total_amount":"0.01","subject":"s","product_code":"FAST_INSTANT_TRADE_PAY"}""", "invalid-signature")]
    [InlineData("return_url", "http://evil.example/", "invalid-signature")]
    public async Task Page_ForgedOrUnsigned_IsRefusedToTheBuyersFace(string name, string value, string code)
    {
        await using var host = await SimulatorHost.StartAsync();
        using var client = AlipayClient.Register(host);
        var parameters = Parameters(client, AlipayClient.PageOrder());
        parameters[name] = value;

        using var answer = await SendAsync(client, AlipayClient.Target(parameters), "zh-CN");

        answer.StatusCode.Should().Be(HttpStatusCode.OK);
        answer.Content.Headers.ContentType!.MediaType.Should().Be("text/html");
        (await answer.Content.ReadAsStringAsync(Cancellation)).Should().Contain("<html lang=\"zh-CN\">").And.Contain($"<dd>{code}</dd>").And.Contain("暂时无法付款");
        host.Get<AlipayLedger>().All.Should().BeEmpty();
    }

    [Theory]
    [InlineData("product_code", "QR_CODE_OFFLINE")]
    [InlineData("product_code", "")]
    [InlineData("qr_pay_mode", "5")]
    [InlineData("integration_type", "MOBILE")]
    [InlineData("total_amount", "1")]
    public async Task Page_WithAWrongField_IsRefused(string name, string value)
    {
        await using var host = await SimulatorHost.StartAsync();
        using var client = AlipayClient.Register(host);
        var order = AlipayClient.PageOrder();
        order[name] = value;

        (await RefusalAsync(client, order)).Should().Contain("ACQ.INVALID_PARAMETER");
    }

    [Fact]
    public async Task Page_OpenedDaysAfterItWasSigned_WorksUntilItsOwnEnd()
    {
        var time = new FakeTimeProvider(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));
        await using var host = await SimulatorHost.StartAsync(time);
        using var client = AlipayClient.Register(host);
        var order = AlipayClient.PageOrder();
        order["time_expire"] = "2026-01-05 08:00:00";
        var target = AlipayClient.Target(Parameters(client, order));
        time.Advance(TimeSpan.FromDays(3));
        using var opened = await SendAsync(client, target);
        time.Advance(TimeSpan.FromDays(1));
        using var late = await SendAsync(client, target);

        opened.StatusCode.Should().Be(HttpStatusCode.Redirect);
        (await late.Content.ReadAsStringAsync(Cancellation)).Should().Contain("ACQ.NOW_TIME_AFTER_EXPIRE_TIME_ERROR");
        time.Advance(TimeSpan.FromSeconds(1));
        var cashier = opened.Headers.Location!.OriginalString;
        (await ShownAsync(client, cashier)).Page.Should().Contain("The time to pay is over").And.NotContain("/alipay/cashier/pay");
        (await ActAsync(client, cashier, "pay")).Location.Should().Be(cashier);
        host.Get<AlipayLedger>().Totals().Paid.Should().Be(0);
    }

    [Fact]
    public async Task Session_Unknown_Is404()
    {
        await using var host = await SimulatorHost.StartAsync();
        using var client = AlipayClient.Register(host);
        var code = (await client.PrecreateAsync()).Text("qr_code")!;

        (await ShownAsync(client, "/alipay/cashier?session=nothing")).Status.Should().Be(HttpStatusCode.NotFound);
        (await ShownAsync(client, "/alipay/cashier")).Status.Should().Be(HttpStatusCode.NotFound);
        (await ShownAsync(client, "/alipay/cashier?session=" + Uri.EscapeDataString(code))).Status.Should().Be(HttpStatusCode.NotFound);
        using var form = new FormUrlEncodedContent([new("session", "nothing")]);
        using var paid = await client.Http.PostAsync(new Uri("/alipay/cashier/pay", UriKind.Relative), form, Cancellation);
        paid.StatusCode.Should().Be(HttpStatusCode.NotFound);
    }

    private static SortedDictionary<string, string> Parameters(
        AlipayClient client, JsonObject order, Uri? notify = null, string returnUrl = "http://127.0.0.1:9/back?shop=1") =>
        client.Parameters("alipay.trade.page.pay", order, p => (p["return_url"], p["notify_url"]) = (returnUrl, notify?.ToString() ?? ""));

    /// <summary>Opens the page and answers the address of the cashier.</summary>
    private static async Task<string> OpenAsync(
        AlipayClient client, JsonObject order, Uri? notify = null, string returnUrl = "http://127.0.0.1:9/back?shop=1", string method = "GET")
    {
        var parameters = Parameters(client, order, notify, returnUrl);
        if (method == "GET")
        {
            using var answer = await SendAsync(client, AlipayClient.Target(parameters));
            return answer.Headers.Location!.OriginalString;
        }

        using var form = new FormUrlEncodedContent([new("biz_content", parameters["biz_content"])]);
        using var posted = await client.Http.PostAsync(AlipayClient.Target(parameters.Where(p => p.Key != "biz_content")), form, Cancellation);
        return posted.Headers.Location!.OriginalString;
    }

    private static async Task<string> RefusalAsync(AlipayClient client, JsonObject order)
    {
        using var answer = await SendAsync(client, AlipayClient.Target(Parameters(client, order)));
        return await answer.Content.ReadAsStringAsync(Cancellation);
    }

    private static async Task<(HttpStatusCode Status, string Page, System.Net.Http.Headers.HttpResponseHeaders Headers)> ShownAsync(
        AlipayClient client, string cashier)
    {
        using var answer = await SendAsync(client, new Uri(cashier, UriKind.Relative));
        return (answer.StatusCode, await answer.Content.ReadAsStringAsync(Cancellation), answer.Headers);
    }

    /// <summary>Presses a button of the page that is shown.</summary>
    private static async Task<(HttpStatusCode Status, string Location)> ActAsync(AlipayClient client, string cashier, string action)
    {
        using var form = new FormUrlEncodedContent([new("session", Session().Match(cashier).Groups[1].Value)]);
        using var answer = await client.Http.PostAsync(new Uri("/alipay/cashier/" + action, UriKind.Relative), form, Cancellation);
        return (answer.StatusCode, answer.Headers.Location!.OriginalString);
    }

    private static async Task<HttpResponseMessage> SendAsync(AlipayClient client, Uri target, string language = "en")
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, target);
        request.Headers.Add("Accept-Language", language);
        return await client.Http.SendAsync(request, Cancellation);
    }

    [GeneratedRegex("session=([^&]+)")]
    private static partial Regex Session();
}
