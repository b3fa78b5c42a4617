using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using Google.Protobuf.WellKnownTypes;
using PayCore.Channels.Alipay;
using PayCore.Contracts.V1;

namespace PayCore.Alipay.Tests;

/// <summary>What leaves this machine (alipay.md 1, 4).</summary>
public sealed partial class RequestTests
{
    private static readonly FakeAnswer _placed = new(Nodes.Placed);

    [Fact]
    public void Text_CheckValue_IsByteEqual()
    {
        var text = Encoding.UTF8.GetBytes(SignedRequest.Text(new(StringComparer.Ordinal)
        {
            ["version"] = "1.0",
            ["timestamp"] = "2026-01-01 08:00:00",
            ["sign_type"] = "RSA2",
            ["notify_url"] = "https://pay.example.com/n/alipay?c=1",
            ["method"] = "alipay.trade.precreate",
            ["format"] = "JSON",
            ["charset"] = "utf-8",
            ["biz_content"] = """{"out_trade_no":"T202601010001","total_amount":"88.88","subject":"测试商品 A+B","product_code":"QR_CODE_OFFLINE"}""",
            ["app_id"] = "2021000000000001",
        }));

        text.Should().HaveCount(314);
        Convert.ToHexStringLower(SHA256.HashData(text)).Should().Be("8da1ab8a936a904eb2e9877d520400c33ebca2e4ca52487522328c68d1cb085c");
    }

    [Fact]
    public async Task Pay_Request_IsSignedAndWrittenAsSpecified()
    {
        await using var world = await World.CreateAsync();
        world.Alipay.Answer = _ => _placed;

        var reply = await world.PayAsync(r => r.Subject = "中文 T-shirt <a+b'> \"100%\"");

        reply.Outcome.Should().Be(Outcome.Yes);
        reply.Action.QrCodeText.Should().Be("https://qr.alipay.com/bavh4wjlxf12tper3a");
        (reply.TraceId, reply.NothingSent).Should().Be(("0b0a1f3d16", false));
        var request = world.Alipay.Requests.Should().ContainSingle().Subject;
        request.SignatureProblem.Should().BeNull();
        request.Method.Should().Be("POST");
        request.Target.Should().StartWith("/gateway.do?");
        request.Query.Where(p => p.Key != "sign").Should().BeEquivalentTo(new Dictionary<string, string>
        {
            ["app_id"] = Keys.AppId,
            ["method"] = "alipay.trade.precreate",
            ["format"] = "JSON",
            ["charset"] = "utf-8",
            ["sign_type"] = "RSA2",
            ["timestamp"] = "2026-11-22 10:00:00",
            ["version"] = "1.0",
            ["notify_url"] = "https://pay.example.com/callback/alipay/main",
        });
        request.Form.Keys.Should().Equal("biz_content");
        request.Content.Should().Be(
            $$"""{"out_trade_no":"{{World.AttemptNo}}","total_amount":"88.88","subject":"中文 T-shirt <a+b'> \"100%\"","product_code":"FACE_TO_FACE_PAYMENT","seller_id":"{{Keys.SellerId}}","time_expire":"2026-11-22 10:30:00"}""");
        request.Headers["Content-Type"].Should().Be("application/x-www-form-urlencoded; charset=utf-8");
        request.Headers["User-Agent"].Should().StartWith("PayCore/");
        request.Headers.Should().NotContainKey("Cookie").And.NotContainKey("Expect").And.NotContainKey("Transfer-Encoding");
        request.Target.Should().NotContain("+", "blanks and the signature's + are percent-encoded");
    }

