using Microsoft.Extensions.Time.Testing;

namespace PayCore.QueryGateway.Tests;

public sealed class QueryPaceTests
{
    private static readonly TimeSpan _longest = TimeSpan.FromSeconds(2);
    private static readonly (string, string) _account = ("wechat", "1900000001");
    private readonly FakeTimeProvider _time = new();

    [Fact]
    public void Take_MoreThanASecondHolds_WaitsAtAnEvenPaceAndIsThenPutOff()
    {
        var pace = new QueryPace(_time);

        var waits = Enumerable.Range(0, 40).Select(_ => pace.Take(_account, 10, _longest)).ToList();

        waits.Take(10).Should().OnlyContain(w => w == TimeSpan.Zero, "a second's worth was not taken before");
        waits.Skip(10).Take(20).Should().Equal(Enumerable.Range(1, 20).Select(n => (TimeSpan?)TimeSpan.FromMilliseconds(n * 100)));
        waits.Skip(30).Should().OnlyContain(w => w == null);
    }

    [Fact]
    public void Take_OverALongTime_NeverExceedsThePace()
    {
        var pace = new QueryPace(_time);
        var taken = 0;
        for (var ms = 0; ms < 60_000; ms += 10)
        {
            taken += pace.Take(_account, 10, TimeSpan.Zero) is null ? 0 : 1;
            _time.Advance(TimeSpan.FromMilliseconds(10));
        }

        taken.Should().BeInRange(600, 611);
    }

    [Fact]
    public void Take_OfAnotherAccountOrWithoutLimit_DoesNotWait()
    {
        var pace = new QueryPace(_time);
        while (pace.Take(_account, 10, TimeSpan.Zero) is not null)
        {
        }

        pace.Take(("wechat", "1900000002"), 10, TimeSpan.Zero).Should().Be(TimeSpan.Zero);
        pace.Take(_account, 0, TimeSpan.Zero).Should().Be(TimeSpan.Zero);
        _time.Advance(TimeSpan.FromMilliseconds(100));
        pace.Take(_account, 10, TimeSpan.Zero).Should().Be(TimeSpan.Zero);
        pace.Take(_account, 10, TimeSpan.Zero).Should().BeNull();
    }

    [Fact]
    public void Take_OfAPaceBelowOneASecond_GivesTheFirstTurnAtOnce()
    {
        var pace = new QueryPace(_time);

        pace.Take(_account, 0.5, TimeSpan.Zero).Should().Be(TimeSpan.Zero);
        pace.Take(_account, 0.5, TimeSpan.Zero).Should().BeNull();
        _time.Advance(TimeSpan.FromSeconds(2));
        pace.Take(_account, 0.5, TimeSpan.Zero).Should().Be(TimeSpan.Zero);
    }
}
