using Grpc.Core;
using PayCore.Contracts.V1;
using PayCore.Payments;
using AttemptState = PayCore.Contracts.V1.Attempt.Types.State;
using Kind = PayCore.Contracts.V1.ExceptionItem.Types.Kind;
using RefundState = PayCore.Contracts.V1.Refund.Types.State;
using Result = PayCore.Contracts.V1.CreateRefundRowReply.Types.Result;

namespace PayCore.PayDatabase.Tests;

public sealed class RefundTests
{
    public static TheoryData<string> Providers => DatabaseFixture.Providers;

    /// <summary>Every state × every word of the channel, with what the tables of docs/states.md say must come of it.</summary>
    private static readonly (RefundState From, string Moves, string Contradicts)[] _cases =
    [
        // From, then the words that move it and where, then the words that contradict it. Every other word changes no state.
        (RefundState.Created, "RefundRefused>Failed", "RefundDone RefundAbnormal"),
        (RefundState.Sent, "RefundDone>Succeeded RefundRefused>Failed RefundAbnormal>Abnormal", ""),
        (RefundState.Abnormal, "RefundDone>Succeeded RefundRefused>Failed", ""),
        (RefundState.Succeeded, "", "RefundRefused RefundAbnormal"),
        (RefundState.Failed, "", "RefundDone RefundAbnormal RefundPending"),
    ];

    [Theory]
    [MemberData(nameof(Providers))]
    public async Task Refund_EveryStateAndWord_MovesAsTheTableSays(string provider)
    {
        await using var db = await DatabaseFixture.StartAsync(provider);
        foreach (var (from, moves, contradicts) in _cases)
        {
            foreach (var word in Enum.GetValues<ChannelRefundState>().Skip(1))
            {
                var stored = await db.RefundAsync(from);
                var before = await db.ReadRefundAsync(stored.Refund.Id);
                var to = moves.Split(' ').SingleOrDefault(m => m.StartsWith($"{word}>", StringComparison.Ordinal))?.Split('>')[1];
                var contradiction = contradicts.Split(' ').Contains($"{word}");

                var reply = await db.RecordAsync(stored.Refund.Id, word, "query", callback: db.Callback());

                var because = $"{from} heard {word}";
                var after = await db.ReadRefundAsync(stored.Refund.Id);
                after.Refund.State.Should().Be(to is null ? from : Enum.Parse<RefundState>(to), because);
                reply.Result.Should().Be(to is not null ? MoveResult.Moved : contradiction ? MoveResult.NotAllowed : MoveResult.Already, because);
                reply.Reason.Length.Should().Be(contradiction ? reply.Reason.Length : 0, because);
                (await db.KindsAsync(stored.Refund.Id)).Contains(Kind.RefundConflict).Should().Be(contradiction, because);
                reply.DeliveryIds.Count.Should().Be(to is null ? 0 : 1, because);
                after.Refund.Version.Should().Be(before.Refund.Version + (to is null ? 0 : 1), because);
                (await db.ScalarAsync<string>("SELECT state FROM callback ORDER BY callback_id DESC LIMIT 1"))
                    .Should().Be(to is not null ? "APPLIED" : contradiction ? "CONFLICT" : "DUPLICATE", because);
            }
        }

        await db.CheckBooksAsync();
    }

    [Theory]
    [MemberData(nameof(Providers))]
    public async Task Create_OfAPaidAttempt_ReservesAndIsSent(string provider)
    {
        await using var db = await DatabaseFixture.StartAsync(provider);
        var attempt = await db.PaidAsync();

        var reply = await db.Client.CreateRefundAsync(db.NewRefund(attempt, 299));

        reply.Result.Should().Be(Result.Created);
        var read = await db.ReadRefundAsync(reply.Refund.Refund.Id);
        read.Refund.State.Should().Be(RefundState.Sent);
        read.History.Select(h => h.ToState).Should().Equal("CREATED", "SENT");
        read.OpenCalls.Should().Be(1);
        read.Channel.Should().Be("wechat");
        read.ChannelOrderId.Should().Be("4200001234");
        read.PaidAmountMinor.Should().Be(1299);
        read.Refund.OutTradeNo.Should().StartWith("T");
        read.DueTime.ToDateTimeOffset().Should().Be(DatabaseFixture.Start.AddSeconds(30));
        (await db.ScalarAsync<long>("SELECT refund_reserved FROM pay_attempt")).Should().Be(299);
        await db.CheckBooksAsync();
    }

