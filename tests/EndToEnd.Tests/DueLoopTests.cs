using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using PayCore.OrderMonitor;
using PayCore.ServiceDefaults.Telemetry;

namespace PayCore.EndToEnd.Tests;

/// <summary>The loop that finds what nobody told us goes on whatever one look meets.</summary>
public sealed class DueLoopTests
{
    [Fact]
    public async Task Look_ThatMeetsABug_EndsNeitherTheLoopNorTheOthers()
    {
        var watch = new OneBad();
        using var loop = new DueLoop<string>(watch, Options.Create(new MonitorOptions { SweepEvery = TimeSpan.FromMilliseconds(1) }), TimeProvider.System, NullLogger<DueLoop<string>>.Instance);
        await loop.StartAsync(TestContext.Current.CancellationToken);

        await watch.SecondRound.Task.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);

        loop.ExecuteTask!.IsCompleted.Should().BeFalse();
        await loop.StopAsync(TestContext.Current.CancellationToken);
    }

    /// <summary>Fails to be taken from once, and to look at what is bad always.</summary>
    private sealed class OneBad : IWatch<string>
    {
        private int _takes;

        public TaskCompletionSource SecondRound { get; } = new();

        public Task<IReadOnlyList<string>> TakeAsync(int limit, int leaseSeconds) => Interlocked.Increment(ref _takes) switch
        {
            1 => Task.FromResult<IReadOnlyList<string>>(["bad", "good"]),
            2 => throw new InvalidOperationException("A bug."),
            3 => Task.FromResult<IReadOnlyList<string>>(["bad", "last"]),
            _ => Task.FromResult<IReadOnlyList<string>>([]),
        };

        public Task LookAsync(string taken)
        {
            if (taken == "bad")
            {
                throw new InvalidOperationException("A bug.");
            }

            if (taken == "last")
            {
                SecondRound.SetResult();
            }

            return Task.CompletedTask;
        }

        public string IdOf(string taken) => taken;

        public (TraceSubject Subject, string TraceParent) TraceOf(string taken) => (default, "");
    }
}
