using PayCore.Contracts.V1;

namespace PayCore.Alipay.Tests;

/// <summary>Codes and states to outcomes (alipay.md 3.3, 3.4, 5, 12). The tables are copied from the page a second time.</summary>
public sealed class OutcomeTests
{
    private const string No = "no";
    private const string Unknown = "unknown";
    private const string QueryNow = "query now";

    /// <summary>Section 12 for a request to pay; codes of refunds and cancels are a surprise there, and decide nothing.</summary>
    private static readonly (string SubCodes, string Meaning)[] _section12 =
    [
        ("ACQ.SYSTEM_ERROR AQC.SYSTEM_ERROR aop.ACQ.SYSTEM_ERROR SYSTEM_ERROR acq.system_error", Unknown),
        ("ACQ.TRADE_NOT_EXIST TRADE_NOT_EXIST", Unknown),
        ("ACQ.TRADE_HAS_SUCCESS acq.trade_has_success", QueryNow),
        ("ACQ.TRADE_HAS_CLOSE", QueryNow),
        ("ACQ.TRADE_HAS_FINISHED", QueryNow),
        ("ACQ.TRADE_STATUS_ERROR ACQ.REASON_TRADE_STATUS_INVALID ACQ.REASON_ILLEGAL_STATUS", QueryNow),
        ("ACQ.CONTEXT_INCONSISTENT", QueryNow),
        ("ACQ.APPLY_PC_MERCHANT_CODE_ERROR", QueryNow),
        ("ACQ.INVALID_PARAMETER acq.invalid_parameter INVALID_PARAMETER", No),
        ("ACQ.ACCESS_FORBIDDEN ACQ.PARTNER_ERROR ACQ.MERCHANT_AGREEMENT_NOT_EXIST ACQ.MERCHANT_AGREEMENT_INVALID ACQ.UN_SUPPORT_TRADE_SCENE", No),
        ("ACQ.INVALID_RECEIVE_ACCOUNT ACQ.SELLER_NOT_EXIST ACQ.SELLER_BEEN_BLOCKED ACQ.MERCHANT_STATUS_NOT_NORMAL", No),
        ("ACQ.TOTAL_FEE_EXCEED ACQ.BEYOND_PAY_RESTRICTION ACQ.BEYOND_PER_RECEIPT_RESTRICTION ACQ.BEYOND_PER_RECEIPT_SINGLE_RESTRICTION", No),
        ("ACQ.BEYOND_PER_RECEIPT_DAY_RESTRICTION ACQ.MERCHANT_PERM_RECEIPT_SUSPEND_LIMIT ACQ.MERCHANT_PERM_RECEIPT_DAY_LIMIT ACQ.PRODUCT_AMOUNT_LIMIT_ERROR", No),
        ("ACQ.EXIST_FORBIDDEN_WORD", No),
        ("ACQ.PAYMENT_AUTH_CODE_INVALID ACQ.AUTH_TOKEN_IS_NOT_EXIST", No),
        ("ACQ.BUYER_BALANCE_NOT_ENOUGH ACQ.BUYER_BANKCARD_BALANCE_NOT_ENOUGH ACQ.ERROR_BALANCE_PAYMENT_DISABLE ACQ.NO_PAYMENT_INSTRUMENTS_AVAILABLE", No),
        ("ACQ.BUYER_PAYMENT_AMOUNT_DAY_LIMIT_ERROR ACQ.BUYER_PAYMENT_AMOUNT_MONTH_LIMIT_ERROR", No),
        ("ACQ.BUYER_SELLER_EQUAL ACQ.TRADE_BUYER_NOT_MATCH ACQ.PAYER_UNMATCHED ACQ.BUYER_NOT_EXIST ACQ.BUYER_ENABLE_STATUS_FORBID ACQ.NOT_CERTIFIED_USER", No),
        ("ACQ.PAYMENT_REQUEST_HAS_RISK ACQ.PAYMENT_FAIL ACQ.PULL_MOBILE_CASHIER_FAIL", No),
        ("ACQ.NOW_TIME_AFTER_EXPIRE_TIME_ERROR", No),
        ("ACQ.RISK_MERCHANT_IP_NOT_EXIST", No),
        ("ACQ.SELLER_BALANCE_NOT_ENOUGH ACQ.REFUND_AMT_NOT_EQUAL_TOTAL ACQ.REASON_TRADE_REFUND_FEE_ERR ACQ.REFUND_FEE_ERROR", Unknown),
        ("ACQ.DISCORDANT_REPEAT_REQUEST ACQ.TRADE_NOT_ALLOW_REFUND ACQ.NOT_ALLOW_PARTIAL_REFUND ACQ.ONLINE_TRADE_VOUCHER_NOT_ALLOW_REFUND", Unknown),
        ("ACQ.REASON_TRADE_BEEN_FREEZEN ACQ.BUYER_ERROR ACQ.CUSTOMER_VALIDATE_ERROR ACQ.REFUND_ACCOUNT_NOT_EXIST ACQ.REFUND_CHARGE_ERROR", Unknown),
        ("ACQ.TRADE_CANCEL_TIME_OUT ACQ.CANCEL_NOT_ALLOWED", Unknown),
        // Not on the page.
        ("ACQ.A_CODE_OF_TOMORROW ACQ. ACQ.MERCHANT_PERM ACQ.INVALID_PARAMETER2 ACQ-INVALID_PARAMETER", Unknown),
    ];