    [Theory]
    [MemberData(nameof(Providers))]
    public async Task Create_PartsUpToTheRest_AndNotOneFenMore(string provider)
    {
        await using var db = await DatabaseFixture.StartAsync(provider);
        var attempt = await db.PaidAsync();
        foreach (var part in (long[])[1000, 200])
        {
            var refund = await db.Client.CreateRefundAsync(db.NewRefund(attempt, part));
            await db.RecordAsync(refund.Refund.Refund.Id, ChannelRefundState.RefundDone);
        }

        var tooMuch = await db.Client.CreateRefundAsync(db.NewRefund(attempt, 100));
        tooMuch.Result.Should().Be(Result.NotAllowed);
        tooMuch.LeftMinor.Should().Be(99);
        tooMuch.Reason.Should().NotBeEmpty();
        (await db.Client.CreateRefundAsync(db.NewRefund(attempt, 99))).Result.Should().Be(Result.Created);

        var order = await db.ReadAsync(attempt.OrderId);
        order.Order.RefundedAmountMinor.Should().Be(1200);
        await db.CheckBooksAsync();
    }

    [Theory]
    [MemberData(nameof(Providers))]
    public async Task Create_OfAnAttemptThatIsNotPaid_IsNotAllowed(string provider)
    {
        await using var db = await DatabaseFixture.StartAsync(provider);
        foreach (var state in (AttemptState[])[AttemptState.Sent, AttemptState.Open, AttemptState.Refused, AttemptState.Closed])
        {
            var attempt = (await db.OrderAsync(state)).Attempts[0];

            var reply = await db.Client.CreateRefundAsync(db.NewRefund(attempt));

            reply.Result.Should().Be(Result.NotAllowed);
            reply.LeftMinor.Should().Be(0);
        }

        (await db.ScalarAsync<long>("SELECT COUNT(*) FROM refund")).Should().Be(0);
    }

    [Theory]
    [MemberData(nameof(Providers))]
    public async Task Create_OfSurplusMoney_Works(string provider)
    {
        await using var db = await DatabaseFixture.StartAsync(provider);
        var order = await db.OrderAsync(AttemptState.ExtraPaid);
        var surplus = order.Attempts.Single(a => a.Attempt.State == AttemptState.ExtraPaid);

        var refund = await db.Client.CreateRefundAsync(db.NewRefund(surplus, 1299));

        refund.Result.Should().Be(Result.Created);
        await db.CheckBooksAsync();
    }

    [Theory]
    [InlineData(0, "CNY", "app1", StatusCode.InvalidArgument)]
    [InlineData(-1, "CNY", "app1", StatusCode.InvalidArgument)]
    [InlineData(1, "CNY", "app2", StatusCode.NotFound)]
    public async Task Create_ThatCannotBe_IsRefused(long amount, string currency, string appId, StatusCode status)
    {
        await using var db = await DatabaseFixture.StartAsync("sqlite");
        var request = db.NewRefund(await db.PaidAsync(), amount);
        request.Refund.Currency = currency;
        request.Refund.AppId = appId;

        var create = () => db.Client.CreateRefundAsync(request).ResponseAsync;

        (await create.Should().ThrowAsync<RpcException>()).Which.StatusCode.Should().Be(status);
        await db.CheckBooksAsync();
    }

    [Fact]
    public async Task Create_InAnotherCurrency_IsNotAllowed()
    {
        await using var db = await DatabaseFixture.StartAsync("sqlite");
        var request = db.NewRefund(await db.PaidAsync());
        request.Refund.Currency = "USD";

        (await db.Client.CreateRefundAsync(request)).Result.Should().Be(Result.NotAllowed);
        await db.CheckBooksAsync();
    }

    [Theory]
    [MemberData(nameof(Providers))]
    public async Task Create_MoreOftenThanTheChannelAllows_IsNotAllowed(string provider)
    {
        await using var db = await DatabaseFixture.StartAsync(provider);
        var attempt = await db.PaidAsync();
        for (var i = 0; i < 4; i++)
        {
            var request = db.NewRefund(attempt, 1);
            request.RefundsPerPaymentMax = 3;
            (await db.Client.CreateRefundAsync(request)).Result.Should().Be(i < 3 ? Result.Created : Result.NotAllowed);
        }
    }

