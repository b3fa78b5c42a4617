using System.Text.Json.Nodes;
using PayCore.Contracts.V1;
using Verdict = PayCore.Contracts.V1.ReadCallbackReply.Types.Verdict;

namespace PayCore.Alipay.Tests;

/// <summary>Giving money back: what is sent, what counts as done, and what never does (alipay.md 6.8, 7).</summary>
public sealed class RefundTests
{
    [Fact]
    public async Task Refund_Request_CarriesOurNumberAlways()
    {
        await using var world = await World.CreateAsync();
        world.Alipay.Answer = _ => new FakeAnswer(Nodes.Refunded());

        await world.RefundAsync();
        await world.RefundAsync(r => (r.Reason, r.AmountMinor) = ("", 8888));

        world.Alipay.Requests.Select(r => (r.Call, r.Content, r.SignatureProblem)).Should().Equal(
            ("alipay.trade.refund",
                $$"""{"out_trade_no":"{{World.AttemptNo}}","refund_amount":"10.00","out_request_no":"{{World.RefundNo}}","refund_reason":"too small","query_options":["deposit_back_info"]}""",
                null),
            ("alipay.trade.refund",
                $$"""{"out_trade_no":"{{World.AttemptNo}}","refund_amount":"88.88","out_request_no":"{{World.RefundNo}}","query_options":["deposit_back_info"]}""",
                null));
        world.Alipay.Requests.Should().OnlyContain(r => !r.Query.ContainsKey("notify_url"), "a refund takes none");
    }

    [Fact]
    public async Task QueryRefund_Request_CarriesBothNumbers()
    {
        await using var world = await World.CreateAsync();

        await world.QueryRefundAsync();

        world.Alipay.Requests.Select(r => (r.Call, r.Content, r.SignatureProblem)).Should().Equal((
            "alipay.trade.fastpay.refund.query",
            $$"""{"out_trade_no":"{{World.AttemptNo}}","out_request_no":"{{World.RefundNo}}","query_options":["gmt_refund_pay","deposit_back_info"]}""", null));
    }

    [Fact]
    public async Task Refund_MoneyMovedByThisCall_IsDone()
    {
        await using var world = await World.CreateAsync();
        world.Alipay.Answer = _ => new FakeAnswer(Nodes.Refunded(n => n["refund_fee"] = "30.00"));

        var reply = await world.RefundAsync();

        (reply.State, reply.NothingSent, reply.TraceId).Should().Be((ChannelRefundState.RefundDone, false, "0b0a1f3d16"));
        (reply.Facts.State, reply.Facts.AttemptNo, reply.Facts.RefundNo).Should()
            .Be((ChannelRefundState.RefundDone, World.AttemptNo, World.RefundNo), "whoever records it asks for the number");
        reply.Facts.SuccessTime.ToDateTimeOffset().Should().Be(new DateTimeOffset(2026, 11, 22, 11, 0, 0, TimeSpan.FromHours(8)));
        reply.Facts.HasAmountMinor.Should().BeFalse("refund_fee is the sum of all refunds, not this one's amount");
    }

    public static TheoryData<string, string, ChannelRefundState> Processed => new()
    {
        { "no money moved", Nodes.Refunded(n => n["fund_change"] = "N"), ChannelRefundState.RefundPending },
        { "no word of money", Nodes.Refunded(n => n.Remove("fund_change")), ChannelRefundState.RefundPending },
        { "another letter", Nodes.Refunded(n => n["fund_change"] = "y"), ChannelRefundState.RefundPending },
        { "code alone", $$"""{"code":"10000","msg":"Success","out_trade_no":"{{World.AttemptNo}}"}""", ChannelRefundState.RefundPending },
        { "without its sum", Nodes.Refunded(n => n.Remove("refund_fee")), ChannelRefundState.RefundDone },
        { "sum as a number", Nodes.Refunded(n => n["refund_fee"] = 10), ChannelRefundState.RefundDone },
        { "another trade's number", Nodes.Refunded(n => n["out_trade_no"] = "B"), ChannelRefundState.RefundUnknown },
        { "no number", Nodes.Refunded(n => n.Remove("out_trade_no")), ChannelRefundState.RefundUnknown },
        { "another trade", Nodes.Refunded(n => n["trade_no"] = "2026112222001400000000000002"), ChannelRefundState.RefundUnknown },
        { "less money than this refund's", Nodes.Refunded(n => n["refund_fee"] = "9.99"), ChannelRefundState.RefundUnknown },
        { "sum that is none", Nodes.Refunded(n => n["refund_fee"] = "10.000"), ChannelRefundState.RefundUnknown },
        { "sum that is no text", Nodes.Refunded(n => n["refund_fee"] = true), ChannelRefundState.RefundUnknown },
    };

