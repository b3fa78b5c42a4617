namespace PayCore.NotifyGateway.Tests;

public sealed class TryScheduleTests
{
    public static readonly TheoryData<int, int> SecondsAfterTry = new()
    {
        { 1, 5 }, { 2, 30 }, { 3, 120 }, { 4, 300 }, { 5, 900 }, { 6, 3600 }, { 7, 7200 }, { 8, 14400 }, { 9, 28800 }, { 10, 43200 },
    };

    [Theory]
    [MemberData(nameof(SecondsAfterTry))]
    public void PauseAfter_EachTry_IsTheListedPauseWithinTenPercent(int number, int seconds)
    {
        var pause = TimeSpan.FromSeconds(seconds);

        TrySchedule.PauseAfter(number, 0.0, 1).Should().BeCloseTo(pause * 0.9, TimeSpan.FromMilliseconds(1));
        TrySchedule.PauseAfter(number, 0.5, 1).Should().BeCloseTo(pause, TimeSpan.FromMilliseconds(1));
        TrySchedule.PauseAfter(number, 0.999999, 1).Should().BeCloseTo(pause * 1.1, TimeSpan.FromSeconds(1)).And.BeLessThanOrEqualTo(pause * 1.1);
    }

    [Fact]
    public void PauseAfter_TheEleventhTry_ThereIsNone()
    {
        TrySchedule.TriesMax.Should().Be(11);
        TrySchedule.PauseAfter(11, 0.5, 1).Should().BeNull();
        TrySchedule.PauseAfter(12, 0.5, 1).Should().BeNull();
    }

    [Fact]
    public void PauseAfter_WithoutJitter_TheLastTryIsAfter27HoursAnd23Minutes()
    {
        var sum = Enumerable.Range(1, 10).Aggregate(TimeSpan.Zero, (all, number) => all + TrySchedule.PauseAfter(number, 0.5, 1)!.Value);

        Math.Round(sum.TotalMinutes).Should().Be((27 * 60) + 23);
    }

    [Fact]
    public void PauseAfter_Scaled_KeepsItsShape()
    {
        TrySchedule.PauseAfter(10, 0.5, 0.001).Should().BeCloseTo(TimeSpan.FromSeconds(43.2), TimeSpan.FromMilliseconds(1));
    }

    [Fact]
    public void PauseAfter_NoSuchTry_IsABugOfTheCaller()
    {
        var pause = () => TrySchedule.PauseAfter(0, 0.5, 1);

        pause.Should().Throw<ArgumentOutOfRangeException>();
    }
}