    /// <summary>What one person may give back alone holds however many ask at once; what is without it goes up to what was paid.</summary>
    [Theory]
    [MemberData(nameof(Providers))]
    public async Task Create_ManyAtOnceWithATotal_NeverGoAboveIt(string provider)
    {
        await using var db = await DatabaseFixture.StartAsync(provider);
        var attempt = await db.PaidAsync();
        (await db.Client.CreateRefundAsync(WithTotal(db.NewRefund(attempt, 1), 0))).Result.Should().Be(Result.AboveTotal, "0 is a total like another");
        var requests = Enumerable.Range(0, 10).Select(_ => WithTotal(db.NewRefund(attempt, 100), 250)).ToList();

        var replies = await Task.WhenAll(requests.Select(r => db.Client.CreateRefundAsync(r).ResponseAsync));

        replies.Count(r => r.Result == Result.Created).Should().Be(2);
        replies.Count(r => r.Result == Result.AboveTotal).Should().Be(8);
        (await db.ScalarAsync<long>("SELECT refund_reserved FROM pay_attempt")).Should().Be(200);
        var made = replies.First(r => r.Result == Result.Created).Refund.Refund;
        await db.RecordAsync(made.Id, ChannelRefundState.RefundDone);
        (await db.Client.CreateRefundAsync(WithTotal(db.NewRefund(attempt, 51), 250))).Result.Should().Be(Result.AboveTotal, "what went back counts as what is under way");
        (await db.Client.CreateRefundAsync(WithTotal(db.NewRefund(attempt, 50), 250))).Result.Should().Be(Result.Created);
        (await db.Client.CreateRefundAsync(requests.Single(r => r.Refund.OutRefundNo == made.OutRefundNo))).Result.Should().Be(Result.Exists, "a repeat gives nothing back");
        (await db.Client.CreateRefundAsync(db.NewRefund(attempt, 1049))).Result.Should().Be(Result.Created, "without a total it is what was paid");
        await db.CheckBooksAsync();

        static CreateRefundRowRequest WithTotal(CreateRefundRowRequest request, long totalMinorMax)
        {
            request.TotalMinorMax = totalMinorMax;
            return request;
        }
    }

    [Theory]
    [MemberData(nameof(Providers))]
    public async Task Create_FiftyEqualAtOnce_MakesOneRefundOfAllTheMoney(string provider)
    {
        await using var db = await DatabaseFixture.StartAsync(provider);
        var attempt = await db.PaidAsync();
        var requests = Enumerable.Range(0, 50).Select(_ => db.NewRefund(attempt, 1299, "same")).ToList();

        var replies = await Task.WhenAll(requests.Select(r => db.Client.CreateRefundAsync(r).ResponseAsync));

        replies.Count(r => r.Result == Result.Created).Should().Be(1);
        replies.Count(r => r.Result == Result.Exists).Should().Be(49, "a repeat is equal although nothing is left");
        replies.Select(r => r.Refund.Refund.Id).Distinct().Should().ContainSingle();
        await db.CheckBooksAsync();
    }

    [Theory]
    [MemberData(nameof(Providers))]
    public async Task Create_SameNumberOtherContent_NamesTheFieldAndChangesNothing(string provider)
    {
        await using var db = await DatabaseFixture.StartAsync(provider);
        var order = await db.OrderAsync(AttemptState.ExtraPaid);
        var other = await db.PaidAsync();
        var first = (await db.Client.CreateRefundAsync(db.NewRefund(order.Attempts[0], 100, "same"))).Refund;
        (string Field, Action<CreateRefundRowRequest> Change)[] changes =
        [
            ("order_id", r => (r.Refund.OrderId, r.Refund.AttemptNo) = (other.OrderId, other.Attempt.AttemptNo)),
            ("amount_minor", r => r.Refund.AmountMinor++),
            ("currency", r => r.Refund.Currency = "USD"),
            ("reason", r => r.Refund.Reason = "other"),
            ("notify_url", r => r.NotifyUrl = "https://shop.example/other"),
            ("attempt_no", r => r.Refund.AttemptNo = order.Attempts[1].Attempt.AttemptNo),
            ("by_policy", r => r.Refund.ByPolicy = true),
        ];
        foreach (var (field, change) in changes)
        {
            var request = db.NewRefund(order.Attempts[0], 100, "same");
            change(request);

            var reply = await db.Client.CreateRefundAsync(request);

            reply.Result.Should().Be(Result.Different, field);
            reply.DifferingField.Should().Be(field);
        }

        (await db.ReadRefundAsync(first.Refund.Id)).Refund.Should().Be(first.Refund);
        await db.CheckBooksAsync();
    }

    [Theory]
    [MemberData(nameof(Providers))]
    public async Task Read_ByEitherKey_FindsTheRefundOfItsAppOnly(string provider)
    {
        await using var db = await DatabaseFixture.StartAsync(provider);
        var stored = await db.RefundAsync(RefundState.Sent);

        (await db.Client.ReadRefundAsync(new ReadRefundRequest { RefundId = stored.Refund.Id })).Should().Be(stored);
        var key = new MerchantRefundKey { AppId = "app1", OutRefundNo = stored.Refund.OutRefundNo };
        (await db.Client.ReadRefundAsync(new ReadRefundRequest { MerchantRefund = key })).Should().Be(stored);

        key.AppId = "app2";
        var other = () => db.Client.ReadRefundAsync(new ReadRefundRequest { MerchantRefund = key }).ResponseAsync;
        (await other.Should().ThrowAsync<RpcException>()).Which.StatusCode.Should().Be(StatusCode.NotFound);
    }