    [Theory]
    [MemberData(nameof(Processed), DisableDiscoveryEnumeration = true)]
    public async Task Refund_ProcessedAnswer_IsDoneOnlyWhenItSaysSoOfThisTrade(string what, string node, ChannelRefundState state)
    {
        await using var world = await World.CreateAsync();
        world.Alipay.Answer = _ => new FakeAnswer(node);

        var reply = await world.RefundAsync();

        (reply.State, reply.NothingSent).Should().Be((state, false), what);
        (reply.Facts is not null).Should().Be(state == ChannelRefundState.RefundDone);
    }

    public static TheoryData<string, string, ChannelRefundState> Asked => new()
    {
        { "done", Nodes.Refund(), ChannelRefundState.RefundDone },
        { "amount as a number", Nodes.Refund(n => n["refund_amount"] = 10), ChannelRefundState.RefundDone },
        { "processing", Nodes.Refund(n => n["refund_status"] = "REFUND_PROCESSING"), ChannelRefundState.RefundPending },
        { "failed", Nodes.Refund(n => n["refund_status"] = "REFUND_FAIL"), ChannelRefundState.RefundRefused },
        { "a status of tomorrow", Nodes.Refund(n => n["refund_status"] = "REFUND_SOON"), ChannelRefundState.RefundUnknown },
        { "almost empty", """{"code":"10000","msg":"Success"}""", ChannelRefundState.RefundNotFound },
        { "numbers alone", Nodes.Refund(n => { n.Remove("refund_status"); n.Remove("refund_amount"); }), ChannelRefundState.RefundNotFound },
        { "no status, nothing refunded", Nodes.Refund(n => { n.Remove("refund_status"); n["refund_amount"] = "0.00"; }), ChannelRefundState.RefundNotFound },
        { "number and amount without status", Nodes.Refund(n => n.Remove("refund_status")), ChannelRefundState.RefundUnknown },
        { "done, another refund", Nodes.Refund(n => n["out_request_no"] = "R2"), ChannelRefundState.RefundUnknown },
        { "done, no refund", Nodes.Refund(n => n.Remove("out_request_no")), ChannelRefundState.RefundUnknown },
        { "done, another trade", Nodes.Refund(n => n["out_trade_no"] = "B"), ChannelRefundState.RefundUnknown },
        { "done, no trade", Nodes.Refund(n => n.Remove("out_trade_no")), ChannelRefundState.RefundUnknown },
        { "failed, another refund", Nodes.Refund(n => (n["refund_status"], n["out_request_no"]) = ("REFUND_FAIL", "R2")), ChannelRefundState.RefundUnknown },
        { "amount that is none", Nodes.Refund(n => n["refund_amount"] = "10.000"), ChannelRefundState.RefundUnknown },
        { "trade not known", Nodes.Error("40004", "ACQ.TRADE_NOT_EXIST"), ChannelRefundState.RefundNotFound },
        { "trade not known, no prefix", Nodes.Error("40004", "TRADE_NOT_EXIST"), ChannelRefundState.RefundNotFound },
        { "system error", Nodes.Error("40004", "ACQ.SYSTEM_ERROR"), ChannelRefundState.RefundUnknown },
        { "not said", Nodes.Error("20000", "isp.unknow-error"), ChannelRefundState.RefundUnknown },
        { "refused", Nodes.Error("40002", "isv.invalid-signature"), ChannelRefundState.RefundUnknown },
        { "a business code", Nodes.Error("40004", "ACQ.TRADE_NOT_ALLOW_REFUND"), ChannelRefundState.RefundUnknown },
    };

    [Theory]
    [MemberData(nameof(Asked), DisableDiscoveryEnumeration = true)]
    public async Task QueryRefund_Answer_SaysWhatTheTableSays(string what, string node, ChannelRefundState state)
    {
        await using var world = await World.CreateAsync();
        world.Alipay.Answer = _ => new FakeAnswer(node);

        var reply = await world.QueryRefundAsync();

        (reply.State, reply.TraceId).Should().Be((state, "0b0a1f3d16"), what);
        (reply.Facts is not null).Should().Be(state is ChannelRefundState.RefundDone or ChannelRefundState.RefundPending or ChannelRefundState.RefundRefused);
    }

