using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Time.Testing;

namespace PayCore.ChannelSimulator.Tests;

/// <summary>Parameters, signatures and the envelope (alipay.md 1 to 3, and 14 nos. 1 to 3).</summary>
public sealed class AlipayGatewayTests(SharedSimulator shared) : IClassFixture<SharedSimulator>
{
    public static TheoryData<string> Splits => ["usual", "all in the query", "all in the body", "odd and even"];

    [Fact]
    public void SignedText_OfTheCheckValue_IsAsThePageSays()
    {
        var parameters = new AlipayParameters
        {
            ["version"] = "1.0",
            ["timestamp"] = "2026-01-01 08:00:00",
            ["sign_type"] = "RSA2",
            ["notify_url"] = "https://pay.example.com/n/alipay?c=1",
            ["method"] = "alipay.trade.precreate",
            ["format"] = "JSON",
            ["charset"] = "utf-8",
            ["app_id"] = "2021000000000001",
            ["sign"] = "left out",
            ["return_url"] = "",
            ["biz_content"] =
                """{"out_trade_no":"T202601010001","total_amount":"88.88","subject":"测试商品 A+B","product_code":"QR_CODE_OFFLINE"}""",
        };

        var bytes = Encoding.UTF8.GetBytes(parameters.SignedText(withSignType: true));

        bytes.Should().HaveCount(314);
        Convert.ToHexStringLower(SHA256.HashData(bytes)).Should().Be("8da1ab8a936a904eb2e9877d520400c33ebca2e4ca52487522328c68d1cb085c");
    }

    [Fact]
    public void SignedText_OfTheNotifyCheckValue_IsAsThePageSays()
    {
        var parameters = new AlipayParameters
        {
            ["app_id"] = "2021000000000001",
            ["charset"] = "utf-8",
            ["fund_bill_list"] = """[{"amount":"88.88","fundChannel":"ALIPAYACCOUNT"}]""",
            ["notify_id"] = "2026010100222080005000000001",
            ["notify_time"] = "2026-01-01 08:00:05",
            ["notify_type"] = "trade_status_sync",
            ["out_trade_no"] = "T202601010001",
            ["seller_id"] = "2088000000000001",
            ["subject"] = "测试商品 A+B",
            ["total_amount"] = "88.88",
            ["trade_no"] = "2026010122001400000000000001",
            ["trade_status"] = "TRADE_SUCCESS",
            ["version"] = "1.0",
            ["sign_type"] = "RSA2",
            ["sign"] = "left out",
        };

        var bytes = Encoding.UTF8.GetBytes(parameters.SignedText(withSignType: false));

        bytes.Should().HaveCount(379);
        Convert.ToHexStringLower(SHA256.HashData(bytes)).Should().Be("f6c3885a990f2c6ae2cc0ec3a48445e73a72761ae8f53b1fe65c92e337589895");
    }

    [Theory]
    [MemberData(nameof(Splits))]
    public async Task Call_SplitOverQueryAndBody_IsTakenHoweverItIsSplit(string split)
    {
        using var client = AlipayClient.Register(shared.Host);
        var parameters = client.Parameters("alipay.trade.query", new JsonObject { ["out_trade_no"] = "测试 A+B" });
        var index = 0;

        var answer = await client.SendAsync(parameters, p => split switch
        {
            "usual" => p.Key != "biz_content",
            "all in the query" => true,
            "all in the body" => false,
            _ => index++ % 2 == 0,
        });

        answer.SubCode.Should().Be("ACQ.TRADE_NOT_EXIST");
        client.Distrust(answer).Should().BeNull();
    }

    [Theory]
    [InlineData("format", "")]
    [InlineData("format", "JSON")]
    [InlineData("format", "json")]
    [InlineData("alipay_sdk", "some-sdk-1.0")]
    [InlineData("charset", "UTF-8")]
    [InlineData("app_cert_sn", "of no use in key mode")]
    public async Task Call_WithMoreOrLessParameters_IsTaken(string name, string value)
    {
        using var client = AlipayClient.Register(shared.Host);

        var answer = await client.CallAsync("alipay.trade.query", new JsonObject { ["out_trade_no"] = "NOTHING" }, p => p[name] = value);

        answer.SubCode.Should().Be("ACQ.TRADE_NOT_EXIST");
    }

    [Fact]
    public async Task Answer_IsSignedJsonThatCallsItselfHtml()
    {
        await using var host = await SimulatorHost.StartAsync();
        using var client = AlipayClient.Register(host);

        var answer = await client.PrecreateAsync();

        answer.Status.Should().Be(HttpStatusCode.OK);
        answer.ContentType.Should().Be("text/html; charset=utf-8");
        answer.Members.Should().Equal("alipay_trade_precreate_response", "sign");
        (answer.Code, answer.Text("msg")).Should().Be(("10000", "Success"));
        answer.Text("qr_code").Should().MatchRegex("^https://qr.alipay.com/bax[0-9A-Za-z]{15}$");
        Encoding.UTF8.GetString(answer.Node).Should().Contain(@"https:\/\/qr.alipay.com\/");
        client.Distrust(answer).Should().BeNull();
    }