    [Theory]
    [MemberData(nameof(Providers))]
    public async Task Refusal_AfterAnUnansweredCall_DecidesNothing(string provider)
    {
        await using var db = await DatabaseFixture.StartAsync(provider);
        var id = (await db.RefundAsync(RefundState.Sent)).Refund.Id;
        await db.RecordAsync(id, ChannelRefundState.RefundUnknown);
        (await db.ClaimRefundAsync(id)).Should().BeFalse("60 s must pass before the same number is called again");
        db.Clock.Advance(RefundSchedule.RepeatAfter);
        (await db.ClaimRefundAsync(id)).Should().BeTrue();

        (await db.RecordAsync(id, ChannelRefundState.RefundRefused)).Result.Should().Be(MoveResult.Already);

        (await db.ReadRefundAsync(id)).Refund.State.Should().Be(RefundState.Sent);
        (await db.RecordAsync(id, ChannelRefundState.RefundRefused, "query")).Result.Should().Be(MoveResult.Moved, "a query decides");
        await db.CheckBooksAsync();
    }

    [Theory]
    [MemberData(nameof(Providers))]
    public async Task Refusal_OfARepeatAfterTheChannelTookIt_DecidesNothing(string provider)
    {
        await using var db = await DatabaseFixture.StartAsync(provider);
        var id = (await db.RefundAsync(RefundState.Sent)).Refund.Id;
        await db.RecordAsync(id, ChannelRefundState.RefundPending);
        (await db.ClaimRefundAsync(id)).Should().BeTrue();

        await db.RecordAsync(id, ChannelRefundState.RefundRefused);

        (await db.ReadRefundAsync(id)).Refund.State.Should().Be(RefundState.Sent);
    }

    [Theory]
    [MemberData(nameof(Providers))]
    public async Task Refusal_AfterACallThatWasNeverSent_Decides(string provider)
    {
        await using var db = await DatabaseFixture.StartAsync(provider);
        var id = (await db.RefundAsync(RefundState.Sent)).Refund.Id;
        await db.RecordAsync(id, ChannelRefundState.RefundUnknown, endsCall: true);
        (await db.ClaimRefundAsync(id)).Should().BeTrue("nothing was sent: calling at once is harmless");

        (await db.RecordAsync(id, ChannelRefundState.RefundRefused)).Result.Should().Be(MoveResult.Moved);
        await db.CheckBooksAsync();
    }

    [Theory]
    [MemberData(nameof(Providers))]
    public async Task Message_WithAnotherFact_IsAnItemAndChangesNothing(string provider)
    {
        await using var db = await DatabaseFixture.StartAsync(provider);
        RefundFacts[] wrong =
        [
            new() { RefundNo = "R02" },
            new() { AttemptNo = "A02" },
            new() { AmountMinor = 101 },
            new() { AmountMinor = 100, Currency = "USD" },
        ];
        foreach (var facts in wrong)
        {
            var stored = await db.RefundAsync(RefundState.Sent);

            var reply = await db.RecordAsync(stored.Refund.Id, ChannelRefundState.RefundDone, "callback", facts, db.Callback());

            reply.Result.Should().Be(MoveResult.NotAllowed);
            (await db.ReadRefundAsync(stored.Refund.Id)).Refund.Should().Be(stored.Refund);
            (await db.KindsAsync(stored.Refund.Id)).Should().Equal(Kind.RefundConflict);
        }

        (await db.ScalarAsync<long>("SELECT COUNT(*) FROM callback WHERE state = 'CONFLICT'")).Should().Be(wrong.Length);
        await db.CheckBooksAsync();
    }

