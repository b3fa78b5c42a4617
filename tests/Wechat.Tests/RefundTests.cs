using System.Text.Json.Nodes;
using Google.Protobuf;
using PayCore.Contracts.V1;
using PayCore.ServiceDefaults.Ports;
using Verdict = PayCore.Contracts.V1.ReadCallbackReply.Types.Verdict;

namespace PayCore.Wechat.Tests;

/// <summary>Giving money back: what is sent, what counts as done, and what never does (wechat-pay-v3.md 6).</summary>
public sealed class RefundTests
{
    private const string Path = "/v3/refund/domestic/refunds";

    private static readonly Dictionary<string, (Func<World, ReadCallbackRequest> Make, int Status)> _notProven = new()
    {
        ["stranger's key"] = (w => w.Callback("REFUND.SUCCESS", "refund", Refunds.Told(), how: new FakeAnswer(0) { Key = Keys.Stranger }), 401),
        ["probe"] = (w => w.Callback("REFUND.SUCCESS", "refund", Refunds.Told(), how: new FakeAnswer(0) { Probe = true }), 401),
        ["stale"] = (w => w.Callback("REFUND.SUCCESS", "refund", Refunds.Told(), how: new FakeAnswer(0) { ClockOff = 300 }), 401),
        ["unsigned"] = (w => w.Callback("REFUND.SUCCESS", "refund", Refunds.Told(), request: r => r.Headers.Clear()), 401),
        ["altered"] = (w => w.Callback("REFUND.SUCCESS", "refund", Refunds.Told(), request: r => r.Body = ByteString.CopyFromUtf8(r.Body.ToStringUtf8() + " ")), 401),
        ["another APIv3 key"] = (w => w.Callback("REFUND.SUCCESS", "refund", Refunds.Told(), apiV3Key: new string('k', 32)), 500),
        ["another event"] = (w => w.Callback("REFUND.SUCCESS", "refund", Refunds.Told("CLOSED")), 400),
        ["no status"] = (w => w.Callback("REFUND.CLOSED", "refund", new JsonObject { ["out_refund_no"] = World.RefundNo }), 400),
        ["a payment's content"] = (w => w.Callback("REFUND.SUCCESS", "transaction", Refunds.Told()), 400),
        ["a refund's content"] = (w => w.Callback("TRANSACTION.SUCCESS", "refund", Transactions.Paid()), 400),
        ["amount as text"] = (w => w.Callback("REFUND.SUCCESS", "refund", With("amount", new JsonObject { ["refund"] = "30" })), 400),
    };

    [Fact]
    public async Task Refund_Request_CarriesOurNumberAndBothAmounts()
    {
        await using var world = await World.CreateAsync();
        world.Wechat.Answer = _ => new FakeAnswer(200, Refunds.Of("PROCESSING").ToJsonString());

        await world.RefundAsync();
        await world.RefundAsync(r => (r.Reason, r.AmountMinor) = ("", 100));

        world.Wechat.Requests.Select(r => (r.Method, r.Target, r.Text, r.SignatureProblem)).Should().Equal(
            ("POST", Path,
                $$$"""{"out_trade_no":"{{{World.AttemptNo}}}","out_refund_no":"{{{World.RefundNo}}}","reason":"too small","notify_url":"https://pay.example.com/callback/wechat/main","amount":{"refund":30,"total":100,"currency":"CNY"}}""",
                null),
            ("POST", Path,
                $$$"""{"out_trade_no":"{{{World.AttemptNo}}}","out_refund_no":"{{{World.RefundNo}}}","notify_url":"https://pay.example.com/callback/wechat/main","amount":{"refund":100,"total":100,"currency":"CNY"}}""",
                null));
        world.Wechat.Requests.Should().OnlyContain(r => r.Headers["Wechatpay-Serial"] == Keys.PublicKeyId);
    }

    [Fact]
    public async Task QueryRefund_Request_AsksByOurNumber()
    {
        await using var world = await World.CreateAsync();

        await world.QueryRefundAsync();
        await world.QueryRefundAsync("R-1_2|3*4@5");

        world.Wechat.Requests[0].Target.Should().Be($"{Path}/{World.RefundNo}");
        Uri.UnescapeDataString(world.Wechat.Requests[1].Target).Should().Be($"{Path}/R-1_2|3*4@5");
        world.Wechat.Requests.Should().OnlyContain(r => r.Method == "GET" && r.SignatureProblem == null && r.Body.Length == 0);
    }

