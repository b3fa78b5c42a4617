using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using PayCore.Contracts.V1;
using PayCore.Payments;
using Decision = PayCore.Contracts.V1.DecideTransferRequest.Types.Decision;
using Kind = PayCore.Contracts.V1.ExceptionItem.Types.Kind;
using Result = PayCore.Contracts.V1.CreateTransferRowReply.Types.Result;
using TransferState = PayCore.Contracts.V1.Transfer.Types.State;

namespace PayCore.PayDatabase.Tests;

public sealed class TransferTests
{
    public static TheoryData<string> Providers => DatabaseFixture.Providers;

    /// <summary>Every state × every word of the channel, with what the tables of docs/states.md say must come of it.</summary>
    private static readonly (TransferState From, string Moves, string Contradicts)[] _cases =
    [
        // From, then the words that move it and through where, then the words that contradict it. Every other word changes no state.
        (TransferState.Created, "", "TransferPending TransferWaitPayee TransferDone TransferRefused TransferCancelled TransferReturned"),
        (TransferState.Approved, "", "TransferPending TransferWaitPayee TransferDone TransferRefused TransferCancelled TransferReturned"),
        (TransferState.Sent,
            "TransferWaitPayee>WaitPayee TransferDone>Succeeded TransferRefused>Failed TransferCancelled>WaitPayee,Cancelled TransferReturned>Succeeded,Returned", ""),
        (TransferState.WaitPayee,
            "TransferDone>Succeeded TransferRefused>Failed TransferCancelled>Cancelled TransferReturned>Succeeded,Returned", ""),
        (TransferState.Succeeded, "TransferReturned>Returned", "TransferRefused TransferCancelled"),
        (TransferState.Failed, "", "TransferPending TransferWaitPayee TransferDone TransferCancelled TransferReturned"),
        (TransferState.Cancelled, "", "TransferPending TransferWaitPayee TransferDone TransferRefused TransferReturned"),
        (TransferState.Returned, "", "TransferRefused TransferCancelled"),
    ];

    [Theory]
    [MemberData(nameof(Providers))]
    public async Task Transfer_EveryStateAndWord_MovesAsTheTableSays(string provider)
    {
        await using var db = await DatabaseFixture.StartAsync(provider);
        foreach (var (from, moves, contradicts) in _cases)
        {
            foreach (var word in System.Enum.GetValues<ChannelTransferState>().Skip(1))
            {
                var stored = await db.TransferAsync(from);
                stored.Transfer.State.Should().Be(from);
                var path = moves.Split(' ').SingleOrDefault(m => m.StartsWith($"{word}>", StringComparison.Ordinal))?.Split('>')[1].Split(',') ?? [];
                var to = path.Select(System.Enum.Parse<TransferState>).ToList();
                var contradiction = contradicts.Split(' ').Contains($"{word}");

                var reply = await db.RecordAsync(stored.Transfer.Id, word, "query", callback: db.Callback());

                var because = $"{from} heard {word}";
                var after = await db.ReadTransferAsync(stored.Transfer.Id);
                after.Transfer.State.Should().Be(to.Count == 0 ? from : to[^1], because);
                after.Transfer.Version.Should().Be(stored.Transfer.Version + to.Count, because);
                reply.Result.Should().Be(to.Count > 0 ? MoveResult.Moved : contradiction ? MoveResult.NotAllowed : MoveResult.Already, because);
                (await db.KindsAsync(transferId: stored.Transfer.Id)).Contains(Kind.TransferConflict).Should().Be(contradiction, because);
                reply.DeliveryIds.Count.Should().Be(to.Count(TransferTransitions.IsTold), because);
                (await db.ScalarAsync<string>("SELECT state FROM callback WHERE order_id = @id", new { id = stored.Transfer.Id }))
                    .Should().Be(to.Count > 0 ? "APPLIED" : contradiction ? "CONFLICT" : "DUPLICATE", because);
                if (to.Count > 0)
                {
                    (await db.RecordAsync(stored.Transfer.Id, word, "query")).Result.Should().Be(MoveResult.Already, because);
                }
            }
        }

        await db.CheckBooksAsync();
    }

