using System.Text.Json.Nodes;
using PayCore.Contracts.V1;

namespace PayCore.Wechat.Tests;

/// <summary>Status and code to outcome and state (wechat-pay-v3.md 3.3, 4.3, 4.4, 10.3).</summary>
public sealed class OutcomeTests
{
    private const string No = "no";
    private const string Unknown = "unknown";
    private const string QueryNow = "query now";

    [Theory]
    [InlineData(400, "PARAM_ERROR", No)]
    [InlineData(400, "PARAMERROR", No)]
    [InlineData(401, "SIGN_ERROR", No)]
    [InlineData(403, "NO_AUTH", No)]
    [InlineData(403, "NOAUTH", No)]
    [InlineData(403, "RULE_LIMIT", No)]
    [InlineData(403, "RULELIMIT", No)]
    [InlineData(403, "TRADE_ERROR", No)]
    [InlineData(403, "ACCOUNT_ERROR", No)]
    [InlineData(403, "REQUEST_BLOCKED", No)]
    [InlineData(400, "APPID_MCHID_NOT_MATCH", No)]
    [InlineData(400, "MCH_NOT_EXISTS", No)]
    [InlineData(404, "MCH_NOT_EXISTS", No)]
    [InlineData(400, "ORDER_PAID", QueryNow)]
    [InlineData(400, "ORDERPAID", QueryNow)]
    [InlineData(403, "ORDERPAID", QueryNow)]
    [InlineData(400, "ORDER_CLOSED", QueryNow)]
    [InlineData(400, "ORDERCLOSED", QueryNow)]
    [InlineData(403, "OUT_TRADE_NO_USED", QueryNow)]
    [InlineData(400, "INVALID_REQUEST", QueryNow)]
    [InlineData(429, "FREQUENCY_LIMITED", Unknown)]
    [InlineData(429, "RATELIMIT_EXCEEDED", Unknown)]
    [InlineData(429, "RATE_LIMITED", Unknown)]
    [InlineData(429, "PARAM_ERROR", Unknown)]
    [InlineData(500, "SYSTEM_ERROR", Unknown)]
    [InlineData(500, "SYSTEMERROR", Unknown)]
    [InlineData(500, "BANK_ERROR", Unknown)]
    [InlineData(500, "PARAM_ERROR", Unknown)]
    [InlineData(500, "SIGN_ERROR", Unknown)]
    [InlineData(500, "OPENID_MISMATCH", Unknown)]
    [InlineData(502, "SERVICE_UNAVAILABLE", Unknown)]
    [InlineData(503, "SERVICE_UNAVAILABLE", Unknown)]
    [InlineData(504, "", Unknown)]
    [InlineData(403, "NOT_ENOUGH", Unknown)]
    [InlineData(404, "ORDER_NOT_EXIST", Unknown)]
    [InlineData(408, "PARAM_ERROR", Unknown)]
    [InlineData(400, "A_CODE_OF_TOMORROW", Unknown)]
    [InlineData(400, "param_error", Unknown)]
    [InlineData(400, "", Unknown)]
    public async Task Pay_ErrorAnswer_HasTheOutcomeOfTheTable(int status, string code, string expected)
    {
        await using var world = await World.CreateAsync();
        foreach (var isSigned in new[] { false, true })
        {
            world.Wechat.Answer = _ => Answers.Error(status, code) with { Signed = isSigned };

            var reply = await world.PayAsync();

            (reply.Outcome, reply.QueryNow).Should().Be((expected == No ? Outcome.No : Outcome.Unknown, expected == QueryNow));
            (reply.NothingSent, reply.Action).Should().Be((false, null!));
            reply.Code.Should().Be(code.Length == 0 ? $"HTTP_{status}" : code);
            reply.TraceId.Should().NotBeEmpty();
        }
    }

    [Theory]
    [InlineData("<html>Bad Request</html>")]
    [InlineData("")]
    [InlineData("""{"code":7}""")]
    [InlineData("""{"code":null,"message":"PARAM_ERROR"}""")]
    [InlineData("""{"code":"PARAM_ERROR","code":"PARAM_ERROR"}""")]
    public async Task Pay_ErrorAnswerThatCannotBeRead_IsUnknown(string body)
    {
        await using var world = await World.CreateAsync();
        world.Wechat.Answer = _ => new FakeAnswer(400, body) { Signed = false };

        var reply = await world.PayAsync();

        (reply.Outcome, reply.Code).Should().Be((Outcome.Unknown, "HTTP_400"));
    }

