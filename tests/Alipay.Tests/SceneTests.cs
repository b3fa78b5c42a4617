using System.Net;
using System.Text.Json.Nodes;
using PayCore.Contracts.V1;

namespace PayCore.Alipay.Tests;

/// <summary>The ways to pay beside code and page (alipay.md 1.7, 4.4, 4.6, 4.7), and taking a payment by barcode back (5.3).</summary>
public sealed class SceneTests
{
    private const string OpenId = "074a1CcTG1LelxKe4xQC0zgNdId0nxi95b5lsNpazWYoCo5";
    private const string BarCode = "28763443825664394";
    private const string TradeNo = "2026112222001400000000000001";

    [Fact]
    public async Task H5_Redirect_IsASignedCallWithBothWaysOut()
    {
        await using var world = await World.CreateAsync();

        var reply = await world.PayAsync(r => (r.Scene, r.ReturnUrl) = (Scene.H5, "https://shop.example.com/back?order=1&x=2"));

        reply.Outcome.Should().Be(Outcome.Yes);
        var parameters = FakeAlipay.Decode(new Uri(reply.Action.RedirectUrl).Query[1..]);
        FakeAlipay.Check(parameters).Should().BeNull();
        (parameters["method"], parameters["return_url"]).Should().Be(("alipay.trade.wap.pay", "https://shop.example.com/back?order=1&x=2"));
        parameters["biz_content"].Should().Be(
            $$"""{"out_trade_no":"{{World.AttemptNo}}","total_amount":"88.88","subject":"T-shirt","product_code":"QUICK_WAP_WAY","seller_id":"{{Keys.SellerId}}","time_expire":"2026-11-22 10:30:00","quit_url":"https://shop.example.com/back?order=1&x=2"}""");
        world.Alipay.Requests.Should().BeEmpty("the browser brings it");
    }

    [Fact]
    public async Task H5_WithoutWayBackOrAsForm_IsTheSameCall()
    {
        await using var world = await World.CreateAsync(d => d["page_action"] = "form");

        var html = (await world.PayAsync(r => r.Scene = Scene.H5)).Action.HtmlForm;

        html.Should().Contain("method=alipay.trade.wap.pay").And.NotContain("quit_url").And.NotContain("return_url");
    }

    [Fact]
    public async Task App_OrderString_IsTheWholeSignedCall()
    {
        await using var world = await World.CreateAsync();

        var reply = await world.PayAsync(r => (r.Scene, r.Subject, r.ReturnUrl) = (Scene.App, "茶 A+B 100% \"x\"", "https://shop.example.com/back"));

        reply.Outcome.Should().Be(Outcome.Yes);
        reply.Action.ClientParameters.Values.Keys.Should().Equal("orderStr");
        var orderString = reply.Action.ClientParameters.Values["orderStr"];
        orderString.Should().NotContain("+").And.NotContain(" ").And.NotContain("?");
        var parameters = FakeAlipay.Decode(orderString);
        FakeAlipay.Check(parameters).Should().BeNull();
        parameters["method"].Should().Be("alipay.trade.app.pay");
        parameters.Should().NotContainKey("return_url").And.Contain("notify_url", "https://pay.example.com/callback/alipay/main");
        var content = JsonNode.Parse(parameters["biz_content"])!;
        (content["product_code"]!.GetValue<string>(), content["subject"]!.GetValue<string>()).Should().Be(("QUICK_MSECURITY_PAY", "茶 A+B 100% \"x\""));
        world.Alipay.Requests.Should().BeEmpty("the client brings it");
        (await world.PayAsync(r => (r.Scene, r.Subject, r.ReturnUrl) = (Scene.App, "茶 A+B 100% \"x\"", "")))
            .Should().Be(reply, "a repeat is the same trade");
    }

    public static TheoryData<Scene, string, string?, string> Buyers => new()
    {
        { Scene.Jsapi, OpenId, null, $"\"buyer_open_id\":\"{OpenId}\",\"op_app_id\":\"{Keys.AppId}\"" },
        { Scene.MiniProgram, OpenId, null, $"\"buyer_open_id\":\"{OpenId}\",\"op_app_id\":\"{Keys.AppId}\"" },
        { Scene.Jsapi, "2088000000000009", null, $"\"buyer_id\":\"2088000000000009\",\"op_app_id\":\"{Keys.AppId}\"" },
        { Scene.MiniProgram, "2088000000000009", "2021000000000077", "\"buyer_id\":\"2088000000000009\",\"op_app_id\":\"2021000000000077\"" },
        { Scene.MiniProgram, OpenId, "2021000000000077", $"\"op_app_id\":\"2021000000000077\",\"op_buyer_open_id\":\"{OpenId}\"" },
        { Scene.MiniProgram, OpenId, Keys.AppId, $"\"buyer_open_id\":\"{OpenId}\",\"op_app_id\":\"{Keys.AppId}\"" },
        { Scene.Jsapi, "20880000000000099", null, $"\"buyer_open_id\":\"20880000000000099\",\"op_app_id\":\"{Keys.AppId}\"" },
    };