    /// <summary>Every state × every decision.</summary>
    private static readonly (TransferState From, MoveResult Approve, MoveResult Reject, MoveResult Cancel)[] _decisions =
    [
        (TransferState.Created, MoveResult.Moved, MoveResult.Moved, MoveResult.Moved),
        (TransferState.Approved, MoveResult.Already, MoveResult.Moved, MoveResult.Moved),
        (TransferState.Sent, MoveResult.Already, MoveResult.NotAllowed, MoveResult.Moved),
        (TransferState.WaitPayee, MoveResult.Already, MoveResult.NotAllowed, MoveResult.Moved),
        (TransferState.Succeeded, MoveResult.Already, MoveResult.NotAllowed, MoveResult.NotAllowed),
        (TransferState.Failed, MoveResult.Already, MoveResult.NotAllowed, MoveResult.NotAllowed),
        (TransferState.Cancelled, MoveResult.NotAllowed, MoveResult.Already, MoveResult.Already),
        (TransferState.Returned, MoveResult.Already, MoveResult.NotAllowed, MoveResult.NotAllowed),
    ];

    [Theory]
    [MemberData(nameof(Providers))]
    public async Task Transfer_EveryStateAndDecision_MovesAsTheTableSays(string provider)
    {
        await using var db = await DatabaseFixture.StartAsync(provider);
        foreach (var (from, approve, reject, cancel) in _decisions)
        {
            foreach (var (decision, result) in ((Decision, MoveResult)[])[(Decision.Approve, approve), (Decision.Reject, reject), (Decision.Cancel, cancel)])
            {
                var stored = await db.TransferAsync(from);

                var reply = await DecideAsync(db, stored.Transfer.Id, decision);

                var because = $"{from} and {decision}";
                reply.Result.Should().Be(result, because);
                var after = await db.ReadTransferAsync(stored.Transfer.Id);
                var asked = decision == Decision.Cancel && TransferTransitions.IsUndecided(from);
                after.CancelRequested.Should().Be(asked, because);
                var to = result != MoveResult.Moved || asked ? from : decision == Decision.Approve ? TransferState.Sent : TransferState.Cancelled;
                after.Transfer.State.Should().Be(to, because);
                (await DecideAsync(db, stored.Transfer.Id, decision)).Result.Should()
                    .Be(result == MoveResult.NotAllowed ? MoveResult.NotAllowed : MoveResult.Already, "a repeat changes nothing");
            }
        }

        await db.CheckBooksAsync();
    }

    [Theory]
    [MemberData(nameof(Providers))]
    public async Task Create_WithoutApproval_IsSentAtOnce(string provider)
    {
        await using var db = await DatabaseFixture.StartAsync(provider);

        var reply = await db.Client.CreateTransferAsync(db.NewTransfer());

        reply.Result.Should().Be(Result.Created);
        var read = await db.ReadTransferAsync(reply.Transfer.Transfer.Id);
        read.History.Select(h => h.ToState).Should().Equal("CREATED", "APPROVED", "SENT");
        read.OpenCalls.Should().Be(1);
        read.Payee.Name.Should().Be("张三");
        read.Transfer.Payee.Should().Be("o-1***def");
        read.DueTime.ToDateTimeOffset().Should().Be(DatabaseFixture.Start.AddSeconds(10));
    }

    [Theory]
    [InlineData("o-1234567890abcdef", "o-1***def")]
    [InlineData("13800138000", "13***00")]
    [InlineData("abc", "***")]
    public void Payee_Shown_HidesMostOfIt(string id, string shown) => PayeeText.Hidden(new Payee { Id = id, Name = "n", Bank = "b" }).Should().Be(shown);

    [Theory]
    [InlineData(0)]
    [InlineData(-5)]
    public async Task Create_OfNoMoney_IsRefused(long amount)
    {
        await using var db = await DatabaseFixture.StartAsync("sqlite");
        var request = db.NewTransfer();
        request.Transfer.AmountMinor = amount;

        var create = () => db.Client.CreateTransferAsync(request).ResponseAsync;

        (await create.Should().ThrowAsync<RpcException>()).Which.StatusCode.Should().Be(StatusCode.InvalidArgument);
    }

    [Theory]
    [MemberData(nameof(Providers))]
    public async Task Create_FiftyEqualAtOnce_MakesOneTransfer(string provider)
    {
        await using var db = await DatabaseFixture.StartAsync(provider);
        var requests = Enumerable.Range(0, 50).Select(_ => db.NewTransfer("same")).ToList();

        var replies = await Task.WhenAll(requests.Select(r => db.Client.CreateTransferAsync(r).ResponseAsync));

        replies.Count(r => r.Result == Result.Created).Should().Be(1);
        replies.Count(r => r.Result == Result.Exists).Should().Be(49);
        replies.Select(r => r.Transfer.Transfer.Id).Distinct().Should().ContainSingle();
        (await db.ScalarAsync<long>("SELECT COUNT(*) FROM transfer")).Should().Be(1);
        await db.CheckBooksAsync();
    }

