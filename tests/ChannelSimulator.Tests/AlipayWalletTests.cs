using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;

namespace PayCore.ChannelSimulator.Tests;

/// <summary>The wallet page and the control API with Alipay's orders.</summary>
public sealed class AlipayWalletTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Wallet_ListsOrdersOfBothProviders_AndTheListScansNone()
    {
        await using var host = await SimulatorHost.StartAsync();
        using var client = AlipayClient.Register(host);
        await host.Client.PlaceAsync("WECHAT0001");
        await client.PrecreateAsync("ALIPAY0001");

        var page = await GetAsync(host, "/wallet");

        page.Should().Contain("WeChat Pay · WECHAT0001").And.Contain("Alipay · ALIPAY0001");
        (await client.QueryAsync("ALIPAY0001")).SubCode.Should().Be("ACQ.TRADE_NOT_EXIST");
    }

    [Fact]
    public async Task Code_OpenedInTheWallet_IsScannedDeclinedAndPaid()
    {
        await using var host = await SimulatorHost.StartAsync();
        using var client = AlipayClient.Register(host);
        var code = (await client.PrecreateAsync()).Text("qr_code")!;

        var opened = await GetAsync(host, "/wallet?code_url=" + Uri.EscapeDataString(code));
        (await client.QueryAsync()).Text("trade_status").Should().Be("WAIT_BUYER_PAY");
        var declined = await PostAsync(host, "/wallet/decline", code);
        (await client.QueryAsync()).Text("trade_status").Should().Be("WAIT_BUYER_PAY");
        var paid = await PostAsync(host, "/wallet/pay", code);
        var twice = await PostAsync(host, "/wallet/pay", code);

        opened.Should().Contain("¥12.34").And.Contain("Tea &lt;House&gt;").And.Contain("<dd>Alipay</dd>").And.Contain("/wallet/pay");
        declined.Should().Contain("Payment declined");
        paid.Should().Contain("Payment successful").And.NotContain("/wallet/pay");
        twice.Should().Contain("Payment successful");
        (await client.QueryAsync()).Text("trade_status").Should().Be("TRADE_SUCCESS");
        host.Get<AlipayLedger>().All.Single().DeclinedCount.Should().Be(1);
    }

    [Fact]
    public async Task Code_OfAClosedOrder_DoesNotOfferToPay()
    {
        await using var host = await SimulatorHost.StartAsync();
        using var client = AlipayClient.Register(host);
        var code = await client.ScannedAsync(host);
        await client.CloseAsync();

        var opened = await GetAsync(host, "/wallet?code_url=" + Uri.EscapeDataString(code));
        var paid = await PostAsync(host, "/wallet/pay", code);

        opened.Should().Contain("The order is closed").And.NotContain("/wallet/pay");
        paid.Should().Contain("The order is closed");
        host.Get<AlipayLedger>().All.Single().TradeStatus.Should().Be("TRADE_CLOSED");
    }

    [Fact]
    public async Task Control_ScansPaysAndSaysWhyNot()
    {
        await using var host = await SimulatorHost.StartAsync();
        using var client = AlipayClient.Register(host);
        var code = (await client.PrecreateAsync()).Text("qr_code")!;
        await client.PrecreateAsync("ORDER00002");

        (await ControlAsync(host, "scan", new { qr_code = code })).Should().Be((HttpStatusCode.OK, "WAIT_BUYER_PAY"));
        (await ControlAsync(host, "decline", new { out_trade_no = "ORDER00001" })).Should().Be((HttpStatusCode.OK, "WAIT_BUYER_PAY"));
        (await ControlAsync(host, "pay", new { qr_code = code })).Should().Be((HttpStatusCode.OK, "TRADE_SUCCESS"));
        (await ControlAsync(host, "pay", new { qr_code = code })).Item1.Should().Be(HttpStatusCode.Conflict);
        (await ControlAsync(host, "pay", new { out_trade_no = "ORDER00002", app_id = AlipayClient.AppId })).Should().Be((HttpStatusCode.OK, "TRADE_SUCCESS"));
        (await ControlAsync(host, "pay", new { out_trade_no = "ORDER00002", app_id = "1" })).Item1.Should().Be(HttpStatusCode.NotFound);
        (await ControlAsync(host, "pay", new { qr_code = "https://qr.alipay.com/none" })).Item1.Should().Be(HttpStatusCode.NotFound);
        (await ControlAsync(host, "pay", new { })).Item1.Should().Be(HttpStatusCode.BadRequest);
    }

    [Fact]
    public async Task LedgerAndRequests_AreShownBesideWeChats()
    {
        await using var host = await SimulatorHost.StartAsync();
        using var client = AlipayClient.Register(host);
        await host.Client.PlaceAsync("WECHAT0001");
        await client.PrecreateAsync();
        await client.QueryAsync();
        var order = AlipayClient.Order("ORDER00002");
        order["member_of_tomorrow"] = "1";
        await client.PrecreateAsync(content: order);
        await client.CallAsync("alipay.trade.query", new JsonObject { ["out_trade_no"] = "ORDER00003" }, p => p["app_id"] = "2021000000000009");

        var ledger = JsonNode.Parse(await GetAsync(host, "/control/ledger"))!;
        var requests = JsonNode.Parse(await GetAsync(host, "/control/requests"))!.AsArray();

        ((string)ledger["orders"]![0]!["out_trade_no"]!).Should().Be("WECHAT0001");
        ((string)ledger["alipay"]!["orders"]![0]!["out_trade_no"]!).Should().Be("ORDER00001");
        ((int)ledger["alipay"]!["totals"]!["not_paid"]!).Should().Be(2);
        requests.Select(r => $"{r!["provider"]} {r["operation"]} {r["mchid"]} {r["out_trade_no"]} {r["status"]} {r["code"]} {r["unknown"]?[0]}".TrimEnd()).Should().Equal(
            "wechat place 1900000001 WECHAT0001 200",
            "alipay alipay.precreate 2021000000000001 ORDER00001 200",
            "alipay alipay.query 2021000000000001 ORDER00001 200 ACQ.TRADE_NOT_EXIST",
            "alipay alipay.precreate 2021000000000001 ORDER00002 200  member_of_tomorrow",
            "alipay alipay.query  ORDER00003 200 isv.invalid-app-id");
    }

    private static async Task<(HttpStatusCode Status, string? TradeStatus)> ControlAsync(SimulatorHost host, string action, object body)
    {
        using var answer = await host.Client.Http.PostAsJsonAsync("/control/alipay/" + action, body);
        return (answer.StatusCode, (string?)JsonNode.Parse(await answer.Content.ReadAsStringAsync(Cancellation))!["trade_status"]);
    }

    private static async Task<string> GetAsync(SimulatorHost host, string path)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(path, UriKind.Relative));
        request.Headers.Add("Accept-Language", "en");
        using var answer = await host.Client.Http.SendAsync(request, Cancellation);
        return await answer.Content.ReadAsStringAsync(Cancellation);
    }

    private static async Task<string> PostAsync(SimulatorHost host, string path, string code)
    {
        using var form = new FormUrlEncodedContent([new("code_url", code)]);
        using var answer = await host.Client.Http.PostAsync(new Uri(path, UriKind.Relative), form, Cancellation);
        return await answer.Content.ReadAsStringAsync(Cancellation);
    }
}