    public static TheoryData<string, ChannelRefundState> Statuses => new()
    {
        { "PROCESSING", ChannelRefundState.RefundPending },
        { "SUCCESS", ChannelRefundState.RefundDone },
        { "CLOSED", ChannelRefundState.RefundRefused },
        { "ABNORMAL", ChannelRefundState.RefundAbnormal },
        { "A_STATUS_OF_TOMORROW", ChannelRefundState.RefundUnknown },
        { "success", ChannelRefundState.RefundUnknown },
        { "", ChannelRefundState.RefundUnknown },
    };

    [Theory]
    [MemberData(nameof(Statuses))]
    public async Task RefundAndQuery_Status_IsTheStateOfTheTable(string status, ChannelRefundState expected)
    {
        await using var world = await World.CreateAsync();
        world.Wechat.Answer = _ => new FakeAnswer(200, Refunds.Of(status).ToJsonString());

        foreach (var reply in new[] { await world.RefundAsync(), await world.QueryRefundAsync() })
        {
            (reply.State, reply.NothingSent, reply.Facts is not null).Should().Be((expected, false, expected != ChannelRefundState.RefundUnknown));
            reply.TraceId.Should().NotBeEmpty();
            reply.Code.Should().Be(expected == ChannelRefundState.RefundUnknown ? "HTTP_200" : status);
        }
    }

    [Fact]
    public async Task RefundAndQuery_Done_CarryEveryFact()
    {
        await using var world = await World.CreateAsync();
        world.Wechat.Answer = _ => new FakeAnswer(200, Refunds.Of().ToJsonString());

        foreach (var facts in new[] { (await world.RefundAsync()).Facts, (await world.QueryRefundAsync()).Facts })
        {
            AreThoseOfTheRefund(facts, ChannelRefundState.RefundDone);
            (facts.Currency, facts.AccountIds.Count).Should().Be(("CNY", 0), "an answer names no merchant");
        }
    }

    public static TheoryData<string, Action<JsonObject>, string> OtherFacts => new()
    {
        { "refund_no", r => r["out_refund_no"] = "R2", "R2" },
        { "attempt_no", r => r["out_trade_no"] = "A2", "A2" },
        { "amount_minor", r => r["amount"]!["refund"] = 31, "31" },
        { "currency", r => r["amount"]!["currency"] = "USD", "USD" },
        { "refund_no", r => r.Remove("out_refund_no"), "" },
        { "attempt_no", r => r.Remove("out_trade_no"), "" },
        { "amount_minor", r => r.Remove("amount"), "" },
    };

    [Theory]
    [MemberData(nameof(OtherFacts), DisableDiscoveryEnumeration = true)]
    public async Task RefundQueryAndCallback_AnothersValue_IsPassedOnAsItIs(string field, Action<JsonObject> change, string value)
    {
        await using var world = await World.CreateAsync();
        var answer = Refunds.Of();
        change(answer);
        world.Wechat.Answer = _ => new FakeAnswer(200, answer.ToJsonString());
        var told = Refunds.Told();
        change(told);

        foreach (var facts in new[]
        {
            (await world.RefundAsync()).Facts, (await world.QueryRefundAsync()).Facts,
            (await world.Client.ReadCallbackAsync(world.Callback("REFUND.SUCCESS", "refund", told))).Refund,
        })
        {
            var (isThere, found) = field switch
            {
                "refund_no" => (facts.HasRefundNo, facts.RefundNo),
                "attempt_no" => (facts.HasAttemptNo, facts.AttemptNo),
                "amount_minor" => (facts.HasAmountMinor, facts.HasAmountMinor ? $"{facts.AmountMinor}" : ""),
                _ => (facts.HasCurrency, facts.Currency),
            };
            (isThere, found).Should().Be((value.Length > 0, value), "the caller compares");
        }
    }