    [Fact]
    public async Task Pay_SignError_TellsTheOperatorWhatToCheck()
    {
        await using var world = await World.CreateAsync();
        world.Wechat.Answer = _ => Answers.Error(401, "SIGN_ERROR") with { Signed = false };

        (await world.PayAsync()).Message.Should().Contain("private_key").And.Contain("clock");
    }

    [Fact]
    public async Task Pay_LongMessageWithControlCharacters_IsClipped()
    {
        await using var world = await World.CreateAsync();
        world.Wechat.Answer = _ => new FakeAnswer(400, new JsonObject { ["code"] = "PARAM_ERROR", ["message"] = $"a\r\nb{new string('x', 252)}😀" }.ToJsonString());

        (await world.PayAsync()).Message.Should().HaveLength(254).And.StartWith("abx").And.EndWith("x");
    }

    public static TheoryData<string, Action<ChannelPayRequest>> NotSendable => new()
    {
        { "scene", r => r.Scene = Scene.Page },
        { "scene", r => r.Scene = Scene.Cashier },
        { "scene", r => r.Scene = Scene.Unspecified },
        { "scene", r => (r.Scene, r.Buyer) = (Scene.Barcode, "134567890123456789") },
        { "buyer", r => r.Scene = Scene.Jsapi },
        { "buyer", r => (r.Scene, r.Buyer) = (Scene.MiniProgram, "o p") },
        { "buyer", r => (r.Scene, r.Buyer) = (Scene.Jsapi, new string('o', 129)) },
        { "client_ip", r => r.Scene = Scene.H5 },
        { "client_ip", r => (r.Scene, r.ClientIp) = (Scene.H5, "pay.example.com") },
        { "client_ip", r => (r.Scene, r.ClientIp) = (Scene.H5, "127.0.0.1") },
        { "client_ip", r => (r.Scene, r.ClientIp) = (Scene.H5, "::1") },
        { "client_ip", r => (r.Scene, r.ClientIp) = (Scene.H5, "::ffff:127.1.2.3") },
        { "return_url", r => (r.Scene, r.ClientIp, r.ReturnUrl) = (Scene.H5, "203.0.113.7", "/paid") },
        { "return_url", r => (r.Scene, r.ClientIp, r.ReturnUrl) = (Scene.H5, "203.0.113.7", "javascript:alert(1)") },
        { "currency", r => r.Currency = "USD" },
        { "currency", r => r.Currency = "" },
        { "amount_minor", r => r.AmountMinor = 0 },
        { "amount_minor", r => r.AmountMinor = -1 },
        { "attempt_no", r => r.AttemptNo = "SHORT" },
        { "attempt_no", r => r.AttemptNo = new string('A', 33) },
        { "attempt_no", r => r.AttemptNo = "../../v3/x" },
        { "attempt_no", r => r.AttemptNo = "ABCDEF\n" },
        { "subject", r => r.Subject = "" },
        { "subject", r => r.Subject = new string('中', 128) },
        { "subject", r => r.Subject = "T-shirt 😀" },
        { "callback_url", r => r.CallbackUrl = "" },
        { "callback_url", r => r.CallbackUrl = "/callback" },
        { "callback_url", r => r.CallbackUrl = "https://pay.example.com/c?x=1" },
        { "callback_url", r => r.CallbackUrl = "https://pay.example.com/" + new string('a', 255) },
        { "callback_url", r => r.CallbackUrl = "https://pay.example.com/😀" },
        { "callback_url", r => r.CallbackUrl = "ftp://pay.example.com/c" },
    };

    [Theory]
    [MemberData(nameof(NotSendable), DisableDiscoveryEnumeration = true)]
    public async Task Pay_WhatThePlatformCannotTake_IsRefusedBeforeSending(string field, Action<ChannelPayRequest> change)
    {
        await using var world = await World.CreateAsync();

        var reply = await world.PayAsync(change);

        (reply.Outcome, reply.NothingSent).Should().Be((Outcome.No, true));
        reply.Message.Should().StartWith($"{field}:");
        world.Wechat.Requests.Should().BeEmpty();
    }

