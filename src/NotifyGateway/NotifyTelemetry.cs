using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace PayCore.NotifyGateway;

/// <summary>Metrics and traces of this service.</summary>
internal sealed class NotifyTelemetry
{
    /// <summary>The name of the meter and of the source of activities.</summary>
    public const string Name = "PayCore.NotifyGateway";

    /// <summary>One activity <c>notify.try</c> per try.</summary>
    public static readonly ActivitySource Source = new(Name);

    private static readonly double[] _delaySeconds = [0.05, 0.1, 0.25, 0.5, 1, 2, 5, 10, 30, 60, 300, 3600];
    private static readonly double[] _trySeconds = [0.05, 0.1, 0.25, 0.5, 1, 2, 3, 5, 10, 15];

    private readonly Counter<long> _tries;
    private readonly Histogram<double> _duration;
    private readonly Histogram<double> _delay;
    private readonly UpDownCounter<long> _inFlight;
    private readonly UpDownCounter<long> _queueConnected;
    private readonly Counter<long> _wakesDropped;

    public NotifyTelemetry(IMeterFactory meters)
    {
        var meter = meters.Create(Name);
        _tries = meter.CreateCounter<long>("paycore_notify_tries", null, "Tries to tell a merchant, by result.");
        _delay = meter.CreateHistogram(
            "paycore_notify_delay", "s", "From the event to the start of its first try.", null, new InstrumentAdvice<double> { HistogramBucketBoundaries = _delaySeconds });
        _duration = meter.CreateHistogram(
            "paycore_notify_try_duration", "s", "How long a try takes.", null, new InstrumentAdvice<double> { HistogramBucketBoundaries = _trySeconds });
        _inFlight = meter.CreateUpDownCounter<long>("paycore_notify_in_flight", null, "Tries under way.");
        _queueConnected = meter.CreateUpDownCounter<long>("paycore_notify_queue_connected", null, "Connections to the queue's broker: 1, or 0 while it is away.");
        _wakesDropped = meter.CreateCounter<long>("paycore_notify_wakes_dropped", null, "Wake-ups that had no place; the sweep finds their deliveries.");
    }

    public void QueueConnected(int change) => _queueConnected.Add(change);

    public void WakeDropped() => _wakesDropped.Add(1);

    public void Started() => _inFlight.Add(1);

    public void Ended() => _inFlight.Add(-1);

    public void FirstTry(TimeSpan sinceEvent) => _delay.Record(Math.Max(0, sinceEvent.TotalSeconds));

    public void Result(string result, TimeSpan took)
    {
        _tries.Add(1, new KeyValuePair<string, object?>("result", result));
        _duration.Record(took.TotalSeconds);
    }
}