    [Theory]
    [MemberData(nameof(Buyers), DisableDiscoveryEnumeration = true)]
    public async Task Inside_Request_NamesThePayerAsThePlatformKnowsHim(Scene scene, string buyer, string? opAppId, string members)
    {
        await using var world = await World.CreateAsync(d => d["op_app_id"] = opAppId ?? Keys.AppId);
        world.Alipay.Answer = _ => new FakeAnswer(Nodes.Made());

        var reply = await world.PayAsync(r => (r.Scene, r.Buyer) = (scene, buyer));

        (reply.Outcome, reply.TraceId).Should().Be((Outcome.Yes, "0b0a1f3d16"));
        reply.Action.ClientParameters.Values.Should().BeEquivalentTo(new Dictionary<string, string> { ["tradeNO"] = TradeNo });
        var request = world.Alipay.Requests.Single();
        (request.Call, request.SignatureProblem, request.Query["notify_url"]).Should().Be(("alipay.trade.create", null, "https://pay.example.com/callback/alipay/main"));
        request.Content.Should().Be(
            $$"""{"out_trade_no":"{{World.AttemptNo}}","total_amount":"88.88","subject":"T-shirt","product_code":"JSAPI_PAY","seller_id":"{{Keys.SellerId}}","time_expire":"2026-11-22 10:30:00",{{members}}}""");
    }

    public static TheoryData<string> NoTrade =>
    [
        Nodes.Made(change: n => n.Remove("trade_no")), Nodes.Made(change: n => n["trade_no"] = ""), Nodes.Made(change: n => n["trade_no"] = new string('1', 65)),
        Nodes.Made(change: n => n["out_trade_no"] = "A01H3V7M0000000000000000000T2"), Nodes.Made(change: n => n.Remove("out_trade_no")),
        Nodes.Made(change: n => n["trade_no"] = new JsonObject()),
    ];

    [Theory]
    [MemberData(nameof(NoTrade), DisableDiscoveryEnumeration = true)]
    public async Task Inside_AnswerWithoutATradeOfThisNumber_IsUnknown(string node)
    {
        await using var world = await World.CreateAsync();
        world.Alipay.Answer = _ => new FakeAnswer(node);

        var reply = await world.PayAsync(r => (r.Scene, r.Buyer) = (Scene.Jsapi, OpenId));

        (reply.Outcome, reply.Action, reply.Code, reply.NothingSent).Should().Be((Outcome.Unknown, null!, "NO_USABLE_ANSWER", false));
    }

    [Theory]
    [InlineData(BarCode, "bar_code")]
    [InlineData("2512345678901234", "bar_code")]
    [InlineData("301234567890123456789012", "bar_code")]
    [InlineData("fp0123456789abcdefABCDEF0123456789x", "security_code")]
    public async Task Barcode_Request_CarriesTheCode(string code, string scene)
    {
        await using var world = await World.CreateAsync();
        world.Alipay.Answer = _ => new FakeAnswer(Nodes.Made(amount: "88.88"));

        await world.PayAsync(r => (r.Scene, r.Buyer) = (Scene.Barcode, code));

        var request = world.Alipay.Requests.Single();
        (request.Call, request.SignatureProblem).Should().Be(("alipay.trade.pay", null));
        request.Content.Should().Be(
            $$"""{"out_trade_no":"{{World.AttemptNo}}","total_amount":"88.88","subject":"T-shirt","product_code":"FACE_TO_FACE_PAYMENT","seller_id":"{{Keys.SellerId}}","time_expire":"2026-11-22 10:30:00","scene":"{{scene}}","auth_code":"{{code}}"}""");
        string.Join('\n', world.Log).Should().NotContain(code);
    }