    /// <summary>Section 3.3 by gateway code.</summary>
    private static readonly (string Code, string SubCodes, string Meaning)[] _section33 =
    [
        ("10003", "", Unknown),
        ("20000", "isp.unknow-error aop.unknow-error ACQ.INVALID_PARAMETER", Unknown),
        ("20001", "aop.invalid-auth-token aop.auth-token-time-out aop.invalid-app-auth-token", No),
        ("40001", "isv.missing-method isv.missing-signature isv.missing-signature-type isv.missing-app-id isv.missing-timestamp isv.missing-version", No),
        ("40002", "isv.invalid-parameter isv.invalid-signature isv.invalid-app-id isv.invalid-method isv.invalid-format isv.invalid-timestamp isv.invalid-charset", No),
        ("40002", "isv.invalid-signature-type isv.illegal-json isv.suspected-attack isv.missing-app-cert-sn isv.missing-alipay-root-cert-sn isv.app-cert-expired", No),
        ("40002", "not-online-app INVAILID_ARGUMENTS", No),
        ("40003", "isv.missing-signature-config", No),
        ("40005", "isv.app-call-limited isv.method-call-limited", No),
        ("40006", "isv.insufficient-isv-permissions isv.insufficient-user-permissions", No),
        // Words of doubt outweigh the code, and a number with a history is queried whatever the code.
        ("40002", "isp.unknow-error ACQ.SYSTEM_ERROR aop.unknow-error", Unknown),
        ("40006", "ACQ.TRADE_HAS_SUCCESS", QueryNow),
        ("99999", "ACQ.INVALID_PARAMETER", Unknown),
        ("1000", "", Unknown),
        ("", "", Unknown),
    ];

    private static IEnumerable<(string Code, string SubCode, string Meaning)> Codes =>
        _section12.Select(r => (Code: "40004", r.SubCodes, r.Meaning)).Append((Code: "40004", SubCodes: "", Meaning: Unknown)).Concat(_section33)
            .SelectMany(r => r.SubCodes.Split(' '), (r, subCode) => (r.Code, subCode, r.Meaning));

    [Fact]
    public async Task Pay_SignedErrorAnswer_HasTheOutcomeOfTheTable()
    {
        await using var world = await World.CreateAsync();
        foreach (var (code, subCode, expected) in Codes)
        {
            world.Alipay.Answer = _ => new FakeAnswer(Nodes.Error(code, subCode));

            var reply = await world.PayAsync();

            var found = reply.Outcome == Outcome.No ? No : reply.QueryNow ? QueryNow : Unknown;
            found.Should().Be(expected, $"{code} {subCode}");
            (reply.NothingSent, reply.Action).Should().Be((false, null!));
            reply.Code.Should().Be(subCode.Length > 0 ? subCode : code);
            reply.TraceId.Should().NotBeEmpty();
        }
    }

    [Fact]
    public async Task Pay_UnsignedErrorAnswer_RefusesOnlyBeforeTheApplicationIsKnown()
    {
        await using var world = await World.CreateAsync();
        world.ExpectError("claims success, but the answer is not signed");
        foreach (var (code, subCode, _) in Codes)
        {
            world.Alipay.Answer = _ => new FakeAnswer(Nodes.Error(code, subCode)) { Signed = false };

            var reply = await world.PayAsync();

            var isBeforeAnything = (code, subCode) == ("40002", "isv.invalid-app-id");
            (reply.Outcome, reply.QueryNow).Should().Be((isBeforeAnything ? Outcome.No : Outcome.Unknown, false), $"{code} {subCode}");
        }
    }