    [Fact]
    public async Task QueryRefund_Done_CarriesEveryFact()
    {
        await using var world = await World.CreateAsync();
        world.Alipay.Answer = _ => new FakeAnswer(Nodes.Refund());

        var reply = await world.QueryRefundAsync();

        (reply.Code, reply.Message).Should().Be(("REFUND_SUCCESS", ""));
        var facts = reply.Facts;
        (facts.RefundNo, facts.AttemptNo, facts.AmountMinor, facts.State).Should().Be((World.RefundNo, World.AttemptNo, 1000, ChannelRefundState.RefundDone));
        facts.SuccessTime.ToDateTimeOffset().Should().Be(new DateTimeOffset(2026, 11, 22, 11, 0, 0, TimeSpan.FromHours(8)));
        (facts.HasCurrency, facts.AccountIds.Count).Should().Be((false, 0));
    }

    [Fact]
    public async Task QueryRefund_OfAnOldApplication_CountsNumberAndAmountWhenConfigured()
    {
        await using var world = await World.CreateAsync(d => d["refunds_without_status"] = true);
        world.Alipay.Answer = _ => new FakeAnswer(Nodes.Refund(n => n.Remove("refund_status")));

        var reply = await world.QueryRefundAsync();
        (reply.State, reply.Facts.AmountMinor).Should().Be((ChannelRefundState.RefundDone, 1000), "the caller compares the amount");

        foreach (var change in (Action<JsonObject>[])[n => n.Remove("refund_amount"), n => n["out_request_no"] = "R2", n => n["out_trade_no"] = "B"])
        {
            world.Alipay.Answer = _ => new FakeAnswer(Nodes.Refund(n =>
            {
                n.Remove("refund_status");
                change(n);
            }));
            (await world.QueryRefundAsync()).State.Should().Be(ChannelRefundState.RefundNotFound);
        }
    }

    [Theory]
    [InlineData("""{"has_deposit_back":"true","dback_status":"F","dback_amount":"10.00"}""", "Alipay balance")]
    [InlineData("""{"has_deposit_back":true,"dback_status":"P"}""", "on its way")]
    [InlineData("""{"has_deposit_back":"true","dback_status":"S"}""", "")]
    [InlineData("""{"has_deposit_back":"false"}""", "")]
    [InlineData("\"text\"", "")]
    [InlineData("""{"dback_status":{}}""", "")]
    public async Task QueryRefund_DepositBack_IsANoteAndNeverUndoesTheRefund(string info, string note)
    {
        await using var world = await World.CreateAsync();
        world.Alipay.Answer = _ => new FakeAnswer(Nodes.Refund(n => n["deposit_back_info"] = JsonNode.Parse(info)));

        var reply = await world.QueryRefundAsync();

        reply.State.Should().Be(ChannelRefundState.RefundDone);
        (note.Length == 0 ? reply.Message.Length == 0 : reply.Message.Contains(note, StringComparison.Ordinal)).Should().BeTrue(reply.Message);
    }

    [Fact]
    public async Task Calls_ThatAlipayDidNotSign_DecideNothing()
    {
        await using var world = await World.CreateAsync();
        world.ExpectError("claims success, but the answer is");
        foreach (var spoil in (Func<FakeAnswer, FakeAnswer>[])[a => a with { Signed = false }, a => a with { Key = Keys.Stranger }, a => a with { NodeSigned = a.Node + " " }])
        {
            foreach (var node in new[] { Nodes.Refunded(), Nodes.Refund(), Nodes.Error("40004", "ACQ.TRADE_NOT_EXIST"), Nodes.Error("40002", "isv.invalid-app-id") })
            {
                world.Alipay.Answer = _ => spoil(new FakeAnswer(node));
                (await world.RefundAsync()).State.Should().Be(ChannelRefundState.RefundUnknown, node);
                (await world.QueryRefundAsync()).State.Should().Be(ChannelRefundState.RefundUnknown, node);
            }
        }
    }