    [Theory]
    [MemberData(nameof(Providers))]
    public async Task Create_SameNumberOtherContent_NamesTheFieldAndChangesNothing(string provider)
    {
        await using var db = await DatabaseFixture.StartAsync(provider);
        var first = (await db.Client.CreateTransferAsync(db.NewTransfer("same"))).Transfer;
        (string Field, Action<CreateTransferRowRequest> Change)[] changes =
        [
            ("amount_minor", r => r.Transfer.AmountMinor++),
            ("currency", r => r.Transfer.Currency = "USD"),
            ("method", r => r.Transfer.Method = "alipay"),
            ("payee", r => r.Payee.Id = "o-2"),
            ("payee", r => r.Payee.Name = "李四"),
            ("title", r => r.Transfer.Title = "other"),
            ("remark", r => r.Transfer.Remark = "other"),
            ("notify_url", r => r.NotifyUrl = "https://shop.example/other"),
        ];
        foreach (var (field, change) in changes)
        {
            var request = db.NewTransfer("same");
            change(request);

            var reply = await db.Client.CreateTransferAsync(request);

            reply.Result.Should().Be(Result.Different, field);
            reply.DifferingField.Should().Be(field);
        }

        var inABatch = db.NewTransfer("same");
        inABatch.Transfer.OutBatchNo = "batch";
        (await db.Client.CreateTransferAsync(inABatch)).Result.Should().Be(Result.Exists, "the batch is no part of a transfer");
        (await db.ReadTransferAsync(first.Transfer.Id)).Transfer.Should().Be(first.Transfer);
    }

    [Theory]
    [MemberData(nameof(Providers))]
    public async Task Read_ByEitherKey_FindsTheTransferOfItsAppOnly(string provider)
    {
        await using var db = await DatabaseFixture.StartAsync(provider);
        var stored = await db.TransferAsync(TransferState.WaitPayee);

        (await db.Client.ReadTransferAsync(new ReadTransferRequest { TransferId = stored.Transfer.Id })).Should().Be(stored);
        var key = new MerchantTransferKey { AppId = "app1", OutTransferNo = stored.Transfer.OutTransferNo };
        (await db.Client.ReadTransferAsync(new ReadTransferRequest { MerchantTransfer = key })).Should().Be(stored);

        key.AppId = "app2";
        var other = () => db.Client.ReadTransferAsync(new ReadTransferRequest { MerchantTransfer = key }).ResponseAsync;
        (await other.Should().ThrowAsync<RpcException>()).Which.StatusCode.Should().Be(StatusCode.NotFound);
    }

    [Theory]
    [InlineData("m1")]
    [InlineData("app1")]
    public async Task Approve_ByWhoAsked_IsNotAllowed(string by)
    {
        await using var db = await DatabaseFixture.StartAsync("sqlite");
        var stored = await db.TransferAsync(TransferState.Created);

        (await DecideAsync(db, stored.Transfer.Id, Decision.Approve, by)).Result.Should().Be(MoveResult.NotAllowed);

        (await db.ReadTransferAsync(stored.Transfer.Id)).Transfer.State.Should().Be(TransferState.Created);
        var nobody = () => DecideAsync(db, stored.Transfer.Id, Decision.Approve, "");
        (await nobody.Should().ThrowAsync<RpcException>()).Which.StatusCode.Should().Be(StatusCode.InvalidArgument);
    }

    [Theory]
    [MemberData(nameof(Providers))]
    public async Task Approve_AndReject_AtOnce_OneDecides(string provider)
    {
        await using var db = await DatabaseFixture.StartAsync(provider);
        for (var round = 0; round < 50; round++)
        {
            var id = (await db.TransferAsync(TransferState.Created)).Transfer.Id;

            var replies = await Task.WhenAll(DecideAsync(db, id, Decision.Approve), DecideAsync(db, id, Decision.Reject, "bob"));

            replies.Count(r => r.Result == MoveResult.Moved).Should().Be(1);
            replies.Count(r => r.Result == MoveResult.NotAllowed).Should().Be(1);
        }

        await db.CheckBooksAsync();
    }

    [Theory]
    [MemberData(nameof(Providers))]
    public async Task Approve_ByAPerson_IsRememberedAndGivesTheRightToCall(string provider)
    {
        await using var db = await DatabaseFixture.StartAsync(provider);
        var id = (await db.TransferAsync(TransferState.Created)).Transfer.Id;
        (await db.ClaimTransferAsync(id)).Should().BeFalse("nobody approved it");

        await DecideAsync(db, id, Decision.Approve, "alice");

        var stored = await db.ReadTransferAsync(id);
        stored.ApprovedBy.Should().Be("alice");
        stored.OpenCalls.Should().Be(1);
        stored.History.Single(h => h.ToState == "APPROVED").EvidenceId.Should().Be("alice");
        (await db.ClaimTransferAsync(id)).Should().BeFalse("the approver has the right");
    }