    public static TheoryData<string, string, Outcome, bool, string> BarcodeAnswers => new()
    {
        { "paid", Nodes.Made(amount: "88.88"), Outcome.Yes, true, "" },
        { "the user confirms", Nodes.Made("10003", "88.88"), Outcome.Yes, false, "10003" },
        { "the user confirms, no trade yet", Nodes.Made("10003", change: n => n.Remove("trade_no")), Outcome.Yes, false, "10003" },
        { "another amount", Nodes.Made(amount: "88.89"), Outcome.Unknown, true, "NO_USABLE_ANSWER" },
        { "no amount", Nodes.Made(), Outcome.Unknown, true, "NO_USABLE_ANSWER" },
        { "amount that is none", Nodes.Made(amount: "88.880"), Outcome.Unknown, true, "NO_USABLE_ANSWER" },
        { "no trade", Nodes.Made(amount: "88.88", change: n => n.Remove("trade_no")), Outcome.Unknown, true, "NO_USABLE_ANSWER" },
        { "another number", Nodes.Made(amount: "88.88", change: n => n["out_trade_no"] = "B"), Outcome.Unknown, true, "NO_USABLE_ANSWER" },
        { "no number", Nodes.Made(amount: "88.88", change: n => n.Remove("out_trade_no")), Outcome.Unknown, true, "NO_USABLE_ANSWER" },
        { "the user confirms another number", Nodes.Made("10003", change: n => n["out_trade_no"] = "B"), Outcome.Unknown, true, "NO_USABLE_ANSWER" },
        { "not said", Nodes.Error("20000", "isp.unknow-error"), Outcome.Unknown, false, "isp.unknow-error" },
        { "system error", Nodes.Error("40004", "ACQ.SYSTEM_ERROR"), Outcome.Unknown, false, "ACQ.SYSTEM_ERROR" },
        { "code used up", Nodes.Error("40004", "ACQ.PAYMENT_AUTH_CODE_INVALID"), Outcome.No, false, "ACQ.PAYMENT_AUTH_CODE_INVALID" },
        { "no money", Nodes.Error("40004", "ACQ.BUYER_BALANCE_NOT_ENOUGH"), Outcome.No, false, "ACQ.BUYER_BALANCE_NOT_ENOUGH" },
        { "paid before", Nodes.Error("40004", "ACQ.TRADE_HAS_SUCCESS"), Outcome.Unknown, true, "ACQ.TRADE_HAS_SUCCESS" },
    };

    [Theory]
    [MemberData(nameof(BarcodeAnswers), DisableDiscoveryEnumeration = true)]
    public async Task Barcode_Answer_IsThatOfTheTable(string what, string node, Outcome outcome, bool queryNow, string code)
    {
        await using var world = await World.CreateAsync();
        world.Alipay.Answer = _ => new FakeAnswer(node);

        var reply = await world.PayAsync(r => (r.Scene, r.Buyer) = (Scene.Barcode, BarCode));

        (reply.Outcome, reply.QueryNow, reply.Code, reply.NothingSent).Should().Be((outcome, queryNow, code, false), what);
        reply.Action.Should().BeNull("the user holds the code already");
        world.Alipay.Requests.Should().ContainSingle("a barcode is never sent again by the channel");
    }

    [Theory]
    [InlineData("10000")]
    [InlineData("10003")]
    public async Task Barcode_AnswerThatAlipayDidNotSign_IsUnknownAndAnAlarm(string code)
    {
        await using var world = await World.CreateAsync();
        world.ExpectError("claims success, but the answer is");
        world.Alipay.Answer = _ => new FakeAnswer(Nodes.Made(code, "88.88")) { Signed = false };

        var reply = await world.PayAsync(r => (r.Scene, r.Buyer) = (Scene.Barcode, BarCode));

        (reply.Outcome, reply.QueryNow).Should().Be((Outcome.Unknown, false));
    }

    [Fact]
    public async Task Qr_AnswerOfAWaitingUser_IsUnknown()
    {
        await using var world = await World.CreateAsync();
        world.Alipay.Answer = _ => new FakeAnswer(Nodes.Made("10003"));

        (await world.PayAsync()).Outcome.Should().Be(Outcome.Unknown, "that code is for barcodes alone");
        (await world.PayAsync(r => (r.Scene, r.Buyer) = (Scene.Jsapi, OpenId))).Outcome.Should().Be(Outcome.Unknown);
    }

