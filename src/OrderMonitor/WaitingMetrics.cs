using System.Diagnostics;
using System.Diagnostics.Metrics;
using Google.Protobuf.Reflection;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using PayCore.Contracts.V1;
using DatabaseClient = PayCore.Contracts.V1.PayDatabase.PayDatabaseClient;
using ExceptionKind = PayCore.Contracts.V1.ExceptionItem.Types.Kind;
using StuckKind = PayCore.Contracts.V1.StuckMoney.Types.Kind;

namespace PayCore.OrderMonitor;

/// <summary>
/// Measures what waits: exception items for a person, money for a channel's word, notifications for a merchant. Every kind is told of, also with 0, so that an alert rule
/// sees it end. Each instance tells of the whole: a query takes the largest, not the sum.
/// </summary>
internal sealed class WaitingMetrics : BackgroundService
{
    /// <summary>The name of the meter and of the source of activities.</summary>
    public const string Name = "PayCore.OrderMonitor";

    /// <summary>One activity <c>monitor.look</c> for each look, one <c>monitor.statements</c> for each round of statements, one <c>monitor.alerts</c> for each message to people.</summary>
    public static readonly ActivitySource Source = new(Name);

    // The currency of a kind of which nothing is stuck.
    private const string UsualCurrency = "CNY";

    private static readonly IReadOnlyList<(ExceptionKind Kind, string Name)> _exceptionKinds =
        [.. Kinds(ExceptionItem.Descriptor).Select(v => ((ExceptionKind)v.Number, v.Name))];

    private static readonly IReadOnlyList<(StuckKind Kind, string Name)> _stuckKinds = [.. Kinds(StuckMoney.Descriptor).Select(v => ((StuckKind)v.Number, v.Name))];

    private readonly DatabaseClient _database;
    private readonly IOptions<MonitorOptions> _options;
    private readonly TimeProvider _time;
    private readonly ILogger<WaitingMetrics> _log;
    private IReadOnlyDictionary<ExceptionKind, ExceptionSummary>? _open;
    private SummarizeWaitingReply? _waiting;

    public WaitingMetrics(DatabaseClient database, IMeterFactory meters, IOptions<MonitorOptions> options, TimeProvider time, ILogger<WaitingMetrics> log)
    {
        (_database, _options, _time, _log) = (database, options, time, log);
        var meter = meters.Create(Name);
        meter.CreateObservableGauge("paycore_exceptions_open", () => Exceptions(s => s?.Open ?? 0), null, "Exception items that nobody settled.");
        meter.CreateObservableGauge("paycore_exceptions_oldest_age", () => Exceptions(s => Age(s?.OldestTime)), "s", "Age of the oldest exception item that nobody settled.");
        meter.CreateObservableGauge("paycore_stuck", () => Stuck(s => s?.Count ?? 0), null, "Orders, refunds and transfers that are undecided.");
        meter.CreateObservableGauge("paycore_stuck_amount_minor", () => Stuck(s => s?.AmountMinor ?? 0), null, "Their money, in minor units.");
        meter.CreateObservableGauge("paycore_stuck_oldest_age", () => Stuck(s => Age(s?.OldestTime)), "s", "Since when the oldest of them is undecided.");
        meter.CreateObservableGauge("paycore_notify_backlog", Backlog, null, "Notifications that are due and not taken, that wait for a later try, and that are dead.");
        meter.CreateObservableGauge(
            "paycore_notify_oldest_due_age", () => Waiting(w => [new Measurement<long>(Age(w.OldestDeliveryDueTime))]), "s", "Since when the oldest notification is due and not taken.");
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            await CountAsync();
            try
            {
                await Task.Delay(_options.Value.CountEvery, _time, stoppingToken);
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
    }

    private static IEnumerable<EnumValueDescriptor> Kinds(MessageDescriptor message) => message.FindDescriptor<EnumDescriptor>("Kind").Values.Where(v => v.Number != 0);

    private async Task CountAsync()
    {
        try
        {
            _open = (await _database.SummarizeExceptionsAsync(new SummarizeExceptionsRequest())).Summaries.ToDictionary(s => s.Kind);
            _waiting = await _database.SummarizeWaitingAsync(new SummarizeWaitingRequest());
        }
        catch (RpcException e)
        {
            // What was counted last would lie about now.
            (_open, _waiting) = (null, null);
            _log.LogWarning("What waits could not be counted: {Status}", e.Status);
        }
#pragma warning disable CA1031 // A bug here must not take the process, which may be the whole of PayCore, with it.
        catch (Exception e)
        {
            (_open, _waiting) = (null, null);
            _log.LogError(e, "What waits could not be counted");
        }
#pragma warning restore CA1031
    }

    private IEnumerable<Measurement<long>> Exceptions(Func<ExceptionSummary?, long> value) => _open is not { } open
        ? []
        : _exceptionKinds.Select(k => new Measurement<long>(value(open.GetValueOrDefault(k.Kind)), Label("kind", k.Name)));

    private IEnumerable<Measurement<long>> Stuck(Func<StuckMoney?, long> value) => Waiting(waiting => _stuckKinds.SelectMany(k =>
    {
        var found = waiting.Stuck.Where(s => s.Kind == k.Kind).Select(s => (StuckMoney?)s).ToList();
        return (found.Count > 0 ? found : [null]).Select(s => new Measurement<long>(value(s), Label("kind", k.Name), Label("currency", s?.Currency ?? UsualCurrency)));
    }));

    private IEnumerable<Measurement<long>> Backlog() => Waiting(waiting =>
    [
        new Measurement<long>(waiting.DeliveriesDue, Label("state", "due")),
        new Measurement<long>(waiting.DeliveriesWaiting, Label("state", "later")),
        new Measurement<long>(waiting.DeliveriesDead, Label("state", "dead")),
    ]);

    private IEnumerable<Measurement<long>> Waiting(Func<SummarizeWaitingReply, IEnumerable<Measurement<long>>> measure) => _waiting is { } waiting ? measure(waiting) : [];

    private static KeyValuePair<string, object?> Label(string name, string value) => new(name, value);

    private long Age(Timestamp? since) => since is null ? 0 : (long)(_time.GetUtcNow() - since.ToDateTimeOffset()).TotalSeconds;
}