    [Theory]
    [MemberData(nameof(Providers))]
    public async Task Resend_OnlyAfterSixtySecondsAndThreeNotFounds_ThreeTimesWithinADay(string provider)
    {
        await using var db = await DatabaseFixture.StartAsync(provider);
        var id = (await db.TransferAsync(TransferState.Sent)).Transfer.Id;
        for (var resend = 0; resend < TransferSchedule.ResendsMax; resend++)
        {
            await db.RecordAsync(id, ChannelTransferState.TransferUnknown);
            await NotFoundAsync(db, id, 3);
            (await db.ClaimTransferAsync(id)).Should().BeFalse("60 s did not pass");
            db.Clock.Advance(TransferSchedule.ResendAfter);
            (await db.ClaimTransferAsync(id)).Should().BeTrue();
            var stored = await db.ReadTransferAsync(id);
            stored.Resends.Should().Be(resend + 1);
            stored.NotFounds.Should().Be(0);
        }

        await db.RecordAsync(id, ChannelTransferState.TransferUnknown);
        db.Clock.Advance(TransferSchedule.ResendAfter);
        await NotFoundAsync(db, id, 3);
        (await db.ClaimTransferAsync(id)).Should().BeFalse("a person decides after three");
    }

    [Theory]
    [MemberData(nameof(Providers))]
    public async Task Resend_AfterTwoNotFounds_IsRefused(string provider)
    {
        await using var db = await DatabaseFixture.StartAsync(provider);
        var id = (await db.TransferAsync(TransferState.Sent)).Transfer.Id;
        await db.RecordAsync(id, ChannelTransferState.TransferUnknown);
        db.Clock.Advance(TransferSchedule.ResendAfter);
        (await db.ClaimTransferAsync(id)).Should().BeFalse("nothing was heard");
        await NotFoundAsync(db, id, 2);
        (await db.ClaimTransferAsync(id)).Should().BeFalse("two answers are not enough");
        await NotFoundAsync(db, id, 1);
        (await db.ClaimTransferAsync(id)).Should().BeTrue();
    }

    [Theory]
    [MemberData(nameof(Providers))]
    public async Task Resend_AfterADay_IsForAPerson(string provider)
    {
        await using var db = await DatabaseFixture.StartAsync(provider);
        var id = (await db.TransferAsync(TransferState.Sent)).Transfer.Id;
        await db.RecordAsync(id, ChannelTransferState.TransferUnknown);
        db.Clock.Advance(TransferSchedule.ResendWithin + TimeSpan.FromSeconds(1));
        await NotFoundAsync(db, id, 3);

        (await db.ClaimTransferAsync(id)).Should().BeFalse();
    }

    [Theory]
    [MemberData(nameof(Providers))]
    public async Task Resend_OfWhatTheChannelTook_OrTheMerchantTakesBack_IsRefused(string provider)
    {
        await using var db = await DatabaseFixture.StartAsync(provider);
        var taken = (await db.TransferAsync(TransferState.Sent)).Transfer.Id;
        await db.RecordAsync(taken, ChannelTransferState.TransferPending, "query");
        var cancelled = (await db.TransferAsync(TransferState.Sent)).Transfer.Id;
        await DecideAsync(db, cancelled, Decision.Cancel);
        db.Clock.Advance(TransferSchedule.ResendAfter);
        foreach (var id in (string[])[taken, cancelled])
        {
            await NotFoundAsync(db, id, 3);
            (await db.ClaimTransferAsync(id)).Should().BeFalse();
        }
    }

    [Theory]
    [MemberData(nameof(Providers))]
    public async Task NoBalance_WaitsWithItsReasonAndIsSentAgain(string provider)
    {
        await using var db = await DatabaseFixture.StartAsync(provider);
        var id = (await db.TransferAsync(TransferState.Sent)).Transfer.Id;

        var waiting = (await db.RecordAsync(id, ChannelTransferState.TransferNoBalance)).Transfer;

        waiting.Transfer.State.Should().Be(TransferState.Sent);
        waiting.Transfer.FailureCode.Should().Be("CODE");
        waiting.CreateAnswer.IsEmpty.Should().BeTrue();
        (await db.KindsAsync(transferId: id)).Should().Equal(Kind.NoBalance);
        (await db.ClaimTransferAsync(id)).Should().BeFalse("60 s did not pass");
        db.Clock.Advance(TransferSchedule.ResendAfter);
        (await db.ClaimTransferAsync(id)).Should().BeTrue();
        (await db.RecordAsync(id, ChannelTransferState.TransferDone)).Transfer.Transfer.FailureCode.Should().BeEmpty();
        await db.CheckBooksAsync();
    }