    [Theory]
    [InlineData("isv.invalid-signature", "40002", "does not belong to private_key")]
    [InlineData("ISV.INVALID-SIGNATURE", "40002", "does not belong to private_key")]
    [InlineData("isv.invalid-app-id", "40002", "sandbox and production")]
    [InlineData("isv.missing-app-cert-sn", "40002", "certificate mode")]
    [InlineData("isv.app-cert-expired", "40002", "app_cert has expired")]
    [InlineData("isv.missing-signature-config", "40003", "upload the public key")]
    [InlineData("isv.insufficient-isv-permissions", "40006", "contract")]
    public async Task Calls_RefusedForAMistakeInConfiguration_NameCauseAndRemedy(string subCode, string code, string words)
    {
        await using var world = await World.CreateAsync();
        world.Alipay.Answer = _ => new FakeAnswer(Nodes.Error(code, subCode)) { NodeName = "error_response" };

        var pay = await world.PayAsync();
        var query = await world.QueryAsync();
        var close = await world.CloseAsync();

        foreach (var (said, message) in new[] { (pay.Code, pay.Message), (query.Code, query.Message), (close.Code, close.Message) })
        {
            said.Should().Be(subCode);
            message.Should().Contain(words);
            message.Length.Should().BeLessThanOrEqualTo(255);
        }
    }

    [Fact]
    public async Task Calls_WithAnotherKeyOfAlipay_NameTheMember()
    {
        await using var world = await World.CreateAsync(d => d["alipay_public_key"] = Keys.Stranger.ExportSubjectPublicKeyInfoPem());
        world.Alipay.Answer = _ => new FakeAnswer(Nodes.Error("40004", "ACQ.TRADE_NOT_EXIST"));

        var query = await world.QueryAsync();

        (query.State, query.Code).Should().Be((ChannelPayState.ChannelUnknown, "NO_USABLE_ANSWER"));
        query.Message.Should().Contain("alipay_public_key").And.Contain("this environment");
        query.Message.Length.Should().BeLessThanOrEqualTo(255);
    }

    [Fact]
    public async Task Pay_LongTextWithControlCharacters_IsClipped()
    {
        await using var world = await World.CreateAsync();
        var node = new System.Text.Json.Nodes.JsonObject
        {
            ["code"] = "40004", ["sub_code"] = "ACQ." + new string('Y', 100), ["sub_msg"] = $"a\r\nb{new string('x', 250)}😀",
        };
        world.Alipay.Answer = _ => new FakeAnswer(node.ToJsonString());

        var reply = await world.PayAsync();

        reply.Code.Should().HaveLength(64);
        reply.Message.Should().HaveLength(252).And.StartWith("abx").And.EndWith("x");
    }

    [Fact]
    public async Task Pay_AccountUnknownOrDisabled_IsNothingSent()
    {
        await using var world = await World.CreateAsync(d => d["enabled"] = false);
        world.Alipay.Answer = _ => new FakeAnswer(Nodes.Trade("WAIT_BUYER_PAY"));

        var unknown = await world.PayAsync(r => r.Account = "nobody");
        var disabled = await world.PayAsync();
        var page = await world.PayByPageAsync();
        world.Alipay.Requests.Should().BeEmpty();
        var query = await world.QueryAsync();

        (unknown.Outcome, unknown.NothingSent, unknown.Code).Should().Be((Outcome.Unknown, true, "ACCOUNT_UNKNOWN"));
        (disabled.Outcome, disabled.NothingSent, disabled.Code).Should().Be((Outcome.No, true, "ACCOUNT_DISABLED"));
        page.Should().Be(disabled);
        query.State.Should().Be(ChannelPayState.ChannelNotPaid, "what was begun is followed to its end");
    }

    [Fact]
    public async Task Pay_ApplicationCertificateEnded_IsNothingSentAndNamed()
    {
        var certificates = new Certificates(appUntil: World.Start.AddHours(1));
        await using var world = await World.CreateAsync(d => World.UseCertificates(d, certificates));
        world.Alipay.Answer = _ => new FakeAnswer(Nodes.Placed);
        world.Time.Advance(TimeSpan.FromMinutes(60) - TimeSpan.FromTicks(1));
        (await world.PayAsync()).Outcome.Should().Be(Outcome.Yes);
        world.Time.Advance(TimeSpan.FromTicks(1));

        var pay = await world.PayAsync();
        var page = await world.PayByPageAsync();

        (pay.Outcome, pay.NothingSent, pay.Code).Should().Be((Outcome.Unknown, true, "APP_CERT_EXPIRED"));
        pay.Message.Should().Contain("app_cert").And.Contain("2026-11-22");
        page.Should().Be(pay);
        world.Alipay.Requests.Should().ContainSingle();
        world.Alipay.Answer = _ => new FakeAnswer(Nodes.Trade());
        (await world.QueryAsync()).State.Should().Be(ChannelPayState.ChannelPaid, "what was begun is followed to its end");
    }

