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

    [Fact]
    public async Task Look_ThatWaitsForAProvider_HoldsNoOtherBackAndIsWaitedForInTheEnd()
    {
        var watch = new OneWaits();
        using var loop = new DueLoop<string>(
            watch, Options.Create(new MonitorOptions { AtOnce = 2, SweepEvery = TimeSpan.FromMilliseconds(1) }), TimeProvider.System, NullLogger<DueLoop<string>>.Instance);
        await loop.StartAsync(TestContext.Current.CancellationToken);

        await watch.HundredLooked.Task.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
        var stopping = loop.StopAsync(TestContext.Current.CancellationToken);

        loop.ExecuteTask!.IsCompleted.Should().BeFalse("a look is not cut short");
        watch.Answer.SetResult();
        await stopping;
        watch.MostTaken.Should().Be(2, "no more is taken than can be looked at");
    }

    /// <summary>A backlog of one provider that does not answer, and behind it what another provider is asked.</summary>
    [Theory]
    [InlineData(2, 1)]
    [InlineData(3, 2)]
    [InlineData(8, 6)]
    public async Task Looks_AtAProviderThatDoesNotAnswer_LeavePlacesForTheOthers(int atOnce, int hangingMax)
    {
        var watch = new OneProviderHangs(hanging: 50, healthy: 100);
        using var loop = new DueLoop<string>(
            watch, Options.Create(new MonitorOptions { AtOnce = atOnce, SweepEvery = TimeSpan.FromMilliseconds(1) }), TimeProvider.System, NullLogger<DueLoop<string>>.Instance);
        await loop.StartAsync(TestContext.Current.CancellationToken);

        await watch.AllHealthyLooked.Task.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);

        watch.Hanging.Should().Be(hangingMax, "three quarters of the places, and at least one is left");
        var stopping = loop.StopAsync(TestContext.Current.CancellationToken);
        watch.Answer.SetResult();
        await stopping;
    }

    /// <summary>A provider that is well and has much to do: all of its looks are made, at places enough for some of them. What is put off comes again only 30 s later.</summary>
    [Theory]
    [InlineData(2)]
    [InlineData(32)]
    public async Task Looks_AtOneProviderThatAnswers_AreAllMadeAndNoneIsPutOff(int atOnce)
    {
        var watch = new AllOfOneProvider(due: 500);
        using var loop = new DueLoop<string>(watch, Options.Create(new MonitorOptions { AtOnce = atOnce }), TimeProvider.System, NullLogger<DueLoop<string>>.Instance);
        await loop.StartAsync(TestContext.Current.CancellationToken);

        await watch.AllLooked.Task.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);

        watch.MostAtOnce.Should().BeLessThanOrEqualTo(new MonitorOptions { AtOnce = atOnce }.LooksOfAChannelMax);
        await loop.StopAsync(TestContext.Current.CancellationToken);
    }

    /// <summary>Each is due once, and its provider takes a moment to answer.</summary>
    private sealed class AllOfOneProvider(int due) : IWatch<string>
    {
        private int _due = due;
        private int _atOnce;
        private int _left = due;

        public TaskCompletionSource AllLooked { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public int MostAtOnce { get; private set; }

        public Task<IReadOnlyList<string>> TakeAsync(int limit, int leaseSeconds)
        {
            var count = Math.Min(limit, _due);
            _due -= count;
            return Task.FromResult<IReadOnlyList<string>>([.. Enumerable.Repeat("busy", count)]);
        }

        public async Task LookAsync(string taken)
        {
            // Begun one after the other, by the loop.
            MostAtOnce = Math.Max(MostAtOnce, Interlocked.Increment(ref _atOnce));
            await Task.Delay(2);
            Interlocked.Decrement(ref _atOnce);
            if (Interlocked.Decrement(ref _left) == 0)
            {
                AllLooked.SetResult();
            }
        }

        public string IdOf(string taken) => taken;

        public string ChannelOf(string taken) => taken;

        public (TraceSubject Subject, string TraceParent) TraceOf(string taken) => (default, "");
    }

    /// <summary>What is due, oldest first: what hangs, then what does not.</summary>
    private sealed class OneProviderHangs(int hanging, int healthy) : IWatch<string>
    {
        private readonly Queue<string> _due = new([.. Enumerable.Repeat("hangs", hanging), .. Enumerable.Repeat("healthy", healthy)]);
        private int _hanging;
        private int _looked;

        public TaskCompletionSource Answer { get; } = new();

        public TaskCompletionSource AllHealthyLooked { get; } = new();

        public int Hanging => Volatile.Read(ref _hanging);

        public Task<IReadOnlyList<string>> TakeAsync(int limit, int leaseSeconds) =>
            Task.FromResult<IReadOnlyList<string>>([.. Enumerable.Range(0, Math.Min(limit, _due.Count)).Select(_ => _due.Dequeue())]);

        public async Task LookAsync(string taken)
        {
            if (taken == "hangs")
            {
                Interlocked.Increment(ref _hanging);
                await Answer.Task;
            }
            else if (Interlocked.Increment(ref _looked) == healthy)
            {
                AllHealthyLooked.SetResult();
            }
        }

        public string IdOf(string taken) => taken;

        public string ChannelOf(string taken) => taken;

        public (TraceSubject Subject, string TraceParent) TraceOf(string taken) => (default, "");
    }

    /// <summary>The first look waits until it is answered; all others end.</summary>
    private sealed class OneWaits : IWatch<string>
    {
        private int _takes;
        private int _looked;

        public TaskCompletionSource Answer { get; } = new();

        public TaskCompletionSource HundredLooked { get; } = new();

        public int MostTaken { get; private set; }

        public Task<IReadOnlyList<string>> TakeAsync(int limit, int leaseSeconds)
        {
            MostTaken = Math.Max(MostTaken, limit);
            var first = Interlocked.Increment(ref _takes) == 1;
            return Task.FromResult<IReadOnlyList<string>>([.. Enumerable.Range(0, limit).Select(i => first && i == 0 ? "waits" : "ends")]);
        }

        public async Task LookAsync(string taken)
        {
            if (taken == "waits")
            {
                await Answer.Task;
            }
            else if (Interlocked.Increment(ref _looked) == 100)
            {
                HundredLooked.SetResult();
            }
        }

        public string IdOf(string taken) => taken;

        public string ChannelOf(string taken) => "";

        public (TraceSubject Subject, string TraceParent) TraceOf(string taken) => (default, "");
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

        public string ChannelOf(string taken) => "";

        public (TraceSubject Subject, string TraceParent) TraceOf(string taken) => (default, "");
    }
}