    [Theory]
    [InlineData("40005", "isv.app-call-limited", true)]
    [InlineData("40005", "isv.method-call-limited", true)]
    [InlineData("40005", "", true)]
    [InlineData("40004", "RESOURCE_LIMIT_EXCEED", false)]
    [InlineData("40005", "aop.unknow-error", false)]
    [InlineData("20000", "isv.app-call-limited", false)]
    [InlineData("40004", "ACQ.SYSTEM_ERROR", false)]
    public async Task Refund_AskedTooOften_IsAnsweredAndNotExecutedWhenItIsSigned(string code, string subCode, bool notExecuted)
    {
        await using var world = await World.CreateAsync();
        foreach (var isSigned in new[] { true, false })
        {
            world.Alipay.Answer = _ => new FakeAnswer(Nodes.Error(code, subCode)) { Signed = isSigned };

            var reply = await world.RefundAsync();

            (reply.State, reply.NothingSent, reply.NotExecuted).Should().Be((ChannelRefundState.RefundUnknown, false, notExecuted && isSigned));
        }
    }

    [Fact]
    public async Task Refund_NoAnswer_IsUnknownAndSentOnce()
    {
        await using var world = await World.CreateAsync();
        world.Alipay.Answer = _ => new FakeAnswer(Nodes.Refunded()) { Cut = true };

        var cut = await world.RefundAsync();
        world.Alipay.Requests.Should().ContainSingle("nothing is repeated");
        world.Alipay.Answer = _ => new FakeAnswer(Nodes.Refunded()) { Status = 502 };
        var broken = await world.RefundAsync();

        foreach (var reply in (ChannelRefundReply[])[cut, broken])
        {
            (reply.State, reply.NothingSent, reply.Facts).Should().Be((ChannelRefundState.RefundUnknown, false, null!));
        }
    }

    [Fact]
    public async Task Refund_CallerGoesAway_RunsToItsOwnEnd()
    {
        await using var world = await World.CreateAsync();
        var go = new TaskCompletionSource();
        world.Alipay.Answer = _ => new FakeAnswer(Nodes.Refunded()) { Until = go.Task };
        using var cancel = new CancellationTokenSource();

        var call = world.Client.RefundAsync(World.RefundRequest(), cancellationToken: cancel.Token);
        var received = await world.Alipay.ArrivalAsync();
        await cancel.CancelAsync();
        go.SetResult();

        (await received.Aborted).Should().BeFalse("what was begun runs on");
        call.Dispose();
    }

    public static TheoryData<string, Action<ChannelRefundRequest>> NotSendable => new()
    {
        { "currency", r => r.Currency = "USD" },
        { "amount_minor", r => r.AmountMinor = 0 },
        { "amount_minor", r => r.AmountMinor = -1 },
        { "amount_minor", r => r.AmountMinor = 8889 },
        { "attempt_no", r => r.AttemptNo = "A-1" },
        { "refund_no", r => r.RefundNo = "" },
        { "refund_no", r => r.RefundNo = new string('R', 65) },
        { "reason", r => r.Reason = "a\nb" },
        { "reason", r => r.Reason = new string('中', 257) },
    };

    [Theory]
    [MemberData(nameof(NotSendable), DisableDiscoveryEnumeration = true)]
    public async Task Refund_WhatThePlatformCannotTake_IsRefusedBeforeSending(string field, Action<ChannelRefundRequest> change)
    {
        await using var world = await World.CreateAsync();

        var reply = await world.RefundAsync(change);

        (reply.State, reply.NothingSent).Should().Be((ChannelRefundState.RefundRefused, true));
        reply.Message.Should().StartWith($"{field}:");
        world.Alipay.Requests.Should().BeEmpty();
    }

    [Fact]
    public async Task Calls_WithoutUsableAccountOrNumber_AskNobodyAndDecideNothing()
    {
        var certificates = new Certificates(appUntil: World.Start.AddHours(1));
        await using var world = await World.CreateAsync(d => World.UseCertificates(d, certificates));
        world.Time.Advance(TimeSpan.FromHours(1));

        var nobody = await world.RefundAsync(r => r.Account = "nobody");
        var ended = await world.RefundAsync();
        var nobodyAsked = await world.QueryRefundAsync(r => r.Account = "nobody");
        var wrong = await world.QueryRefundAsync(r => r.RefundNo = "R-1");

        foreach (var (reply, code) in new[] { (nobody, "ACCOUNT_UNKNOWN"), (ended, "APP_CERT_EXPIRED"), (nobodyAsked, "ACCOUNT_UNKNOWN"), (wrong, "FIELD_INVALID") })
        {
            (reply.State, reply.NothingSent, reply.Code).Should().Be((ChannelRefundState.RefundUnknown, true, code));
        }

        world.Alipay.Requests.Should().BeEmpty();
    }

