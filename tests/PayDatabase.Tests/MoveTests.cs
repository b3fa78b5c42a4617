using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using PayCore.Contracts.V1;
using PayCore.Payments;
using AttemptState = PayCore.Contracts.V1.Attempt.Types.State;
using OrderState = PayCore.Contracts.V1.PayOrder.Types.State;

namespace PayCore.PayDatabase.Tests;

public sealed class MoveTests
{
    public static TheoryData<string> Providers => DatabaseFixture.Providers;

    /// <summary>Every attempt state × every event, with what the tables of invariants.md say must come of it.</summary>
    public static TheoryData<string, AttemptState, string, MoveResult, AttemptState, OrderState> Cases
    {
        get
        {
            var data = new TheoryData<string, AttemptState, string, MoveResult, AttemptState, OrderState>();
            foreach (var provider in (string[])["sqlite", "mysql"])
            {
                data.Add(provider, AttemptState.Sent, "action", MoveResult.Moved, AttemptState.Open, OrderState.Paying);
                data.Add(provider, AttemptState.Open, "action", MoveResult.Already, AttemptState.Open, OrderState.Paying);
                data.Add(provider, AttemptState.Refused, "action", MoveResult.NotAllowed, AttemptState.Refused, OrderState.Failed);
                data.Add(provider, AttemptState.Closed, "action", MoveResult.NotAllowed, AttemptState.Closed, OrderState.Closed);
                data.Add(provider, AttemptState.Won, "action", MoveResult.NotAllowed, AttemptState.Won, OrderState.Paid);

                data.Add(provider, AttemptState.Sent, "refusal", MoveResult.Moved, AttemptState.Refused, OrderState.Failed);
                data.Add(provider, AttemptState.Open, "refusal", MoveResult.NotAllowed, AttemptState.Open, OrderState.Paying);
                data.Add(provider, AttemptState.Won, "refusal", MoveResult.NotAllowed, AttemptState.Won, OrderState.Paid);

                data.Add(provider, AttemptState.Sent, "unknown", MoveResult.Moved, AttemptState.Sent, OrderState.Paying);
                data.Add(provider, AttemptState.Open, "unknown", MoveResult.NotAllowed, AttemptState.Open, OrderState.Paying);

                data.Add(provider, AttemptState.Sent, "paid", MoveResult.Moved, AttemptState.Won, OrderState.Paid);
                data.Add(provider, AttemptState.Open, "paid", MoveResult.Moved, AttemptState.Won, OrderState.Paid);
                data.Add(provider, AttemptState.Refused, "paid", MoveResult.Moved, AttemptState.Won, OrderState.Paid);
                data.Add(provider, AttemptState.Closed, "paid", MoveResult.Moved, AttemptState.Won, OrderState.Paid);
                data.Add(provider, AttemptState.Won, "paid", MoveResult.Already, AttemptState.Won, OrderState.Paid);

                data.Add(provider, AttemptState.Sent, "closed", MoveResult.Moved, AttemptState.Closed, OrderState.Paying);
                data.Add(provider, AttemptState.Open, "closed", MoveResult.Moved, AttemptState.Closed, OrderState.Paying);
                data.Add(provider, AttemptState.Closed, "closed", MoveResult.Already, AttemptState.Closed, OrderState.Closed);
                data.Add(provider, AttemptState.Refused, "closed", MoveResult.NotAllowed, AttemptState.Refused, OrderState.Failed);
                data.Add(provider, AttemptState.Won, "closed", MoveResult.NotAllowed, AttemptState.Won, OrderState.Paid);
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task Attempt_EveryStateAndEvent_MovesAsTheTableSays(
        string provider, AttemptState from, string what, MoveResult result, AttemptState attempt, OrderState order)
    {
        await using var db = await DatabaseFixture.StartAsync(provider);
        var stored = await db.OrderAsync(from);
        var before = await db.ReadAsync(stored.Order.Id);
        var attemptNo = stored.Attempts[0].Attempt.AttemptNo;

        var reply = what switch
        {
            "action" => await db.OpenAsync(attemptNo),
            "refusal" => await db.Client.RecordAnswerAsync(new RecordAnswerRequest { AttemptNo = attemptNo, Refusal = new Refusal { Code = "X" } }),
            "unknown" => await db.Client.RecordAnswerAsync(new RecordAnswerRequest { AttemptNo = attemptNo, Unknown = new UnknownAnswer() }),
            "paid" => await db.PayAsync(attemptNo),
            _ => await db.Client.RecordAttemptClosedAsync(new RecordAttemptClosedRequest { AttemptNo = attemptNo, Cause = "close" }),
        };

        reply.Result.Should().Be(result);
        var after = await db.ReadAsync(stored.Order.Id);
        after.Attempts[0].Attempt.State.Should().Be(attempt);
        after.Order.State.Should().Be(order);
        if (result != MoveResult.Moved)
        {
            after.Should().Be(before, "a refused move changes nothing");
        }

        await HistoryCheck.AssertOrderAsync(db, stored.Order.Id);
    }

    [Theory]
    [MemberData(nameof(Providers))]
    public async Task Refusal_AfterAnUnansweredCall_DecidesNothing(string provider)
    {
        await using var db = await DatabaseFixture.StartAsync(provider);
        var stored = await db.OrderAsync(AttemptState.Sent);
        var attemptNo = stored.Attempts[0].Attempt.AttemptNo;
        await db.Client.RecordAnswerAsync(new RecordAnswerRequest { AttemptNo = attemptNo, Unknown = new UnknownAnswer { Code = "TIMEOUT" } });
        await ClaimAsync(db, attemptNo);

        await db.Client.RecordAnswerAsync(new RecordAnswerRequest { AttemptNo = attemptNo, Refusal = new Refusal { Code = "PARAM_ERROR" } });

        var after = await db.ReadAsync(stored.Order.Id);
        after.Attempts[0].Attempt.State.Should().Be(AttemptState.Sent);
        after.Order.State.Should().Be(OrderState.Paying);
    }

    [Theory]
    [MemberData(nameof(Providers))]
    public async Task Refusal_AfterACallThatWasNeverSent_Decides(string provider)
    {
        await using var db = await DatabaseFixture.StartAsync(provider);
        var stored = await db.OrderAsync(AttemptState.Sent);
        var attemptNo = stored.Attempts[0].Attempt.AttemptNo;
        await db.Client.RecordAnswerAsync(new RecordAnswerRequest { AttemptNo = attemptNo, Unknown = new UnknownAnswer { NothingSent = true } });
        await ClaimAsync(db, attemptNo);

        await db.Client.RecordAnswerAsync(new RecordAnswerRequest { AttemptNo = attemptNo, Refusal = new Refusal { Code = "PARAM_ERROR" } });

        (await db.ReadAsync(stored.Order.Id)).Order.State.Should().Be(OrderState.Failed);
    }

    [Theory]
    [MemberData(nameof(Providers))]
    public async Task Refusal_OfACallAfterACrash_DecidesNothing(string provider)
    {
        await using var db = await DatabaseFixture.StartAsync(provider);
        var stored = await db.OrderAsync(AttemptState.Sent);
        var attemptNo = stored.Attempts[0].Attempt.AttemptNo;

        // The creator died between call and record: nothing was recorded, its lease ran out.
        db.Clock.Advance(TimeSpan.FromMinutes(1));
        await ClaimAsync(db, attemptNo);
        await db.Client.RecordAnswerAsync(new RecordAnswerRequest { AttemptNo = attemptNo, Refusal = new Refusal { Code = "PARAM_ERROR" } });

        (await db.ReadAsync(stored.Order.Id)).Attempts[0].Attempt.State.Should().Be(AttemptState.Sent);
    }

    [Theory]
    [MemberData(nameof(Providers))]
    public async Task Paid_ByFiftyCopiesOfACallback_MovesOnceAndNotifiesOnce(string provider)
    {
        await using var db = await DatabaseFixture.StartAsync(provider);
        var stored = await db.OrderAsync(AttemptState.Open);
        var attemptNo = stored.Attempts[0].Attempt.AttemptNo;

        var replies = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => db.PayAsync(attemptNo, db.Callback())));

        replies.Count(r => r.Result == MoveResult.Moved).Should().Be(1);
        replies.Count(r => r.Result == MoveResult.Already).Should().Be(49);
        replies.Sum(r => r.DeliveryIds.Count).Should().Be(1);
        (await db.ScalarAsync<long>("SELECT COUNT(*) FROM event")).Should().Be(1);
        (await db.ScalarAsync<long>("SELECT COUNT(*) FROM notify_delivery")).Should().Be(1);
        (await db.ScalarAsync<long>("SELECT COUNT(*) FROM callback WHERE state = 'APPLIED'")).Should().Be(1);
        (await db.ScalarAsync<long>("SELECT COUNT(*) FROM callback WHERE state = 'DUPLICATE'")).Should().Be(49);
        await HistoryCheck.AssertOrderAsync(db, stored.Order.Id);
    }

    [Theory]
    [InlineData("sqlite", 1298, "CNY")]
    [InlineData("sqlite", 1300, "CNY")]
    [InlineData("sqlite", 1299, "USD")]
    [InlineData("mysql", 1298, "CNY")]
    public async Task Paid_OtherAmountOrCurrency_IsRefused(string provider, long amount, string currency)
    {
        await using var db = await DatabaseFixture.StartAsync(provider);
        var stored = await db.OrderAsync(AttemptState.Open);

        var pay = () => db.PayAsync(stored.Attempts[0].Attempt.AttemptNo, amount: amount, currency: currency);

        (await pay.Should().ThrowAsync<RpcException>()).Which.StatusCode.Should().Be(StatusCode.FailedPrecondition);
        (await db.ReadAsync(stored.Order.Id)).Order.State.Should().Be(OrderState.Paying);
    }

    [Theory]
    [MemberData(nameof(Providers))]
    public async Task Paid_AfterClose_IsPaidLateWithExceptionAndEvent(string provider)
    {
        await using var db = await DatabaseFixture.StartAsync(provider);
        var stored = await db.OrderAsync(AttemptState.Closed);

        var reply = await db.PayAsync(stored.Attempts[0].Attempt.AttemptNo);

        reply.Order.Order.Late.Should().BeTrue();
        reply.Order.Order.State.Should().Be(OrderState.Paid);
        var exceptions = await db.Client.ListExceptionsAsync(new ListExceptionsRequest { OrderId = stored.Order.Id });
        exceptions.Exceptions.Should().ContainSingle().Which.Kind.Should().Be(ExceptionItem.Types.Kind.LatePayment);
        (await db.ScalarAsync<string>("SELECT event_type FROM event ORDER BY subject_version DESC LIMIT 1")).Should().Be("payment.paid");
    }

    [Theory]
    [MemberData(nameof(Providers))]
    public async Task Exceptions_Open_AreCountedByKindUntilSomebodySettlesThem(string provider)
    {
        await using var db = await DatabaseFixture.StartAsync(provider);
        (await SummaryAsync()).Should().BeEmpty();
        await db.PayAsync((await db.OrderAsync(AttemptState.Closed)).Attempts[0].Attempt.AttemptNo);
        var first = db.Clock.GetUtcNow();
        db.Clock.Advance(TimeSpan.FromMinutes(3));
        await db.PayAsync((await db.OrderAsync(AttemptState.Closed)).Attempts[0].Attempt.AttemptNo);
        await db.OrderAsync(AttemptState.ExtraPaid);

        (await SummaryAsync()).Should().BeEquivalentTo(
        [
            (ExceptionItem.Types.Kind.LatePayment, 2L, first), (ExceptionItem.Types.Kind.SurplusPayment, 1L, db.Clock.GetUtcNow()),
        ]);
        var items = (await db.Client.ListExceptionsAsync(new ListExceptionsRequest())).Exceptions;
        await db.Client.ResolveExceptionAsync(new ResolveExceptionRequest { ExceptionId = items[0].ExceptionId, By = "alice", Resolution = "accepted" });
        (await SummaryAsync()).Select(s => s.Open).Should().BeEquivalentTo([1L, 1L]);
        (await db.Client.ListExceptionsAsync(new ListExceptionsRequest { OpenOnly = true })).Exceptions
            .Select(e => e.ExceptionId).Should().Equal(items.Skip(1).Select(e => e.ExceptionId));

        async Task<List<(ExceptionItem.Types.Kind Kind, long Open, DateTimeOffset Oldest)>> SummaryAsync() =>
            [.. (await db.Client.SummarizeExceptionsAsync(new SummarizeExceptionsRequest())).Summaries.Select(s => (s.Kind, s.Open, s.OldestTime.ToDateTimeOffset()))];
    }

    /// <summary>Money that was taken and went back by our reverse pays nothing. One that seems not to have gone back is for a person.</summary>
    [Theory]
    [InlineData("sqlite", true)]
    [InlineData("mysql", true)]
    [InlineData("sqlite", false)]
    [InlineData("mysql", false)]
    public async Task Paid_AfterReverse_StaysClosed(string provider, bool refunded)
    {
        await using var db = await DatabaseFixture.StartAsync(provider);
        var request = db.NewOrder();
        request.Order.Scene = request.Attempt.Scene = Scene.Barcode;
        var stored = (await db.Client.CreateOrderAsync(request)).Order;
        var attemptNo = stored.Attempts[0].Attempt.AttemptNo;
        await db.Client.RequestCloseAsync(new RequestCloseRequest { OrderId = stored.Order.Id, Cause = "merchant" });
        await db.Client.RequestReverseAsync(new RequestReverseRequest { AttemptNo = attemptNo });
        await db.Client.RecordAttemptClosedAsync(new RecordAttemptClosedRequest { AttemptNo = attemptNo, Cause = "reverse" });

        var facts = new PaymentFacts { AttemptNo = attemptNo, AmountMinor = stored.Order.AmountMinor, ChannelOrderId = "42", Refunded = refunded };
        var reply = await db.Client.RecordPaidAsync(new RecordPaidRequest { AttemptNo = attemptNo, Facts = facts, Cause = "query" });

        reply.Result.Should().Be(MoveResult.Already);
        reply.Order.Order.State.Should().Be(OrderState.Closed);
        var exceptions = await db.Client.ListExceptionsAsync(new ListExceptionsRequest { OrderId = stored.Order.Id });
        exceptions.Exceptions.Select(e => e.Kind).Should().Equal(refunded ? [] : [ExceptionItem.Types.Kind.LatePayment]);
    }

    /// <summary>A refund that somebody made at the provider, beside one of ours and without one.</summary>
    [Theory]
    [MemberData(nameof(Providers))]
    public async Task Paid_WithARefundThatIsNotOurs_IsListedWhateverWeRefunded(string provider)
    {
        await using var db = await DatabaseFixture.StartAsync(provider);
        var paid = await db.PaidAsync();
        var refunded = await db.RefundAsync(Contracts.V1.Refund.Types.State.Succeeded);
        var itsOwn = new PaymentFacts { AttemptNo = refunded.Refund.AttemptNo, AmountMinor = refunded.PaidAmountMinor, Refunded = true };
        await db.Client.RecordPaidAsync(new RecordPaidRequest { AttemptNo = refunded.Refund.AttemptNo, Facts = itsOwn, Cause = "query" });
        (await db.Client.ListExceptionsAsync(new ListExceptionsRequest())).Exceptions.Should().BeEmpty("the refund that the channel shows is ours");

        await db.Client.RecordPaidAsync(
            new RecordPaidRequest { AttemptNo = refunded.Refund.AttemptNo, Facts = itsOwn, Cause = "callback", ForeignRefund = "THEIRS-1" });
        var whole = new PaymentFacts { AttemptNo = paid.Attempt.AttemptNo, AmountMinor = paid.Attempt.AmountMinor, Refunded = true };
        await db.Client.RecordPaidAsync(new RecordPaidRequest { AttemptNo = paid.Attempt.AttemptNo, Facts = whole, Cause = "query" });

        var items = (await db.Client.ListExceptionsAsync(new ListExceptionsRequest())).Exceptions;
        items.Select(i => (i.Kind, i.AttemptNo)).Should().BeEquivalentTo(
            [(ExceptionItem.Types.Kind.ForeignRefund, refunded.Refund.AttemptNo), (ExceptionItem.Types.Kind.ForeignRefund, paid.Attempt.AttemptNo)]);
        items.Should().ContainSingle(i => i.Detail.Contains("THEIRS-1"));
    }

    /// <summary>Between the call that takes it back and its answer a word that it is paid pays nothing; the channel's refusal to take it back makes it a payment.</summary>
    [Theory]
    [MemberData(nameof(Providers))]
    public async Task Paid_WhileItIsTakenBack_WaitsForTheChannelsWordOfThat(string provider)
    {
        await using var db = await DatabaseFixture.StartAsync(provider);
        var stored = await db.OrderAsync(AttemptState.Open);
        var attemptNo = stored.Attempts[0].Attempt.AttemptNo;
        (await db.Client.RequestReverseAsync(new RequestReverseRequest { AttemptNo = attemptNo })).Result.Should().Be(MoveResult.Moved);
        (await db.Client.RequestReverseAsync(new RequestReverseRequest { AttemptNo = attemptNo })).Result.Should().Be(MoveResult.Already);

        var held = await db.PayAsync(attemptNo);
        held.Result.Should().Be(MoveResult.Already);
        held.Order.Order.State.Should().Be(OrderState.Paying);
        held.Order.Attempts[0].ReverseTime.Should().NotBeNull();

        var facts = new PaymentFacts { AttemptNo = attemptNo, AmountMinor = stored.Order.AmountMinor, ChannelOrderId = "42" };
        var refused = await db.Client.RecordPaidAsync(new RecordPaidRequest { AttemptNo = attemptNo, Facts = facts, Cause = "query", ReverseRefused = true });
        refused.Order.Order.State.Should().Be(OrderState.Paid);
        (await db.Client.RequestReverseAsync(new RequestReverseRequest { AttemptNo = attemptNo })).Result.Should().Be(MoveResult.NotAllowed);
        (await db.Client.ListExceptionsAsync(new ListExceptionsRequest { OrderId = stored.Order.Id })).Exceptions.Should().BeEmpty();
    }

    [Theory]
    [MemberData(nameof(Providers))]
    public async Task Paid_TwoAttemptsAtOnce_OneWinsTheOtherIsSurplus(string provider)
    {
        await using var db = await DatabaseFixture.StartAsync(provider);
        for (var round = 0; round < 20; round++)
        {
            var stored = await db.OrderAsync(AttemptState.Open);
            var second = db.NewAttempt("2");
            await db.Client.BeginAttemptAsync(new BeginAttemptRequest { OrderId = stored.Order.Id, Attempt = second });

            await Task.WhenAll(db.PayAsync(stored.Attempts[0].Attempt.AttemptNo), db.PayAsync(second.AttemptNo));

            var after = await db.ReadAsync(stored.Order.Id);
            after.Order.State.Should().Be(OrderState.Paid);
            after.Attempts.Select(a => a.Attempt.State).Should().BeEquivalentTo([AttemptState.Won, AttemptState.ExtraPaid]);
            after.Order.AttemptNo.Should().Be(after.Attempts.Single(a => a.Attempt.State == AttemptState.Won).Attempt.AttemptNo);
            var exceptions = await db.Client.ListExceptionsAsync(new ListExceptionsRequest { OrderId = stored.Order.Id });
            exceptions.Exceptions.Should().ContainSingle().Which.Kind.Should().Be(ExceptionItem.Types.Kind.SurplusPayment);
            await HistoryCheck.AssertOrderAsync(db, stored.Order.Id);
        }
    }

    /// <summary>A surplus payment is due for what the app's policy says of it; the end of another attempt, by close or refusal, does not take that away.</summary>
    [Theory]
    [MemberData(nameof(Providers))]
    public async Task Paid_Surplus_StaysDueWhateverBecomesOfTheOthers(string provider)
    {
        await using var db = await DatabaseFixture.StartAsync(provider);
        var stored = await db.OrderAsync(AttemptState.Open);
        var others = new[] { db.NewAttempt("2"), db.NewAttempt("3"), db.NewAttempt("4") };
        foreach (var attempt in others)
        {
            await db.Client.BeginAttemptAsync(new BeginAttemptRequest { OrderId = stored.Order.Id, Attempt = attempt });
        }

        await db.PayAsync(stored.Attempts[0].Attempt.AttemptNo);
        await db.PayAsync(others[0].AttemptNo);
        var due = (await db.ReadAsync(stored.Order.Id)).DueTime;
        due.Should().NotBeNull();
        await db.Client.RecordAttemptClosedAsync(new RecordAttemptClosedRequest { AttemptNo = others[1].AttemptNo, Cause = "close" });
        await db.Client.RecordAnswerAsync(new RecordAnswerRequest { AttemptNo = others[2].AttemptNo, Refusal = new Refusal { Code = "C", Message = "m" } });

        var after = await db.ReadAsync(stored.Order.Id);
        after.Attempts.Select(a => a.Attempt.State).Should().Equal(AttemptState.Won, AttemptState.ExtraPaid, AttemptState.Closed, AttemptState.Refused);
        after.DueTime.Should().Be(due);
    }

    [Theory]
    [MemberData(nameof(Providers))]
    public async Task PaidAndClosed_AtOnce_NeverLosesThePayment(string provider)
    {
        await using var db = await DatabaseFixture.StartAsync(provider);
        for (var round = 0; round < 50; round++)
        {
            var stored = await db.OrderAsync(AttemptState.Open);
            var attemptNo = stored.Attempts[0].Attempt.AttemptNo;
            await db.Client.RequestCloseAsync(new RequestCloseRequest { OrderId = stored.Order.Id, Cause = "expiry" });

            await Task.WhenAll(
                db.PayAsync(attemptNo),
                db.Client.RecordAttemptClosedAsync(new RecordAttemptClosedRequest { AttemptNo = attemptNo, Cause = "close" }).ResponseAsync);

            var after = await db.ReadAsync(stored.Order.Id);
            after.Order.State.Should().Be(OrderState.Paid);
            after.Attempts[0].Attempt.State.Should().Be(AttemptState.Won);
            await HistoryCheck.AssertOrderAsync(db, stored.Order.Id);
        }
    }

    [Theory]
    [MemberData(nameof(Providers))]
    public async Task Close_WithOpenAttempt_WaitsForTheChannel(string provider)
    {
        await using var db = await DatabaseFixture.StartAsync(provider);
        var stored = await db.OrderAsync(AttemptState.Open);

        var asked = await db.Client.RequestCloseAsync(new RequestCloseRequest { OrderId = stored.Order.Id, Cause = "merchant" });
        asked.Order.Order.State.Should().Be(OrderState.Paying);
        asked.Order.Order.CloseRequested.Should().BeTrue();

        var another = await db.Client.BeginAttemptAsync(new BeginAttemptRequest { OrderId = stored.Order.Id, Attempt = db.NewAttempt("2") });
        another.Result.Should().Be(MoveResult.NotAllowed, "no attempt begins once a close was asked for");

        var closed = await db.Client.RecordAttemptClosedAsync(
            new RecordAttemptClosedRequest { AttemptNo = stored.Attempts[0].Attempt.AttemptNo, Cause = "close" });
        closed.Order.Order.State.Should().Be(OrderState.Closed);
        closed.DeliveryIds.Should().ContainSingle();
    }

    [Theory]
    [MemberData(nameof(Providers))]
    public async Task Close_OfAPaidOrder_IsNotAllowed(string provider)
    {
        await using var db = await DatabaseFixture.StartAsync(provider);
        var stored = await db.OrderAsync(AttemptState.Won);

        var reply = await db.Client.RequestCloseAsync(new RequestCloseRequest { OrderId = stored.Order.Id, Cause = "merchant" });

        reply.Result.Should().Be(MoveResult.NotAllowed);
        reply.Order.Order.CloseRequested.Should().BeFalse();
    }

    [Theory]
    [MemberData(nameof(Providers))]
    public async Task Close_OfACashierOrderNobodyChose_IsClosedAtOnce(string provider)
    {
        await using var db = await DatabaseFixture.StartAsync(provider);
        var stored = (await db.Client.CreateOrderAsync(db.NewOrder(withAttempt: false))).Order;

        var reply = await db.Client.RequestCloseAsync(new RequestCloseRequest { OrderId = stored.Order.Id, Cause = "expiry" });

        reply.Order.Order.State.Should().Be(OrderState.Closed);
        reply.Order.DueTime.ToDateTimeOffset().Should().Be(DatabaseFixture.Start.AddMinutes(5));
    }

    [Theory]
    [MemberData(nameof(Providers))]
    public async Task ClaimCall_ByTen_GivesOneTheRightUntilItsLeaseEnds(string provider)
    {
        await using var db = await DatabaseFixture.StartAsync(provider);
        var stored = await db.OrderAsync(AttemptState.Sent);
        var attemptNo = stored.Attempts[0].Attempt.AttemptNo;
        (await ClaimAsync(db, attemptNo)).Should().BeFalse("its creator has the right");

        db.Clock.Advance(TimeSpan.FromSeconds(21));
        var claims = await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => ClaimAsync(db, attemptNo)));