    [Fact]
    public async Task Pay_LongestSubjectAndSmallestAmount_AreSent()
    {
        await using var world = await World.CreateAsync();
        world.Wechat.Answer = _ => new FakeAnswer(200, """{"code_url":"weixin://a"}""");

        var reply = await world.PayAsync(r => (r.Subject, r.AmountMinor, r.AttemptNo) = (new string('中', 127), 1, "ABCD_1"));

        reply.Outcome.Should().Be(Outcome.Yes);
    }

    [Fact]
    public async Task Pay_AccountUnknownOrDisabled_IsNothingSent()
    {
        await using var world = await World.CreateAsync(d => d["enabled"] = false);
        world.Wechat.Answer = _ => new FakeAnswer(200, Transactions.Unpaid().ToJsonString());

        var unknown = await world.PayAsync(r => r.Account = "nobody");
        var disabled = await world.PayAsync();
        world.Wechat.Requests.Should().BeEmpty();
        var query = await world.QueryAsync();

        (unknown.Outcome, unknown.NothingSent, unknown.Code).Should().Be((Outcome.Unknown, true, "ACCOUNT_UNKNOWN"));
        (disabled.Outcome, disabled.NothingSent, disabled.Code).Should().Be((Outcome.No, true, "ACCOUNT_DISABLED"));
        query.State.Should().Be(ChannelPayState.ChannelNotPaid, "what was begun is followed to its end");
    }

    [Fact]
    public async Task QueryAndClose_AccountOrNumberUnusable_AskNobody()
    {
        await using var world = await World.CreateAsync();

        (await world.Client.QueryAsync(new ChannelQueryRequest { Account = "nobody", AttemptNo = World.AttemptNo })).Code.Should().Be("ACCOUNT_UNKNOWN");
        (await world.Client.CloseAsync(new ChannelCloseRequest { Account = "nobody", AttemptNo = World.AttemptNo })).Outcome.Should().Be(Outcome.Unknown);
        (await world.QueryAsync("../../certificates")).State.Should().Be(ChannelPayState.ChannelUnknown);
        (await world.CloseAsync("x")).Outcome.Should().Be(Outcome.Unknown);
        world.Wechat.Requests.Should().BeEmpty();
    }

    [Theory]
    [InlineData("SUCCESS", ChannelPayState.ChannelPaid)]
    [InlineData("REFUND", ChannelPayState.ChannelPaid)]
    [InlineData("NOTPAY", ChannelPayState.ChannelNotPaid)]
    [InlineData("USERPAYING", ChannelPayState.ChannelNotPaid)]
    [InlineData("ACCEPT", ChannelPayState.ChannelNotPaid)]
    [InlineData("PAYERROR", ChannelPayState.ChannelNotPaid)]
    [InlineData("CLOSED", ChannelPayState.ChannelClosed)]
    [InlineData("REVOKED", ChannelPayState.ChannelClosed)]
    [InlineData("A_STATE_OF_TOMORROW", ChannelPayState.ChannelUnknown)]
    [InlineData("success", ChannelPayState.ChannelUnknown)]
    [InlineData("", ChannelPayState.ChannelUnknown)]
    public async Task Query_TradeState_IsTheStateOfTheTable(string tradeState, ChannelPayState expected)
    {
        await using var world = await World.CreateAsync();
        world.Wechat.Answer = _ => new FakeAnswer(200, Transactions.Paid(tradeState).ToJsonString());

        var reply = await world.QueryAsync();

        reply.State.Should().Be(expected);
        reply.Facts.Refunded.Should().Be(tradeState == "REFUND");
    }

    [Fact]
    public async Task Query_Paid_CarriesEveryFact()
    {
        await using var world = await World.CreateAsync();
        world.Wechat.Answer = _ => new FakeAnswer(200, Transactions.Paid().ToJsonString());

        var reply = await world.QueryAsync();

        Facts.AreThoseOfAPayment(reply.Facts);
        reply.TraceId.Should().NotBeEmpty();
    }