    [Theory]
    [InlineData("30.0")]
    [InlineData("\"30\"")]
    [InlineData("3e1")]
    [InlineData("9223372036854775808")]
    public async Task RefundAndQuery_AmountThatIsNoWholeNumber_IsUnknown(string amount)
    {
        await using var world = await World.CreateAsync();
        world.Wechat.Answer = _ => new FakeAnswer(200, Refunds.Of().ToJsonString().Replace("\"refund\":30", $"\"refund\":{amount}", StringComparison.Ordinal));

        foreach (var reply in new[] { await world.RefundAsync(), await world.QueryRefundAsync() })
        {
            (reply.State, reply.Facts).Should().Be((ChannelRefundState.RefundUnknown, null!));
        }
    }

    [Theory]
    [InlineData(403, "NOT_ENOUGH", ChannelRefundState.RefundNoBalance)]
    [InlineData(403, "NOTENOUGH", ChannelRefundState.RefundNoBalance)]
    [InlineData(403, "USER_ACCOUNT_ABNORMAL", ChannelRefundState.RefundRefused)]
    [InlineData(403, "NO_AUTH", ChannelRefundState.RefundRefused)]
    [InlineData(403, "REQUEST_BLOCKED", ChannelRefundState.RefundRefused)]
    [InlineData(404, "RESOURCE_NOT_EXISTS", ChannelRefundState.RefundRefused)]
    [InlineData(404, "MCH_NOT_EXISTS", ChannelRefundState.RefundRefused)]
    [InlineData(400, "MCH_NOT_EXISTS", ChannelRefundState.RefundRefused)]
    [InlineData(400, "PARAM_ERROR", ChannelRefundState.RefundRefused)]
    [InlineData(400, "INVALID_REQUEST", ChannelRefundState.RefundRefused)]
    [InlineData(401, "SIGN_ERROR", ChannelRefundState.RefundUnknown)]
    [InlineData(429, "FREQUENCY_LIMITED", ChannelRefundState.RefundUnknown)]
    [InlineData(500, "SYSTEM_ERROR", ChannelRefundState.RefundUnknown)]
    [InlineData(500, "PARAM_ERROR", ChannelRefundState.RefundUnknown)]
    [InlineData(502, "SERVICE_UNAVAILABLE", ChannelRefundState.RefundUnknown)]
    [InlineData(503, "", ChannelRefundState.RefundUnknown)]
    [InlineData(400, "A_CODE_OF_TOMORROW", ChannelRefundState.RefundUnknown)]
    [InlineData(403, "TRADE_ERROR", ChannelRefundState.RefundUnknown)]
    [InlineData(202, "USERPAYING", ChannelRefundState.RefundUnknown)]
    public async Task Refund_ErrorAnswer_CountsOnlySignedAndOnTheList(int status, string code, ChannelRefundState expected)
    {
        await using var world = await World.CreateAsync();
        foreach (var isSigned in new[] { true, false })
        {
            world.Wechat.Answer = _ => Answers.Error(status, code) with { Signed = isSigned };

            var reply = await world.RefundAsync();

            (reply.State, reply.NothingSent, reply.Facts).Should().Be((isSigned ? expected : ChannelRefundState.RefundUnknown, false, null!));
            reply.Code.Should().NotBeEmpty();
            reply.NotExecuted.Should().BeFalse("whether a refund was accepted by a 429 is not known (6.4)");
        }
    }

