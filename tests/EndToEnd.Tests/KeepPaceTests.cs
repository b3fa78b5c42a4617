using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using PayCore.CallbackGateway;

namespace PayCore.EndToEnd.Tests;

public sealed class KeepPaceTests
{
    private readonly FakeTimeProvider _time = new();

    [Fact]
    public void Take_OverALongTime_NeverExceedsBurstAndPace()
    {
        var pace = New();
        var taken = 0;
        for (var ms = 0; ms < 60_000; ms += 5)
        {
            taken += pace.TryTake("wechat", "1900000001") ? 1 : 0;
            _time.Advance(TimeSpan.FromMilliseconds(5));
        }

        taken.Should().BeInRange(699, 700);
    }

    [Fact]
    public void Take_AfterAPause_HasTheBurstAndNoMore()
    {
        var pace = New();
        _time.Advance(TimeSpan.FromDays(1));
        Taken(pace, "a").Should().Be(100);
        _time.Advance(TimeSpan.FromSeconds(2));
        Taken(pace, "a").Should().Be(20);
        _time.Advance(TimeSpan.FromDays(1));
        Taken(pace, "a").Should().Be(100);
        Taken(pace, "b").Should().Be(100, "each account has its own");
    }

    [Fact]
    public void Names_MadeUpWithoutEnd_AreForgottenAndTakeNoMemory()
    {
        var pace = New();
        for (var i = 0; i < KeepPace.AccountsMax; i++)
        {
            pace.TryTake("other", $"{i}").Should().BeTrue();
        }

        pace.TryTake("other", "one more").Should().BeFalse("there is no room");
        pace.TryTake("other", "1").Should().BeTrue("who is known is known");
        _time.Advance(TimeSpan.FromSeconds(1));
        pace.TryTake("other", "one more").Should().BeTrue("those that were quiet are as if they had never been");
    }

    private static int Taken(KeepPace pace, string account) => Enumerable.Range(0, 500).Count(_ => pace.TryTake("wechat", account));

    private KeepPace New() => new(Options.Create(new CallbackOptions { RejectedPerSecond = 10, RejectedBurst = 100 }), _time);
}