    [Theory]
    [InlineData("a/b=c&d", "a／b＝c＆d")]
    [InlineData("\"sign\":\"x\"},{", "\"sign\":\"x\"},{")]
    [InlineData("\\/ \\u0041 %41", "\\／ \\u0041 %41")]
    [InlineData("茶 😀", "茶 😀")]
    public async Task Pay_Subject_ReachesThePlatformAsItTakesIt(string subject, string sent)
    {
        await using var world = await World.CreateAsync();
        world.Alipay.Answer = _ => _placed;

        await world.PayAsync(r => r.Subject = subject);

        var request = world.Alipay.Requests.Single();
        request.SignatureProblem.Should().BeNull();
        System.Text.Json.Nodes.JsonNode.Parse(request.Content)!["subject"]!.GetValue<string>().Should().Be(sent);
    }

    [Theory]
    [InlineData(1, "0.01")]
    [InlineData(10, "0.10")]
    [InlineData(100, "1.00")]
    [InlineData(123456789, "1234567.89")]
    [InlineData(10_000_000_000, "100000000.00")]
    public async Task Pay_Amount_IsYuanWithTwoDecimals(long fen, string yuan)
    {
        await using var world = await World.CreateAsync();
        world.Alipay.Answer = _ => _placed;

        await world.PayAsync(r => r.AmountMinor = fen);

        world.Alipay.Requests.Single().Content.Should().Contain($"\"total_amount\":\"{yuan}\"");
    }

    [Fact]
    public async Task Pay_ExpiryWithFraction_IsRoundedDown()
    {
        await using var world = await World.CreateAsync();
        world.Alipay.Answer = _ => _placed;

        await world.PayAsync(r => r.ExpireTime.Nanos = 999_999_999);

        world.Alipay.Requests.Single().Content.Should().Contain("\"time_expire\":\"2026-11-22 10:30:00\"");
    }

    [Fact]
    public async Task QueryAndClose_Requests_CarryTheNumberAlone()
    {
        await using var world = await World.CreateAsync();

        await world.QueryAsync();
        await world.CloseAsync();

        world.Alipay.Requests.Select(r => (r.Call, r.Content, r.SignatureProblem)).Should().Equal(
            ("alipay.trade.query", $$"""{"out_trade_no":"{{World.AttemptNo}}"}""", null),
            ("alipay.trade.close", $$"""{"out_trade_no":"{{World.AttemptNo}}"}""", null));
        world.Alipay.Requests.Should().OnlyContain(r => !r.Query.ContainsKey("notify_url") && !r.Query.ContainsKey("app_cert_sn"));
    }

    [Fact]
    public async Task Calls_InCertificateMode_CarryTheSerials()
    {
        await using var world = await World.CreateAsync(d => World.UseCertificates(d));
        world.Alipay.Answer = _ => _placed;

        (await world.PayAsync()).Outcome.Should().Be(Outcome.Yes);
        var page = await world.PayByPageAsync();

        var request = world.Alipay.Requests.Single();
        request.SignatureProblem.Should().BeNull();
        // md5sum of "CN=Ant Class 2 R1,OU=Certification Authority,O=Ant Financial,C=CN8229", and of "CN=Ant R1,…,C=CN8143".
        request.Query["app_cert_sn"].Should().Be("b5262d18bc3c6577834f641fc5da2609");
        request.Query["alipay_root_cert_sn"].Should().Be("2897ecba7b079064d1a6211ffdc26b9e");
        FakeAlipay.Decode(new Uri(page.Action.RedirectUrl).Query[1..]).Should().Contain("app_cert_sn", request.Query["app_cert_sn"]);
    }

    [Fact]
    public async Task Pay_ProductCodes_AreTheAccounts()
    {
        await using var world = await World.CreateAsync(d => (d["qr_product_code"], d["page_product_code"]) = ("QR_CODE_OFFLINE", "PAGE_OF_TOMORROW"));
        world.Alipay.Answer = _ => _placed;

        await world.PayAsync();
        var page = await world.PayByPageAsync();

        world.Alipay.Requests.Single().Content.Should().Contain("\"product_code\":\"QR_CODE_OFFLINE\"");
        WebUtility.UrlDecode(page.Action.RedirectUrl).Should().Contain("\"product_code\":\"PAGE_OF_TOMORROW\"");
    }