    [Theory]
    [InlineData("app_id", "", "40001", "isv.missing-app-id", false)]
    [InlineData("app_id", "2021000000000009", "40002", "isv.invalid-app-id", false)]
    [InlineData("sign_type", "", "40001", "isv.missing-signature-type", true)]
    [InlineData("sign_type", "RSA", "40002", "isv.invalid-signature-type", true)]
    [InlineData("charset", "GBK", "40002", "isv.invalid-charset", true)]
    [InlineData("method", "", "40001", "isv.missing-method", true)]
    [InlineData("method", "alipay.trade.teleport", "40002", "isv.invalid-method", true)]
    [InlineData("version", "", "40001", "isv.missing-version", true)]
    [InlineData("version", "2.0", "40002", "isv.invalid-parameter", true)]
    [InlineData("format", "XML", "40002", "isv.invalid-format", true)]
    [InlineData("timestamp", "", "40001", "isv.missing-timestamp", true)]
    [InlineData("timestamp", "2026-01-01T08:00:00Z", "40002", "isv.invalid-timestamp", true)]
    [InlineData("timestamp", "2006-01-01 08:00:00", "40002", "isv.invalid-timestamp", true)]
    [InlineData("biz_content", "[1]", "40002", "isv.illegal-json", true)]
    [InlineData("biz_content", "{", "40002", "isv.illegal-json", true)]
    [InlineData("biz_content", """{"out_trade_no":"A","out_trade_no":"B"}""", "40002", "isv.illegal-json", true)]
    [InlineData("biz_content", "", "40004", "ACQ.INVALID_PARAMETER", true)]
    [InlineData("notify_url", "not an address", "40002", "isv.invalid-parameter", true)]
    public async Task Call_WithAWrongPublicParameter_IsRefusedByItsCode(string name, string value, string code, string subCode, bool isSigned)
    {
        using var client = AlipayClient.Register(shared.Host);

        var answer = await client.CallAsync("alipay.trade.query", new JsonObject { ["out_trade_no"] = "NOTHING" }, p => p[name] = value);

        (answer.Status, answer.Code, answer.SubCode).Should().Be((HttpStatusCode.OK, code, subCode));
        client.Distrust(answer).Should().Be(isSigned ? null : "unsigned");
        answer.NodeName.Should().Be(name == "method" ? "error_response" : "alipay_trade_query_response");
    }

    [Fact]
    public async Task Call_WithoutOrWithABadSignature_IsRefusedBeforeAnythingElse()
    {
        using var client = AlipayClient.Register(shared.Host);
        // The method is unknown too: the signature comes first.
        var parameters = client.Parameters("alipay.trade.teleport", []);
        var good = parameters["sign"];

        parameters["version"] = "1.1";
        var changed = await client.SendAsync(parameters, _ => true);
        parameters["version"] = "1.0";
        parameters["sign"] = good[..^4] + "AAAA";
        var forged = await client.SendAsync(parameters, _ => true);
        parameters["sign"] = "no base64";
        var garbage = await client.SendAsync(parameters, _ => true);
        parameters.Remove("sign");
        var missing = await client.SendAsync(parameters, _ => true);

        (changed.SubCode, forged.SubCode, garbage.SubCode).Should().Be(("isv.invalid-signature", "isv.invalid-signature", "isv.invalid-signature"));
        (missing.Code, missing.SubCode).Should().Be(("40001", "isv.missing-signature"));
        ((AlipayAnswer[])[changed, forged, garbage, missing]).Should().OnlyContain(a => client.Distrust(a) == null);
    }

    [Fact]
    public async Task Call_OfAnUnknownApplicationWithABadSignature_IsRefusedForTheApplication()
    {
        using var client = AlipayClient.Register(shared.Host);
        var parameters = client.Parameters("alipay.trade.query", []);
        (parameters["app_id"], parameters["sign"]) = ("2021000000000009", "AAAA");

        var answer = await client.SendAsync(parameters, _ => true);

        answer.SubCode.Should().Be("isv.invalid-app-id");
        answer.Members.Should().Equal("alipay_trade_query_response");
    }

    [Fact]
    public async Task Call_WithAnEmptyValue_IsSignedWithoutIt()
    {
        using var client = AlipayClient.Register(shared.Host);
        var parameters = client.Parameters("alipay.trade.query", new JsonObject { ["out_trade_no"] = "NOTHING" }, p => p["notify_url"] = "");

        (await client.SendAsync(parameters, _ => true)).SubCode.Should().Be("ACQ.TRADE_NOT_EXIST");
    }

    [Theory]
    [InlineData(86400, "ACQ.TRADE_NOT_EXIST")]
    [InlineData(-86400, "ACQ.TRADE_NOT_EXIST")]
    [InlineData(86401, "isv.invalid-timestamp")]
    [InlineData(-86401, "isv.invalid-timestamp")]
    public async Task Call_ByAWrongClock_IsTakenWithinADay(int seconds, string subCode)
    {
        var time = new FakeTimeProvider(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));
        await using var host = await SimulatorHost.StartAsync(time);
        using var client = AlipayClient.Register(host);
        var at = time.GetUtcNow().AddHours(8).AddSeconds(seconds).ToString("yyyy-MM-dd HH:mm:ss");

        (await client.CallAsync("alipay.trade.query", new JsonObject { ["out_trade_no"] = "NOTHING" }, p => p["timestamp"] = at)).SubCode.Should().Be(subCode);
    }

    [Fact]
    public async Task Applications_HaveKeysOfTheirOwn()
    {
        using var client = AlipayClient.Register(shared.Host);
        using var key = RSA.Create(2048);
        var other = shared.Host.Get<AlipayMerchants>().Register(AlipayClient.Registration() with
        {
            AppId = "2021000000000002",
            AppPublicKey = key.ExportSubjectPublicKeyInfoPem(),
        });

        var answer = await client.CallAsync("alipay.trade.query", new JsonObject { ["out_trade_no"] = "NOTHING" }, p => p["app_id"] = "2021000000000002");

        other.AlipayPublicKey.Should().NotBe(client.Registered.AlipayPublicKey);
        answer.SubCode.Should().Be("isv.invalid-signature");
        client.Distrust(answer).Should().Be("signature");
    }
}
