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
