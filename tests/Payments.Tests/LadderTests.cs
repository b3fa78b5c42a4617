using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using PayCore.Contracts.V1;
using RefundState = PayCore.Contracts.V1.Refund.Types.State;
using TransferState = PayCore.Contracts.V1.Transfer.Types.State;

namespace PayCore.Payments.Tests;

/// <summary>The ladders of refunds and transfers, written down a second time from invariants.md section 4.</summary>
public sealed class LadderTests
{
    private static readonly DateTimeOffset _sent = new(2026, 11, 22, 8, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Refund_LooksAreThoseOfTheTable()
    {
        var looks = Walk(RefundSchedule.NextLook);

        looks[..5].Should().Equal(TimeSpan.FromSeconds(30), TimeSpan.FromMinutes(2), TimeSpan.FromMinutes(5), TimeSpan.FromMinutes(15), TimeSpan.FromHours(1));
        looks[5..28].Should().Equal(Enumerable.Range(2, 23).Select(h => TimeSpan.FromHours(h)));
        looks[28..].Should().Equal(Enumerable.Range(5, 24).Select(n => TimeSpan.FromHours(6 * n)));
        looks[^1].Should().Be(TimeSpan.FromDays(7));
    }

    [Fact]
    public void Transfer_LooksAreThoseOfTheTable()
    {
        var looks = Walk(TransferSchedule.NextLook);

        looks[..6].Should().Equal(
            TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(30), TimeSpan.FromSeconds(60), TimeSpan.FromMinutes(5), TimeSpan.FromMinutes(15), TimeSpan.FromHours(1));
        looks[6..].Should().Equal(Enumerable.Range(2, 71).Select(h => TimeSpan.FromHours(h)));
        looks[^1].Should().Be(TimeSpan.FromDays(3));
    }

    [Fact]
    public void Transfer_PaidToABank_IsLookedAtForAWeek()
    {
        var transfer = Transfer(TransferState.Succeeded);
        transfer.Transfer.SuccessTime = transfer.FirstSentTime;
        transfer.Payee = new Payee { Kind = Payee.Types.Kind.BankAccount };

        Walk((_, now) => TransferSchedule.Next(transfer, now)).Should().Equal(
            TimeSpan.FromDays(1), TimeSpan.FromDays(2), TimeSpan.FromDays(3), TimeSpan.FromDays(7));
    }

    [Theory]
    [InlineData(60, 3, 0, 1, true)]
    [InlineData(59, 3, 0, 1, false)]
    [InlineData(60, 2, 0, 1, false)]
    [InlineData(60, 3, 3, 1, false)]
    [InlineData(60, 3, 2, 24, true)]
    [InlineData(60, 3, 2, 25, false)]
    public void Transfer_IsSentAgainOnlyByTheRule(int secondsSinceLast, int notFounds, int resends, int hoursSinceFirst, bool may)
    {
        var now = _sent.AddHours(hoursSinceFirst);

        TransferSchedule.MayResend(_sent, now.AddSeconds(-secondsSinceLast), notFounds, resends, now).Should().Be(may);
    }

    [Theory]
    [InlineData(RefundState.Succeeded)]
    [InlineData(RefundState.Failed)]
    public void Refund_Decided_IsNeverLookedAt(RefundState state) => RefundSchedule.Next(Refund(state), _sent).Should().BeNull();

    [Theory]
    [InlineData(0, 10)]
    [InlineData(3_599, 10)]
    [InlineData(3_600, 60)]
    public void Refund_WaitingForItsTurn_IsLookedAtInCaseNobodyWakesIt(int secondsWaited, int next)
    {
        var now = _sent.AddSeconds(secondsWaited);

        RefundSchedule.Next(Refund(RefundState.Created), now).Should().Be(now.AddSeconds(next));
    }

    [Fact]
    public void Refund_WithoutAnswer_IsDueWhenItsCallMayBeRepeated()
    {
        var refund = Refund(RefundState.Sent);
        refund.OpenCalls = 1;

        RefundSchedule.Next(refund, _sent).Should().Be(_sent.AddSeconds(30));
        RefundSchedule.Next(refund, _sent.AddSeconds(30)).Should().Be(_sent.AddSeconds(60), "not as late as the ladder's two minutes");
        refund.Refund.FailureCode = "LIMITED";
        RefundSchedule.Next(refund, _sent.AddSeconds(30)).Should().Be(_sent.AddMinutes(2), "the channel said not now");
        refund.Refund.FailureCode = "";
        refund.OpenCalls = 0;
        RefundSchedule.Next(refund, _sent.AddSeconds(30)).Should().Be(_sent.AddMinutes(2), "the channel has it");
    }

    [Fact]
    public void Refund_Abnormal_IsOnItsLadder() => RefundSchedule.Next(Refund(RefundState.Abnormal), _sent.AddMinutes(20)).Should().Be(_sent.AddHours(1));

    [Theory]
    [InlineData(TransferState.Created)]
    [InlineData(TransferState.Succeeded)]
    [InlineData(TransferState.Failed)]
    [InlineData(TransferState.Cancelled)]
    [InlineData(TransferState.Returned)]
    public void Transfer_DecidedOrForAPerson_IsNeverLookedAt(TransferState state) => TransferSchedule.Next(Transfer(state), _sent).Should().BeNull();

    [Fact]
    public void Transfer_Approved_IsSentAtOnce() => TransferSchedule.Next(Transfer(TransferState.Approved), _sent).Should().Be(_sent.AddSeconds(1));

    [Theory]
    [InlineData(TransferState.Sent)]
    [InlineData(TransferState.WaitPayee)]
    public void Transfer_Undecided_IsOnItsLadder(TransferState state) =>
        TransferSchedule.Next(Transfer(state), _sent.AddSeconds(10)).Should().Be(_sent.AddSeconds(30));

    private static StoredRefund Refund(RefundState state)
    {
        var sent = Timestamp.FromDateTimeOffset(_sent);
        return new StoredRefund { Refund = new Refund { State = state, CreateTime = sent }, FirstSentTime = sent, LastSentTime = sent };
    }

    /// <summary>It has no balance, or was never sent: its looks grow rarer although it is sent again at each of them.</summary>
    [Fact]
    public void Transfer_AnsweredAndNotTaken_KeepsTheLadderOfItsFirstCall()
    {
        var transfer = Transfer(TransferState.Sent);
        transfer.OpenCalls = 0;
        var now = _sent.AddMinutes(5);
        transfer.LastSentTime = Timestamp.FromDateTimeOffset(now);

        TransferSchedule.Next(transfer, now).Should().Be(_sent.AddMinutes(15));
        transfer.CreateAnswer = ByteString.CopyFromUtf8("taken");
        TransferSchedule.Next(transfer, now).Should().Be(now.AddSeconds(10), "it is with the channel");
    }

    /// <summary>What opens its page is asked for again each minute while nobody answers, three times; then, and when it was answered without it, ever more rarely.</summary>
    [Fact]
    public void Transfer_WaitingForItsPayeeWithoutAnAction_KeepsTheLadderOfItsFirstCallInTheEnd()
    {
        var transfer = Transfer(TransferState.WaitPayee);
        var now = _sent.AddMinutes(1);
        transfer.LastSentTime = Timestamp.FromDateTimeOffset(now);
        (transfer.OpenCalls, transfer.Resends) = (2, 1);

        TransferSchedule.Next(transfer, now).Should().Be(now.AddSeconds(10), "the last call is in doubt");
        transfer.NotFounds = TransferSchedule.ResendAfterNotFounds;
        TransferSchedule.Next(transfer, now).Should().Be(_sent.AddMinutes(5), "it was answered");
        (transfer.NotFounds, transfer.Resends) = (0, TransferSchedule.ResendsMax);
        TransferSchedule.Next(transfer, now).Should().Be(_sent.AddMinutes(5), "three were not answered");
        transfer.CreateAnswer = ByteString.CopyFromUtf8("with its action");
        TransferSchedule.Next(transfer, now).Should().Be(now.AddSeconds(10), "nothing is missing");
    }

    private static StoredTransfer Transfer(TransferState state)
    {
        var sent = Timestamp.FromDateTimeOffset(_sent);
        return new StoredTransfer { Transfer = new Transfer { State = state }, FirstSentTime = sent, LastSentTime = sent, OpenCalls = 1 };
    }

    private static List<TimeSpan> Walk(Func<DateTimeOffset, DateTimeOffset, DateTimeOffset?> next)
    {
        var looks = new List<TimeSpan>();
        for (var at = next(_sent, _sent); at is { } look; at = next(_sent, look))
        {
            looks.Add(look - _sent);
        }

        return looks;
    }
}
