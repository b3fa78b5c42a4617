using System.Diagnostics.Metrics;
using Google.Protobuf.Reflection;
using Grpc.Core;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using PayCore.Contracts.V1;
using DatabaseClient = PayCore.Contracts.V1.PayDatabase.PayDatabaseClient;
using Kind = PayCore.Contracts.V1.ExceptionItem.Types.Kind;

namespace PayCore.OrderMonitor;

/// <summary>Measures what waits for a person: how many items of each kind, and the age of the oldest. Every kind is told of, also with 0, so that an alert rule sees it end.</summary>
internal sealed class ExceptionMetrics : BackgroundService
{
    /// <summary>The name of the meter.</summary>
    public const string Name = "PayCore.OrderMonitor";

    private static readonly IReadOnlyList<(Kind Kind, string Name)> _kinds =
        [.. ExceptionItem.Descriptor.FindDescriptor<EnumDescriptor>(nameof(Kind)).Values.Where(v => v.Number != 0).Select(v => ((Kind)v.Number, v.Name))];

    private readonly DatabaseClient _database;
    private readonly IOptions<MonitorOptions> _options;
    private readonly TimeProvider _time;
    private readonly ILogger<ExceptionMetrics> _log;
    private IReadOnlyDictionary<Kind, ExceptionSummary>? _open;

    public ExceptionMetrics(DatabaseClient database, IMeterFactory meters, IOptions<MonitorOptions> options, TimeProvider time, ILogger<ExceptionMetrics> log)
    {
        (_database, _options, _time, _log) = (database, options, time, log);
        var meter = meters.Create(Name);
        meter.CreateObservableGauge("exceptions_open", () => Measure(s => s?.Open ?? 0), "{item}", "Exception items that nobody settled.");
        meter.CreateObservableGauge("exceptions_oldest_age", () => Measure(Age), "s", "Age of the oldest exception item that nobody settled.");
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            await CountAsync();
            try
            {
                await Task.Delay(_options.Value.CountExceptionsEvery, _time, stoppingToken);
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
    }

    private async Task CountAsync()
    {
        try
        {
            var reply = await _database.SummarizeExceptionsAsync(new SummarizeExceptionsRequest());
            _open = reply.Summaries.ToDictionary(s => s.Kind);
        }
        catch (RpcException e)
        {
            _log.LogWarning("Exception items could not be counted: {Status}", e.Status);
        }
    }

    private IEnumerable<Measurement<long>> Measure(Func<ExceptionSummary?, long> value) => _open is not { } open
        ? []
        : _kinds.Select(k => new Measurement<long>(value(open.GetValueOrDefault(k.Kind)), new KeyValuePair<string, object?>("kind", k.Name)));

    private long Age(ExceptionSummary? summary) => summary is null ? 0 : (long)(_time.GetUtcNow() - summary.OldestTime.ToDateTimeOffset()).TotalSeconds;
}