        claims.Count(c => c).Should().Be(1);
    }

    [Theory]
    [MemberData(nameof(Providers))]
    public async Task ClaimCall_ToPayAnAttemptThatHasItsAnswer_IsRefused(string provider)
    {
        // An equal request that read SENT and claims after the answer was recorded must not ask the channel again.
        await using var db = await DatabaseFixture.StartAsync(provider);
        var attemptNo = (await db.OrderAsync(AttemptState.Open)).Attempts[0].Attempt.AttemptNo;

        (await ClaimAsync(db, attemptNo)).Should().BeFalse();
    }

    [Theory]
    [MemberData(nameof(Providers))]
    public async Task CreateAnswer_FirstDefiniteOne_StaysAsItWas(string provider)
    {
        await using var db = await DatabaseFixture.StartAsync(provider);
        var stored = await db.OrderAsync(AttemptState.Open);
        stored.CreateAnswer.IsEmpty.Should().BeFalse();

        await db.PayAsync(stored.Attempts[0].Attempt.AttemptNo);

        (await db.ReadAsync(stored.Order.Id)).CreateAnswer.Should().Equal(stored.CreateAnswer);
    }

    [Theory]
    [MemberData(nameof(Providers))]
    public async Task Event_OfAPaidOrder_SaysWhatTheDatabaseSays(string provider)
    {
        await using var db = await DatabaseFixture.StartAsync(provider);
        var stored = await db.OrderAsync(AttemptState.Won);

        var deliveries = await db.Client.ReadDeliveriesAsync(new ListDeliveriesRequest { OrderId = stored.Order.Id });

        var delivery = deliveries.Deliveries.Should().ContainSingle().Subject;
        using var body = System.Text.Json.JsonDocument.Parse(delivery.Body.Memory);
        body.RootElement.GetProperty("type").GetString().Should().Be("payment.paid");
        var data = body.RootElement.GetProperty("data");
        data.GetProperty("id").GetString().Should().Be(stored.Order.Id);
        data.GetProperty("state").GetString().Should().Be("PAID");
        data.GetProperty("version").GetInt32().Should().Be(stored.Order.Version);
        data.GetProperty("amount_minor").GetInt64().Should().Be(1299);
        data.GetProperty("paid_amount_minor").GetInt64().Should().Be(1299);
        data.GetProperty("subject").GetString().Should().Be("茶 Tea");
        data.GetProperty("paid_time").GetString().Should().Be("2026-11-22T10:00:00Z");
    }

    [Theory]
    [MemberData(nameof(Providers))]
    public async Task DueOrders_TakenByTwo_EachOnce(string provider)
    {
        await using var db = await DatabaseFixture.StartAsync(provider);
        for (var i = 0; i < 20; i++)
        {
            await db.OrderAsync(AttemptState.Sent);
        }

        db.Clock.Advance(TimeSpan.FromSeconds(2));
        var claims = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ =>
            db.Client.ClaimDueOrdersAsync(new ClaimDueOrdersRequest { Limit = 20, LeaseSeconds = 30 }).ResponseAsync));

        claims.SelectMany(c => c.Orders).Select(o => o.Order.Id).Should().HaveCount(20).And.OnlyHaveUniqueItems();
        var order = claims.SelectMany(c => c.Orders).First();
        var next = Timestamp.FromDateTimeOffset(db.Clock.GetUtcNow().AddMinutes(1));
        var schedule = new ScheduleOrderRequest { OrderId = order.Order.Id, ClaimedDueTime = order.DueTime, NextDueTime = next };
        (await db.Client.ScheduleOrderAsync(schedule)).Scheduled.Should().BeTrue();
        (await db.Client.ScheduleOrderAsync(schedule)).Scheduled.Should().BeFalse("somebody rescheduled it since");
    }

    private static async Task<bool> ClaimAsync(DatabaseFixture db, string attemptNo) => (await db.Client.ClaimCallAsync(new ClaimCallRequest
    {
        AttemptNo = attemptNo,
        LeaseTime = Timestamp.FromDateTimeOffset(db.Clock.GetUtcNow().AddSeconds(20)),
        ForPay = true,
    })).Claimed;
}
