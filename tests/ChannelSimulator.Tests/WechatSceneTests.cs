using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Time.Testing;

namespace PayCore.ChannelSimulator.Tests;

/// <summary>JSAPI, App, H5 and payment codes (wechat-pay-v3.md 3).</summary>
public sealed class WechatSceneTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Jsapi_IsPaidOnThePageThatItsSignedCallOpens()
    {
        await using var host = await SimulatorHost.StartAsync();
        var call = JsapiCall(host, await PrepayIdAsync(host, "jsapi"));

        var page = await GetAsync(host, "/wallet/wechat/client?" + Query(call));
        using var form = new FormUrlEncodedContent([.. call, new("act", "pay")]);
        using var paid = await host.Client.Http.PostAsync(new Uri("/wallet/wechat/client", UriKind.Relative), form, Cancellation);

        page.Should().Contain("¥12.34").And.Contain("一杯茶");
        (await paid.Content.ReadAsStringAsync(Cancellation)).Should().Contain("Payment successful");
        var queried = (await host.Client.QueryAsync()).Json;
        ((string)queried["trade_type"]!).Should().Be("JSAPI");
        ((string)queried["payer"]!["openid"]!).Should().Be("oUser");
    }

    [Fact]
    public async Task Jsapi_OfAMiniProgram_SignsItsAppIdWithoutSendingIt()
    {
        await using var host = await SimulatorHost.StartAsync();
        var call = JsapiCall(host, await PrepayIdAsync(host, "jsapi"));
        call.Remove("appId");

        host.Get<WechatWallet>().Open(call).OutTradeNo.Should().Be("ORDER00001");
    }

    [Theory]
    [InlineData("appId", "wx0000000000000000")]
    [InlineData("timeStamp", "1")]
    [InlineData("nonceStr", "other")]
    [InlineData("package", "prepay_id=wx201410272009395522657a690389285100")]
    [InlineData("signType", "MD5")]
    [InlineData("paySign", "AAAA")]
    [InlineData("paySign", "no base64")]
    public async Task Jsapi_WithAnythingElseThanWhatWasSigned_IsNotOpened(string name, string value)
    {
        await using var host = await SimulatorHost.StartAsync();
        var call = JsapiCall(host, await PrepayIdAsync(host, "jsapi"));
        call[name] = value;

        using var answer = await host.Client.Http.PostAsJsonAsync("/control/wechat/open", call, Cancellation);

        answer.StatusCode.Should().Be(HttpStatusCode.Conflict);
        using var page = await host.Client.Http.GetAsync(new Uri("/wallet/wechat/client?" + Query(call), UriKind.Relative), Cancellation);
        page.StatusCode.Should().Be(HttpStatusCode.BadRequest);
        using var form = new FormUrlEncodedContent([.. call, new("act", "pay")]);
        using var paid = await host.Client.Http.PostAsync(new Uri("/wallet/wechat/client", UriKind.Relative), form, Cancellation);
        host.Ledger.All.Single().State.Should().Be("NOTPAY");
    }

    [Fact]
    public async Task App_SignsThePrepayIdAlone()
    {
        await using var host = await SimulatorHost.StartAsync();
        var prepay = await PrepayIdAsync(host, "app");
        var call = new Dictionary<string, string>
        {
            ["appid"] = SimulatorHost.AppId,
            ["partnerid"] = SimulatorHost.MchId,
            ["prepayid"] = prepay,
            ["package"] = "Sign=WXPay",
            ["noncestr"] = "5K8264ILTKCH16CQ2502SI8ZNMTM67VS",
            ["timestamp"] = "1554208460",
            ["sign"] = host.Client.Sign(SimulatorHost.AppId, "1554208460", "5K8264ILTKCH16CQ2502SI8ZNMTM67VS", prepay),
        };

        host.Get<WechatWallet>().Open(call).Scene.Should().Be("app");
        var byAnotherSdk = new Dictionary<string, string>
        {
            ["appId"] = call["appid"], ["partnerId"] = call["partnerid"], ["prepayId"] = prepay, ["packageValue"] = "Sign=WXPay",
            ["nonceStr"] = call["noncestr"], ["timeStamp"] = call["timestamp"], ["sign"] = call["sign"],
        };
        host.Get<WechatWallet>().Open(byAnotherSdk).Scene.Should().Be("app");

        call["partnerid"] = "1900000002";
        host.Get<WechatWallet>().Invoking(w => w.Open(call)).Should().Throw<InvalidOperationException>();
        call["partnerid"] = SimulatorHost.MchId;
        call["sign"] = host.Client.Sign(SimulatorHost.AppId, "1554208460", "5K8264ILTKCH16CQ2502SI8ZNMTM67VS", "prepay_id=" + prepay);
        host.Get<WechatWallet>().Invoking(w => w.Open(call)).Should().Throw<InvalidOperationException>();
    }

    [Fact]
    public async Task H5_IsPaidOnItsPage_AndLeadsBackToTheMerchant()
    {
        var time = new FakeTimeProvider(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));
        await using var host = await SimulatorHost.StartAsync(time);
        var url = new Uri((string)(await PlaceAsync(host, "h5", Body("h5"))).Json["h5_url"]!);
        var page = url.PathAndQuery + "&redirect_url=" + Uri.EscapeDataString("https://shop.example/done?x=1");
        (await GetAsync(host, page)).Should().Contain("¥12.34").And.Contain("act");
        (await GetAsync(host, "/wallet")).Should().NotContain("ORDER00001", "the wallet does not pay what a page has to open");
        var fields = url.Query[1..].Split('&').Select(p => p.Split('=')).ToDictionary(p => p[0], p => p[1]);
        (fields["redirect_url"], fields["act"]) = ("https://shop.example/done?x=1", "pay");
        using var handler = new SocketsHttpHandler { AllowAutoRedirect = false, UseProxy = false };
        using var http = new HttpClient(handler) { BaseAddress = host.Address };
        using var form = new FormUrlEncodedContent(fields);

        using var paid = await http.PostAsync(new Uri(url.AbsolutePath, UriKind.Relative), form, Cancellation);

        paid.StatusCode.Should().Be(HttpStatusCode.SeeOther);
        paid.Headers.Location.Should().Be(new Uri("https://shop.example/done?x=1"));
        ((string)(await host.Client.QueryAsync()).Json["trade_type"]!).Should().Be("MWEB");
        (await GetAsync(host, page)).Should().Contain("Payment successful").And.Contain("https://shop.example/done?x=1");
    }

    [Fact]
    public async Task H5Url_LivesFiveMinutes()
    {
        var time = new FakeTimeProvider(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));
        await using var host = await SimulatorHost.StartAsync(time);
        var url = new Uri((string)(await PlaceAsync(host, "h5", Body("h5"))).Json["h5_url"]!);
        time.Advance(TimeSpan.FromMinutes(5) - TimeSpan.FromSeconds(1));
        (await GetAsync(host, url.PathAndQuery)).Should().Contain("act");

        time.Advance(TimeSpan.FromSeconds(1));

        (await GetAsync(host, url.PathAndQuery)).Should().Contain("The time to pay is over").And.NotContain("<form");
        host.Get<WechatWallet>().Invoking(w => w.Pay(SimulatorHost.MchId, "ORDER00001")).Should().Throw<InvalidOperationException>();
        (await PlaceAsync(host, "h5", Body("h5"))).Status.Should().Be(HttpStatusCode.OK, "placing again gives a fresh one");
        host.Get<WechatWallet>().Pay(SimulatorHost.MchId, "ORDER00001").State.Should().Be("SUCCESS");
    }

    [Theory]
    [InlineData("jsapi", "payer", null)]
    [InlineData("jsapi", "payer", "{}")]
    [InlineData("app", "payer", "{\"openid\":\"oUser\"}")]
    [InlineData("h5", "scene_info", null)]
    [InlineData("h5", "scene_info", "{\"payer_client_ip\":\"127.0.0.1\",\"h5_info\":{\"type\":\"Wap\"}}")]
    [InlineData("h5", "scene_info", "{\"payer_client_ip\":\"203.0.113.7\"}")]
    [InlineData("h5", "scene_info", "{\"payer_client_ip\":\"203.0.113.7\",\"h5_info\":{\"type\":\"wap\"}}")]
    [InlineData("codepay", "scene_info", null)]
    [InlineData("codepay", "scene_info", "{\"store_info\":{}}")]
    [InlineData("codepay", "payer", "{\"auth_code\":\"930000000000000000\"}")]
    [InlineData("codepay", "notify_url", "\"https://a.example/hook\"")]
    public async Task Scene_WithoutWhatItNeeds_IsRefused(string scene, string field, string? json)
    {
        await using var host = await SimulatorHost.StartAsync();
        var body = Body(scene, "130000000000000000");
        body[field] = json is null ? null : JsonNode.Parse(json);
        if (json is null)
        {
            body.Remove(field);
        }

        (await PlaceAsync(host, scene, body)).Code.Should().Be("PARAM_ERROR");
        host.Ledger.All.Should().BeEmpty();
    }

    [Fact]
    public async Task Number_OfAnotherScene_IsRefused()
    {
        await using var host = await SimulatorHost.StartAsync();
        await PlaceAsync(host, "app", Body("app"));

        (await host.Client.PlaceAsync(Body("app"))).Code.Should().Be("INVALID_REQUEST");
    }

    [Fact]
    public async Task Codepay_IsPaidAtOnce_OncePerCode_WithoutACallback()
    {
        await using var host = await SimulatorHost.StartAsync();
        using var shown = await host.Client.Http.PostAsJsonAsync("/control/wechat/auth-codes", new { payer = "oUser" }, Cancellation);
        var code = (string)JsonNode.Parse(await shown.Content.ReadAsStringAsync(Cancellation))!["auth_code"]!;

        var paid = await PlaceAsync(host, "codepay", Body("codepay", code));

        paid.Distrust.Should().BeNull();
        ((string)paid.Json["trade_state"]!).Should().Be("SUCCESS");
        ((string)paid.Json["trade_type"]!).Should().Be("MICROPAY");
        ((string)paid.Json["payer"]!["openid"]!).Should().Be("oUser");
        host.Ledger.All.Single().Callback.Should().BeNull();
        (await PlaceAsync(host, "codepay", Body("codepay", code))).Code.Should().Be("ORDERPAID");
        var other = Body("codepay", code);
        other["out_trade_no"] = "ORDER00002";
        (await PlaceAsync(host, "codepay", other)).Code.Should().Be("INVALID_REQUEST");
        host.Ledger.Accounts.EffectsOf("payment", "ORDER00001").Should().Be(1);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Codepay_ThatAsksForThePassword_Waits(bool pays)
    {
        await using var host = await SimulatorHost.StartAsync();
        var body = Body("codepay", host.Get<WechatWallet>().ShowCode());
        body["amount"]!["total"] = 1000_00;

        var asked = await PlaceAsync(host, "codepay", body);
        asked.Status.Should().Be(HttpStatusCode.Accepted);
        asked.Code.Should().Be("USERPAYING");
        asked.Distrust.Should().BeNull();
        (await PlaceAsync(host, "codepay", body)).Code.Should().Be("USERPAYING");
        ((string)(await host.Client.QueryAsync()).Json["trade_state"]!).Should().Be("USERPAYING");
        using var answer = await host.Client.Http.PostAsJsonAsync("/control/wechat/" + (pays ? "pay" : "decline"), new { out_trade_no = "ORDER00001" }, Cancellation);

        ((string)(await host.Client.QueryAsync()).Json["trade_state"]!).Should().Be(pays ? "SUCCESS" : "PAYERROR");
    }

    [Fact]
    public async Task Codepay_OfAPayerWithoutMoney_Fails()
    {
        await using var host = await SimulatorHost.StartAsync();

        var answer = await PlaceAsync(host, "codepay", Body("codepay", host.Get<WechatWallet>().ShowCode(refusal: "NOT_ENOUGH")));

        answer.Status.Should().Be(HttpStatusCode.Forbidden);
        answer.Code.Should().Be("NOT_ENOUGH");
        ((string)(await host.Client.QueryAsync()).Json["trade_state"]!).Should().Be("PAYERROR");
    }

    [Fact]
    public async Task PaymentCode_OlderThanAMinute_DoesNotPay()
    {
        var time = new FakeTimeProvider(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));
        await using var host = await SimulatorHost.StartAsync(time);
        var code = host.Get<WechatWallet>().ShowCode();
        time.Advance(TimeSpan.FromMinutes(1));

        (await PlaceAsync(host, "codepay", Body("codepay", code))).Code.Should().Be("INVALID_REQUEST");
        host.Ledger.All.Should().BeEmpty();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Reverse_TakesThePaymentBack_PaidOrNot(bool paid)
    {
        await using var host = await SimulatorHost.StartAsync();
        var body = Body("codepay", host.Get<WechatWallet>().ShowCode(asksPassword: !paid));
        await PlaceAsync(host, "codepay", body);
        (await host.Client.CloseAsync()).Code.Should().Be("INVALID_REQUEST");

        (await ReverseAsync(host)).Status.Should().Be(HttpStatusCode.OK);
        var again = await ReverseAsync(host);

        ((string)again.Json["out_trade_no"]!).Should().Be("ORDER00001");
        ((string)(await host.Client.QueryAsync()).Json["trade_state"]!).Should().Be("REVOKED");
        host.Ledger.Accounts.EffectsOf("reversal", "ORDER00001").Should().Be(paid ? 1 : 0);
        host.Ledger.Accounts.Balance(SimulatorHost.MchId, "BASIC").Should().Be(0);
        host.Get<WechatWallet>().Invoking(w => w.Pay(SimulatorHost.MchId, "ORDER00001")).Should().Throw<InvalidOperationException>();
        (await PlaceAsync(host, "codepay", body)).Code.Should().Be("ORDER_CLOSED");
    }

    [Fact]
    public async Task Reverse_OfAnythingElse_IsRefused()
    {
        await using var host = await SimulatorHost.StartAsync();
        await host.Client.PlaceAsync();

        (await ReverseAsync(host)).Code.Should().Be("INVALID_REQUEST");
        (await ReverseAsync(host, "UNKNOWN1")).Code.Should().Be("ORDER_NOT_EXIST");
    }

    internal static JsonObject Body(string scene, string code = "")
    {
        var body = SigningClient.OrderBody();
        switch (scene)
        {
            case "jsapi":
                body["payer"] = new JsonObject { ["openid"] = "oUser" };
                break;
            case "h5":
                body["scene_info"] = new JsonObject { ["payer_client_ip"] = "203.0.113.7", ["h5_info"] = new JsonObject { ["type"] = "Wap" } };
                break;
            case "codepay":
                body.Remove("notify_url");
                body["payer"] = new JsonObject { ["auth_code"] = code };
                body["scene_info"] = new JsonObject { ["store_info"] = new JsonObject { ["out_id"] = "S1" } };
                break;
            default:
                break;
        }

        return body;
    }

    internal static Task<Answer> PlaceAsync(SimulatorHost host, string scene, JsonNode body) =>
        host.Client.PostAsync("/v3/pay/transactions/" + scene, body.ToJsonString());

    private static async Task<string> PrepayIdAsync(SimulatorHost host, string scene)
    {
        var answer = await PlaceAsync(host, scene, Body(scene));
        answer.Distrust.Should().BeNull();
        return (string)answer.Json["prepay_id"]!;
    }

    private static Dictionary<string, string> JsapiCall(SimulatorHost host, string prepayId) => new()
    {
        ["appId"] = SimulatorHost.AppId,
        ["timeStamp"] = "1554208460",
        ["nonceStr"] = "593BEC0C930BF1AFEB40B4A08C8FB242",
        ["package"] = "prepay_id=" + prepayId,
        ["signType"] = "RSA",
        ["paySign"] = host.Client.Sign(SimulatorHost.AppId, "1554208460", "593BEC0C930BF1AFEB40B4A08C8FB242", "prepay_id=" + prepayId),
    };

    private static Task<Answer> ReverseAsync(SimulatorHost host, string number = "ORDER00001") => host.Client.PostAsync(
        $"/v3/pay/transactions/out-trade-no/{number}/reverse", $$"""{"appid":"{{SimulatorHost.AppId}}","mchid":"{{SimulatorHost.MchId}}"}""");

    private static string Query(Dictionary<string, string> call) => string.Join('&', call.Select(p => $"{p.Key}={Uri.EscapeDataString(p.Value)}"));

    private static Task<string> GetAsync(SimulatorHost host, string path) =>
        host.Client.Http.GetStringAsync(new Uri(path, UriKind.Relative), Cancellation);
}