    [Fact]
    public async Task QueryAndClose_AccountOrNumberUnusable_AskNobody()
    {
        await using var world = await World.CreateAsync();

        (await world.Client.QueryAsync(new ChannelQueryRequest { Account = "nobody", AttemptNo = World.AttemptNo })).Code.Should().Be("ACCOUNT_UNKNOWN");
        (await world.Client.CloseAsync(new ChannelCloseRequest { Account = "nobody", AttemptNo = World.AttemptNo })).Outcome.Should().Be(Outcome.Unknown);
        (await world.QueryAsync("A-1")).State.Should().Be(ChannelPayState.ChannelUnknown);
        (await world.CloseAsync("")).Outcome.Should().Be(Outcome.Unknown);
        world.Alipay.Requests.Should().BeEmpty();
    }

    [Theory]
    [InlineData("TRADE_SUCCESS", ChannelPayState.ChannelPaid)]
    [InlineData("TRADE_FINISHED", ChannelPayState.ChannelPaid)]
    [InlineData("WAIT_BUYER_PAY", ChannelPayState.ChannelNotPaid)]
    [InlineData("TRADE_CLOSED", ChannelPayState.ChannelClosed)]
    [InlineData("TRADE_PENDING", ChannelPayState.ChannelUnknown)]
    [InlineData("trade_success", ChannelPayState.ChannelUnknown)]
    [InlineData("", ChannelPayState.ChannelUnknown)]
    [InlineData(null, ChannelPayState.ChannelUnknown)]
    public async Task Query_TradeStatus_IsTheStateOfTheTable(string? status, ChannelPayState expected)
    {
        await using var world = await World.CreateAsync();
        world.Alipay.Answer = _ => new FakeAnswer(Nodes.Trade(status ?? "", n => n["trade_status"] = status));

        var reply = await world.QueryAsync();

        (reply.State, reply.Facts.Refunded).Should().Be((expected, false));
        reply.Code.Should().Be(expected == ChannelPayState.ChannelUnknown ? "TRADE_STATUS_UNKNOWN" : status);
    }

    [Fact]
    public async Task Query_ClosedAfterAPayment_IsPaidAndRefunded()
    {
        await using var world = await World.CreateAsync();
        world.Alipay.Answer = _ => new FakeAnswer(Nodes.Trade("TRADE_CLOSED", n => n["send_pay_date"] = "2026-11-22 10:01:02"));

        var reply = await world.QueryAsync();

        (reply.State, reply.Facts.Refunded, reply.Facts.AmountMinor).Should().Be((ChannelPayState.ChannelPaid, true, 8888));
    }

    [Fact]
    public async Task Query_OnCredit_IsNotPaidAndAnAlarm()
    {
        await using var world = await World.CreateAsync();
        world.ExpectError("creditAdvanceV2");
        world.Alipay.Answer = _ => new FakeAnswer(Nodes.Trade(change: n => n["credit_pay_mode"] = "creditAdvanceV2"));

        var reply = await world.QueryAsync();

        reply.State.Should().Be(ChannelPayState.ChannelNotPaid);
        reply.Message.Should().Contain("credit_pay_mode");
        world.Alipay.Answer = _ => new FakeAnswer(Nodes.Trade(change: n => n["credit_pay_mode"] = ""));
        (await world.QueryAsync()).State.Should().Be(ChannelPayState.ChannelPaid);
    }

    [Fact]
    public async Task Query_Paid_CarriesEveryFact()
    {
        await using var world = await World.CreateAsync();
        world.Alipay.Answer = _ => new FakeAnswer(Nodes.Trade());

        var reply = await world.QueryAsync();

        (reply.State, reply.Code, reply.TraceId).Should().Be((ChannelPayState.ChannelPaid, "TRADE_SUCCESS", "0b0a1f3d16"));
        (reply.Facts.AttemptNo, reply.Facts.AmountMinor, reply.Facts.ChannelOrderId).Should().Be((World.AttemptNo, 8888, "2026112222001400000000000001"));
        reply.Facts.PaidTime.ToDateTimeOffset().Should().Be(new DateTimeOffset(2026, 11, 22, 10, 1, 2, TimeSpan.FromHours(8)));
        reply.Facts.AccountIds.Should().BeEmpty("the answer names nobody");
        reply.Facts.HasCurrency.Should().BeFalse();
    }

