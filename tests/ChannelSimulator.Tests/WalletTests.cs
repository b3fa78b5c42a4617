using System.Net;

namespace PayCore.ChannelSimulator.Tests;

public sealed class WalletTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Cashier_ShowsPayeeItemAndAmount_AllEncoded()
    {
        await using var host = await SimulatorHost.StartAsync();
        var body = SigningClient.OrderBody();
        body["description"] = "<script>alert(1)</script>\"'";
        var code = (string)(await host.Client.PlaceAsync(body)).Json["code_url"]!;

        using var answer = await GetAsync(host, CashierPath(code));
        var page = await answer.Content.ReadAsStringAsync(Cancellation);

        page.Should().Contain("¥12.34").And.Contain("Tea &lt;House&gt;").And.Contain("&lt;script&gt;alert(1)&lt;/script&gt;&quot;&#x27;");
        page.Should().NotContain("<script").And.NotContain("<House>");
        var policy = answer.Headers.GetValues("Content-Security-Policy").Single();
        policy.Should().Contain("default-src 'none'").And.NotContain("script-src").And.NotContain("unsafe");
    }

    [Fact]
    public async Task Cashier_Pay_PaysAndShowsTheResultAlsoWhenReloaded()
    {
        await using var host = await SimulatorHost.StartAsync();
        var code = (string)(await host.Client.PlaceAsync()).Json["code_url"]!;

        using var paid = await PostAsync(host, "/wallet/pay", code);
        using var reloaded = await GetAsync(host, CashierPath(code));
        using var twice = await PostAsync(host, "/wallet/pay", code);

        host.Ledger.All.Single().State.Should().Be("SUCCESS");
        foreach (var answer in (HttpResponseMessage[])[paid, reloaded, twice])
        {
            answer.StatusCode.Should().Be(HttpStatusCode.OK);
            (await answer.Content.ReadAsStringAsync(Cancellation)).Should().Contain("Payment successful").And.NotContain("/wallet/pay");
        }
    }

    [Fact]
    public async Task Cashier_Decline_LeavesTheOrderPayable()
    {
        await using var host = await SimulatorHost.StartAsync();
        var code = (string)(await host.Client.PlaceAsync()).Json["code_url"]!;

        using var declined = await PostAsync(host, "/wallet/decline", code);

        (await declined.Content.ReadAsStringAsync(Cancellation)).Should().Contain("Payment declined");
        host.Ledger.All.Single().Should().Match<SimulatedOrder>(o => o.State == "NOTPAY" && o.DeclinedCount == 1);
        using var paid = await PostAsync(host, "/wallet/pay", code);
        host.Ledger.All.Single().State.Should().Be("SUCCESS");
    }

    [Fact]
    public async Task Cashier_OfAnOlderOrClosedCode_DoesNotOfferToPay()
    {
        await using var host = await SimulatorHost.StartAsync();
        var older = (string)(await host.Client.PlaceAsync()).Json["code_url"]!;
        var newer = (string)(await host.Client.PlaceAsync()).Json["code_url"]!;
        await host.Client.CloseAsync();

        using var gone = await GetAsync(host, CashierPath(older));
        using var payGone = await PostAsync(host, "/wallet/pay", older);
        using var closed = await GetAsync(host, CashierPath(newer));
        using var payClosed = await PostAsync(host, "/wallet/pay", newer);

        gone.StatusCode.Should().Be(HttpStatusCode.NotFound);
        payGone.StatusCode.Should().Be(HttpStatusCode.NotFound);
        (await closed.Content.ReadAsStringAsync(Cancellation)).Should().Contain("The order is closed").And.NotContain("/wallet/pay");
        (await payClosed.Content.ReadAsStringAsync(Cancellation)).Should().Contain("The order is closed");
        host.Ledger.All.Single().State.Should().Be("CLOSED");
    }

    [Fact]
    public async Task Start_ListsUnpaidOrdersOnly_TheLatestFirst()
    {
        await using var host = await SimulatorHost.StartAsync();
        await host.Client.PlaceAsync("ORDER00001");
        await host.Client.PlaceAsync("ORDER00002");
        await host.Client.PlaceAsync("ORDER00003");
        await host.Client.PlaceAsync("ORDER00004");
        await host.Ledger.PayAsync(SimulatorHost.MchId, "ORDER00002");
        await host.Client.CloseAsync("ORDER00003");

        using var answer = await GetAsync(host, "/wallet");
        var page = await answer.Content.ReadAsStringAsync(Cancellation);

        page.Should().Contain("ORDER00001").And.Contain("ORDER00004").And.NotContain("ORDER00002").And.NotContain("ORDER00003");
        page.IndexOf("ORDER00004", StringComparison.Ordinal).Should().BeLessThan(page.IndexOf("ORDER00001", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("zh-CN,zh;q=0.9,en;q=0.8", "zh-CN")]
    [InlineData("en-GB,zh;q=0.5", "en")]
    [InlineData("fr,zh;q=0.5,en;q=0.4", "zh-CN")]
    [InlineData("fr", "en")]
    public async Task Wallet_SpeaksThePayersLanguage(string accepted, string language)
    {
        await using var host = await SimulatorHost.StartAsync();

        using var answer = await GetAsync(host, "/wallet", accepted);

        (await answer.Content.ReadAsStringAsync(Cancellation)).Should().Contain($"<html lang=\"{language}\">");
        using var style = await GetAsync(host, "/wallet/wallet.css");
        style.Content.Headers.ContentType!.MediaType.Should().Be("text/css");
    }

    private static string CashierPath(string code) => "/wallet?code_url=" + Uri.EscapeDataString(code);

    private static async Task<HttpResponseMessage> GetAsync(SimulatorHost host, string path, string language = "en")
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(path, UriKind.Relative));
        request.Headers.Add("Accept-Language", language);
        return await host.Client.Http.SendAsync(request, Cancellation);
    }

    private static async Task<HttpResponseMessage> PostAsync(SimulatorHost host, string path, string code)
    {
        using var form = new FormUrlEncodedContent([new("code_url", code)]);
        return await host.Client.Http.PostAsync(new Uri(path, UriKind.Relative), form, Cancellation);
    }
}