    [Theory]
    [MemberData(nameof(Providers))]
    public async Task NotExecuted_IsAnAnswer_AndTheLimitOfUnansweredCallsDoesNotCountIt(string provider)
    {
        await using var db = await DatabaseFixture.StartAsync(provider);
        var id = (await db.TransferAsync(TransferState.Sent)).Transfer.Id;
        for (var call = 0; call <= TransferSchedule.ResendsMax + 1; call++)
        {
            var waiting = (await db.LimitTransferAsync(id)).Transfer;
            (waiting.Transfer.State, waiting.Transfer.FailureCode, waiting.CreateAnswer.IsEmpty).Should().Be((TransferState.Sent, "LIMITED", true));
            (waiting.OpenCalls, waiting.Resends).Should().Be((0, 0), "nobody is in doubt about a call that was answered");
            (await db.ClaimTransferAsync(id)).Should().BeFalse("60 s did not pass");
            db.Clock.Advance(TransferSchedule.ResendAfter);
            (await db.ClaimTransferAsync(id)).Should().BeTrue();
            (await db.ReadTransferAsync(id)).Transfer.FailureCode.Should().BeEmpty("a call is under way");
        }

        (await db.RecordAsync(id, ChannelTransferState.TransferRefused)).Result.Should().Be(MoveResult.Moved, "every call before was answered");
        (await db.KindsAsync(transferId: id)).Should().BeEmpty();
        await db.CheckBooksAsync();
    }

    [Theory]
    [MemberData(nameof(Providers))]
    public async Task NotExecuted_AfterACallWithoutAnswer_SaysNothingOfThatOne(string provider)
    {
        await using var db = await DatabaseFixture.StartAsync(provider);
        var id = (await db.TransferAsync(TransferState.Sent)).Transfer.Id;
        await db.RecordAsync(id, ChannelTransferState.TransferUnknown);
        await NotFoundAsync(db, id, 3);
        db.Clock.Advance(TransferSchedule.ResendAfter);
        for (var call = 0; call <= TransferSchedule.ResendsMax + 1; call++)
        {
            (await db.ClaimTransferAsync(id)).Should().BeTrue("the channel said before that it does not know the first call");
            var waiting = (await db.LimitTransferAsync(id)).Transfer;
            (waiting.OpenCalls, waiting.Resends).Should().Be((1, 0), "the first call keeps its count");
            db.Clock.Advance(TransferSchedule.ResendAfter);
        }

        (await db.ClaimTransferAsync(id)).Should().BeTrue();
        (await db.RecordAsync(id, ChannelTransferState.TransferRefused)).Result.Should().Be(MoveResult.Already, "the first call may have arrived");
        (await db.ReadTransferAsync(id)).Transfer.State.Should().Be(TransferState.Sent);
        await NotFoundAsync(db, id, 3);
        db.Clock.Advance(TransferSchedule.ResendAfter);
        (await db.ClaimTransferAsync(id)).Should().BeTrue();
        await db.LimitTransferAsync(id);
        db.Clock.Advance(TransferSchedule.ResendWithin);
        (await db.ClaimTransferAsync(id)).Should().BeFalse("a person decides after a day");
    }

    /// <summary>The provider waits for the same request once more: it is no word that it took the number for good.</summary>
    [Theory]
    [MemberData(nameof(Providers))]
    public async Task Pending_ThatAsksForARepeat_IsSentAgain(string provider)
    {
        await using var db = await DatabaseFixture.StartAsync(provider);
        var id = (await db.TransferAsync(TransferState.Sent)).Transfer.Id;
        var pending = new RecordTransferRequest
        {
            TransferId = id, State = ChannelTransferState.TransferPending, Cause = "answer", EndsCall = true, Repeatable = true,
        };

        (await db.Client.RecordTransferAsync(pending)).Transfer.CreateAnswer.IsEmpty.Should().BeTrue();
        (await db.ClaimTransferAsync(id)).Should().BeFalse("60 s did not pass");
        db.Clock.Advance(TransferSchedule.ResendAfter);
        (await db.ClaimTransferAsync(id)).Should().BeTrue();
        pending.Repeatable = false;
        (await db.Client.RecordTransferAsync(pending)).Transfer.CreateAnswer.IsEmpty.Should().BeFalse();
        db.Clock.Advance(TransferSchedule.ResendAfter);
        (await db.ClaimTransferAsync(id)).Should().BeFalse("it is on its way");
        await db.CheckBooksAsync();
    }