    [Theory]
    [InlineData("\"20\"", 2000L)]
    [InlineData("\"20.0\"", 2000L)]
    [InlineData("\"20.00\"", 2000L)]
    [InlineData("20", 2000L)]
    [InlineData("20.5", 2050L)]
    [InlineData("20.00", 2000L)]
    [InlineData("\"0.01\"", 1L)]
    [InlineData("\"100000000.00\"", 10_000_000_000L)]
    [InlineData("null", null)]
    public async Task Query_Amount_IsReadExactly(string amount, long? fen)
    {
        await using var world = await World.CreateAsync();
        world.Alipay.Answer = _ => new FakeAnswer(Nodes.Trade().Replace("\"88.88\"", amount, StringComparison.Ordinal));

        var reply = await world.QueryAsync();

        reply.State.Should().Be(ChannelPayState.ChannelPaid);
        (reply.Facts.HasAmountMinor ? reply.Facts.AmountMinor : (long?)null).Should().Be(fen);
    }

    [Theory]
    [InlineData("\"20.000\"")]
    [InlineData("20.001")]
    [InlineData("2e1")]
    [InlineData("-20")]
    [InlineData("\"-20\"")]
    [InlineData("\"+20\"")]
    [InlineData("\" 20\"")]
    [InlineData("\"20 \"")]
    [InlineData("\"2,000.00\"")]
    [InlineData("\"020\"")]
    [InlineData("\"20.\"")]
    [InlineData("\".5\"")]
    [InlineData("\"\"")]
    [InlineData("\"２０\"")]
    [InlineData("\"9999999999999\"")]
    [InlineData("true")]
    [InlineData("{}")]
    [InlineData("\"20\",\"total_amount\":\"20\"")]
    public async Task Query_AmountThatIsNone_IsUnknown(string amount)
    {
        await using var world = await World.CreateAsync();
        world.Alipay.Answer = _ => new FakeAnswer(Nodes.Trade().Replace("\"88.88\"", amount, StringComparison.Ordinal));

        var reply = await world.QueryAsync();

        (reply.State, reply.Facts, reply.Code).Should().Be((ChannelPayState.ChannelUnknown, null!, "NO_USABLE_ANSWER"));
    }

    [Theory]
    [InlineData("2026-11-22 10:01:02", 0)]
    [InlineData("2026-11-22 10:01:02.5", 500)]
    [InlineData("2026-11-22T10:01:02+08:00", null)]
    [InlineData("yesterday", null)]
    public async Task Query_PaidTime_IsChinasOrAbsent(string text, int? milliseconds)
    {
        await using var world = await World.CreateAsync();
        world.Alipay.Answer = _ => new FakeAnswer(Nodes.Trade(change: n => n["send_pay_date"] = text));

        var reply = await world.QueryAsync();

        reply.State.Should().Be(ChannelPayState.ChannelPaid, "a time proves nothing");
        reply.Facts.PaidTime?.ToDateTimeOffset().ToUnixTimeMilliseconds()
            .Should().Be(milliseconds is null ? null : new DateTimeOffset(2026, 11, 22, 2, 1, 2, TimeSpan.Zero).ToUnixTimeMilliseconds() + milliseconds);
    }

    [Fact]
    public async Task Query_AnswerOfAnotherNumber_SaysNothingUnlessPaid()
    {
        await using var world = await World.CreateAsync();
        foreach (var number in new[] { "A01H3V7M0000000000000000000T2", null })
        {
            foreach (var status in new[] { "WAIT_BUYER_PAY", "TRADE_CLOSED" })
            {
                world.Alipay.Answer = _ => new FakeAnswer(Nodes.Trade(status, n => n["out_trade_no"] = number));
                (await world.QueryAsync()).State.Should().Be(ChannelPayState.ChannelUnknown);
            }

            world.Alipay.Answer = _ => new FakeAnswer(Nodes.Trade(change: n => n["out_trade_no"] = number));
            var paid = await world.QueryAsync();
            paid.State.Should().Be(ChannelPayState.ChannelPaid);
            (paid.Facts.HasAttemptNo, paid.Facts.AttemptNo).Should().Be((number is not null, number ?? ""), "the caller compares");
        }
    }

