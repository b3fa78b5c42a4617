using Microsoft.Extensions.Time.Testing;

namespace PayCore.EndToEnd.Tests.Support;

/// <summary>A clock of the test's own.</summary>
public static class Clocks
{
    private static readonly TimeSpan _shortest = TimeSpan.FromMilliseconds(5);
    private static readonly TimeSpan _pace = TimeSpan.FromMilliseconds(15);
    private static readonly TimeSpan _late = TimeSpan.FromMilliseconds(5);
    private static readonly TimeSpan _step = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan _endsAtLatest = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan _leap = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan _endsBeforeALeapAtLatest = TimeSpan.FromSeconds(3);

    /// <summary>Lets the clock run second by second, or in longer strides where the second does not matter, until something holds. Each second gets a little real time for the work that it makes due to begin,
    /// more on a machine that is busy, and as much as that work takes to end.</summary>
    /// <returns>How many seconds it took; the most allowed when it never held.</returns>
    public static async Task<int> PassAsync(this FakeTimeProvider clock, int secondsMax, Func<Task<bool>> holds, int stride = 1)
    {
        for (var seconds = 0; seconds < secondsMax; seconds += stride)
        {
            var began = TimeProvider.System.GetTimestamp();
            if (await holds())
            {
                return seconds;
            }

            var look = TimeProvider.System.GetElapsedTime(began) * 2;
            await StepAsync(clock, TimeSpan.FromSeconds(stride), look > _shortest ? look : _shortest);
        }

        return secondsMax;
    }

    /// <summary>Lets so much time pass, in strides: nobody looks when in it something happens.</summary>
    public static async Task PassAsync(this FakeTimeProvider clock, TimeSpan span, int stride = 5)
    {
        for (var left = span; left > TimeSpan.Zero; left -= TimeSpan.FromSeconds(stride))
        {
            await clock.StepAsync(TimeSpan.FromSeconds(Math.Min(stride, left.TotalSeconds)));
        }
    }

    /// <summary>Lets the clock run a step, with a little real time for the work that it makes due, and more on a machine that is busy.</summary>
    public static Task StepAsync(this FakeTimeProvider clock, TimeSpan step) => StepAsync(clock, step, _shortest);

    private static async Task StepAsync(FakeTimeProvider clock, TimeSpan step, TimeSpan pause)
    {
        clock.Advance(step);
        await PauseAsync(pause);
        if (step < _leap)
        {
            await WorkAtHand.Of(clock).EndAsync(_endsAtLatest);
        }
        else
        {
            // Two leaps are longer than any call may take: what is under way then has not been answered. It may wait for the clock, for a turn of its own.
            await clock.WhileAsync(WorkAtHand.Of(clock).EndAsync(_endsBeforeALeapAtLatest));
        }
    }

    /// <summary>Where others have the processor, this wakes late, and so does the work: it gets as much again, several times over.</summary>
    private static async Task PauseAsync(TimeSpan pause)
    {
        var began = TimeProvider.System.GetTimestamp();
        await Task.Delay(pause);
        var late = TimeProvider.System.GetElapsedTime(began) - pause;
        if (late > _late)
        {
            await Task.Delay(late * 5);
        }
    }

    /// <summary>Lets the clock run in small steps while something is being done that may wait for it.</summary>
    public static async Task WhileAsync(this FakeTimeProvider clock, Task work)
    {
        while (await Task.WhenAny(work, Task.Delay(_pace)) != work)
        {
            clock.Advance(_step);
        }

        await work;
    }
}
