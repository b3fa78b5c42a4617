using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace PayCore.EndToEnd.Tests.Support;

/// <summary>
/// The looks, tries, alerts and rounds of statements that a world's loops have begun and not ended. A clock of the test's own waits for them: it would run past their deadlines in a moment, and
/// what was answered in time by every real clock would count as not answered.
/// </summary>
internal sealed class WorkAtHand
{
    private static readonly string[] _activities = ["monitor.look", "monitor.statements", "monitor.alerts", "notify.try"];
    private static readonly ConditionalWeakTable<TimeProvider, WorkAtHand> _byClock = [];
    private static readonly AsyncLocal<WorkAtHand?> _here = new();
    private int _begun;

    static WorkAtHand() => ActivitySource.AddActivityListener(new ActivityListener
    {
        ShouldListenTo = source => source.Name is "PayCore.OrderMonitor" or "PayCore.NotifyGateway",
        Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.PropagationData,
        ActivityStarted = activity => Add(activity, 1),
        ActivityStopped = activity => Add(activity, -1),
    });

    /// <summary>What is at hand in the world that has this clock.</summary>
    public static WorkAtHand Of(TimeProvider clock) => _byClock.GetOrCreateValue(clock);

    /// <summary>The loops that are started from here on are of the world that has this clock.</summary>
    public static void Begin(TimeProvider clock) => _here.Value = Of(clock);

    /// <summary>Waits until nothing is at hand. Some of it waits for the clock itself, because a provider does not answer: hence the limit.</summary>
    public async Task EndAsync(TimeSpan atMost)
    {
        var began = TimeProvider.System.GetTimestamp();
        while (Volatile.Read(ref _begun) > 0 && TimeProvider.System.GetElapsedTime(began) < atMost)
        {
            await Task.Delay(1);
        }
    }

    private static void Add(Activity activity, int change)
    {
        if (_here.Value is { } here && _activities.Contains(activity.OperationName))
        {
            Interlocked.Add(ref here._begun, change);
        }
    }
}