    [Theory]
    [InlineData(404, "RESOURCE_NOT_EXISTS", ChannelRefundState.RefundNotFound)]
    [InlineData(404, "RESOURCENOTEXISTS", ChannelRefundState.RefundNotFound)]
    [InlineData(404, "ORDER_NOT_EXIST", ChannelRefundState.RefundUnknown)]
    [InlineData(404, "", ChannelRefundState.RefundUnknown)]
    [InlineData(400, "RESOURCE_NOT_EXISTS", ChannelRefundState.RefundUnknown)]
    [InlineData(400, "PARAM_ERROR", ChannelRefundState.RefundUnknown)]
    [InlineData(403, "NO_AUTH", ChannelRefundState.RefundUnknown)]
    [InlineData(403, "NOT_ENOUGH", ChannelRefundState.RefundUnknown)]
    [InlineData(401, "SIGN_ERROR", ChannelRefundState.RefundUnknown)]
    [InlineData(500, "SYSTEM_ERROR", ChannelRefundState.RefundUnknown)]
    public async Task QueryRefund_ErrorAnswer_IsNeverDoneOrRefused(int status, string code, ChannelRefundState expected)
    {
        await using var world = await World.CreateAsync();
        foreach (var isSigned in new[] { true, false })
        {
            world.Wechat.Answer = _ => Answers.Error(status, code) with { Signed = isSigned };

            var reply = await world.QueryRefundAsync();

            (reply.State, reply.Facts).Should().Be((isSigned ? expected : ChannelRefundState.RefundUnknown, null!));
        }
    }

    public static TheoryData<string> Unusable => [.. Answers.Unusable.Keys];

    [Theory]
    [MemberData(nameof(Unusable))]
    public async Task RefundAndQuery_AnswerThatIsNoProof_IsUnknown(string defect)
    {
        await using var world = await World.CreateAsync();
        world.Wechat.Answer = _ => Answers.Unusable[defect](new FakeAnswer(200, Refunds.Of().ToJsonString()));

        foreach (var reply in new[] { await world.RefundAsync(), await world.QueryRefundAsync() })
        {
            (reply.State, reply.Facts, reply.NothingSent).Should().Be((ChannelRefundState.RefundUnknown, null!, false));
        }
    }

    [Fact]
    public async Task Refund_CallerCancelsOrNobodyAnswers_RunsToItsOwnLimit()
    {
        await using var world = await World.CreateAsync();
        world.Wechat.Answer = _ => new FakeAnswer(200) { Until = new TaskCompletionSource().Task };

        var call = world.RefundAsync();
        var request = await world.Wechat.ArrivalAsync();
        world.Time.Advance(TimeSpan.FromMilliseconds(5_999));
        call.IsCompleted.Should().BeFalse();
        world.Time.Advance(TimeSpan.FromMilliseconds(1));

        ((await call).State, (await call).NothingSent).Should().Be((ChannelRefundState.RefundUnknown, false));
        (await request.Aborted).Should().BeTrue();
    }

    [Fact]
    public async Task Refund_NoConnection_IsNothingSent()
    {
        await using var world = await World.CreateAsync(baseUrl: $"http://127.0.0.1:{FreePorts.Take(1)[0]}");

        var reply = await world.RefundAsync();

        (reply.State, reply.NothingSent, reply.Code).Should().Be((ChannelRefundState.RefundUnknown, true, "NOT_SENT"));
    }

    public static TheoryData<string, Action<ChannelRefundRequest>> NotSendable => new()
    {
        { "currency", r => r.Currency = "USD" },
        { "currency", r => r.Currency = "" },
        { "amount_minor", r => r.AmountMinor = 0 },
        { "amount_minor", r => r.AmountMinor = -1 },
        { "amount_minor", r => r.AmountMinor = 101 },
        { "attempt_no", r => r.AttemptNo = "SHORT" },
        { "refund_no", r => r.RefundNo = "" },
        { "refund_no", r => r.RefundNo = new string('R', 65) },
        { "refund_no", r => r.RefundNo = "../x" },
        { "reason", r => r.Reason = new string('x', 81) },
        { "reason", r => r.Reason = "😀" },
        { "reason", r => r.Reason = "a\nb" },
        { "callback_url", r => r.CallbackUrl = "" },
        { "callback_url", r => r.CallbackUrl = "https://pay.example.com/c?x=1" },
    };

    [Theory]
    [MemberData(nameof(NotSendable), DisableDiscoveryEnumeration = true)]
    public async Task Refund_WhatThePlatformCannotTake_IsRefusedBeforeSending(string field, Action<ChannelRefundRequest> change)
    {
        await using var world = await World.CreateAsync();

        var reply = await world.RefundAsync(change);

        (reply.State, reply.NothingSent).Should().Be((ChannelRefundState.RefundRefused, true));
        reply.Message.Should().StartWith($"{field}:");
        world.Wechat.Requests.Should().BeEmpty();
    }

