using PayCore.Contracts.V1;
using PayCore.TestKit;
using RefundState = PayCore.Contracts.V1.Refund.Types.State;
using TransferState = PayCore.Contracts.V1.Transfer.Types.State;

namespace PayCore.PayDatabase.Tests;

/// <summary>Rivals on purpose, many rounds, the books checked by SQL after them.</summary>
public sealed class RaceTests(ITestOutputHelper output)
{
    private const int Rounds = 1000;

    public static TheoryData<string> Providers => DatabaseFixture.Providers;

    [Theory]
    [MemberData(nameof(Providers))]
    public async Task RefundAndRefund_OfOneAttempt_NeverGoBeyondWhatWasPaid(string provider)
    {
        await using var db = await DatabaseFixture.StartAsync(provider);
        var attempt = await db.PaidAsync();
        for (var round = 0; round < Rounds; round++)
        {
            // Each more than half of what is left: exactly one can be.
            var replies = await Task.WhenAll(Enumerable.Range(0, 2).Select(_ => db.Client.CreateRefundAsync(db.NewRefund(attempt, 700, call: false)).ResponseAsync));

            var made = replies.Where(r => r.Result == CreateRefundRowReply.Types.Result.Created).ToList();
            made.Should().ContainSingle($"round {round}");
            replies.Single(r => r != made[0]).LeftMinor.Should().Be(599);
            (await db.RecordAsync(made[0].Refund.Refund.Id, ChannelRefundState.RefundRefused, "person")).Result.Should().Be(MoveResult.Moved);
        }

        (await db.ScalarAsync<long>("SELECT COUNT(*) FROM refund")).Should().Be(Rounds);
        await db.CheckBooksAsync();
    }

    [Theory]
    [MemberData(nameof(Providers))]
    public async Task RefundAndRecord_OfOneAttempt_KeepTheBooks(string provider)
    {
        await using var db = await DatabaseFixture.StartAsync(provider);
        const int Seed = 20261123;
        output.WriteLine($"seed {Seed}");
        var random = new SeededRandom(Seed);
        var words = new byte[Rounds];
        random.Fill(words);
        var attempt = await db.PaidAsync();
        var open = new Queue<string>();
        for (var round = 0; round < Rounds; round++)
        {
            if (round % 25 == 24)
            {
                attempt = await db.PaidAsync();
                open.Clear();
            }

            var word = words[round] % 3 == 0 ? ChannelRefundState.RefundDone : ChannelRefundState.RefundRefused;
            var recording = open.TryDequeue(out var id) ? db.RecordAsync(id, word, "query") : Task.FromResult(new RefundMoveReply());
            var created = await db.Client.CreateRefundAsync(db.NewRefund(attempt, 1 + (words[round] % 100), call: open.Count == 0));
            await recording;
            if (created.Result == CreateRefundRowReply.Types.Result.Created)
            {
                if (created.Refund.Refund.State == RefundState.Sent)
                {
                    open.Enqueue(created.Refund.Refund.Id);
                }
            }
        }

        await db.CheckBooksAsync();
    }

    [Theory]
    [MemberData(nameof(Providers))]
    public async Task RecordAndRecord_OfOneRefund_MoveItOnce(string provider)
    {
        await using var db = await DatabaseFixture.StartAsync(provider);
        var attempt = await db.PaidAsync();
        for (var round = 0; round < Rounds; round++)
        {
            var refund = (await db.Client.CreateRefundAsync(db.NewRefund(attempt, 1))).Refund.Refund;
            var contradicting = round % 4 == 0;
            var replies = await Task.WhenAll(
                db.RecordAsync(refund.Id, ChannelRefundState.RefundDone, "callback", callback: db.Callback()),
                db.RecordAsync(refund.Id, contradicting ? ChannelRefundState.RefundRefused : ChannelRefundState.RefundDone, "query"));

            replies.Count(r => r.Result == MoveResult.Moved).Should().Be(1);
            replies.Count(r => r.Result == (contradicting ? MoveResult.NotAllowed : MoveResult.Already)).Should().Be(1);
            replies.Sum(r => r.DeliveryIds.Count).Should().Be(1);
        }

        (await db.ScalarAsync<long>("SELECT COUNT(*) FROM exception_item WHERE kind = 'REFUND_CONFLICT'")).Should().Be(Rounds / 4);
        await db.CheckBooksAsync();
    }

    [Theory]
    [MemberData(nameof(Providers))]
    public async Task TransferAndTransfer_OfOneNumber_AreOne(string provider)
    {
        await using var db = await DatabaseFixture.StartAsync(provider);
        for (var round = 0; round < Rounds; round++)
        {
            var replies = await Task.WhenAll(Enumerable.Range(0, 2).Select(_ => db.Client.CreateTransferAsync(db.NewTransfer($"race{round}")).ResponseAsync));

            replies.Select(r => r.Result).Should().BeEquivalentTo(
                [CreateTransferRowReply.Types.Result.Created, CreateTransferRowReply.Types.Result.Exists], $"round {round}");
            replies.Select(r => r.Transfer.Transfer.Id).Distinct().Should().ContainSingle();
        }

        (await db.ScalarAsync<long>("SELECT COUNT(*) FROM transfer")).Should().Be(Rounds);
        (await db.ScalarAsync<long>("SELECT COUNT(*) FROM transfer WHERE open_calls = 1")).Should().Be(Rounds, "one of each two had the right to call");
    }