    /// <summary>The answer to the request was lost, and no query says what opens the wallet's page (wechat-pay-v3.md 7.1, 7.4): the same request is made again.</summary>
    [Theory]
    [MemberData(nameof(Providers))]
    public async Task WaitPayee_WithoutWhatOpensThePage_IsAskedForAgainUntilItIsKnown(string provider)
    {
        await using var db = await DatabaseFixture.StartAsync(provider);
        var id = (await db.TransferAsync(TransferState.Sent)).Transfer.Id;
        await db.RecordAsync(id, ChannelTransferState.TransferUnknown);

        var waiting = (await HearAsync(db, id, ChannelTransferState.TransferWaitPayee, "query", repeatable: true)).Transfer;

        (waiting.Transfer.State, waiting.CreateAnswer.IsEmpty).Should().Be((TransferState.WaitPayee, true), "an answer without it is none to be kept");
        (await db.ClaimTransferAsync(id)).Should().BeFalse("60 s did not pass");
        db.Clock.Advance(TransferSchedule.ResendAfter);
        (await db.ClaimTransferAsync(id)).Should().BeTrue();
        (await db.ClaimTransferAsync(id)).Should().BeFalse("one at a time");
        await db.RecordAsync(id, ChannelTransferState.TransferUnknown);
        db.Clock.Advance(TransferSchedule.ResendAfter);
        (await db.ClaimTransferAsync(id)).Should().BeTrue("this answer was lost too");
        var known = (await db.RecordAsync(id, ChannelTransferState.TransferWaitPayee)).Transfer;

        known.Transfer.Version.Should().Be(waiting.Transfer.Version, "it did not move");
        var answer = TransferAnswer.Parser.ParseFrom(known.CreateAnswer);
        answer.Result.Should().Be(TransferAnswer.Types.Result.Accepted);
        answer.Transfer.Should().Be(known.Transfer);
        answer.Transfer.Action.RedirectUrl.Should().NotBeEmpty();
        db.Clock.Advance(TransferSchedule.ResendAfter);
        (await db.ClaimTransferAsync(id)).Should().BeFalse("nothing is missing");
        await db.CheckBooksAsync();
    }

    [Theory]
    [MemberData(nameof(Providers))]
    public async Task WaitPayee_ThatNeedsNothingOrIsTakenBackOrIsConfirmed_IsNotAskedForAgain(string provider)
    {
        await using var db = await DatabaseFixture.StartAsync(provider);
        var complete = (await db.TransferAsync(TransferState.Sent)).Transfer.Id;
        await HearAsync(db, complete, ChannelTransferState.TransferWaitPayee, "answer", repeatable: false);
        var cancelled = (await db.TransferAsync(TransferState.Sent)).Transfer.Id;
        await HearAsync(db, cancelled, ChannelTransferState.TransferWaitPayee, "query", repeatable: true);
        await DecideAsync(db, cancelled, Decision.Cancel);
        var confirmed = (await db.TransferAsync(TransferState.Sent)).Transfer.Id;
        await HearAsync(db, confirmed, ChannelTransferState.TransferWaitPayee, "query", repeatable: true);
        await HearAsync(db, confirmed, ChannelTransferState.TransferPending, "query", repeatable: false);
        db.Clock.Advance(TransferSchedule.ResendAfter);
        foreach (var id in (string[])[complete, cancelled, confirmed])
        {
            (await db.ClaimTransferAsync(id)).Should().BeFalse();
        }
    }

    /// <summary>The channel has the number: what it says of one more call is no word about the transfer.</summary>
    [Theory]
    [MemberData(nameof(Providers))]
    public async Task Refusal_OfARepeatThatTheChannelAllows_DecidesNothing(string provider)
    {
        await using var db = await DatabaseFixture.StartAsync(provider);
        foreach (var (word, state) in ((ChannelTransferState, TransferState)[])[
            (ChannelTransferState.TransferPending, TransferState.Sent), (ChannelTransferState.TransferWaitPayee, TransferState.WaitPayee)])
        {
            var id = (await db.TransferAsync(TransferState.Sent)).Transfer.Id;
            await HearAsync(db, id, word, "answer", repeatable: true);
            db.Clock.Advance(TransferSchedule.ResendAfter);
            (await db.ClaimTransferAsync(id)).Should().BeTrue($"{word}");

            (await db.RecordAsync(id, ChannelTransferState.TransferRefused)).Result.Should().Be(MoveResult.Already, $"{word}");

            (await db.ReadTransferAsync(id)).Transfer.State.Should().Be(state);
            (await db.RecordAsync(id, ChannelTransferState.TransferRefused, "query")).Result.Should().Be(MoveResult.Moved, "a query decides");
        }

        await db.CheckBooksAsync();
    }