    [Fact]
    public async Task Query_Unpaid_HasNoFactThatWasNotCarried()
    {
        await using var world = await World.CreateAsync();
        world.Wechat.Answer = _ => new FakeAnswer(200, $$"""{"mchid":"{{Keys.MchId}}","out_trade_no":"{{World.AttemptNo}}","trade_state":"NOTPAY"}""");

        var reply = await world.QueryAsync();

        reply.State.Should().Be(ChannelPayState.ChannelNotPaid);
        (reply.Facts.HasAmountMinor, reply.Facts.HasCurrency, reply.Facts.PaidTime, reply.Facts.ChannelOrderId).Should().Be((false, false, null!, ""));
        reply.Facts.AccountIds.Should().ContainSingle().Which.Key.Should().Be("mch_id");
    }

    [Theory]
    [InlineData("100.0")]
    [InlineData("1e2")]
    [InlineData("\"100\"")]
    [InlineData("100.5")]
    [InlineData("9223372036854775808")]
    [InlineData("true")]
    [InlineData("{}")]
    public async Task Query_AmountThatIsNoWholeNumber_IsUnknown(string amount)
    {
        await using var world = await World.CreateAsync();
        var body = Transactions.Paid().ToJsonString().Replace("\"total\":100", $"\"total\":{amount}", StringComparison.Ordinal);
        world.Wechat.Answer = _ => new FakeAnswer(200, body);

        var reply = await world.QueryAsync();

        (reply.State, reply.Facts).Should().Be((ChannelPayState.ChannelUnknown, null!));
    }

    [Theory]
    [InlineData("2026-11-22T10:01:02+08:00", 0)]
    [InlineData("2026-11-22T02:01:02Z", 0)]
    [InlineData("2026-11-22T02:01:02.5+00:00", 500)]
    [InlineData("2026-11-22T10:01:02.123456+08:00", 123)]
    [InlineData("2026-11-22T10:01:02", null)]
    [InlineData("20261122100102", null)]
    public async Task Query_SuccessTime_IsReadWithItsOffsetOrAbsent(string text, int? milliseconds)
    {
        await using var world = await World.CreateAsync();
        var paid = Transactions.Paid();
        paid["success_time"] = text;
        world.Wechat.Answer = _ => new FakeAnswer(200, paid.ToJsonString());

        var reply = await world.QueryAsync();

        reply.State.Should().Be(ChannelPayState.ChannelPaid);
        var read = reply.Facts.PaidTime?.ToDateTimeOffset().ToUnixTimeMilliseconds();
        read.Should().Be(milliseconds is null ? null : new DateTimeOffset(2026, 11, 22, 2, 1, 2, TimeSpan.Zero).ToUnixTimeMilliseconds() + milliseconds);
    }

    [Theory]
    [InlineData("out_trade_no", "A01H3V7M0000000000000000000T2")]
    [InlineData("mchid", "1230000110")]
    public async Task Query_AnswerOfAnother_SaysNothingUnlessPaid(string member, string value)
    {
        await using var world = await World.CreateAsync();
        foreach (var state in new[] { "NOTPAY", "CLOSED" })
        {
            var transaction = Transactions.Unpaid(state);
            transaction[member] = value;
            world.Wechat.Answer = _ => new FakeAnswer(200, transaction.ToJsonString());
            (await world.QueryAsync()).State.Should().Be(ChannelPayState.ChannelUnknown);
        }

        var paid = Transactions.Paid();
        paid[member] = value;
        world.Wechat.Answer = _ => new FakeAnswer(200, paid.ToJsonString());
        var reply = await world.QueryAsync();
        reply.State.Should().Be(ChannelPayState.ChannelPaid);
        (member == "mchid" ? reply.Facts.AccountIds["mch_id"] : reply.Facts.AttemptNo).Should().Be(value, "the caller compares");
    }