    [Theory]
    [MemberData(nameof(Providers))]
    public async Task RecordAndRecord_OfOneTransfer_MoveItOnce(string provider)
    {
        await using var db = await DatabaseFixture.StartAsync(provider);
        for (var round = 0; round < Rounds; round++)
        {
            var id = (await db.Client.CreateTransferAsync(db.NewTransfer())).Transfer.Transfer.Id;
            var other = round % 4 == 0 ? ChannelTransferState.TransferRefused : ChannelTransferState.TransferDone;

            var replies = await Task.WhenAll(
                db.RecordAsync(id, ChannelTransferState.TransferDone, "query"), db.RecordAsync(id, other, "callback", callback: db.Callback()));

            replies.Count(r => r.Result == MoveResult.Moved).Should().Be(1);
            replies.Sum(r => r.DeliveryIds.Count).Should().Be(1);
        }

        await db.CheckBooksAsync();
    }

    [Theory]
    [MemberData(nameof(Providers))]
    public async Task FiftyCopies_OfACallback_MoveOnceAndTellOnce(string provider)
    {
        await using var db = await DatabaseFixture.StartAsync(provider);
        var refund = (await db.RefundAsync(RefundState.Sent)).Refund;
        var transfer = (await db.TransferAsync(TransferState.Sent)).Transfer;

        var refunds = await Task.WhenAll(Enumerable.Range(0, 50).Select(
            _ => db.RecordAsync(refund.Id, ChannelRefundState.RefundDone, "callback", callback: db.Callback())));
        var transfers = await Task.WhenAll(Enumerable.Range(0, 50).Select(
            _ => db.RecordAsync(transfer.Id, ChannelTransferState.TransferDone, "callback", callback: db.Callback())));

        refunds.Count(r => r.Result == MoveResult.Moved).Should().Be(1);
        transfers.Count(r => r.Result == MoveResult.Moved).Should().Be(1);
        (await db.ScalarAsync<long>("SELECT COUNT(*) FROM callback WHERE state = 'APPLIED'")).Should().Be(2);
        (await db.ScalarAsync<long>("SELECT COUNT(*) FROM callback WHERE state = 'DUPLICATE'")).Should().Be(98);
        await db.CheckBooksAsync();
    }

    [Theory]
    [MemberData(nameof(Providers))]
    public async Task CallAndCall_OfTwoRefundsOfOneAttempt_AreNeverUnderWayTogether(string provider)
    {
        await using var db = await DatabaseFixture.StartAsync(provider);
        var attempt = await db.PaidAsync();
        for (var round = 0; round < Rounds / 5; round++)
        {
            var two = new[] { db.NewRefund(attempt, 1, call: false), db.NewRefund(attempt, 1, call: false) };
            foreach (var request in two)
            {
                await db.Client.CreateRefundAsync(request);
            }

            var claims = await Task.WhenAll(two.Select(r => db.ClaimRefundAsync(r.Refund.Id)));

            claims.Count(c => c).Should().Be(1, $"round {round}");
            var claimed = two[claims[0] ? 0 : 1].Refund.Id;
            var waiting = two[claims[0] ? 1 : 0].Refund.Id;
            await db.RecordAsync(claimed, ChannelRefundState.RefundDone);
            (await db.ClaimRefundAsync(waiting)).Should().BeTrue();
            await db.RecordAsync(waiting, ChannelRefundState.RefundDone);
        }

        await db.CheckBooksAsync();
    }

    [Theory]
    [MemberData(nameof(Providers))]
    public async Task CancelAndApprove_OfOneTransfer_SendOrCancelIt(string provider)
    {
        await using var db = await DatabaseFixture.StartAsync(provider);
        for (var round = 0; round < Rounds / 5; round++)
        {
            var id = (await db.TransferAsync(TransferState.Created)).Transfer.Id;

            await Task.WhenAll(
                db.Client.DecideTransferAsync(Decide(id, DecideTransferRequest.Types.Decision.Cancel, "app1")).ResponseAsync,
                db.Client.DecideTransferAsync(Decide(id, DecideTransferRequest.Types.Decision.Approve, "alice")).ResponseAsync);

            var stored = await db.ReadTransferAsync(id);
            stored.Transfer.State.Should().BeOneOf(TransferState.Cancelled, TransferState.Sent);
            stored.CancelRequested.Should().Be(stored.Transfer.State == TransferState.Sent, "who came second is not forgotten");
            stored.OpenCalls.Should().Be(stored.Transfer.State == TransferState.Sent ? 1 : 0);
        }

        await db.CheckBooksAsync();

        DecideTransferRequest Decide(string id, DecideTransferRequest.Types.Decision decision, string by) =>
            new() { TransferId = id, Decision = decision, By = by, CallLeaseTime = db.Lease() };
    }
}