    [Fact]
    public async Task RefundAndQuery_AccountUnknownOrNumberUnusable_AskNobody()
    {
        await using var world = await World.CreateAsync();

        foreach (var reply in new[] { await world.RefundAsync(r => r.Account = "nobody"), await world.QueryRefundAsync(account: "nobody"), await world.QueryRefundAsync("../x") })
        {
            (reply.State, reply.NothingSent).Should().Be((ChannelRefundState.RefundUnknown, true));
        }

        world.Wechat.Requests.Should().BeEmpty();
    }

    [Fact]
    public async Task Refund_AccountSwitchedOff_GoesOn()
    {
        await using var world = await World.CreateAsync(d => d["enabled"] = false);
        world.Wechat.Answer = _ => new FakeAnswer(200, Refunds.Of("PROCESSING").ToJsonString());

        (await world.RefundAsync()).State.Should().Be(ChannelRefundState.RefundPending, "what was taken can be given back");
    }

    [Theory]
    [InlineData("SUCCESS", ChannelRefundState.RefundDone)]
    [InlineData("ABNORMAL", ChannelRefundState.RefundAbnormal)]
    [InlineData("CLOSED", ChannelRefundState.RefundRefused)]
    public async Task Callback_Refund_CarriesEveryFact(string status, ChannelRefundState expected)
    {
        await using var world = await World.CreateAsync();

        var reply = await world.Client.ReadCallbackAsync(world.Callback($"REFUND.{status}", "refund", Refunds.Told(status)));

        (reply.Verdict, reply.Reason, reply.MessageId, reply.Facts).Should().Be((Verdict.Refund, "", "EV-2018022511223320873", null!));
        AreThoseOfTheRefund(reply.Refund, expected);
        reply.Refund.AccountIds.Should().BeEquivalentTo(new Dictionary<string, string> { ["mch_id"] = Keys.MchId });
        reply.Refund.HasCurrency.Should().BeFalse("the message carries none");
        (reply.Success.Status, reply.Failure.Status).Should().Be((204, 500));
    }

    [Fact]
    public async Task Callback_RefundOfAnotherMerchant_SaysSo()
    {
        await using var world = await World.CreateAsync();
        var told = Refunds.Told();
        told["mchid"] = "1999999999";

        (await world.Client.ReadCallbackAsync(world.Callback("REFUND.SUCCESS", "refund", told))).Refund.AccountIds["mch_id"].Should().Be("1999999999");
    }

    public static TheoryData<string> NotProven => [.. _notProven.Keys];

    [Theory]
    [MemberData(nameof(NotProven))]
    public async Task Callback_RefundNotProven_IsRejected(string defect)
    {
        await using var world = await World.CreateAsync();
        var (make, status) = _notProven[defect];

        var reply = await world.Client.ReadCallbackAsync(make(world));

        (reply.Verdict, reply.Refund, reply.Facts, reply.Failure.Status).Should().Be((Verdict.Rejected, null!, null!, status));
        reply.Success.Status.Should().BeGreaterThanOrEqualTo(400);
    }

    [Fact]
    public async Task Describe_Refunds_TellsTheLimits()
    {
        await using var world = await World.CreateAsync();

        var described = await world.Client.DescribeAsync(new DescribeRequest { Account = World.Account });

        (described.Refunds, described.RefundSpacingSeconds, described.RefundsPerPaymentMax, described.RefundDaysMax).Should().Be((true, 60, 50, 365));
    }

    private static JsonObject With(string member, JsonNode value)
    {
        var told = Refunds.Told();
        told[member] = value;
        return told;
    }

    private static void AreThoseOfTheRefund(RefundFacts facts, ChannelRefundState state)
    {
        (facts.RefundNo, facts.AttemptNo, facts.AmountMinor, facts.State).Should().Be((World.RefundNo, World.AttemptNo, 30, state), "it is this refund's amount");
        facts.ChannelRefundId.Should().Be("50000000382019052709732678859");
        facts.SuccessTime.ToDateTimeOffset().Should().Be(new DateTimeOffset(2026, 11, 22, 11, 0, 0, TimeSpan.FromHours(8)));
    }
}
