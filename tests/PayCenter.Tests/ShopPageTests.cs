using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;

namespace PayCore.PayCenter.Tests;

public sealed class ShopPageTests : IAsyncLifetime
{
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 11, 22, 8, 0, 0, TimeSpan.Zero));
    private readonly string _folder = Directory.CreateTempSubdirectory("shop-").FullName;
    private readonly byte[] _secret = RandomNumberGenerator.GetBytes(32);
    private FakeMerchantApi _api = null!;
    private PayCenterHost _host = null!;
    private Browser _browser = null!;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _api = await FakeMerchantApi.StartAsync(_time);
        await File.WriteAllTextAsync(Path.Combine(_folder, "key.pem"), _api.PrivateKeyPem);
        _host = await PayCenterHost.StartAsync(_time, Settings());
        _browser = _host.Open();
    }

    public async ValueTask DisposeAsync()
    {
        _browser.Dispose();
        await _host.DisposeAsync();
        await _api.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
        _host.Log.Lines.Where(l => l.Level >= LogLevel.Error).Should().BeEmpty();
        _host.Log.Lines.Should().NotContain(l => l.Text.Contains(Convert.ToBase64String(_secret)));
    }

    [Theory]
    [InlineData("en", "Longjing tea, 50 g", "Buy")]
    [InlineData("zh", "龙井茶 50 克", "购买")]
    public async Task Store_Opened_ShowsGoodsAndPrices(string language, string tea, string buy)
    {
        using var browser = _host.Open(language);
        var page = await browser.GetAsync("/shop");
        page.Status.Should().Be(HttpStatusCode.OK);
        page.Text.Should().Contain(tea).And.Contain("¥38.00").And.Contain("¥0.01").And.Contain(buy);
        Headers.ShouldBeStrict(page);
        page.Header("Content-Security-Policy").Should().Contain("form-action 'self' http://shop.example:8080;");
    }

    [Fact]
    public async Task Buy_Code_OrdersOverHttpAndLeadsToTheCashier()
    {
        var answer = await BuyAsync("tea");
        answer.Status.Should().Be(HttpStatusCode.SeeOther);
        var (target, _, raw) = _api.Requests.Should().ContainSingle().Subject;
        target.Should().Be("POST /v1/pay-orders");
        using var sent = JsonDocument.Parse(raw);
        var body = sent.RootElement.EnumerateObject().ToDictionary(p => p.Name, p => p.Value.ToString());
        var number = body["out_trade_no"];
        number.Should().MatchRegex("^S261122[0-9A-Z]{16}-tea-wechat-QR$");
        body.Should().BeEquivalentTo(new Dictionary<string, string>
        {
            ["out_trade_no"] = number,
            ["amount_minor"] = "3800",
            ["currency"] = "CNY",
            ["subject"] = "Longjing tea, 50 g",
            ["method"] = "wechat",
            ["scene"] = "QR",
            ["return_url"] = $"http://shop.example:8080/shop/orders/{number}",
        });
        answer.Location.Should().Be($"https://pay.example/pay/{number}");
        _api.Signatures.Should().ContainSingle().Which.Caller.Should().BeEquivalentTo(new { AppId = "teashop", KeyId = "k1" });
        (await _browser.GetAsync($"/shop/orders/{number}")).Text.Should().Contain("Waiting for payment");
    }

    [Fact]
    public async Task Buy_Choice_LeavesTheWalletToTheCashier()
    {
        await BuyAsync("card", "choose");
        using var sent = JsonDocument.Parse(_api.Requests.Single().Body);
        sent.RootElement.GetProperty("scene").GetString().Should().Be("CASHIER");
        sent.RootElement.TryGetProperty("method", out _).Should().BeFalse();
    }

    [Fact]
    public async Task Buy_OnTheWalletsPage_AsksForThatScene()
    {
        var page = await _browser.GetAsync("/shop");
        page.Text.Should().Contain("Show me the WeChat code").And.Contain("Pay on Alipay's page").And.Contain("Let me choose the wallet");

        await BuyAsync("tea", "alipay.PAGE");

        using var sent = JsonDocument.Parse(_api.Requests.Single().Body);
        sent.RootElement.GetProperty("scene").GetString().Should().Be("PAGE");
        sent.RootElement.GetProperty("method").GetString().Should().Be("alipay");
    }

    [Theory]
    [InlineData("alipay.QR")]
    [InlineData("")]
    [InlineData("CASHIER")]
    public async Task Buy_InAWayThatTheShopDoesNotOffer_IsRefused(string pay)
    {
        (await BuyAsync("tea", pay)).Status.Should().Be(System.Net.HttpStatusCode.BadRequest);
        _api.Requests.Should().BeEmpty();
    }

    [Fact]
    public async Task Buy_DoubleClick_IsOneOrder()
    {
        var form = (await _browser.GetAsync("/shop")).FormTo("/buy").With("goods", "tea");
        var answers = await Task.WhenAll(_browser.SubmitAsync(form), _browser.SubmitAsync(form));
        answers.Select(a => a.Location).Distinct().Should().ContainSingle();
        _api.Requests.Select(r => Encoding.UTF8.GetString(r.Body)).Distinct().Should().ContainSingle("a repeat has the same content");
        (await _browser.GetAsync("/shop/orders")).Links.Count(l => l.StartsWith("/shop/orders/", StringComparison.Ordinal)).Should().Be(1);
    }

    [Fact]
    public async Task Buy_GatewayAway_KeepsTheOrderAndTriesAgainUnderItsNumber()
    {
        _api.Status = 503;
        var answer = await BuyAsync("tea");
        answer.Location.Should().StartWith("/shop/orders/S261122");
        var page = await _browser.GetAsync(answer.Location!);
        page.Text.Should().Contain("Not started").And.Contain("Try again");
        _api.Status = 200;
        var again = await _browser.SubmitAsync(page.FormTo("/pay"));
        again.Location.Should().StartWith("https://pay.example/pay/S261122");
        _api.Requests.Select(r => Encoding.UTF8.GetString(r.Body)).Distinct().Should().ContainSingle();
        _api.Signatures.Should().HaveCount(2).And.OnlyContain(s => s.IsVerified, "each try is signed anew");
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("not json")]
    [InlineData("{\"cashier_url\":\"javascript:alert(1)\"}")]
    public async Task Buy_AnswerWithoutAPage_IsNotFollowed(string body)
    {
        _api.Answer = body;
        (await BuyAsync("tea")).Location.Should().StartWith("/shop/orders/");
    }

    [Theory]
    [InlineData("nothing", null)]
    [InlineData("tea", "not a number")]
    [InlineData("tea", "")]
    public async Task Buy_FormThatIsNotOurs_OrdersNothing(string goods, string? number)
    {
        var form = (await _browser.GetAsync("/shop")).FormTo("/buy").With("goods", goods);
        var answer = await _browser.SubmitAsync(number is null ? form : form.With("number", number));
        answer.Status.Should().Be(HttpStatusCode.BadRequest);
        Headers.ShouldBeStrict(answer);
        _api.Requests.Should().BeEmpty();
    }

    [Fact]
    public async Task Buy_WithoutAntiforgery_IsRefused()
    {
        var answer = await _browser.PostAsync("/shop/buy", [new("goods", "tea"), new("number", "S1")]);
        answer.Status.Should().Be(HttpStatusCode.BadRequest);
        answer.Links.Should().Contain("/shop");
        _api.Requests.Should().BeEmpty();
    }

    [Fact]
    public async Task Webhook_Signed_MovesTheOrderAndIsAcknowledged()
    {
        var number = await OrderAsync();
        var answer = await _browser.SendAsync(Notification("evt_1", Event(number)));
        (answer.Status, answer.Body).Should().Be((HttpStatusCode.OK, "success"));
        var page = await _browser.GetAsync($"/shop/orders/{number}");
        page.Text.Should().Contain("Paid").And.Contain("Thank you").And.Contain("2026-11-22 08:00:00").And.Contain("PCN1");
        Headers.ShouldBeStrict(page);
        (await _browser.GetAsync("/shop/orders")).Text.Should().Contain("Paid").And.NotContain("Waiting");
    }

    [Fact]
    public async Task Webhook_Twice_IsAcknowledgedTwiceAndAppliedOnce()
    {
        var number = await OrderAsync();
        await _browser.SendAsync(Notification("evt_1", Event(number)));
        var lines = await File.ReadAllLinesAsync(Path.Combine(_folder, "data", "orders.jsonl"), Stop);
        (await _browser.SendAsync(Notification("evt_1", Event(number)))).Body.Should().Be("success");
        (await File.ReadAllLinesAsync(Path.Combine(_folder, "data", "orders.jsonl"), Stop)).Should().Equal(lines);
    }

    [Fact]
    public async Task Webhook_Rotation_OneGoodSignatureOfTwoIsEnough()
    {
        var number = await OrderAsync();
        var message = Notification("evt_1", Event(number));
        var good = message.Headers.GetValues("webhook-signature").Single();
        message.Headers.Remove("webhook-signature");
        message.Headers.TryAddWithoutValidation("webhook-signature", $"v1,{Convert.ToBase64String(new byte[32])} {good}");
        (await _browser.SendAsync(message)).Body.Should().Be("success");
    }

    [Theory]
    [InlineData("unsigned")]
    [InlineData("altered body")]
    [InlineData("other id")]
    [InlineData("other secret")]
    [InlineData("stale")]
    [InlineData("early")]
    public async Task Webhook_NotGenuine_IsRefusedAndChangesNothing(string fault)
    {
        var number = await OrderAsync();
        var body = Event(number);
        using var message = fault switch
        {
            "other secret" => Notification("evt_1", body, secret: new byte[32]),
            "stale" => Notification("evt_1", body, age: TimeSpan.FromSeconds(301)),
            "early" => Notification("evt_1", body, age: TimeSpan.FromSeconds(-301)),
            _ => Notification("evt_1", body),
        };
        switch (fault)
        {
            case "unsigned":
                message.Headers.Remove("webhook-signature");
                break;
            case "altered body":
                message.Content = new StringContent(body.Replace("PAID", "PAlD", StringComparison.Ordinal));
                break;
            case "other id":
                message.Headers.Remove("webhook-id");
                message.Headers.Add("webhook-id", "evt_2");
                break;
        }

        var answer = await _browser.SendAsync(message);
        answer.Status.Should().Be(HttpStatusCode.Unauthorized);
        answer.Body.Should().NotContain("success");
        (await _browser.GetAsync($"/shop/orders/{number}")).Text.Should().Contain("Waiting for payment");
    }

    [Fact]
    public async Task Webhook_GenuineButUnreadable_IsNotAcknowledged() =>
        (await _browser.SendAsync(Notification("evt_1", "{\"data\":{}}"))).Status.Should().Be(HttpStatusCode.BadRequest);

    [Fact]
    public async Task Webhook_TooLarge_IsRefused() =>
        (await _browser.SendAsync(Notification("evt_1", new string(' ', 70_000)))).Status.Should().Be(HttpStatusCode.RequestEntityTooLarge);

    [Fact]
    public async Task Order_ComingBackFromTheCashier_ProvesNothing()
    {
        var number = await OrderAsync();
        var page = await _browser.GetAsync($"/shop/orders/{number}?paid=1&state=PAID");
        page.Text.Should().Contain("Waiting for payment");
        page.Body.Should().Contain("http-equiv=\"refresh\"");
    }

    [Fact]
    public async Task Order_Unknown_IsAFriendly404()
    {
        var page = await _browser.GetAsync("/shop/orders/nonsense");
        page.Status.Should().Be(HttpStatusCode.NotFound);
        page.Text.Should().Contain("do not know this order");
        Headers.ShouldBeStrict(page);
    }

    [Fact]
    public async Task Orders_Restart_AreStillThere()
    {
        var number = await OrderAsync();
        await _browser.SendAsync(Notification("evt_1", Event(number)));
        await _host.DisposeAsync();
        _host = await PayCenterHost.StartAsync(_time, Settings());
        _browser.Dispose();
        _browser = _host.Open();
        (await _browser.GetAsync($"/shop/orders/{number}")).Text.Should().Contain("Thank you");
    }

    [Theory]
    [InlineData("Shop:WebhookSecret", "")]
    [InlineData("Shop:WebhookSecret", "secret")]
    [InlineData("Shop:WebhookSecret", "whsec_dG9vIHNob3J0")]
    [InlineData("Shop:AppId", "")]
    [InlineData("Shop:PrivateKeyFile", "/nowhere/key.pem")]
    [InlineData("PublicBaseUrl", "http://shop.example/path")]
    [InlineData("WalletUrl", "javascript:alert(1)")]
    public async Task Start_SettingMissingOrWrong_IsRefusedByName(string key, string value)
    {
        var settings = Settings();
        settings[$"PayCenter:{key}"] = value;
        settings["PayCenter:Shop:DataFolder"] = Path.Combine(_folder, "other");
        var start = () => PayCenterHost.StartAsync(_time, settings);
        (await start.Should().ThrowAsync<OptionsValidationException>()).WithMessage($"*PayCenter:{key}*");
    }

    [Theory]
    [InlineData("alipay")]
    [InlineData("alipay.CASHIER")]
    [InlineData(".QR")]
    public async Task Start_WithAWayThatIsNone_IsRefusedByItsValue(string way)
    {
        var settings = Settings();
        settings["PayCenter:Shop:Ways:1"] = way;
        settings["PayCenter:Shop:DataFolder"] = Path.Combine(_folder, "other");
        var start = () => PayCenterHost.StartAsync(_time, settings);
        (await start.Should().ThrowAsync<OptionsValidationException>()).WithMessage($"*PayCenter:Shop:Ways*'{way}'*");
    }

    private async Task<Page> BuyAsync(string goods, string pay = "wechat.QR") =>
        await _browser.SubmitAsync((await _browser.GetAsync("/shop")).FormTo("/buy").With("goods", goods).With("pay", pay));

    private async Task<string> OrderAsync() => (await BuyAsync("tea")).Location!.Split('/')[^1];

    private static string Event(string number) => $$$"""
        {"type":"payment.paid","timestamp":"2026-11-22T08:00:00Z","data":{"id":"PCN1","app_id":"teashop","out_trade_no":"{{{number}}}","state":"PAID","version":3,"amount_minor":3800,"currency":"CNY"}}
        """;

    private HttpRequestMessage Notification(string id, string body, byte[]? secret = null, TimeSpan age = default)
    {
        var timestamp = (_time.GetUtcNow() - age).ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        var signature = HMACSHA256.HashData(secret ?? _secret, Encoding.UTF8.GetBytes($"{id}.{timestamp}.{body}"));
        var message = new HttpRequestMessage(HttpMethod.Post, "/shop/webhook") { Content = new StringContent(body, Encoding.UTF8, "application/json") };
        message.Headers.Add("webhook-id", id);
        message.Headers.Add("webhook-timestamp", timestamp);
        message.Headers.TryAddWithoutValidation("webhook-signature", $"v1,{Convert.ToBase64String(signature)}");
        return message;
    }

    private Dictionary<string, string?> Settings() => Settings(_folder, _api, _secret);

    internal static Dictionary<string, string?> Settings(string folder, FakeMerchantApi api, byte[] secret) => new()
    {
        ["PayCenter:PublicBaseUrl"] = "http://shop.example:8080",
        ["PayCenter:ApiBaseUrl"] = api.Address,
        ["PayCenter:Shop:AppId"] = "teashop",
        ["PayCenter:Shop:KeyId"] = "k1",
        ["PayCenter:Shop:Ways:0"] = "wechat.QR",
        ["PayCenter:Shop:Ways:1"] = "alipay.PAGE",
        ["PayCenter:Shop:PrivateKeyFile"] = Path.Combine(folder, "key.pem"),
        ["PayCenter:Shop:WebhookSecret"] = $"whsec_{Convert.ToBase64String(secret)}",
        ["PayCenter:Shop:DataFolder"] = Path.Combine(folder, "data"),
    };
}