    [Theory]
    [MemberData(nameof(Providers))]
    public async Task NoBalance_KeepsTheReservationAndAlertsOnce(string provider)
    {
        await using var db = await DatabaseFixture.StartAsync(provider);
        var id = (await db.RefundAsync(RefundState.Sent)).Refund.Id;

        await db.RecordAsync(id, ChannelRefundState.RefundNoBalance);
        (await db.ClaimRefundAsync(id)).Should().BeFalse("it said not now");
        db.Clock.Advance(RefundSchedule.RepeatAfter);
        (await db.ClaimRefundAsync(id)).Should().BeTrue("the call was answered");
        var waiting = (await db.RecordAsync(id, ChannelRefundState.RefundNoBalance)).Refund;

        waiting.Refund.State.Should().Be(RefundState.Sent);
        waiting.Refund.FailureCode.Should().Be("CODE");
        waiting.CreateAnswer.IsEmpty.Should().BeTrue("no balance is no definite answer");
        (await db.KindsAsync(id)).Should().Equal(Kind.NoBalance);
        var item = (await db.Client.ListExceptionsAsync(new ListExceptionsRequest())).Exceptions.Single();
        await db.Client.ResolveExceptionAsync(new ResolveExceptionRequest { ExceptionId = item.ExceptionId, By = "alice", Resolution = "accepted" });
        (await db.Client.ClaimAlertsAsync(new ClaimAlertsRequest { Limit = 10, LeaseSeconds = 60 })).Exceptions.Should().BeEmpty("nobody is told of what is settled");
        await db.RecordAsync(id, ChannelRefundState.RefundNoBalance, "query");
        (await db.Client.ClaimAlertsAsync(new ClaimAlertsRequest { Limit = 10, LeaseSeconds = 60 })).Exceptions.Should().ContainSingle("it lasts all the same")
            .Which.Should().Match<ExceptionItem>(e => e.ExceptionId == item.ExceptionId && !e.Resolved);
        (await db.RecordAsync(id, ChannelRefundState.RefundDone, "query")).Refund.Refund.FailureCode.Should().BeEmpty();
        await db.CheckBooksAsync();
    }

    [Theory]
    [MemberData(nameof(Providers))]
    public async Task NotExecuted_IsAnAnswer_AndTheNextRefusalDecides(string provider)
    {
        await using var db = await DatabaseFixture.StartAsync(provider);
        var attempt = await db.PaidAsync();
        var id = (await db.Client.CreateRefundAsync(db.NewRefund(attempt, 1000))).Refund.Refund.Id;

        var waiting = (await db.LimitRefundAsync(id)).Refund;

        (waiting.Refund.State, waiting.Refund.FailureCode, waiting.OpenCalls, waiting.CreateAnswer.IsEmpty).Should().Be((RefundState.Sent, "LIMITED", 0, true));
        (await db.ScalarAsync<long>("SELECT refund_reserved FROM pay_attempt")).Should().Be(1000);
        (await db.Client.CreateRefundAsync(db.NewRefund(attempt, 200))).Refund.Refund.State.Should().Be(RefundState.Sent, "it is in nobody's way");
        (await db.ClaimRefundAsync(id)).Should().BeFalse("it was asked too often: it waits");
        db.Clock.Advance(RefundSchedule.RepeatAfter);
        await db.RecordAsync((await db.Client.ListRefundsAsync(new ListRequest { AppId = "app1", Limit = 10 })).Refunds.Single(r => r.Id != id).Id, ChannelRefundState.RefundDone);
        (await db.ClaimRefundAsync(id)).Should().BeTrue();
        (await db.ReadRefundAsync(id)).Refund.FailureCode.Should().BeEmpty("a call is under way");
        (await db.RecordAsync(id, ChannelRefundState.RefundRefused)).Result.Should().Be(MoveResult.Moved, "every call before was answered");
        (await db.ScalarAsync<long>("SELECT refund_reserved FROM pay_attempt")).Should().Be(0);
        await db.CheckBooksAsync();
    }

    [Theory]
    [MemberData(nameof(Providers))]
    public async Task NotExecuted_AfterACallWithoutAnswer_SaysNothingOfThatOne(string provider)
    {
        await using var db = await DatabaseFixture.StartAsync(provider);
        var id = (await db.RefundAsync(RefundState.Sent)).Refund.Id;
        await db.RecordAsync(id, ChannelRefundState.RefundUnknown);
        db.Clock.Advance(RefundSchedule.RepeatAfter);
        (await db.ClaimRefundAsync(id)).Should().BeTrue();

        var waiting = (await db.LimitRefundAsync(id)).Refund;

        waiting.OpenCalls.Should().Be(1, "the first call keeps its count");
        waiting.DueTime.ToDateTimeOffset().Should().Be(DatabaseFixture.Start.AddMinutes(2), "the ladder's next look, and not each minute");
        db.Clock.Advance(RefundSchedule.RepeatAfter);
        (await db.ClaimRefundAsync(id)).Should().BeTrue();
        (await db.RecordAsync(id, ChannelRefundState.RefundRefused)).Result.Should().Be(MoveResult.Already, "the first call may have arrived");
        (await db.ReadRefundAsync(id)).Refund.State.Should().Be(RefundState.Sent);
    }

    [Theory]
    [MemberData(nameof(Providers))]
    public async Task Abnormal_KeepsTheReservationAndIsAnItem(string provider)
    {
        await using var db = await DatabaseFixture.StartAsync(provider);
        var stored = await db.RefundAsync(RefundState.Abnormal);

        (await db.KindsAsync(stored.Refund.Id)).Should().Equal(Kind.RefundAbnormal);
        (await db.ScalarAsync<long>("SELECT refund_reserved FROM pay_attempt")).Should().Be(100);
        stored.DueTime.Should().NotBeNull("the channel's later word is asked for");
        (await db.RecordAsync(stored.Refund.Id, ChannelRefundState.RefundDone, "query")).Refund.DueTime.Should().BeNull();
        await db.CheckBooksAsync();
    }