    [Fact]
    public async Task Refund_FromAnAccountThatIsSwitchedOff_IsSent()
    {
        await using var world = await World.CreateAsync(d => d["enabled"] = false);
        world.Alipay.Answer = _ => new FakeAnswer(Nodes.Refunded());

        (await world.RefundAsync()).State.Should().Be(ChannelRefundState.RefundDone, "what was begun is followed to its end");
    }

    public static TheoryData<string, Action<Notify>> Notifies => new()
    {
        { "part", n => (n.Parameters["refund_fee"], n.Parameters["gmt_refund"]) = ("30.00", "2026-11-22 11:00:00.123") },
        { "part, without its time", n => n.Parameters["refund_fee"] = "30.00" },
        { "part, without the sum", n => n.Parameters["gmt_refund"] = "2026-11-22 11:00:00" },
        { "whole", n => (n.Parameters["trade_status"], n.Parameters["refund_fee"], n.Parameters["gmt_close"]) = ("TRADE_CLOSED", "88.88", "2026-11-22 11:00:00") },
        {
            "whole, without a word of the payment", n =>
            {
                n.Parameters.Remove("gmt_payment");
                (n.Parameters["trade_status"], n.Parameters["gmt_refund"]) = ("TRADE_CLOSED", "2026-11-22 11:00:00");
            }
        },
    };

    [Theory]
    [MemberData(nameof(Notifies), DisableDiscoveryEnumeration = true)]
    public async Task Callback_OfARefundWithItsNumber_TellsOfTheRefundAndProvesThePayment(string what, Action<Notify> change)
    {
        await using var world = await World.CreateAsync();

        var reply = await world.ReadAsync(Notify.Make(n =>
        {
            n.Parameters["out_biz_no"] = World.RefundNo;
            change(n);
        }));

        reply.Verdict.Should().Be(Verdict.Refund, what);
        (reply.Refund.RefundNo, reply.Refund.AttemptNo, reply.Refund.State).Should().Be((World.RefundNo, World.AttemptNo, ChannelRefundState.RefundDone));
        reply.Refund.AccountIds.Should().BeEquivalentTo(new Dictionary<string, string> { ["app_id"] = Keys.AppId, ["seller_id"] = Keys.SellerId });
        reply.Refund.HasAmountMinor.Should().BeFalse("refund_fee is the sum of all refunds");
        (reply.State, reply.Facts.Refunded, reply.Facts.AmountMinor).Should().Be((ChannelPayState.ChannelPaid, true, 8888));
        reply.MessageId.Should().NotBeEmpty();
        reply.Success.Body.ToStringUtf8().Should().Be("success");
    }

    [Fact]
    public async Task Callback_OfARefund_TellsItsTime()
    {
        await using var world = await World.CreateAsync();

        var reply = await world.ReadAsync(Notify.Make(n => (n.Parameters["out_biz_no"], n.Parameters["gmt_refund"]) = (World.RefundNo, "2026-11-22 11:00:00.123")));

        reply.Refund.SuccessTime.ToDateTimeOffset().Should().Be(new DateTimeOffset(2026, 11, 22, 11, 0, 0, 123, TimeSpan.FromHours(8)));
    }

    [Fact]
    public async Task Callback_OfARefundByAStranger_IsRejected()
    {
        await using var world = await World.CreateAsync();

        var reply = await world.ReadAsync(Notify.Make(n => (n.Parameters["out_biz_no"], n.Parameters["gmt_refund"], n.Key) = (World.RefundNo, "2026-11-22 11:00:00", Keys.Stranger)));

        (reply.Verdict, reply.Refund).Should().Be((Verdict.Rejected, null!));
    }

    [Fact]
    public async Task Callback_OfADepositBack_ChangesNothing()
    {
        await using var world = await World.CreateAsync();

        var reply = await world.ReadAsync(Notify.Make(n =>
        {
            n.Parameters.Remove("notify_type");
            n.Parameters["msg_method"] = "alipay.trade.refund.depositback.completed";
            n.Parameters["biz_content"] = $$"""{"out_trade_no":"{{World.AttemptNo}}","out_request_no":"{{World.RefundNo}}","dback_status":"F","dback_amount":"10.00"}""";
        }));

        (reply.Verdict, reply.Refund, reply.Success.Body.ToStringUtf8()).Should().Be((Verdict.Nothing, null!, "success"));
    }
}
