using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using PayCore.Contracts.V1;

namespace PayCore.Wechat.Tests;

/// <summary>Every way to pay but Native: what is sent, and what the payer's client is given (wechat-pay-v3.md 3.1 to 3.4, 3.6).</summary>
public sealed class SceneTests
{
    private const string PrepayId = "wx201410272009395522657a690389285100";
    private const string MiniProgramAppId = "wx0000000000000001";
    private const string MobileAppId = "wx0000000000000002";
    private const string AuthCode = "134567890123456789";
    private const string Start = "1795312800";

    private static readonly FakeAnswer _prepaid = new(200, $$"""{"prepay_id":"{{PrepayId}}"}""");
    private static readonly FakeAnswer _h5 = new(200, """{"h5_url":"https://wx.tenpay.com/cgi-bin/mmpayweb-bin/checkmweb?prepay_id=wx2016&package=10044"}""");

    [Theory]
    [InlineData(Scene.Jsapi, "/v3/pay/transactions/jsapi", Keys.AppId, ""","payer":{"openid":"oUpF8uMuAJO_M2pxb1Q9zNjWeS6o"}""")]
    [InlineData(Scene.MiniProgram, "/v3/pay/transactions/jsapi", MiniProgramAppId, ""","payer":{"openid":"oUpF8uMuAJO_M2pxb1Q9zNjWeS6o"}""")]
    [InlineData(Scene.App, "/v3/pay/transactions/app", MobileAppId, "")]
    [InlineData(Scene.H5, "/v3/pay/transactions/h5", Keys.AppId, ""","scene_info":{"payer_client_ip":"203.0.113.7","h5_info":{"type":"Wap"}}""")]
    [InlineData(Scene.Qr, "/v3/pay/transactions/native", Keys.AppId, "")]
    public async Task Pay_Request_IsThatOfItsScene(Scene scene, string path, string appId, string own)
    {
        await using var world = await World.CreateAsync(WithAppIds);

        await world.PayAsync(r => (r.Scene, r.Buyer, r.ClientIp, r.ReturnUrl) = (scene, World.OpenId, "203.0.113.7", "https://shop.example.com/paid"));

        var request = world.Wechat.Requests.Should().ContainSingle().Subject;
        (request.Method, request.Target, request.SignatureProblem).Should().Be(("POST", path, null));
        request.Text.Should().Be(
            $$$"""{"appid":"{{{appId}}}","mchid":"{{{Keys.MchId}}}","description":"T-shirt","out_trade_no":"{{{World.AttemptNo}}}","time_expire":"2026-11-22T10:30:00+08:00","notify_url":"https://pay.example.com/callback/wechat/main","amount":{"total":100,"currency":"CNY"}{{{own}}}""" + "}");
    }