    [Theory]
    [InlineData(404, "ORDER_NOT_EXIST", ChannelPayState.ChannelNotFound)]
    [InlineData(404, "ORDERNOTEXIST", ChannelPayState.ChannelNotFound)]
    [InlineData(404, "RESOURCE_NOT_EXISTS", ChannelPayState.ChannelNotFound)]
    [InlineData(404, "", ChannelPayState.ChannelUnknown)]
    [InlineData(400, "ORDER_NOT_EXIST", ChannelPayState.ChannelUnknown)]
    [InlineData(500, "ORDER_NOT_EXIST", ChannelPayState.ChannelUnknown)]
    [InlineData(400, "ORDERPAID", ChannelPayState.ChannelUnknown)]
    [InlineData(400, "ORDER_CLOSED", ChannelPayState.ChannelUnknown)]
    [InlineData(401, "SIGN_ERROR", ChannelPayState.ChannelUnknown)]
    [InlineData(403, "NO_AUTH", ChannelPayState.ChannelUnknown)]
    [InlineData(429, "FREQUENCY_LIMITED", ChannelPayState.ChannelUnknown)]
    [InlineData(500, "SYSTEM_ERROR", ChannelPayState.ChannelUnknown)]
    public async Task Query_ErrorAnswer_IsNeverPaidOrClosed(int status, string code, ChannelPayState expected)
    {
        await using var world = await World.CreateAsync();
        world.Wechat.Answer = _ => Answers.Error(status, code);

        var reply = await world.QueryAsync();

        (reply.State, reply.Facts).Should().Be((expected, null!));
    }

    [Theory]
    [InlineData(204, "", Outcome.Yes, ChannelPayState.ChannelClosed)]
    [InlineData(200, "", Outcome.Unknown, ChannelPayState.ChannelUnknown)]
    [InlineData(202, "", Outcome.Unknown, ChannelPayState.ChannelUnknown)]
    [InlineData(400, "ORDER_PAID", Outcome.No, ChannelPayState.ChannelPaid)]
    [InlineData(400, "ORDERPAID", Outcome.No, ChannelPayState.ChannelPaid)]
    [InlineData(403, "ORDERPAID", Outcome.No, ChannelPayState.ChannelPaid)]
    [InlineData(404, "ORDER_NOT_EXIST", Outcome.No, ChannelPayState.ChannelNotFound)]
    [InlineData(404, "ORDERNOTEXIST", Outcome.No, ChannelPayState.ChannelNotFound)]
    [InlineData(400, "ORDER_CLOSED", Outcome.No, ChannelPayState.ChannelClosed)]
    [InlineData(400, "PARAM_ERROR", Outcome.Unknown, ChannelPayState.ChannelUnknown)]
    [InlineData(401, "SIGN_ERROR", Outcome.Unknown, ChannelPayState.ChannelUnknown)]
    [InlineData(429, "FREQUENCY_LIMITED", Outcome.Unknown, ChannelPayState.ChannelUnknown)]
    [InlineData(500, "SYSTEM_ERROR", Outcome.Unknown, ChannelPayState.ChannelUnknown)]
    [InlineData(500, "ORDERPAID", Outcome.Unknown, ChannelPayState.ChannelUnknown)]
    public async Task Close_Answer_HasTheOutcomeOfTheTable(int status, string code, Outcome outcome, ChannelPayState state)
    {
        await using var world = await World.CreateAsync();
        world.Wechat.Answer = _ => status < 300 ? new FakeAnswer(status) : Answers.Error(status, code);

        var reply = await world.CloseAsync();

        (reply.Outcome, reply.State).Should().Be((outcome, state));
        reply.TraceId.Should().NotBeEmpty();
    }
}

/// <summary>What the facts of <see cref="Transactions.Paid"/> must be.</summary>
internal static class Facts
{
    public static void AreThoseOfAPayment(PaymentFacts facts)
    {
        facts.AttemptNo.Should().Be(World.AttemptNo);
        facts.AccountIds.Should().BeEquivalentTo(new Dictionary<string, string> { ["mch_id"] = Keys.MchId, ["app_id"] = Keys.AppId });
        facts.AmountMinor.Should().Be(100, "it is total, not payer_total");
        facts.Currency.Should().Be("CNY");
        facts.ChannelOrderId.Should().Be("4200001234202611225678901234");
        facts.PaidTime.ToDateTimeOffset().Should().Be(new DateTimeOffset(2026, 11, 22, 10, 1, 2, TimeSpan.FromHours(8)));
        facts.Refunded.Should().BeFalse();
    }
}