    [Theory]
    [MemberData(nameof(Providers))]
    public async Task Abnormal_DecidedByTwoPeopleAtOnceInBothWays_EndsOnceAndStandsInTheAuditLog(string provider)
    {
        await using var db = await DatabaseFixture.StartAsync(provider);
        var id = (await db.RefundAsync(RefundState.Abnormal)).Refund.Id;

        var replies = await Task.WhenAll(Enumerable.Range(0, 6).Select(i => DecideAsync(db, id, i % 2 == 0, "ada", $"ben{i}")));

        var moved = replies.Should().ContainSingle(r => r.Result == MoveResult.Moved).Which.Refund.Refund;
        (await db.ReadRefundAsync(id)).Refund.Should().Be(moved);
        replies.Count(r => r.Result == MoveResult.NotAllowed).Should().Be(3, "the other way round");
        (await db.ScalarAsync<long>("SELECT refund_reserved FROM pay_attempt")).Should().Be(0);
        (await db.ScalarAsync<long>("SELECT refunded FROM pay_attempt")).Should().Be(moved.State == RefundState.Succeeded ? 100 : 0);
        (await db.Client.ListExceptionsAsync(new ListExceptionsRequest { OpenOnly = true })).Exceptions.Should().BeEmpty("nothing is left to decide");
        var entry = (await db.Client.ListAuditAsync(new ListAuditRequest { Subject = id })).Entries.Should().ContainSingle().Which;
        entry.Action.Should().Be("refund.decide");
        entry.By.Should().StartWith("ben");
        entry.After.Should().Contain("the bank's letter").And.Contain("ada");
        await db.CheckBooksAsync();
    }

    [Theory]
    [MemberData(nameof(Providers))]
    public async Task Decision_ByOnePersonOrOfARefundThatIsNotAbnormal_ChangesNothing(string provider)
    {
        await using var db = await DatabaseFixture.StartAsync(provider);
        var abnormal = await db.RefundAsync(RefundState.Abnormal);
        var sent = await db.RefundAsync(RefundState.Sent);

        foreach (var (by, evidence, status) in ((string, string, StatusCode)[])[("ada", "letter", StatusCode.PermissionDenied), ("", "letter", StatusCode.InvalidArgument), ("ben", "", StatusCode.InvalidArgument)])
        {
            var decide = () => DecideAsync(db, abnormal.Refund.Id, true, "ada", by, evidence);
            (await decide.Should().ThrowAsync<RpcException>()).Which.StatusCode.Should().Be(status);
        }

        (await DecideAsync(db, sent.Refund.Id, true, "ada", "ben")).Result.Should().Be(MoveResult.NotAllowed, "only the channel knows");
        (await db.ReadRefundAsync(abnormal.Refund.Id)).Refund.Should().Be(abnormal.Refund);
        (await db.ReadRefundAsync(sent.Refund.Id)).Refund.Should().Be(sent.Refund);
        (await db.Client.ListAuditAsync(new ListAuditRequest())).Entries.Should().BeEmpty();
    }

    private static async Task<RefundMoveReply> DecideAsync(DatabaseFixture db, string refundId, bool done, string askedBy, string decidedBy, string evidence = "the bank's letter") =>
        await db.Client.RecordRefundAsync(new RecordRefundRequest
        {
            RefundId = refundId,
            State = done ? ChannelRefundState.RefundDone : ChannelRefundState.RefundRefused,
            Cause = "person",
            Code = "DECIDED",
            Message = "by hand",
            Decision = new RefundDecision { AskedBy = askedBy, DecidedBy = decidedBy, Evidence = evidence },
        });

