using System.Diagnostics;
using System.Diagnostics.Metrics;
using PayCore.ServiceDefaults.Telemetry;

namespace PayCore.PayDatabase;

/// <summary>
/// What became of money, counted where it is decided and only after it is durable, and how the database keeps up. Each move counts once, also when a command was run
/// again or a callback came twice.
/// </summary>
public sealed class DatabaseMetrics
{
    /// <summary>The name of the meter and of the source of activities.</summary>
    public const string Name = "PayCore.PayDatabase";

    /// <summary>One activity <c>database.write</c> for each command that belongs to a trace.</summary>
    internal static readonly ActivitySource Source = new(Name);

    private const int AppsMax = 100;
    private static readonly double[] _paidSeconds = [0.5, 1, 2, 5, 10, 15, 30, 60, 75, 135, 300, 600, 1800, 3600, 21600, 86400];
    private static readonly double[] _writeSeconds = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 5];

    private readonly BoundedNames _apps = new(AppsMax);
    private readonly Meter _meter;
    private readonly Counter<long> _orders;
    private readonly Counter<long> _refunds;
    private readonly Counter<long> _transfers;
    private readonly Counter<long> _paidAmount;
    private readonly Counter<long> _refundedAmount;
    private readonly Counter<long> _transferredAmount;
    private readonly Histogram<double> _paidDelay;
    private readonly Histogram<double> _wait;
    private readonly Histogram<double> _commit;
    private readonly Counter<long> _writes;
    private readonly Counter<long> _rollbacks;

    /// <summary>Makes the instruments.</summary>
    public DatabaseMetrics(IMeterFactory meters)
    {
        ArgumentNullException.ThrowIfNull(meters);
        _meter = meters.Create(Name);
        _orders = _meter.CreateCounter<long>("paycore_orders", null, "Orders that reached a state.");
        _refunds = _meter.CreateCounter<long>("paycore_refunds", null, "Refunds that reached a state.");
        _transfers = _meter.CreateCounter<long>("paycore_transfers", null, "Transfers that reached a state.");
        _paidAmount = _meter.CreateCounter<long>("paycore_paid_amount_minor", null, "Money that users paid, in minor units, surplus included.");
        _refundedAmount = _meter.CreateCounter<long>("paycore_refunded_amount_minor", null, "Money that went back, in minor units.");
        _transferredAmount = _meter.CreateCounter<long>("paycore_transferred_amount_minor", null, "Money that was paid out, in minor units.");
        _paidDelay = Histogram("paycore_paid_delay", "From the provider's time of payment to PAID.", _paidSeconds);
        _wait = Histogram("paycore_write_wait", "How long a write waits before its transaction begins.", _writeSeconds);
        _commit = Histogram("paycore_commit_duration", "How long a transaction takes, its commit included.", _writeSeconds);
        _writes = _meter.CreateCounter<long>("paycore_writes", null, "Writes that are durable; a transaction holds one or several.");
        _rollbacks = _meter.CreateCounter<long>("paycore_rollbacks", null, "Transactions that were undone.");
    }

    internal void Order(string state, string channel, string scene, string appId) =>
        _orders.Add(1, new("state", state), new("channel", Shown(channel)), new("scene", scene), new("app_id", _apps.Of(appId)));

    internal void Paid(string channel, string currency, long amountMinor, string cause, TimeSpan delay)
    {
        _paidAmount.Add(amountMinor, new("channel", channel), new("currency", currency));
        _paidDelay.Record(Math.Max(0, delay.TotalSeconds), new("channel", channel), new("cause", cause));
    }

    internal void Refund(string state, string channel, string appId) =>
        _refunds.Add(1, new("state", state), new("channel", channel), new("app_id", _apps.Of(appId)));

    internal void Refunded(string channel, string currency, long amountMinor) =>
        _refundedAmount.Add(amountMinor, new("channel", channel), new("currency", currency));

    internal void Transfer(string state, string channel, string appId) =>
        _transfers.Add(1, new("state", state), new("channel", channel), new("app_id", _apps.Of(appId)));

    internal void Transferred(string channel, string currency, long amountMinor) =>
        _transferredAmount.Add(amountMinor, new("channel", channel), new("currency", currency));

    internal void WatchQueue(Func<int> depth) =>
        _meter.CreateObservableGauge("paycore_write_queue_depth", depth, null, "Writes that wait for a transaction.");

    internal void Waited(TimeSpan wait) => _wait.Record(wait.TotalSeconds);

    internal void Committed(TimeSpan took, int writes)
    {
        _commit.Record(took.TotalSeconds);
        _writes.Add(writes);
    }

    internal void RolledBack(string reason) => _rollbacks.Add(1, new KeyValuePair<string, object?>("reason", reason));

    private static string Shown(string channel) => channel.Length == 0 ? "none" : channel;

    private Histogram<double> Histogram(string name, string description, double[] buckets) =>
        _meter.CreateHistogram(name, "s", description, null, new InstrumentAdvice<double> { HistogramBucketBoundaries = buckets });
}