    public static TheoryData<string, string, Outcome, bool> Cancels => new()
    {
        { "closed unpaid", Cancelled("N", "close"), Outcome.Yes, false },
        { "money goes back", Cancelled("N", "refund"), Outcome.Yes, true },
        { "not clean yet", Cancelled("Y", "close"), Outcome.Unknown, false },
        { "not clean yet, money goes back", Cancelled("Y", "refund"), Outcome.Unknown, false },
        { "no trade", Cancelled("N", null), Outcome.Unknown, false },
        { "no flag", Cancelled(null, "close"), Outcome.Unknown, false },
        { "a deed of tomorrow", Cancelled("N", "keep"), Outcome.Unknown, false },
        { "another number", Cancelled("N", "close").Replace(World.AttemptNo, "B", StringComparison.Ordinal), Outcome.Unknown, false },
        { "no number", Cancelled("N", "close").Replace("out_trade_no", "x", StringComparison.Ordinal), Outcome.Unknown, false },
        { "system error", Nodes.Error("40004", "AQC.SYSTEM_ERROR"), Outcome.Unknown, false },
        { "not said", Nodes.Error("20000", "isp.unknow-error"), Outcome.Unknown, false },
        { "too late", Nodes.Error("40004", "ACQ.TRADE_CANCEL_TIME_OUT"), Outcome.No, false },
        { "not allowed", Nodes.Error("40004", "ACQ.CANCEL_NOT_ALLOWED"), Outcome.No, false },
        { "frozen", Nodes.Error("40004", "ACQ.REASON_TRADE_BEEN_FREEZEN"), Outcome.No, false },
        { "refunded before", Nodes.Error("40004", "ACQ.REASON_TRADE_REFUND_FEE_ERR"), Outcome.No, false },
        { "no balance", Nodes.Error("40004", "ACQ.SELLER_BALANCE_NOT_ENOUGH"), Outcome.Unknown, false },
        { "finished", Nodes.Error("40004", "ACQ.TRADE_HAS_FINISHED"), Outcome.Unknown, false },
        { "too many calls", Nodes.Error("40005", "isv.app-call-limited"), Outcome.Unknown, false },
    };

    [Theory]
    [MemberData(nameof(Cancels), DisableDiscoveryEnumeration = true)]
    public async Task Reverse_Answer_IsThatOfTheTable(string what, string node, Outcome outcome, bool refunded)
    {
        await using var world = await World.CreateAsync();
        world.Alipay.Answer = _ => new FakeAnswer(node);

        var reply = await world.ReverseAsync();

        (reply.Outcome, reply.Refunded, reply.TraceId).Should().Be((outcome, refunded, "0b0a1f3d16"), what);
        (reply.Code.Length > 0).Should().Be(outcome != Outcome.Yes);
        var request = world.Alipay.Requests.Single();
        (request.Call, request.Content, request.SignatureProblem).Should().Be(("alipay.trade.cancel", $$"""{"out_trade_no":"{{World.AttemptNo}}"}""", null));
    }

    [Fact]
    public async Task Reverse_RefusalNotSignedOrNothingToAskWith_IsUnknown()
    {
        await using var world = await World.CreateAsync();
        world.Alipay.Answer = _ => new FakeAnswer(Nodes.Error("40004", "ACQ.CANCEL_NOT_ALLOWED")) { Signed = false };

        (await world.ReverseAsync()).Outcome.Should().Be(Outcome.Unknown);
        (await world.ReverseAsync("A-1")).Outcome.Should().Be(Outcome.Unknown);
        (await world.Client.ReverseAsync(new ChannelReverseRequest { Account = "nobody", AttemptNo = World.AttemptNo })).Code.Should().Be("ACCOUNT_UNKNOWN");
        world.Alipay.Requests.Should().ContainSingle();
    }

    [Fact]
    public async Task ProductCodes_OfEveryScene_AreTheAccounts()
    {
        await using var world = await World.CreateAsync(d =>
            (d["h5_product_code"], d["app_product_code"], d["jsapi_product_code"], d["barcode_product_code"]) = ("H5_X", "APP_X", "JSAPI_X", "OFFLINE_PAYMENT"));
        world.Alipay.Answer = _ => new FakeAnswer(Nodes.Made(amount: "88.88"));

        var h5 = await world.PayAsync(r => r.Scene = Scene.H5);
        var app = await world.PayAsync(r => r.Scene = Scene.App);
        await world.PayAsync(r => (r.Scene, r.Buyer) = (Scene.Jsapi, OpenId));
        await world.PayAsync(r => (r.Scene, r.Buyer) = (Scene.Barcode, BarCode));

        WebUtility.UrlDecode(h5.Action.RedirectUrl).Should().Contain("\"product_code\":\"H5_X\"");
        WebUtility.UrlDecode(app.Action.ClientParameters.Values["orderStr"]).Should().Contain("\"product_code\":\"APP_X\"");
        world.Alipay.Requests.Select(r => (string)JsonNode.Parse(r.Content)!["product_code"]!).Should().Equal("JSAPI_X", "OFFLINE_PAYMENT");
    }

    private static string Cancelled(string? retry, string? action)
    {
        var node = new JsonObject { ["code"] = "10000", ["msg"] = "Success", ["out_trade_no"] = World.AttemptNo };
        if (retry is not null)
        {
            node["retry_flag"] = retry;
        }

        if (action is not null)
        {
            node["action"] = action;
        }

        return node.ToJsonString();
    }
}