    [Theory]
    [MemberData(nameof(Providers))]
    public async Task SecondRefund_WhileTheFirstHasNoAnswer_WaitsForItsTurn(string provider)
    {
        await using var db = await DatabaseFixture.StartAsync(provider);
        var attempt = await db.PaidAsync();
        var first = (await db.Client.CreateRefundAsync(db.NewRefund(attempt))).Refund.Refund.Id;
        var request = db.NewRefund(attempt);
        request.SpacingSeconds = 90;

        var second = (await db.Client.CreateRefundAsync(request)).Refund;
        second.Refund.State.Should().Be(RefundState.Created);
        second.CallLeaseTime.Should().BeNull();
        (await db.ClaimRefundAsync(second.Refund.Id)).Should().BeFalse("a call is under way");
        db.Clock.Advance(TimeSpan.FromSeconds(40));
        (await db.ClaimRefundAsync(second.Refund.Id)).Should().BeFalse("its outcome is unknown");
        await db.RecordAsync(first, ChannelRefundState.RefundPending, "query");

        var tooSoon = await db.Client.ClaimRefundCallAsync(
            new ClaimRefundCallRequest { RefundId = second.Refund.Id, LeaseTime = db.Lease(), ForRefund = true, SpacingSeconds = 90 });
        tooSoon.Claimed.Should().BeFalse("the spacing is not over");
        tooSoon.NotBefore.ToDateTimeOffset().Should().Be(DatabaseFixture.Start.AddSeconds(90));
        db.Clock.Advance(TimeSpan.FromSeconds(50));
        (await db.ClaimRefundAsync(second.Refund.Id, spacing: 90)).Should().BeTrue();
        (await db.ReadRefundAsync(second.Refund.Id)).Refund.State.Should().Be(RefundState.Sent);
        await db.CheckBooksAsync();
    }

    [Theory]
    [MemberData(nameof(Providers))]
    public async Task RefundsThatWaitForTheirTurn_AreDueOneByOneAsTheOneBeforeEnds(string provider)
    {
        await using var db = await DatabaseFixture.StartAsync(provider);
        var attempt = await db.PaidAsync();
        var first = (await db.Client.CreateRefundAsync(db.NewRefund(attempt))).Refund.Refund.Id;
        var second = (await db.Client.CreateRefundAsync(db.NewRefund(attempt))).Refund.Refund.Id;
        var third = (await db.Client.CreateRefundAsync(db.NewRefund(attempt))).Refund.Refund.Id;
        await db.RecordAsync(first, ChannelRefundState.RefundUnknown);
        (await DueAsync(second)).Should().Be(10, "nobody knows when it will be its turn");

        db.Clock.Advance(TimeSpan.FromSeconds(3));
        await db.RecordAsync(first, ChannelRefundState.RefundDone, "query");
        (await DueAsync(second), await DueAsync(third)).Should().Be((3, 10), "both at once could not be called");

        (await db.ClaimRefundAsync(second, spacing: 5)).Should().BeFalse();
        (await DueAsync(second)).Should().Be(5, "the spacing is over then");
        db.Clock.Advance(TimeSpan.FromSeconds(2));
        (await db.ClaimRefundAsync(second, spacing: 5)).Should().BeTrue();
        await db.RecordAsync(second, ChannelRefundState.RefundRefused);
        (await DueAsync(third)).Should().Be(5);
        await db.CheckBooksAsync();

        async Task<double> DueAsync(string id) => ((await db.ReadRefundAsync(id)).DueTime.ToDateTimeOffset() - DatabaseFixture.Start).TotalSeconds;
    }

    [Theory]
    [MemberData(nameof(Providers))]
    public async Task SecondRefund_WithinTheSpacing_IsDueWhenItIsOver(string provider)
    {
        await using var db = await DatabaseFixture.StartAsync(provider);
        var attempt = await db.PaidAsync();
        var first = (await db.Client.CreateRefundAsync(db.NewRefund(attempt))).Refund.Refund.Id;
        await db.RecordAsync(first, ChannelRefundState.RefundDone);
        var request = db.NewRefund(attempt);
        request.SpacingSeconds = 3;

        var second = (await db.Client.CreateRefundAsync(request)).Refund;

        second.Refund.State.Should().Be(RefundState.Created);
        second.DueTime.ToDateTimeOffset().Should().Be(DatabaseFixture.Start.AddSeconds(3));
    }

