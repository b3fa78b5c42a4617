using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using PayCore.Contracts.V1;
using AttemptState = PayCore.Contracts.V1.Attempt.Types.State;
using ItemKind = PayCore.Contracts.V1.ExceptionItem.Types.Kind;
using RefundState = PayCore.Contracts.V1.Refund.Types.State;
using RowKind = PayCore.Contracts.V1.StatementRow.Types.Kind;
using StatementState = PayCore.Contracts.V1.StatementRecord.Types.State;
using TransferState = PayCore.Contracts.V1.Transfer.Types.State;

namespace PayCore.PayDatabase.Tests;

public sealed class StatementTests
{
    private const string Day = "2026-11-22";
    private int _line;

    public static TheoryData<string> Providers => DatabaseFixture.Providers;

    [Theory]
    [MemberData(nameof(Providers))]
    public async Task Claim_ByTen_GivesOneTheLease_AndTheNextWhenItEnds(string provider)
    {
        await using var db = await DatabaseFixture.StartAsync(provider);

        var claims = await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => ClaimAsync(db)));

        claims.Count(c => c.Claimed).Should().Be(1);
        claims.Select(c => c.StatementId).Distinct().Should().ContainSingle();
        db.Clock.Advance(TimeSpan.FromSeconds(31));
        (await ClaimAsync(db)).Claimed.Should().BeTrue("a worker that died is followed by another");
        (await ClaimAsync(db, day: "2026-11-23")).Claimed.Should().BeTrue("another day is another statement");
    }

    [Theory]
    [InlineData("2026-13-01")]
    [InlineData("20261122")]
    [InlineData("")]
    public async Task Claim_OfNoDay_IsRefused(string day)
    {
        await using var db = await DatabaseFixture.StartAsync("sqlite");

        var claim = () => ClaimAsync(db, day: day);

        (await claim.Should().ThrowAsync<RpcException>()).Which.StatusCode.Should().Be(StatusCode.InvalidArgument);
    }

    [Theory]
    [MemberData(nameof(Providers))]
    public async Task Rows_AddedTwice_AreThereOnce(string provider)
    {
        await using var db = await DatabaseFixture.StartAsync(provider);
        var id = (await ClaimAsync(db)).StatementId;
        var rows = Enumerable.Range(0, 20).Select(_ => Row(RowKind.Other)).ToList();

        await AddAsync(db, id, rows[..12]);
        var added = await AddAsync(db, id, rows[8..]);

        added.Rows.Should().Be(20);
        (await db.ScalarAsync<long>("SELECT COUNT(*) FROM channel_statement_row")).Should().Be(20);
    }

    [Theory]
    [MemberData(nameof(Providers))]
    public async Task Moves_AreLegalOnly_AndADoneStatementIsBegunAgainWhenAsked(string provider)
    {
        await using var db = await DatabaseFixture.StartAsync(provider);
        var id = (await ClaimAsync(db)).StatementId;
        await AddAsync(db, id, [Row(RowKind.Other)]);

        await RefusedAsync(() => MoveAsync(db, id, StatementState.Matched));
        await RefusedAsync(() => MoveAsync(db, id, StatementState.Empty));
        await RefusedAsync(() => MatchAsync(db, id));
        await MoveAsync(db, id, StatementState.Fetched);
        await RefusedAsync(() => AddAsync(db, id, [Row(RowKind.Other)]));
        await RefusedAsync(() => MoveAsync(db, id, StatementState.Matched));
        (await MatchAsync(db, id)).Done.Should().BeTrue();
        var matched = await MoveAsync(db, id, StatementState.Matched);
        matched.LeaseTime.Should().BeNull();
        (await MoveAsync(db, id, StatementState.Matched)).Should().Be(matched, "a repeat changes nothing");

        (await ClaimAsync(db)).Should().Be(matched, "it is done");
        var again = await ClaimAsync(db, again: true);
        again.Claimed.Should().BeTrue();
        again.StatementId.Should().Be(id);
        again.State.Should().Be(StatementState.Fetching);
        again.Rows.Should().Be(0);
        (await db.ScalarAsync<long>("SELECT COUNT(*) FROM channel_statement_row")).Should().Be(0);
        (await MoveAsync(db, id, StatementState.Failed)).State.Should().Be(StatementState.Failed);
        (await ClaimAsync(db)).Claimed.Should().BeFalse("given up until somebody asks");
    }

    /// <summary>For operators: what differs, with the provider's line where there is one, a page at a time in both directions.</summary>
    [Theory]
    [MemberData(nameof(Providers))]
    public async Task Differences_OfAStatement_AreReadWithItsLines(string provider)
    {
        await using var db = await DatabaseFixture.StartAsync(provider);
        var (equal, other, missing) = (await db.PaidAsync(), await db.PaidAsync(), await db.PaidAsync());
        var id = (await ClaimAsync(db)).StatementId;
        await AddAsync(db, id, [Payment(equal.Attempt.AttemptNo), Payment(other.Attempt.AttemptNo, 1300), Payment("not-ours", 77)]);
        await MoveAsync(db, id, StatementState.Fetched);
        await MatchAsync(db, id);
        await MissingAsync(db, id);
        await MoveAsync(db, id, StatementState.Matched);

        var content = await db.Records.ReadStatementAsync(new ReadStatementRecordRequest { StatementId = id });

        (content.Statement.StatementId, content.Statement.Differences).Should().Be((id, 3));
        content.Differences.Select(d => (d.Item.Kind, d.Item.AttemptNo, d.Theirs?.AttemptNo, d.Theirs?.AmountMinor, d.AmountMinor)).Should().BeEquivalentTo(
            ((ItemKind, string, string?, long?, long)[])
            [
                (ItemKind.StatementAmount, other.Attempt.AttemptNo, other.Attempt.AttemptNo, 1300, 1299),
                (ItemKind.StatementTheirsOnly, "", "not-ours", 77, 0),
                (ItemKind.StatementOursOnly, missing.Attempt.AttemptNo, null, null, 1299),
            ]);
        content.Differences.Should().OnlyContain(d => d.Item.StatementId == id && d.Item.StatementLine == (d.Theirs == null ? 0 : d.Theirs.Line));
        var ids = content.Differences.Select(d => d.Item.ExceptionId).ToList();
        ids.Should().BeInAscendingOrder(StringComparer.Ordinal);
        (await PageAsync(new ReadStatementRecordRequest { AfterExceptionId = ids[0], Limit = 1 })).Should().Equal(ids[1]);
        (await PageAsync(new ReadStatementRecordRequest { BeforeExceptionId = ids[2] })).Should().Equal(ids[1], ids[0]);
        (await db.Records.ReadExceptionAsync(new ReadExceptionRecordRequest { ExceptionId = ids[0] })).Item.StatementId.Should().Be(id);
        foreach (var (wrong, code) in ((ReadStatementRecordRequest, StatusCode)[])
                 [
                     (new ReadStatementRecordRequest { StatementId = id, AfterExceptionId = "a", BeforeExceptionId = "b" }, StatusCode.InvalidArgument),
                     (new ReadStatementRecordRequest { StatementId = id, Limit = 201 }, StatusCode.InvalidArgument),
                     (new ReadStatementRecordRequest { StatementId = "S1" }, StatusCode.NotFound),
                 ])
        {
            (await FluentActions.Awaiting(async () => await db.Records.ReadStatementAsync(wrong)).Should().ThrowAsync<RpcException>()).Which.StatusCode.Should().Be(code);
        }

        async Task<IEnumerable<string>> PageAsync(ReadStatementRecordRequest page)
        {
            page.StatementId = id;
            return (await db.Records.ReadStatementAsync(page)).Differences.Select(d => d.Item.ExceptionId);
        }
    }

    /// <summary>Every kind of line against every state of ours.</summary>
    [Theory]
    [MemberData(nameof(Providers))]
    public async Task Match_EveryKindAndState_ListsWhatDiffers(string provider)
    {
        await using var db = await DatabaseFixture.StartAsync(provider);
        var cases = new List<(StatementRow Row, ItemKind? Item, bool Repairable)>();
        foreach (var (state, item) in ((AttemptState, ItemKind?)[])
                 [
                     (AttemptState.Won, null), (AttemptState.Open, ItemKind.StatementState), (AttemptState.Closed, ItemKind.StatementState),
                     (AttemptState.Refused, ItemKind.StatementState),
                 ])
        {
            var no = (await db.OrderAsync(state)).Attempts[0].Attempt.AttemptNo;
            cases.Add((Payment(no), item, item is not null));
        }

        cases.Add((Payment((await db.PaidAsync()).Attempt.AttemptNo, 1300), ItemKind.StatementAmount, false));
        cases.Add((Payment("A-unknown"), ItemKind.StatementTheirsOnly, false));
        var reversed = (await db.OrderAsync(AttemptState.Closed)).Attempts[0].Attempt.AttemptNo;
        cases.Add((Payment(reversed), null, false));
        cases.Add((Row(RowKind.Reversal, attemptNo: reversed, amount: 1299), null, false));
        cases.Add((Row(RowKind.Reversal, attemptNo: (await db.PaidAsync()).Attempt.AttemptNo, amount: 1299), ItemKind.StatementState, false));
        cases.Add((Row(RowKind.Other, amount: 3), null, false));
        foreach (var (state, item, repairable) in ((RefundState, ItemKind?, bool)[])
                 [
                     (RefundState.Succeeded, null, false), (RefundState.Sent, null, true), (RefundState.Abnormal, null, true),
                     (RefundState.Failed, ItemKind.StatementState, false), (RefundState.Created, ItemKind.StatementState, false),
                 ])
        {
            cases.Add((Refund((await db.RefundAsync(state)).Refund.Id, 100), item, repairable));
        }

        cases.Add((Refund((await db.RefundAsync(RefundState.Succeeded)).Refund.Id, 99), ItemKind.StatementAmount, false));
        cases.Add((Refund("R-unknown", 5), ItemKind.StatementTheirsOnly, false));
        foreach (var (state, item, repairable) in ((TransferState, ItemKind?, bool)[])
                 [
                     (TransferState.Succeeded, null, false), (TransferState.Returned, null, false), (TransferState.Sent, ItemKind.StatementState, true),
                     (TransferState.Failed, ItemKind.StatementState, false),
                 ])
        {
            cases.Add((Row(RowKind.Transfer, transferNo: (await db.TransferAsync(state)).Transfer.Id, amount: 5000), item, repairable));
        }

        var id = await FetchedAsync(db, [.. cases.Select(c => c.Row)]);
        var before = await ItemsAsync(db);
        var reply = await MatchAsync(db, id);

        reply.Done.Should().BeTrue();
        reply.RepairableAttemptNos.Concat(reply.RepairableRefundIds).Concat(reply.RepairableTransferIds)
            .Should().BeEquivalentTo(cases.Where(c => c.Repairable).Select(c => Number(c.Row)));
        var raised = (await ItemsAsync(db)).Skip(before.Count).ToList();
        raised.Select(i => i.Kind).Should().BeEquivalentTo(cases.Select(c => c.Item).OfType<ItemKind>());
        foreach (var (row, item, _) in cases.Where(c => c.Item is not null and not ItemKind.StatementTheirsOnly))
        {
            raised.Should().ContainSingle(i => i.Kind == item && (i.RefundId + i.TransferId).Length > 0
                ? i.RefundId == row.RefundNo && i.TransferId == row.TransferNo
                : i.AttemptNo == row.AttemptNo && i.Kind == item);
        }

        await MatchAsync(db, id);
        (await ItemsAsync(db)).Should().HaveCount(before.Count + raised.Count, "a repeat changes nothing");
        var matched = await MoveAsync(db, id, StatementState.Matched);
        matched.MatchedRows.Should().Be(cases.Count);
        matched.Differences.Should().Be(raised.Count);
    }

    [Theory]
    [MemberData(nameof(Providers))]
    public async Task Match_AfterAQueryRepairedIt_SettlesTheItem(string provider)
    {
        await using var db = await DatabaseFixture.StartAsync(provider);
        var order = await db.OrderAsync(AttemptState.Open);
        var attemptNo = order.Attempts[0].Attempt.AttemptNo;
        var id = await FetchedAsync(db, Payment(attemptNo));
        (await MatchAsync(db, id)).RepairableAttemptNos.Should().Equal(attemptNo);
        (await ItemsAsync(db)).Single().Resolved.Should().BeFalse();

        await db.PayAsync(attemptNo);
        (await MatchAsync(db, id)).RepairableAttemptNos.Should().BeEmpty();

        var item = (await ItemsAsync(db)).Single();
        item.Resolved.Should().BeTrue();
        item.Resolution.Should().Be("repaired");
        item.ResolvedBy.Should().Be("statement");
        (await MoveAsync(db, id, StatementState.Matched)).Differences.Should().Be(0);
    }

    /// <summary>What we took back stands in some statements as a payment and a refund without a number of ours.</summary>
    [Theory]
    [MemberData(nameof(Providers))]
    public async Task Match_OfAPaymentThatWeReversed_DiffersInNothing(string provider)
    {
        await using var db = await DatabaseFixture.StartAsync(provider);
        var attemptNo = (await db.OrderAsync(AttemptState.Open)).Attempts[0].Attempt.AttemptNo;
        await db.Client.RequestReverseAsync(new RequestReverseRequest { AttemptNo = attemptNo });
        await db.Client.RecordAttemptClosedAsync(new RecordAttemptClosedRequest { AttemptNo = attemptNo, Cause = "reverse" });
        var refund = Refund("", 1299);
        refund.AttemptNo = attemptNo;
        var another = Refund("", 100);
        another.AttemptNo = attemptNo;

        var matched = await MatchAsync(db, await FetchedAsync(db, Payment(attemptNo), refund));
        (await ItemsAsync(db)).Should().BeEmpty();
        matched.RepairableAttemptNos.Should().Equal([attemptNo], "a statement proves nothing by itself: the channel is asked whether all of it went back");
        var next = (await ClaimAsync(db, day: "2026-11-23")).StatementId;
        await AddAsync(db, next, [another]);
        await MoveAsync(db, next, StatementState.Fetched);
        await MatchAsync(db, next);
        (await ItemsAsync(db)).Should().ContainSingle("another amount is no reversal").Which.Kind.Should().Be(ItemKind.StatementTheirsOnly);
    }

    [Theory]
    [MemberData(nameof(Providers))]
    public async Task Match_OfAnotherAccountsPayment_IsTheirsOnly(string provider)
    {
        await using var db = await DatabaseFixture.StartAsync(provider);
        var attempt = await db.PaidAsync();

        await MatchAsync(db, await FetchedOfAsync(db, "other", Payment(attempt.Attempt.AttemptNo)), "another", "other");

        (await ItemsAsync(db)).Single().Kind.Should().Be(ItemKind.StatementTheirsOnly);
    }

    /// <summary>Two accounts of one merchant: the provider's statement, fetched for each, lists what both have.</summary>
    [Theory]
    [MemberData(nameof(Providers))]
    public async Task Match_OfAMerchantWithTwoAccounts_ComparesEachPaymentWithItsOwnRecord(string provider)
    {
        await using var db = await DatabaseFixture.StartAsync(provider);
        var (equal, other, unpaid) = (await db.PaidAsync(), await db.PaidAsync(), (await db.OrderAsync(AttemptState.Open)).Attempts[0].Attempt.AttemptNo);
        var refund = await db.RefundAsync(RefundState.Succeeded);
        var transfer = await db.TransferAsync(TransferState.Succeeded);
        StatementRow[] rows =
        [
            Payment(equal.Attempt.AttemptNo), Payment(other.Attempt.AttemptNo, 1300), Payment(unpaid), Refund(refund.Refund.Id, refund.Refund.AmountMinor),
            Row(RowKind.Transfer, transferNo: transfer.Transfer.Id, amount: transfer.Transfer.AmountMinor), Payment("A-nobodys", 77),
        ];
        var sibling = await FetchedOfAsync(db, "1900000012", rows);
        var own = await FetchedOfAsync(db, "1900000001", rows);

        var replies = (await MatchAsync(db, sibling, "1900000001", "1900000012"), await MatchAsync(db, own, "1900000001", "1900000012"));

        replies.Item1.RepairableAttemptNos.Should().Equal([unpaid], "it is asked about by the account that has it");
        replies.Item2.RepairableAttemptNos.Should().Equal(unpaid);
        (await ItemsAsync(db)).Select(i => (i.Kind, i.AttemptNo, i.StatementId)).Should().BeEquivalentTo(
            [(ItemKind.StatementAmount, other.Attempt.AttemptNo, sibling), (ItemKind.StatementState, unpaid, sibling), (ItemKind.StatementTheirsOnly, "", sibling)],
            "each difference is one item, not one for each account");
        await db.PayAsync(unpaid);
        await MatchAsync(db, sibling, "1900000001", "1900000012");
        await MatchAsync(db, own, "1900000001", "1900000012");
        (await ItemsAsync(db)).Where(i => !i.Resolved).Select(i => i.Kind).Should().BeEquivalentTo([ItemKind.StatementAmount, ItemKind.StatementTheirsOnly]);
        (await MoveAsync(db, sibling, StatementState.Matched)).Differences.Should().Be(2);
        (await MoveAsync(db, own, StatementState.Matched)).Differences.Should().Be(0, "they are counted where they are listed");
    }

    /// <summary>A statement that cannot be had is one item however often and for whatever reason, until it is there.</summary>
    [Theory]
    [MemberData(nameof(Providers))]
    public async Task Overdue_IsOneItemForTheDay_SettledWhenTheStatementIsThere(string provider)
    {
        await using var db = await DatabaseFixture.StartAsync(provider);
        var id = (await ClaimAsync(db)).StatementId;
        await MoveAsync(db, id, StatementState.Failed);
        (await ItemsAsync(db)).Should().BeEmpty("it may still come");

        foreach (var reason in new[] { "no answer in time", "the provider has not made it yet", "HTTP 500" })
        {
            (await ItemsAsync(db)).Should().HaveCount(reason == "HTTP 500" ? 1 : 0, "one look without an answer is nobody's business");
            await ClaimAsync(db, again: true);
            await db.Client.MoveStatementAsync(new MoveStatementRequest { StatementId = id, To = StatementState.Failed, Message = reason, Overdue = true });
            db.Clock.Advance(TimeSpan.FromHours(1));
        }

        var other = (await ClaimAsync(db, day: "2026-11-23")).StatementId;
        db.Clock.Advance(TimeSpan.FromHours(1));
        await db.Client.MoveStatementAsync(new MoveStatementRequest { StatementId = other, To = StatementState.Failed, Message = "no", Overdue = true });
        var items = await ItemsAsync(db);
        items.Select(i => (i.Kind, i.StatementId, i.Resolved)).Should().BeEquivalentTo([(ItemKind.StatementOverdue, id, false), (ItemKind.StatementOverdue, other, false)]);
        items.Single(i => i.StatementId == id).Detail.Should().Be("the statement of wechat/1900000001 for 2026-11-22 cannot be had: the provider has not made it yet");

        await ClaimAsync(db, again: true);
        await AddAsync(db, id, [Row(RowKind.Other)]);
        await MoveAsync(db, id, StatementState.Fetched);
        (await ItemsAsync(db)).Where(i => !i.Resolved).Select(i => i.StatementId).Should().Equal(other);
        await ClaimAsync(db, day: "2026-11-23", again: true);
        await MoveAsync(db, other, StatementState.Empty);
        (await ItemsAsync(db)).Should().HaveCount(2).And.OnlyContain(i => i.Resolved && i.ResolvedBy == "statement");
    }

    /// <summary>The provider corrects its statement: what differed in it as it was, and does not any more, is settled.</summary>
    [Theory]
    [MemberData(nameof(Providers))]
    public async Task Match_OfAStatementFetchedAnew_SettlesWhatItSaysNoMore(string provider)
    {
        await using var db = await DatabaseFixture.StartAsync(provider);
        var (corrected, still, another) = (await db.PaidAsync(), await db.PaidAsync(), await db.PaidAsync());
        StatementRow[] wrong = [Payment(corrected.Attempt.AttemptNo, 1300), Payment(still.Attempt.AttemptNo, 1301), Payment(another.Attempt.AttemptNo, 1302), Payment("nobodys")];
        var id = await FetchedAsync(db, wrong);
        await MatchAsync(db, id);
        (await MoveAsync(db, id, StatementState.Matched)).Differences.Should().Be(4);

        (await MatchedAnewAsync(Payment(still.Attempt.AttemptNo, 1301), Payment(corrected.Attempt.AttemptNo), Payment(another.Attempt.AttemptNo, 1303))).Differences.Should().Be(2);

        var items = await ItemsAsync(db);
        items.Where(i => !i.Resolved).Select(i => (i.AttemptNo, i.Detail.Contains("1301"), i.Detail.Contains("1303"))).Should().BeEquivalentTo(
            [(still.Attempt.AttemptNo, true, false), (another.Attempt.AttemptNo, false, true)]);
        items.Where(i => i.Resolved).Should().HaveCount(3).And.OnlyContain(i => i.ResolvedBy == "statement" && i.Resolution == "repaired");
        (await db.Records.ReadStatementAsync(new ReadStatementRecordRequest { StatementId = id })).Differences.Where(d => !d.Item.Resolved)
            .Should().OnlyContain(d => d.Theirs.AttemptNo == d.Item.AttemptNo, "an item names the line as it is now");

        (await MatchedAnewAsync()).State.Should().Be(StatementState.Empty);
        (await ItemsAsync(db)).Should().OnlyContain(i => i.Resolved);

        (await MatchedAnewAsync(wrong)).Differences.Should().Be(4);
        (await ItemsAsync(db)).Count(i => !i.Resolved).Should().Be(4, "what is said again is open again");

        async Task<StatementRecord> MatchedAnewAsync(params StatementRow[] rows)
        {
            await ClaimAsync(db, again: true);
            if (rows.Length == 0)
            {
                return await MoveAsync(db, id, StatementState.Empty);
            }

            await AddAsync(db, id, rows);
            await MoveAsync(db, id, StatementState.Fetched);
            await MatchAsync(db, id);
            return await MoveAsync(db, id, StatementState.Matched);
        }
    }

    [Theory]
    [MemberData(nameof(Providers))]
    public async Task Match_OfAStatementFetchedAnew_OpensNothingThatAPersonSettled(string provider)
    {
        await using var db = await DatabaseFixture.StartAsync(provider);
        var paid = await db.PaidAsync();
        var id = await FetchedAsync(db, Payment(paid.Attempt.AttemptNo, 1300));
        await MatchAsync(db, id);
        await MoveAsync(db, id, StatementState.Matched);
        await db.Client.ResolveExceptionAsync(new ResolveExceptionRequest { ExceptionId = (await ItemsAsync(db)).Single().ExceptionId, By = "ada", Resolution = "accepted", Note = "a fee" });

        await ClaimAsync(db, again: true);
        await AddAsync(db, id, [Payment(paid.Attempt.AttemptNo, 1300)]);
        await MoveAsync(db, id, StatementState.Fetched);
        await MatchAsync(db, id);

        (await MoveAsync(db, id, StatementState.Matched)).Differences.Should().Be(1);
        (await ItemsAsync(db)).Should().ContainSingle().Which.ResolvedBy.Should().Be("ada");
    }

    [Theory]
    [MemberData(nameof(Providers))]
    public async Task Match_PartByPart_ComparesEveryLineOnce(string provider)
    {
        await using var db = await DatabaseFixture.StartAsync(provider);
        var id = await FetchedAsync(db, [.. Enumerable.Range(0, 23).Select(_ => Row(RowKind.Other))]);
        var after = 0;
        var parts = 0;
        for (var done = false; !done; parts++)
        {
            var reply = await db.Client.MatchStatementRowsAsync(new MatchStatementRowsRequest { StatementId = id, AfterLine = after, Limit = 10 });
            (after, done) = (reply.LastLine, reply.Done);
        }

        parts.Should().Be(3);
        (await MoveAsync(db, id, StatementState.Matched)).MatchedRows.Should().Be(23);
    }

    [Theory]
    [MemberData(nameof(Providers))]
    public async Task Missing_WhatTheStatementDoesNotList_IsRaisedOnce(string provider)
    {
        await using var db = await DatabaseFixture.StartAsync(provider);
        var listed = await db.PaidAsync();
        var missing = await db.PaidAsync();
        var refund = await db.RefundAsync(RefundState.Succeeded);
        var listedTransfer = await db.TransferAsync(TransferState.Succeeded);
        var missingTransfer = await db.TransferAsync(TransferState.Succeeded);
        await db.OrderAsync(AttemptState.Open);
        await db.RefundAsync(RefundState.Failed);
        // 16:00 UTC begins the provider's next day.
        db.Clock.Advance(TimeSpan.FromHours(6));
        await db.PaidAsync();
        var unlisted = await db.ScalarAsync<long>("SELECT COUNT(*) FROM pay_attempt WHERE state = 'WON'") - 2;
        var id = await FetchedAsync(
            db, Payment(listed.Attempt.AttemptNo), Row(RowKind.Transfer, transferNo: listedTransfer.Transfer.Id, amount: 5000));

        var ids = await MissingAsync(db, id);

        unlisted.Should().Be(3, "the missing one and those that were refunded");
        ids.Should().HaveCount(5);
        ids.Should().Contain([missing.Attempt.AttemptNo, refund.Refund.Id, missingTransfer.Transfer.Id]);
        (await ItemsAsync(db)).Should().HaveCount(5).And.OnlyContain(i => i.Kind == ItemKind.StatementOursOnly);
        await MissingAsync(db, id);
        (await ItemsAsync(db)).Should().HaveCount(5, "a repeat changes nothing");
        (await db.Client.ListStatementsAsync(new ListStatementsRequest())).Statements.Single().Differences.Should().Be(5);
    }

    /// <summary>Paid before midnight by our clock, and after it by the provider's.</summary>
    [Theory]
    [MemberData(nameof(Providers))]
    public async Task Missing_ThatTheNextDaysStatementLists_IsSettledByIt(string provider)
    {
        await using var db = await DatabaseFixture.StartAsync(provider);
        var paid = await db.PaidAsync();
        var refund = await db.RefundAsync(RefundState.Succeeded);
        var transfer = await db.TransferAsync(TransferState.Succeeded);
        var forgotten = await db.PaidAsync();
        await MissingAsync(db, await FetchedAsync(db, Row(RowKind.Transfer, transferNo: "T-OF-ANOTHER", amount: 1)));
        (await ItemsAsync(db)).Count(i => i.Kind == ItemKind.StatementOursOnly && !i.Resolved).Should().Be(5, "three payments, a refund and a transfer");

        var next = (await ClaimAsync(db, day: "2026-11-23")).StatementId;
        await AddAsync(
            db, next,
            [
                Payment(paid.Attempt.AttemptNo), Refund(refund.Refund.Id, refund.Refund.AmountMinor),
                Row(RowKind.Transfer, transferNo: transfer.Transfer.Id, amount: transfer.Transfer.AmountMinor),
            ]);
        await MoveAsync(db, next, StatementState.Fetched);
        await MatchAsync(db, next);

        var open = (await ItemsAsync(db)).Where(i => i.Kind == ItemKind.StatementOursOnly && !i.Resolved).ToList();
        open.Select(i => i.AttemptNo).Should().BeEquivalentTo([forgotten.Attempt.AttemptNo, refund.Refund.AttemptNo]);
        open.Should().OnlyContain(i => i.RefundId.Length == 0);
    }

    [Theory]
    [MemberData(nameof(Providers))]
    public async Task Missing_WhenNoTransferIsListed_SaysNothingOfTransfers(string provider)
    {
        await using var db = await DatabaseFixture.StartAsync(provider);
        await db.TransferAsync(TransferState.Succeeded);
        var id = (await ClaimAsync(db)).StatementId;
        await MoveAsync(db, id, StatementState.Empty);

        (await MissingAsync(db, id)).Should().BeEmpty("this statement is of payments and refunds");
    }

    [Theory]
    [MemberData(nameof(Providers))]
    public async Task List_NewestFirst_PageByPage(string provider)
    {
        await using var db = await DatabaseFixture.StartAsync(provider);
        for (var day = 10; day < 15; day++)
        {
            await ClaimAsync(db, day: $"2026-11-{day}");
            db.Clock.Advance(TimeSpan.FromMilliseconds(5));
        }

        var first = (await db.Client.ListStatementsAsync(new ListStatementsRequest { Channel = "wechat", Limit = 3 })).Statements;
        var rest = (await db.Client.ListStatementsAsync(
            new ListStatementsRequest { Account = "1900000001", AfterStatementId = first[^1].StatementId, Limit = 3 })).Statements;

        first.Concat(rest).Select(s => s.Day).Should().Equal("2026-11-14", "2026-11-13", "2026-11-12", "2026-11-11", "2026-11-10");
        (await db.Client.ListStatementsAsync(new ListStatementsRequest { Channel = "alipay" })).Statements.Should().BeEmpty();
    }

    [Theory]
    [MemberData(nameof(Providers))]
    public async Task Accounts_AreThoseOfWhichSomethingIsRecorded_EachOnce(string provider)
    {
        await using var db = await DatabaseFixture.StartAsync(provider);
        (await db.Client.ListAccountsAsync(new ListAccountsRequest())).Accounts.Should().BeEmpty();
        for (var i = 0; i < 3; i++)
        {
            await db.PaidAsync();
            await db.TransferAsync(TransferState.Succeeded);
        }

        foreach (var (channel, account) in new[] { ("alipay", "2021"), ("wechat", "1900000009"), ("alipay", "2022"), ("alipay", "2021") })
        {
            var request = db.NewOrder();
            (request.Attempt.Channel, request.Attempt.Account) = (channel, account);
            await db.Client.CreateOrderAsync(request);
        }

        (await db.Client.ListAccountsAsync(new ListAccountsRequest())).Accounts.Select(a => $"{a.Channel}/{a.Account}")
            .Should().BeEquivalentTo(["alipay/2021", "alipay/2022", "wechat/1900000001", "wechat/1900000009"]);
    }

    private static async Task<IReadOnlyList<string>> MissingAsync(DatabaseFixture db, string id)
    {
        var ids = new List<string>();
        var request = new FindMissingInStatementRequest { StatementId = id, Limit = 2 };
        FindMissingInStatementReply reply;
        do
        {
            reply = await db.Client.FindMissingInStatementAsync(request);
            ids.AddRange(reply.Ids);
            request.AfterId = reply.LastId;
        }
        while (!reply.Done && ids.Count < 100);

        ids.Should().OnlyHaveUniqueItems();
        return ids;
    }

    private static Task<string> FetchedAsync(DatabaseFixture db, params StatementRow[] rows) => FetchedOfAsync(db, "1900000001", rows);

    private static async Task<string> FetchedOfAsync(DatabaseFixture db, string account, params StatementRow[] rows)
    {
        var id = (await ClaimAsync(db, account: account)).StatementId;
        await AddAsync(db, id, rows);
        await MoveAsync(db, id, StatementState.Fetched);
        return id;
    }

    private static async Task<StatementRecord> ClaimAsync(DatabaseFixture db, string day = Day, bool again = false, string account = "1900000001") =>
        await db.Client.ClaimStatementAsync(
            new ClaimStatementRequest { Channel = "wechat", Account = account, Day = day, LeaseTime = db.Lease(30), Again = again });

    private static async Task<StatementRecord> AddAsync(DatabaseFixture db, string id, IEnumerable<StatementRow> rows) =>
        await db.Client.AddStatementRowsAsync(new AddStatementRowsRequest { StatementId = id, Rows = { rows } });

    private static async Task<StatementRecord> MoveAsync(DatabaseFixture db, string id, StatementState to) =>
        await db.Client.MoveStatementAsync(new MoveStatementRequest { StatementId = id, To = to });

    private static async Task<MatchStatementRowsReply> MatchAsync(DatabaseFixture db, string id, params string[] accounts) =>
        await db.Client.MatchStatementRowsAsync(new MatchStatementRowsRequest { StatementId = id, Limit = 500, Accounts = { accounts } });

    private static async Task<IReadOnlyList<ExceptionItem>> ItemsAsync(DatabaseFixture db)
    {
        var items = (await db.Client.ListExceptionsAsync(new ListExceptionsRequest { Limit = 200 })).Exceptions;
        return [.. items.OrderBy(i => i.Kind is ItemKind.StatementOursOnly or ItemKind.StatementTheirsOnly or ItemKind.StatementAmount or ItemKind.StatementState)];
    }

    private static async Task RefusedAsync<T>(Func<Task<T>> call) =>
        (await call.Should().ThrowAsync<RpcException>()).Which.StatusCode.Should().Be(StatusCode.FailedPrecondition);

    private static string Number(StatementRow row) => row.Kind switch
    {
        RowKind.Refund => row.RefundNo,
        RowKind.Transfer => row.TransferNo,
        _ => row.AttemptNo,
    };

    private StatementRow Payment(string attemptNo, long amount = 1299) => Row(RowKind.Payment, attemptNo: attemptNo, amount: amount);

    private StatementRow Refund(string refundNo, long amount) => Row(RowKind.Refund, refundNo: refundNo, amount: amount);

    private StatementRow Row(RowKind kind, string attemptNo = "", string refundNo = "", string transferNo = "", long amount = 1) => new()
    {
        Line = ++_line,
        Kind = kind,
        AttemptNo = attemptNo,
        RefundNo = refundNo,
        TransferNo = transferNo,
        AmountMinor = amount,
        Currency = "CNY",
        FeeMinor = 8,
        Time = Timestamp.FromDateTimeOffset(DatabaseFixture.Start),
        ProviderState = "SUCCESS",
    };
}
