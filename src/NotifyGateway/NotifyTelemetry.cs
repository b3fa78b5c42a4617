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

    private readonly Counter<long> _tries;
    private readonly Histogram<double> _delay;
    private readonly UpDownCounter<long> _inFlight;

    public NotifyTelemetry(IMeterFactory meters)
    {
        var meter = meters.Create(Name);
        _tries = meter.CreateCounter<long>("notify_tries", "{try}", "Tries to tell a merchant, by result.");
        _delay = meter.CreateHistogram<double>("notify_delay", "s", "From the event to the start of its first try.");
        _inFlight = meter.CreateUpDownCounter<long>("notify_in_flight", "{try}", "Tries under way.");
    }

    public void Started() => _inFlight.Add(1);

    public void Ended() => _inFlight.Add(-1);

    public void FirstTry(TimeSpan sinceEvent) => _delay.Record(Math.Max(0, sinceEvent.TotalSeconds));

    public void Result(string result) => _tries.Add(1, new KeyValuePair<string, object?>("result", result));
}