    [Fact]
    public async Task Page_Redirect_IsTheWholeSignedCallAsOneAddress()
    {
        await using var world = await World.CreateAsync();

        var reply = await world.PayByPageAsync(r => (r.Subject, r.ReturnUrl) = ("茶 A+B 100% \"x\"", "https://shop.example.com/back?order=1&x=2"));

        reply.Outcome.Should().Be(Outcome.Yes);
        var address = new Uri(reply.Action.RedirectUrl);
        address.GetLeftPart(UriPartial.Path).Should().Be(world.GatewayUrl);
        var parameters = FakeAlipay.Decode(address.Query[1..]);
        FakeAlipay.Check(parameters).Should().BeNull();
        parameters.Where(p => p.Key != "sign").Should().BeEquivalentTo(new Dictionary<string, string>
        {
            ["app_id"] = Keys.AppId,
            ["method"] = "alipay.trade.page.pay",
            ["format"] = "JSON",
            ["charset"] = "utf-8",
            ["sign_type"] = "RSA2",
            ["timestamp"] = "2026-11-22 10:00:00",
            ["version"] = "1.0",
            ["notify_url"] = "https://pay.example.com/callback/alipay/main",
            ["return_url"] = "https://shop.example.com/back?order=1&x=2",
            ["biz_content"] =
                $$"""{"out_trade_no":"{{World.AttemptNo}}","total_amount":"88.88","subject":"茶 A+B 100% \"x\"","product_code":"FAST_INSTANT_TRADE_PAY","seller_id":"{{Keys.SellerId}}","time_expire":"2026-11-22 10:30:00"}""",
        });
        world.Alipay.Requests.Should().BeEmpty("the browser brings it");
    }

    [Fact]
    public async Task Page_Form_PostsTheSameCallAndSurvivesHtml()
    {
        await using var world = await World.CreateAsync(d => d["page_action"] = "form");

        var reply = await world.PayByPageAsync(r => r.Subject = "</form><script>alert('1')</script>\"&quot; 茶");

        var html = reply.Action.HtmlForm;
        html.Should().StartWith("<!DOCTYPE html>").And.Contain("method=\"post\"").And.Contain("<button type=\"submit\">").And.Contain(".submit();</script>");
        Regex.Count(html, "<script").Should().Be(1);
        Regex.Count(html, "</form>").Should().Be(1);
        var action = new Uri(WebUtility.HtmlDecode(ActionRule().Match(html).Groups[1].Value));
        var content = WebUtility.HtmlDecode(ContentRule().Match(html).Groups[1].Value);
        FakeAlipay.Decode(action.Query[1..]).Should().NotContainKey("biz_content");
        FakeAlipay.Check(FakeAlipay.Decode(action.Query[1..]).Append(new("biz_content", content))).Should().BeNull();
        System.Text.Json.Nodes.JsonNode.Parse(content)!["subject"]!.GetValue<string>().Should().Be("<／form><script>alert('1')<／script>\"＆quot; 茶");
    }

    [Fact]
    public async Task Page_AddressThatWouldBeTooLong_IsAForm()
    {
        await using var world = await World.CreateAsync();

        var reply = await world.PayByPageAsync(r => r.Subject = new string('茶', 256));

        reply.Action.KindCase.Should().Be(Contracts.V1.Action.KindOneofCase.HtmlForm);
        (await world.PayByPageAsync(r => r.Subject = new string('茶', 60))).Action.RedirectUrl.Length.Should().BeLessThanOrEqualTo(2000);
    }

    [Fact]
    public async Task Page_Repeated_IsTheSameButForItsTime()
    {
        await using var world = await World.CreateAsync();

        var first = await world.PayByPageAsync();
        var again = await world.PayByPageAsync();
        world.Time.Advance(TimeSpan.FromSeconds(1));
        var later = await world.PayByPageAsync();

        again.Should().Be(first);
        later.Should().NotBe(first);
    }

