using Google.Protobuf.WellKnownTypes;
using PayCore.Contracts.V1;

namespace PayCore.Payments.Tests;

public sealed class CheckScheduleTests
{
    private static readonly DateTimeOffset _start = new(2026, 11, 22, 10, 0, 0, TimeSpan.Zero);

    [Fact]
    public void NextLook_OfAnAnsweredAttempt_IsTheLadderOfInvariants()
    {
        var looks = Looks(answered: true, expiresAt: _start.AddMinutes(30));

        // 15, 30, 60 s, every 60 s to 10 m, every 2 m to expiry, and at the expiry.
        double[] expected = [15, 30, 60, 120, 180, 240, 300, 360, 420, 480, 540, 600, 720, 840, 960, 1080, 1200, 1320, 1440, 1560, 1680, 1800];
        looks.Should().Equal(expected);
    }

    [Fact]
    public void NextLook_OfACallWithoutAnswer_BeginsAfterOneThreeAndTenSeconds() =>
        Looks(answered: false, expiresAt: _start.AddMinutes(5)).Should().Equal(1, 3, 10, 15, 30, 60, 120, 180, 240, 300);

    [Fact]
    public void NextLook_AfterTheExpiry_IsEveryMinuteUntilItIsCertain()
    {
        var now = _start.AddMinutes(31);
        CheckSchedule.NextLook(_start, true, _start.AddMinutes(30), now).Should().Be(now.AddMinutes(1));
    }

    [Fact]
    public void NextLook_WithAllCallbacksLost_KeepsTheTimesOfI1()
    {
        // I1: ≤ 75 s in the order's first 10 minutes, ≤ 135 s after; a look itself takes its 6 s at most.
        var looks = Looks(answered: true, expiresAt: _start.AddHours(2)).Prepend(0).ToList();
        for (var i = 1; i < looks.Count; i++)
        {
            (looks[i] - looks[i - 1]).Should().BeLessThanOrEqualTo(looks[i - 1] < 600 ? 75 - 6 : 135 - 6);
        }
    }

    [Fact]
    public void Next_OfAClosedOrder_IsAfterFiveAndThirtyMinutesThenNever()
    {
        var order = Ended(PayOrder.Types.State.Closed);

        CheckSchedule.Next(order, _start).Should().Be(_start.AddMinutes(5));
        CheckSchedule.Next(order, _start.AddMinutes(5)).Should().Be(_start.AddMinutes(30));
        CheckSchedule.Next(order, _start.AddMinutes(30)).Should().BeNull();
    }

    [Fact]
    public void Ended_TheChannelSaysNothing_IsAskedAgainMoreAndMoreRarelyForADay()
    {
        var order = Ended(PayOrder.Types.State.Closed);
        var looks = new List<double>();
        for (DateTimeOffset? at = _start.AddMinutes(30); at is { } now; at = CheckSchedule.Again(order, now))
        {
            looks.Add((now - _start).TotalMinutes);
        }

        looks.Take(3).Should().Equal(30, 37.5, 46.875);
        looks[^1].Should().BeInRange(24 * 60, 30 * 60);
        looks.Should().HaveCountLessThan(20);
        CheckSchedule.Again(order, _start.AddMinutes(1)).Should().Be(_start.AddMinutes(2));
    }

    [Fact]
    public void Paid_TheLookFailed_IsLookedAtAMinuteAfterHoweverLongItTakes()
    {
        var order = Ended(PayOrder.Types.State.Paid);
        CheckSchedule.Again(order, _start.AddDays(3)).Should().Be(_start.AddDays(3).AddMinutes(1));
    }

    [Fact]
    public void Next_OfAPaidOrder_IsNeverOnceNoAttemptIsOpen()
    {
        var order = Order(PayOrder.Types.State.Paid);
        CheckSchedule.Next(order, _start).Should().BeNull();

        order.Attempts.Add(new StoredAttempt
        {
            Attempt = new Attempt { State = Attempt.Types.State.Open, CreateTime = Timestamp.FromDateTimeOffset(_start) },
        });
        CheckSchedule.Next(order, _start).Should().Be(_start.AddMinutes(1));
    }

    private static List<double> Looks(bool answered, DateTimeOffset expiresAt)
    {
        var looks = new List<double>();
        for (var now = _start; now < expiresAt;)
        {
            now = CheckSchedule.NextLook(_start, answered, expiresAt, now);
            looks.Add((now - _start).TotalSeconds);
        }

        return looks;
    }

    private static StoredOrder Ended(PayOrder.Types.State state)
    {
        var order = Order(state);
        order.EndTime = Timestamp.FromDateTimeOffset(_start);
        return order;
    }

    private static StoredOrder Order(PayOrder.Types.State state) => new()
    {
        Order = new PayOrder { State = state, ExpireTime = Timestamp.FromDateTimeOffset(_start.AddMinutes(30)) },
    };
}