    [Fact]
    public async Task Pay_AppIdsNotNamed_AreTheAccounts()
    {
        await using var world = await World.CreateAsync();
        foreach (var scene in new[] { Scene.Jsapi, Scene.MiniProgram, Scene.App })
        {
            world.Wechat.Answer = _ => _prepaid;
            (await world.PayAsync(r => (r.Scene, r.Buyer) = (scene, World.OpenId))).Outcome.Should().Be(Outcome.Yes);
        }

        world.Wechat.Requests.Should().OnlyContain(r => r.Text.StartsWith($$"""{"appid":"{{Keys.AppId}}",""", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(Scene.Jsapi, Keys.AppId, "paySign", "appId,nonceStr,package,paySign,signType,timeStamp")]
    [InlineData(Scene.MiniProgram, MiniProgramAppId, "paySign", "nonceStr,package,paySign,signType,timeStamp")]
    [InlineData(Scene.App, MobileAppId, "sign", "appId,nonceStr,packageValue,partnerId,prepayId,sign,timeStamp")]
    public async Task Pay_Prepaid_GivesTheClientsParametersSigned(Scene scene, string appId, string sign, string names)
    {
        await using var world = await World.CreateAsync(WithAppIds);
        world.Wechat.Answer = _ => _prepaid;

        var reply = await world.PayAsync(r => (r.Scene, r.Buyer) = (scene, World.OpenId));

        reply.Outcome.Should().Be(Outcome.Yes);
        var values = reply.Action.ClientParameters.Values;
        string.Join(',', values.Keys.Order(StringComparer.Ordinal)).Should().Be(names);
        (values["timeStamp"], values.GetValueOrDefault("appId", appId)).Should().Be((Start, appId));
        values["nonceStr"].Should().MatchRegex("^[0-9A-Za-z]{16,32}$");
        if (scene == Scene.App)
        {
            (values["partnerId"], values["prepayId"], values["packageValue"]).Should().Be((Keys.MchId, PrepayId, "Sign=WXPay"));
        }
        else
        {
            (values["package"], values["signType"]).Should().Be(($"prepay_id={PrepayId}", "RSA"));
        }

        // The four lines of 3.4 and 15.
        var message = $"{appId}\n{values["timeStamp"]}\n{values["nonceStr"]}\n{(scene == Scene.App ? PrepayId : $"prepay_id={PrepayId}")}\n";
        Keys.Merchant.VerifyData(Encoding.UTF8.GetBytes(message), Convert.FromBase64String(values[sign]), HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1)
            .Should().BeTrue();
    }

    [Fact]
    public async Task Pay_PrepaidTwice_HasTwoNonces()
    {
        await using var world = await World.CreateAsync();
        world.Wechat.Answer = _ => _prepaid;

        var first = await world.PayAsync(r => r.Scene = Scene.App);
        var second = await world.PayAsync(r => r.Scene = Scene.App);

        first.Action.ClientParameters.Values["nonceStr"].Should().NotBe(second.Action.ClientParameters.Values["nonceStr"]);
    }

    [Theory]
    [InlineData("", "")]
    [InlineData("https://shop.example.com/paid?order=1&x=%20", "&redirect_url=https%3A%2F%2Fshop.example.com%2Fpaid%3Forder%3D1%26x%3D%2520")]
    public async Task Pay_H5_LeadsToTheAddressAndBack(string returnUrl, string appended)
    {
        await using var world = await World.CreateAsync();
        world.Wechat.Answer = _ => _h5;

        var reply = await world.PayAsync(r => (r.Scene, r.ClientIp, r.ReturnUrl) = (Scene.H5, "2001:db8::1", returnUrl));

        (reply.Outcome, reply.Action.RedirectUrl).Should().Be(
            (Outcome.Yes, $"https://wx.tenpay.com/cgi-bin/mmpayweb-bin/checkmweb?prepay_id=wx2016&package=10044{appended}"));
        world.Wechat.Requests[0].Text.Should().Contain("\"payer_client_ip\":\"2001:db8::1\"");
    }

    [Theory]
    [InlineData(Scene.App, "{}")]
    [InlineData(Scene.App, """{"prepay_id":""}""")]
    [InlineData(Scene.App, """{"prepay_id":7}""")]
    [InlineData(Scene.App, """{"code_url":"weixin://a"}""")]
    [InlineData(Scene.App, """{"prepay_id":"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"}""")]
    [InlineData(Scene.Jsapi, """{"h5_url":"https://wx.tenpay.com/a"}""")]
    [InlineData(Scene.H5, """{"prepay_id":"wx1"}""")]
    [InlineData(Scene.H5, """{"h5_url":"javascript:alert(1)"}""")]
    [InlineData(Scene.H5, """{"h5_url":"/checkmweb"}""")]
    [InlineData(Scene.H5, """{"h5_url":"https://wx.tenpay.com/中"}""")]
    [InlineData(Scene.Qr, """{"prepay_id":"wx1"}""")]
    public async Task Pay_AnswerWithoutWhatTheSceneNeeds_IsUnknown(Scene scene, string body)
    {
        await using var world = await World.CreateAsync();
        world.Wechat.Answer = _ => new FakeAnswer(200, body);

        var reply = await world.PayAsync(r => (r.Scene, r.Buyer, r.ClientIp) = (scene, World.OpenId, "203.0.113.7"));

        (reply.Outcome, reply.Action, reply.NothingSent).Should().Be((Outcome.Unknown, null!, false));
    }

    [Theory]
    [InlineData(Scene.Jsapi)]
    [InlineData(Scene.App)]
    [InlineData(Scene.H5)]
    [InlineData(Scene.Barcode)]
    public async Task Pay_AnswerThatIsNoProof_IsUnknownInEveryScene(Scene scene)
    {
        await using var world = await World.CreateAsync(WithStore);
        foreach (var (defect, change) in Answers.Unusable)
        {
            var good = scene switch { Scene.H5 => _h5, Scene.Barcode => new FakeAnswer(200, Transactions.Paid().ToJsonString()), _ => _prepaid };
            world.Wechat.Answer = _ => change(good);

            var reply = await world.PayAsync(r => (r.Scene, r.Buyer, r.ClientIp) = (scene, scene == Scene.Barcode ? AuthCode : World.OpenId, "203.0.113.7"));

            (reply.Outcome, reply.Action, reply.NothingSent).Should().Be((Outcome.Unknown, null!, false), defect);
        }
    }

    [Theory]
    [InlineData(Keys.AppId, Keys.AppId)]
    [InlineData(MiniProgramAppId, Keys.AppId)]
    [InlineData(MobileAppId, Keys.AppId)]
    [InlineData("wx0000000000000003", "wx0000000000000003")]
    public async Task QueryAndCallback_AppIdOfTheAccount_StandsForIt(string carried, string told)
    {
        await using var world = await World.CreateAsync(WithAppIds);
        var paid = Transactions.Paid();
        paid["appid"] = carried;
        world.Wechat.Answer = _ => new FakeAnswer(200, paid.ToJsonString());

        var query = await world.QueryAsync();
        var callback = await world.Client.ReadCallbackAsync(world.Callback(t => t["appid"] = carried));

        (query.Facts.AccountIds["app_id"], callback.Facts.AccountIds["app_id"]).Should().Be((told, told), "a stranger's stays what it is, and the caller compares");
        (await world.Client.DescribeAsync(new DescribeRequest { Account = World.Account })).AccountIds["app_id"].Should().Be(Keys.AppId);
    }

    [Fact]
    public async Task Barcode_Request_CarriesTheCodeAndTheStore()
    {
        await using var world = await World.CreateAsync(WithStore);

        await world.PayAsync(Barcode);

        var request = world.Wechat.Requests.Should().ContainSingle().Subject;
        (request.Method, request.Target, request.SignatureProblem).Should().Be(("POST", "/v3/pay/transactions/codepay", null));
        request.Text.Should().Be(
            $$$$"""{"appid":"{{{{Keys.AppId}}}}","mchid":"{{{{Keys.MchId}}}}","description":"T-shirt","out_trade_no":"{{{{World.AttemptNo}}}}","amount":{"total":100,"currency":"CNY"},"payer":{"auth_code":"{{{{AuthCode}}}}"},"scene_info":{"store_info":{"id":"S-1"}}}""");
        string.Join('\n', world.Log).Should().NotContain(AuthCode);
        (await world.Client.DescribeAsync(new DescribeRequest { Account = World.Account })).Scenes.Should().Contain(Scene.Barcode);
    }

    public static TheoryData<string, int, string, Outcome, bool, string> Charged => new()
    {
        { "paid", 200, Transactions.Paid().ToJsonString(), Outcome.Yes, true, "" },
        { "password, as a state", 200, Transactions.Unpaid("USERPAYING").ToJsonString(), Outcome.Yes, false, "USERPAYING" },
        { "password, as a code", 202, """{"code":"USERPAYING","message":"x"}""", Outcome.Yes, false, "USERPAYING" },
        { "another code with 202", 202, """{"code":"ACCEPTED","message":"x"}""", Outcome.Unknown, true, "HTTP_202" },
        { "failed", 200, Transactions.Unpaid("PAYERROR").ToJsonString(), Outcome.Unknown, true, "PAYERROR" },
        { "reversed", 200, Transactions.Unpaid("REVOKED").ToJsonString(), Outcome.Unknown, true, "REVOKED" },
        { "a state of tomorrow", 200, Transactions.Unpaid("SOON").ToJsonString(), Outcome.Unknown, true, "TRADE_STATE_UNKNOWN" },
        { "another number", 200, Transactions.Paid().ToJsonString().Replace(World.AttemptNo, "OTHER1", StringComparison.Ordinal), Outcome.Unknown, true, "HTTP_200" },
        { "another merchant", 200, Transactions.Paid().ToJsonString().Replace(Keys.MchId, "1999999999", StringComparison.Ordinal), Outcome.Unknown, true, "HTTP_200" },
        { "no balance", 403, """{"code":"NOT_ENOUGH","message":"x"}""", Outcome.Unknown, false, "NOT_ENOUGH" },
        { "password, with a status that is none", 400, """{"code":"USERPAYING","message":"x"}""", Outcome.Unknown, false, "USERPAYING" },
        { "refused", 400, """{"code":"PARAM_ERROR","message":"x"}""", Outcome.No, false, "PARAM_ERROR" },
        { "refused by the payer's account", 403, """{"code":"ACCOUNT_ERROR","message":"x"}""", Outcome.No, false, "ACCOUNT_ERROR" },
        { "failing", 500, """{"code":"SYSTEM_ERROR","message":"x"}""", Outcome.Unknown, false, "SYSTEM_ERROR" },
    };

    [Theory]
    [MemberData(nameof(Charged), DisableDiscoveryEnumeration = true)]
    public async Task Barcode_Answer_IsTakenAsksAgainOrRefused(string what, int status, string body, Outcome outcome, bool queryNow, string code)
    {
        await using var world = await World.CreateAsync(WithStore);
        world.Wechat.Answer = _ => new FakeAnswer(status, body);

        var reply = await world.PayAsync(Barcode);

        (reply.Outcome, reply.QueryNow, reply.Action).Should().Be((outcome, queryNow, null!), what);
        reply.Code.Should().Be(code);
    }

    [Theory]
    [InlineData("")]
    [InlineData("13456789012345678")]
    [InlineData("1345678901234567890")]
    [InlineData("13456789012345678x")]
    public async Task Barcode_CodeThatIsNone_IsRefusedBeforeSending(string code)
    {
        await using var world = await World.CreateAsync(WithStore);

        var reply = await world.PayAsync(r => (r.Scene, r.Buyer) = (Scene.Barcode, code));

        (reply.Outcome, reply.NothingSent).Should().Be((Outcome.No, true));
        reply.Message.Should().StartWith("buyer:");
        world.Wechat.Requests.Should().BeEmpty();
    }

    [Fact]
    public async Task Reverse_Request_IsWrittenAsSpecified()
    {
        await using var world = await World.CreateAsync(WithStore);
        world.Wechat.Answer = _ => new FakeAnswer(200, $$"""{"appid":"{{Keys.AppId}}","mchid":"{{Keys.MchId}}","out_trade_no":"{{World.AttemptNo}}"}""");

        var reply = await world.ReverseAsync();

        (reply.Outcome, reply.Refunded, reply.TraceId.Length > 0).Should().Be((Outcome.Yes, false, true));
        var request = world.Wechat.Requests.Should().ContainSingle().Subject;
        (request.Method, request.Target, request.Text, request.SignatureProblem).Should().Be((
            "POST", $"/v3/pay/transactions/out-trade-no/{World.AttemptNo}/reverse", $$"""{"appid":"{{Keys.AppId}}","mchid":"{{Keys.MchId}}"}""", null));
    }

    [Theory]
    [InlineData(200, "{}")]
    [InlineData(200, """{"mchid":"1230000109","out_trade_no":"OTHER1"}""")]
    [InlineData(200, """{"mchid":"1999999999","out_trade_no":"A01H3V7M0000000000000000000T1"}""")]
    [InlineData(204, "")]
    [InlineData(404, """{"code":"ORDER_NOT_EXIST","message":"x"}""")]
    [InlineData(400, """{"code":"INVALID_REQUEST","message":"x"}""")]
    [InlineData(403, """{"code":"NO_AUTH","message":"x"}""")]
    [InlineData(500, """{"code":"SYSTEM_ERROR","message":"x"}""")]
    public async Task Reverse_AnyOtherAnswer_IsToBeAskedAgain(int status, string body)
    {
        await using var world = await World.CreateAsync(WithStore);
        world.Wechat.Answer = _ => new FakeAnswer(status, body);

        (await world.ReverseAsync()).Outcome.Should().Be(Outcome.Unknown);
    }

    [Fact]
    public async Task Reverse_AnswerThatIsNoProofOrNobodyToAsk_IsUnknown()
    {
        await using var world = await World.CreateAsync(WithStore);
        foreach (var (defect, change) in Answers.Unusable)
        {
            world.Wechat.Answer = _ => change(new FakeAnswer(200, $$"""{"mchid":"{{Keys.MchId}}","out_trade_no":"{{World.AttemptNo}}"}"""));
            (await world.ReverseAsync()).Outcome.Should().Be(Outcome.Unknown, defect);
        }

        var asked = world.Wechat.Requests.Count;
        (await world.ReverseAsync("x")).Outcome.Should().Be(Outcome.Unknown);
        (await world.Client.ReverseAsync(new ChannelReverseRequest { Account = "nobody", AttemptNo = World.AttemptNo })).Code.Should().Be("ACCOUNT_UNKNOWN");
        world.Wechat.Requests.Should().HaveCount(asked);
    }

    private static void Barcode(ChannelPayRequest request) => (request.Scene, request.Buyer) = (Scene.Barcode, AuthCode);

    private static void WithStore(JsonObject document) => document["barcode_store_id"] = "S-1";

    private static void WithAppIds(JsonObject document) =>
        (document["mini_program_app_id"], document["mobile_app_id"]) = (MiniProgramAppId, MobileAppId);
}