    /// <summary>The answer to the first call was lost; that the channel waits for the same request once more is known by a query.</summary>
    [Theory]
    [MemberData(nameof(Providers))]
    public async Task Pending_ThatAsksForARepeatByAQuery_IsSentAgain(string provider)
    {
        await using var db = await DatabaseFixture.StartAsync(provider);
        var id = (await db.TransferAsync(TransferState.Sent)).Transfer.Id;
        await db.RecordAsync(id, ChannelTransferState.TransferUnknown);
        await HearAsync(db, id, ChannelTransferState.TransferPending, "query", repeatable: true);
        (await db.ClaimTransferAsync(id)).Should().BeFalse("60 s did not pass");

        db.Clock.Advance(TransferSchedule.ResendAfter);

        (await db.ClaimTransferAsync(id)).Should().BeTrue();
    }

    [Theory]
    [MemberData(nameof(Providers))]
    public async Task Approval_IsAnItemUntilSomebodyDecides(string provider)
    {
        await using var db = await DatabaseFixture.StartAsync(provider);
        var approved = (await db.TransferAsync(TransferState.Created)).Transfer.Id;
        var rejected = (await db.TransferAsync(TransferState.Created)).Transfer.Id;
        var cancelled = (await db.TransferAsync(TransferState.Created)).Transfer.Id;
        (await OpenAsync()).Should().BeEquivalentTo([approved, rejected, cancelled]);

        await DecideAsync(db, approved, Decision.Approve);
        await DecideAsync(db, rejected, Decision.Reject, "bob");
        await DecideAsync(db, cancelled, Decision.Cancel, "app:app1");

        (await OpenAsync()).Should().BeEmpty();
        var items = (await db.Client.ListExceptionsAsync(new ListExceptionsRequest())).Exceptions;
        items.Should().OnlyContain(i => i.Kind == Kind.TransferApproval && i.Detail.Contains("waits for approval"));
        items.Select(i => i.Resolution).Should().BeEquivalentTo(["approved", "rejected", "cancelled"]);

        async Task<List<string>> OpenAsync() =>
            [.. (await db.Client.ListExceptionsAsync(new ListExceptionsRequest { OpenOnly = true })).Exceptions.Select(e => e.TransferId)];
    }

    [Theory]
    [MemberData(nameof(Providers))]
    public async Task Refusal_WhileAnEarlierCallHasNoAnswer_DecidesNothing(string provider)
    {
        await using var db = await DatabaseFixture.StartAsync(provider);
        var id = (await db.TransferAsync(TransferState.Sent)).Transfer.Id;
        await db.RecordAsync(id, ChannelTransferState.TransferUnknown);
        db.Clock.Advance(TransferSchedule.ResendAfter);
        await NotFoundAsync(db, id, 3);
        (await db.ClaimTransferAsync(id)).Should().BeTrue();

        (await db.RecordAsync(id, ChannelTransferState.TransferRefused)).Result.Should().Be(MoveResult.Already);

        (await db.ReadTransferAsync(id)).Transfer.State.Should().Be(TransferState.Sent);
        (await db.RecordAsync(id, ChannelTransferState.TransferRefused, "query")).Result.Should().Be(MoveResult.Moved, "a query decides");
    }

    [Theory]
    [MemberData(nameof(Providers))]
    public async Task Message_WithAnotherFact_IsAnItemAndChangesNothing(string provider)
    {
        await using var db = await DatabaseFixture.StartAsync(provider);
        TransferFacts[] wrong = [new() { TransferNo = "T02" }, new() { AmountMinor = 5001 }, new() { AmountMinor = 5000, Currency = "USD" }];
        foreach (var facts in wrong)
        {
            var stored = await db.TransferAsync(TransferState.Sent);

            var reply = await db.RecordAsync(stored.Transfer.Id, ChannelTransferState.TransferDone, "callback", facts, db.Callback());

            reply.Result.Should().Be(MoveResult.NotAllowed);
            (await db.ReadTransferAsync(stored.Transfer.Id)).Transfer.Should().Be(stored.Transfer);
            (await db.KindsAsync(transferId: stored.Transfer.Id)).Should().Equal(Kind.TransferConflict);
        }
    }

