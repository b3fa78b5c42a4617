using PayCore.Host;
using PayCore.Host.Demonstration;
using PayCore.TestKit;

namespace PayCore.Cluster.Tests;

/// <summary>The clock that the processes of a demonstration share.</summary>
public sealed class SharedClock : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private string File => _folder.File("clock");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Wind_OfOneProcess_MovesTheTimeAndTimersOfAllThatNameTheFile()
    {
        using var winder = new DemoClock(File);
        using var other = new DemoClock(File);
        using var stranger = new DemoClock();
        var inAnHour = Task.Delay(TimeSpan.FromHours(1), other);
        var inTwo = Task.Delay(TimeSpan.FromHours(2), other);

        winder.Wind(TimeSpan.FromHours(1));

        other.Wound.Should().Be(TimeSpan.FromHours(1));
        other.GetUtcNow().Should().BeCloseTo(TimeProvider.System.GetUtcNow().AddHours(1), TimeSpan.FromMinutes(1));
        await inAnHour.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
        inTwo.IsCompleted.Should().BeFalse();
        stranger.Wound.Should().Be(TimeSpan.Zero);
    }

    [Fact]
    public void Clock_OfAnEarlierStart_StaysWhereItWas()
    {
        using (var before = new DemoClock(File))
        {
            before.Wind(TimeSpan.FromMinutes(5));
        }

        using var after = new DemoClock(File);
        after.Wound.Should().Be(TimeSpan.FromMinutes(5));
    }

    [Fact]
    public void ClockFile_OfAProcessThatTheWorldReaches_IsRefused()
    {
        var build = () => PayCoreHost.Build([$"--Data={_folder.Path}", $"--Demo:ClockFile={File}", "--Ports:Bind=0.0.0.0"]);

        build.Should().Throw<InvalidOperationException>().WithMessage("*loopback only*");
    }
}
