using Google.Protobuf.WellKnownTypes;

namespace PayCore.QueryGateway.Tests;

public sealed class FreshnessTests
{
    private static readonly DateTimeOffset _due = new(2026, 11, 23, 8, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData(-3600, false)]
    [InlineData(0, false)]
    [InlineData(10, false)]
    [InlineData(11, true)]
    [InlineData(86_400, true)]
    public void IsStale_WhenTheLookIsTenSecondsOverdue(int seconds, bool stale) =>
        Freshness.IsStale(Timestamp.FromDateTimeOffset(_due), _due.AddSeconds(seconds)).Should().Be(stale);

    [Fact]
    public void IsStale_WhenNoLookIsDue_IsFalse() => Freshness.IsStale(null, _due).Should().BeFalse();
}