    [Theory]
    [MemberData(nameof(Providers))]
    public async Task WaitPayee_ShowsTheActionUntilItIsDecided(string provider)
    {
        await using var db = await DatabaseFixture.StartAsync(provider);
        var stored = await db.TransferAsync(TransferState.WaitPayee);
        stored.Transfer.Action.RedirectUrl.Should().NotBeEmpty();
        await db.RecordAsync(stored.Transfer.Id, ChannelTransferState.TransferPending, "query");
        (await db.ReadTransferAsync(stored.Transfer.Id)).Transfer.Action.Should().Be(stored.Transfer.Action);

        await db.RecordAsync(stored.Transfer.Id, ChannelTransferState.TransferDone, "query");

        var after = await db.ReadTransferAsync(stored.Transfer.Id);
        after.Transfer.Action.Should().BeNull();
        after.DueTime.Should().BeNull();
        var answer = TransferAnswer.Parser.ParseFrom(after.CreateAnswer);
        answer.Result.Should().Be(TransferAnswer.Types.Result.Accepted, "the first definite answer stays as it was");
        answer.Transfer.Action.Should().Be(stored.Transfer.Action);
    }

    [Theory]
    [MemberData(nameof(Providers))]
    public async Task Returned_IsAnItemAndTold(string provider)
    {
        await using var db = await DatabaseFixture.StartAsync(provider);
        var stored = await db.TransferAsync(TransferState.Returned);

        (await db.KindsAsync(transferId: stored.Transfer.Id)).Should().Equal(Kind.TransferReturned);
        var deliveries = await db.Client.ReadDeliveriesAsync(new ListDeliveriesRequest { OrderId = stored.Transfer.Id });
        deliveries.Deliveries.Select(d => d.EventType).Should().BeEquivalentTo(["transfer.succeeded", "transfer.returned"]);
        using var body = System.Text.Json.JsonDocument.Parse(deliveries.Deliveries.Single(d => d.EventType == "transfer.returned").Body.Memory);
        var data = body.RootElement.GetProperty("data");
        data.GetProperty("state").GetString().Should().Be("RETURNED");
        data.GetProperty("version").GetInt32().Should().Be(stored.Transfer.Version);
        body.RootElement.GetRawText().Should().NotContain("张三").And.NotContain(stored.Payee.Id);
    }

    [Theory]
    [MemberData(nameof(Providers))]
    public async Task DueTransfers_TakenByFour_EachOnce(string provider)
    {
        await using var db = await DatabaseFixture.StartAsync(provider);
        for (var i = 0; i < 10; i++)
        {
            await db.TransferAsync(TransferState.Sent);
        }

        await db.TransferAsync(TransferState.Created);
        db.Clock.Advance(TimeSpan.FromSeconds(31));
        var claims = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ =>
            db.Client.ClaimDueTransfersAsync(new ClaimDueRequest { Limit = 20, LeaseSeconds = 30 }).ResponseAsync));

        var taken = claims.SelectMany(c => c.Transfers).ToList();
        taken.Select(t => t.Transfer.Id).Should().HaveCount(10).And.OnlyHaveUniqueItems();
        var schedule = new ScheduleLookRequest { TransferId = taken[0].Transfer.Id, ClaimedDueTime = taken[0].DueTime };
        (await db.Client.ScheduleLookAsync(schedule)).Scheduled.Should().BeTrue();
        (await db.ReadTransferAsync(taken[0].Transfer.Id)).DueTime.Should().BeNull();
    }

    /// <summary>What the channel says of a number that it has, without what opens the payee's page.</summary>
    private static async Task<TransferMoveReply> HearAsync(DatabaseFixture db, string id, ChannelTransferState word, string cause, bool repeatable) =>
        await db.Client.RecordTransferAsync(new RecordTransferRequest
        {
            TransferId = id,
            State = word,
            Facts = new TransferFacts { TransferNo = id, ChannelTransferId = "1330000071100999991182020050700019480001" },
            Cause = cause,
            EndsCall = cause == "answer",
            Repeatable = repeatable,
        });

    private static async Task NotFoundAsync(DatabaseFixture db, string id, int times)
    {
        for (var i = 0; i < times; i++)
        {
            await db.RecordAsync(id, ChannelTransferState.TransferNotFound, "query");
        }
    }

    private static async Task<TransferMoveReply> DecideAsync(DatabaseFixture db, string id, Decision decision, string by = "alice") =>
        await db.Client.DecideTransferAsync(new DecideTransferRequest
        {
            TransferId = id,
            Decision = decision,
            By = by,
            Reason = "why",
            CallLeaseTime = decision == Decision.Approve ? db.Lease() : null,
        });
}