    [Fact]
    public async Task Calls_ManyAtOnce_ShareTheKeys()
    {
        await using var world = await World.CreateAsync();
        world.Alipay.Answer = _ => _placed;

        var replies = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => world.PayAsync()));

        replies.Should().OnlyContain(r => r.Outcome == Outcome.Yes);
        world.Alipay.Requests.Should().HaveCount(50).And.OnlyContain(r => r.SignatureProblem == null);
    }

    [Fact]
    public async Task Describe_AccountOrNone_SaysWhatTheChannelCanDo()
    {
        await using var world = await World.CreateAsync();

        var channel = await world.Client.DescribeAsync(new DescribeRequest());
        var account = await world.Client.DescribeAsync(new DescribeRequest { Account = World.Account });

        channel.Channel.Should().Be("alipay");
        channel.Scenes.Should().Equal(Scene.Qr, Scene.Page, Scene.H5, Scene.Jsapi, Scene.MiniProgram, Scene.App, Scene.Barcode);
        channel.Currencies.Should().Equal("CNY");
        (channel.SubjectMaxChars, channel.ActionSecondsMax).Should().Be((256, 7200));
        channel.QueryCarries.Should().Equal(ProofField.ProofAttemptNo, ProofField.ProofAmount);
        channel.CallbackCarries.Should().Equal(ProofField.ProofAttemptNo, ProofField.ProofAccount, ProofField.ProofAmount);
        channel.AccountIds.Should().BeEmpty();
        (channel.Refunds, channel.RefundSpacingSeconds, channel.RefundsPerPaymentMax, channel.RefundDaysMax).Should().Be((true, 3, 0, 0));
        (channel.Transfers, channel.Balances, channel.Statements).Should().Be((true, true, true));
        (channel.TransferMinMinor, channel.TransferMaxMinor).Should().Be((10, 10_000_000_000));
        channel.PayeeKinds.Should().Equal(Payee.Types.Kind.OpenId, Payee.Types.Kind.UserId, Payee.Types.Kind.LoginId, Payee.Types.Kind.BankAccount);
        (account.Transfers, account.Balances).Should().Be((false, false), "key mode pays nobody out");
        account.AccountIds.Should().BeEquivalentTo(new Dictionary<string, string> { ["app_id"] = Keys.AppId, ["seller_id"] = Keys.SellerId });
        (string.Join(' ', channel.StatementAccounts), string.Join(' ', account.StatementAccounts)).Should().Be(("", World.Account));
        var schema = System.Text.Json.Nodes.JsonNode.Parse(channel.AccountSchema)!;
        schema["properties"]!["private_key"]!["writeOnly"]!.GetValue<bool>().Should().BeTrue();
        schema["required"]!.AsArray().Select(r => r!.GetValue<string>()).Should().BeEquivalentTo("app_id", "seller_id", "private_key");
        account.AccountSchema.Should().BeEmpty();
        world.Alipay.Requests.Should().BeEmpty();
    }

    public static TheoryData<string, Action<ChannelPayRequest>> NotSendable => new()
    {
        { "scene", r => r.Scene = Scene.Cashier },
        { "scene", r => r.Scene = Scene.Unspecified },
        { "currency", r => r.Currency = "USD" },
        { "currency", r => r.Currency = "" },
        { "amount_minor", r => r.AmountMinor = 0 },
        { "amount_minor", r => r.AmountMinor = -1 },
        { "amount_minor", r => r.AmountMinor = 10_000_000_001 },
        { "attempt_no", r => r.AttemptNo = "" },
        { "attempt_no", r => r.AttemptNo = new string('A', 65) },
        { "attempt_no", r => r.AttemptNo = "A-1" },
        { "attempt_no", r => r.AttemptNo = "ABCDEF\n" },
        { "attempt_no", r => r.AttemptNo = "Ａ1" },
        { "subject", r => r.Subject = "" },
        { "subject", r => r.Subject = new string('中', 257) },
        { "subject", r => r.Subject = "a\nb" },
        { "subject", r => r.Subject = "a\u0085b" },
        { "callback_url", r => r.CallbackUrl = "" },
        { "callback_url", r => r.CallbackUrl = "/callback" },
        { "callback_url", r => r.CallbackUrl = "https://pay.example.com/c#x" },
        { "callback_url", r => r.CallbackUrl = "https://pay.example.com/" + new string('a', 256) },
        { "callback_url", r => r.CallbackUrl = "https://pay.example.com/茶" },
        { "callback_url", r => r.CallbackUrl = "ftp://pay.example.com/c" },
        { "return_url", r => (r.Scene, r.ReturnUrl) = (Scene.Page, "javascript:alert(1)") },
        { "return_url", r => (r.Scene, r.ReturnUrl) = (Scene.Page, "https://shop.example.com/" + new string('a', 256)) },
        { "return_url", r => (r.Scene, r.ReturnUrl) = (Scene.H5, "javascript:alert(1)") },
        { "buyer", r => (r.Scene, r.Buyer) = (Scene.Jsapi, "") },
        { "buyer", r => (r.Scene, r.Buyer) = (Scene.Jsapi, "a b") },
        { "buyer", r => (r.Scene, r.Buyer) = (Scene.MiniProgram, new string('a', 129)) },
        { "buyer", r => (r.Scene, r.Buyer) = (Scene.Barcode, "") },
        { "buyer", r => (r.Scene, r.Buyer) = (Scene.Barcode, "2412345678901234") },
        { "buyer", r => (r.Scene, r.Buyer) = (Scene.Barcode, "3112345678901234") },
        { "buyer", r => (r.Scene, r.Buyer) = (Scene.Barcode, "281234567890123") },
        { "buyer", r => (r.Scene, r.Buyer) = (Scene.Barcode, "2812345678901234567890123") },
        { "buyer", r => (r.Scene, r.Buyer) = (Scene.Barcode, "28123456789012３4") },
        { "buyer", r => (r.Scene, r.Buyer) = (Scene.Barcode, "fp" + new string('a', 32)) },
        { "expire_time", r => r.ExpireTime = null },
        { "expire_time", r => (r.Scene, r.ExpireTime) = (Scene.Page, null) },
    };

    [Theory]
    [MemberData(nameof(NotSendable), DisableDiscoveryEnumeration = true)]
    public async Task Pay_WhatThePlatformCannotTake_IsRefusedBeforeSending(string field, Action<ChannelPayRequest> change)
    {
        await using var world = await World.CreateAsync();

        var reply = await world.PayAsync(change);

        (reply.Outcome, reply.NothingSent, reply.Action).Should().Be((Outcome.No, true, null!));
        reply.Message.Should().StartWith($"{field}:");
        world.Alipay.Requests.Should().BeEmpty();
    }

    [Fact]
    public void Subject_HalfOfACharacter_IsRefused() =>
        // It cannot even cross the services' wire, so the rule is asked itself.
        AlipayRules.Refuse(World.PayRequest(r => r.Subject = "a\ud800b"))!.Value.Message.Should().StartWith("subject:");

    [Fact]
    public async Task Pay_EdgesOfTheRules_AreSent()
    {
        await using var world = await World.CreateAsync();
        world.Alipay.Answer = r => new FakeAnswer($$"""{"code":"10000","msg":"Success","out_trade_no":"a","qr_code":"x"}""");

        var reply = await world.PayAsync(r =>
            (r.Subject, r.AmountMinor, r.AttemptNo, r.CallbackUrl, r.ReturnUrl) = (new string('中', 256), 1, "a", "http://127.0.0.1/c?c=1&d=%41", "not an address"));

        reply.Outcome.Should().Be(Outcome.Yes, "a code has no way back");
        world.Alipay.Requests.Single().SignatureProblem.Should().BeNull();
    }

    [GeneratedRegex("action=\"([^\"]*)\"")]
    private static partial Regex ActionRule();

    [GeneratedRegex("name=\"biz_content\" value=\"([^\"]*)\"")]
    private static partial Regex ContentRule();
}
