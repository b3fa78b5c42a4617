using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using PayCore.ChannelSimulator;
using PayCore.Interop.Tests.Support;

namespace PayCore.Interop.Tests;

/// <summary>npm <c>alipay-sdk</c>, the provider's own SDK, works against the simulated Alipay with only the gateway address changed (alipay.md 14, no. 13).</summary>
public sealed partial class AlipaySdkTests
{
    private const string Number = "SDK0001";

    public static TheoryData<string> Modes => ["key", "certificate"];

    private static JsonObject Trade => new() { ["out_trade_no"] = Number };

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task Sdk_PlacesQueriesAndCloses(string mode)
    {
        await using var simulator = await AlipaySimulator.StartAsync(mode);

        var placed = await simulator.RunAsync(Exec("alipay.trade.query", Trade), Exec("alipay.trade.precreate", Order()));
        simulator.Wallet.Scan((string)placed[1]["qrCode"]!);
        var closed = await simulator.RunAsync(Exec("alipay.trade.query", Trade), Exec("alipay.trade.close", Trade), Exec("alipay.trade.query", Trade));

        ((string?)placed[0]["subCode"]).Should().Be("ACQ.TRADE_NOT_EXIST");
        ((string?)closed[0]["tradeStatus"], (string?)closed[1]["code"], (string?)closed[2]["tradeStatus"]).Should().Be(("WAIT_BUYER_PAY", "10000", "TRADE_CLOSED"));
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task Sdk_SeesThePaymentAndVerifiesTheNotify(string mode)
    {
        await using var simulator = await AlipaySimulator.StartAsync(mode);
        await simulator.RunAsync(Exec("alipay.trade.precreate", Order(), simulator.NotifyUrl));
        simulator.Wallet.Pay(AlipaySimulator.AppId, Number);
        var notify = await simulator.NextNotifyAsync();
        var forged = notify.Replace("total_amount=88.88", "total_amount=88.89", StringComparison.Ordinal);
        forged.Should().NotBe(notify);

        var results = await simulator.RunAsync(
            Exec("alipay.trade.query", Trade), Exec("alipay.trade.close", Trade), Check(notify, 1), Check(notify, 2), Check(forged, 1), Check(forged, 2));

        ((string?)results[0]["tradeStatus"], (string?)results[0]["totalAmount"]).Should().Be(("TRADE_SUCCESS", "88.88"));
        ((string?)results[1]["subCode"]).Should().Be("ACQ.TRADE_STATUS_ERROR");
        results.Skip(2).Select(r => (bool)r!).Should().Equal(true, true, false, false);
    }

    [Theory]
    [InlineData("key", "GET")]
    [InlineData("key", "POST")]
    [InlineData("certificate", "GET")]
    [InlineData("certificate", "POST")]
    public async Task Sdk_SendsTheBuyerToTheCashierAndBack(string mode, string httpMethod)
    {
        await using var simulator = await AlipaySimulator.StartAsync(mode);
        var made = (string)(await simulator.RunAsync(new
        {
            Kind = "page",
            HttpMethod = httpMethod,
            Content = Order("FAST_INSTANT_TRADE_PAY"),
            NotifyUrl = simulator.NotifyUrl,
            ReturnUrl = "http://127.0.0.1:9/back",
        }))!;
        using var browser = new HttpClient(new HttpClientHandler { AllowAutoRedirect = false }) { BaseAddress = simulator.Address };

        using var opened = httpMethod == "GET" ? await browser.GetAsync(new Uri(made)) : await SubmitAsync(browser, made);
        var cashier = opened.Headers.Location!.OriginalString;
        using var form = new FormUrlEncodedContent([new("session", cashier[(cashier.IndexOf('=') + 1)..])]);
        using var paid = await browser.PostAsync(new Uri("/alipay/cashier/pay", UriKind.Relative), form);

        var back = paid.Headers.Location!;
        back.GetLeftPart(UriPartial.Path).Should().Be("http://127.0.0.1:9/back");
        var results = await simulator.RunAsync(Check(back.Query[1..], 1), Check(await simulator.NextNotifyAsync(), 1));
        results.Select(r => (bool)r!).Should().Equal(true, true);
    }

    [Theory]
    [InlineData("key", FaultKinds.BadSignature)]
    [InlineData("key", FaultKinds.OtherKey)]
    [InlineData("key", FaultKinds.BodyChanged)]
    [InlineData("certificate", FaultKinds.BadSignature)]
    public async Task Sdk_RefusesAnAnswerThatIsSignedWrongly(string mode, string kind)
    {
        await using var simulator = await AlipaySimulator.StartAsync(mode);
        simulator.Faults.Add(new Fault { Operation = "alipay.query", Kind = kind });

        var answers = await simulator.RunAsync(Exec("alipay.trade.query", Trade), Exec("alipay.trade.query", Trade));

        ((string?)answers[0]["refused"]).Should().StartWith("验签失败");
        ((string?)answers[1]["subCode"]).Should().Be("ACQ.TRADE_NOT_EXIST");
    }

    [Theory]
    [InlineData(FaultKinds.Blanks)]
    [InlineData(FaultKinds.UnicodeEscapes)]
    public async Task Sdk_TakesAnswersInAnotherShape(string kind)
    {
        await using var simulator = await AlipaySimulator.StartAsync("certificate");
        simulator.Faults.Add(new Fault { Operation = "alipay.precreate", Kind = kind });

        var answer = await simulator.RunAsync(Exec("alipay.trade.precreate", Order()));

        ((string?)answer["code"], (string?)answer["outTradeNo"]).Should().Be(("10000", Number), (string?)answer["refused"]);
    }

    [Fact]
    public async Task Sdk_DownloadsTheAlipayCertificate()
    {
        await using var simulator = await AlipaySimulator.StartAsync("certificate");

        var answer = await simulator.RunAsync(new { Kind = "certificate" });

        var pem = Encoding.UTF8.GetString(Convert.FromBase64String((string)answer["alipayCertContent"]!));
        simulator.Given.AlipayCert.Should().StartWith(pem).And.NotBe(pem, "the file also holds the one that issued it");
    }

    private static JsonObject Order(string productCode = "QR_CODE_OFFLINE") => new()
    {
        ["out_trade_no"] = Number,
        ["total_amount"] = "88.88",
        // No percent sign: checkNotifySign decodes values a second time (alipay.md 6.4).
        ["subject"] = "测试商品 \"A+B\"",
        ["product_code"] = productCode,
    };

    private static object Exec(string method, JsonObject content, string? notifyUrl = null) =>
        new { Kind = "exec", Method = method, Content = content, NotifyUrl = notifyUrl };

    private static object Check(string form, int version) => new { Kind = "check", Form = form, Version = version };

    /// <summary>What a browser does with the SDK's form.</summary>
    private static async Task<HttpResponseMessage> SubmitAsync(HttpClient browser, string html)
    {
        using var form = new FormUrlEncodedContent(Inputs().Matches(html)
            .Select(m => new KeyValuePair<string, string>(m.Groups[1].Value, System.Net.WebUtility.HtmlDecode(m.Groups[2].Value))));
        return await browser.PostAsync(new Uri(Action().Match(html).Groups[1].Value), form);
    }

    [GeneratedRegex("""action="([^"]+)" """)]
    private static partial Regex Action();

    [GeneratedRegex("""type="hidden" name="([^"]+)" value="([^"]*)" """)]
    private static partial Regex Inputs();
}