    [Theory]
    [InlineData("40004", "ACQ.TRADE_NOT_EXIST", ChannelPayState.ChannelNotFound, Outcome.No, ChannelPayState.ChannelNotFound)]
    [InlineData("40004", "TRADE_NOT_EXIST", ChannelPayState.ChannelNotFound, Outcome.No, ChannelPayState.ChannelNotFound)]
    [InlineData("40004", "acq.trade_not_exist", ChannelPayState.ChannelNotFound, Outcome.No, ChannelPayState.ChannelNotFound)]
    [InlineData("20000", "ACQ.TRADE_NOT_EXIST", ChannelPayState.ChannelUnknown, Outcome.Unknown, ChannelPayState.ChannelUnknown)]
    [InlineData("40002", "ACQ.TRADE_NOT_EXIST", ChannelPayState.ChannelUnknown, Outcome.Unknown, ChannelPayState.ChannelUnknown)]
    [InlineData("40004", "ACQ.TRADE_HAS_SUCCESS", ChannelPayState.ChannelUnknown, Outcome.No, ChannelPayState.ChannelPaid)]
    [InlineData("40004", "ACQ.TRADE_HAS_FINISHED", ChannelPayState.ChannelUnknown, Outcome.No, ChannelPayState.ChannelPaid)]
    [InlineData("40004", "ACQ.TRADE_HAS_CLOSE", ChannelPayState.ChannelUnknown, Outcome.No, ChannelPayState.ChannelClosed)]
    [InlineData("40004", "ACQ.TRADE_STATUS_ERROR", ChannelPayState.ChannelUnknown, Outcome.No, ChannelPayState.ChannelUnknown)]
    [InlineData("40004", "ACQ.REASON_TRADE_STATUS_INVALID", ChannelPayState.ChannelUnknown, Outcome.No, ChannelPayState.ChannelUnknown)]
    [InlineData("40004", "ACQ.REASON_ILLEGAL_STATUS", ChannelPayState.ChannelUnknown, Outcome.No, ChannelPayState.ChannelUnknown)]
    [InlineData("40004", "ACQ.SYSTEM_ERROR", ChannelPayState.ChannelUnknown, Outcome.Unknown, ChannelPayState.ChannelUnknown)]
    [InlineData("40004", "ACQ.INVALID_PARAMETER", ChannelPayState.ChannelUnknown, Outcome.Unknown, ChannelPayState.ChannelUnknown)]
    [InlineData("40004", "", ChannelPayState.ChannelUnknown, Outcome.Unknown, ChannelPayState.ChannelUnknown)]
    [InlineData("40002", "isv.invalid-signature", ChannelPayState.ChannelUnknown, Outcome.Unknown, ChannelPayState.ChannelUnknown)]
    [InlineData("40005", "isv.app-call-limited", ChannelPayState.ChannelUnknown, Outcome.Unknown, ChannelPayState.ChannelUnknown)]
    public async Task QueryAndClose_SignedErrorAnswer_SayWhatTheTableSays(
        string code, string subCode, ChannelPayState query, Outcome close, ChannelPayState closeState)
    {
        await using var world = await World.CreateAsync();
        world.Alipay.Answer = _ => new FakeAnswer(Nodes.Error(code, subCode));

        var asked = await world.QueryAsync();
        var closed = await world.CloseAsync();

        (asked.State, asked.Facts).Should().Be((query, null!));
        (closed.Outcome, closed.State).Should().Be((close, closeState));
        (asked.Code, closed.Code).Should().Be(subCode.Length > 0 ? (subCode, subCode) : (code, code));
    }

    [Fact]
    public async Task Close_SignedConfirmationOfOurNumber_IsYes()
    {
        await using var world = await World.CreateAsync();
        world.Alipay.Answer = _ => new FakeAnswer(Nodes.Closed);
        var ours = await world.CloseAsync();
        world.Alipay.Answer = _ => new FakeAnswer(Nodes.Closed.Replace("T1\"", "T2\"", StringComparison.Ordinal));
        var anothers = await world.CloseAsync();

        (ours.Outcome, ours.State, ours.TraceId).Should().Be((Outcome.Yes, ChannelPayState.ChannelClosed, "0b0a1f3d16"));
        (anothers.Outcome, anothers.State).Should().Be((Outcome.Unknown, ChannelPayState.ChannelUnknown));
    }
}