    [Theory]
    [MemberData(nameof(Providers))]
    public async Task ClaimCall_ByTen_GivesOneTheRightUntilItsLeaseEnds(string provider)
    {
        await using var db = await DatabaseFixture.StartAsync(provider);
        var id = (await db.RefundAsync(RefundState.Sent)).Refund.Id;
        (await db.ClaimRefundAsync(id, forRefund: false)).Should().BeFalse("its creator has the right");

        db.Clock.Advance(TimeSpan.FromSeconds(21));
        var claims = await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => db.ClaimRefundAsync(id, forRefund: false)));

        claims.Count(c => c).Should().Be(1);
        (await db.ReadRefundAsync(id)).OpenCalls.Should().Be(1, "a query is no Refund call");
    }

    [Theory]
    [MemberData(nameof(Providers))]
    public async Task ClaimCall_OfADecidedRefund_IsRefused(string provider)
    {
        await using var db = await DatabaseFixture.StartAsync(provider);
        foreach (var state in (RefundState[])[RefundState.Succeeded, RefundState.Failed])
        {
            var id = (await db.RefundAsync(state)).Refund.Id;
            (await db.ClaimRefundAsync(id)).Should().BeFalse();
            (await db.ClaimRefundAsync(id, forRefund: false)).Should().BeFalse();
        }

        (await db.ClaimRefundAsync((await db.RefundAsync(RefundState.Abnormal)).Refund.Id)).Should().BeFalse("the channel has it: only a query is due");
    }

    [Theory]
    [MemberData(nameof(Providers))]
    public async Task Unknown_ChangesNothingButTheNextLook(string provider)
    {
        await using var db = await DatabaseFixture.StartAsync(provider);
        var id = (await db.RefundAsync(RefundState.Sent)).Refund.Id;
        var before = await db.ReadRefundAsync(id);
        db.Clock.Advance(TimeSpan.FromSeconds(31));

        await db.RecordAsync(id, ChannelRefundState.RefundUnknown, "query");

        before.CallLeaseTime = null;
        before.DueTime = Google.Protobuf.WellKnownTypes.Timestamp.FromDateTimeOffset(DatabaseFixture.Start + RefundSchedule.RepeatAfter);
        (await db.ReadRefundAsync(id)).Should().Be(before);
    }

    [Theory]
    [MemberData(nameof(Providers))]
    public async Task CreateAnswer_FirstDefiniteOne_StaysAsItWas(string provider)
    {
        await using var db = await DatabaseFixture.StartAsync(provider);
        var id = (await db.RefundAsync(RefundState.Sent)).Refund.Id;
        await db.RecordAsync(id, ChannelRefundState.RefundUnknown);
        (await db.ReadRefundAsync(id)).CreateAnswer.IsEmpty.Should().BeTrue();
        await db.RecordAsync(id, ChannelRefundState.RefundPending, "query", new RefundFacts { ChannelRefundId = "5030000" });
        var first = await db.ReadRefundAsync(id);

        await db.RecordAsync(id, ChannelRefundState.RefundDone, "callback", callback: db.Callback());

        var answer = RefundAnswer.Parser.ParseFrom((await db.ReadRefundAsync(id)).CreateAnswer);
        answer.Result.Should().Be(RefundAnswer.Types.Result.Accepted);
        answer.Refund.Should().Be(first.Refund);
        answer.Refund.ChannelRefundId.Should().Be("5030000");
    }

    [Theory]
    [MemberData(nameof(Providers))]
    public async Task Event_OfARefund_SaysWhatTheDatabaseSays(string provider)
    {
        await using var db = await DatabaseFixture.StartAsync(provider);
        var stored = await db.RefundAsync(RefundState.Succeeded);

        var deliveries = await db.Client.ReadDeliveriesAsync(new ListDeliveriesRequest { OrderId = stored.Refund.OrderId });

        var delivery = deliveries.Deliveries.Single(d => d.EventType == "refund.succeeded");
        using var body = System.Text.Json.JsonDocument.Parse(delivery.Body.Memory);
        body.RootElement.GetProperty("type").GetString().Should().Be("refund.succeeded");
        var data = body.RootElement.GetProperty("data");
        data.GetProperty("id").GetString().Should().Be(stored.Refund.Id);
        data.GetProperty("state").GetString().Should().Be("SUCCEEDED");
        data.GetProperty("version").GetInt32().Should().Be(stored.Refund.Version);
        data.GetProperty("amount_minor").GetInt64().Should().Be(100);
        data.GetProperty("out_trade_no").GetString().Should().Be(stored.Refund.OutTradeNo);
    }

    [Theory]
    [MemberData(nameof(Providers))]
    public async Task DueRefunds_TakenByFour_EachOnce(string provider)
    {
        await using var db = await DatabaseFixture.StartAsync(provider);
        for (var i = 0; i < 10; i++)
        {
            await db.RefundAsync(RefundState.Sent);
        }

        db.Clock.Advance(TimeSpan.FromSeconds(31));
        var taken = await TakeAsync(db);
        taken.Select(r => r.Refund.Id).Should().HaveCount(10).And.OnlyHaveUniqueItems();
        var schedule = new ScheduleLookRequest { RefundId = taken[0].Refund.Id, ClaimedDueTime = taken[0].DueTime, NextDueTime = db.Lease() };
        (await db.Client.ScheduleLookAsync(schedule)).Scheduled.Should().BeTrue();
        (await db.Client.ScheduleLookAsync(schedule)).Scheduled.Should().BeFalse("somebody rescheduled it since");
    }

    private static async Task<IReadOnlyList<StoredRefund>> TakeAsync(DatabaseFixture db)
    {
        var claims = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ =>
            db.Client.ClaimDueRefundsAsync(new ClaimDueRequest { Limit = 20, LeaseSeconds = 30 }).ResponseAsync));
        return [.. claims.SelectMany(c => c.Refunds)];
    }
}
