using Grpc.Core;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using PayCore.Contracts.V1;
using PayCore.ServiceDefaults;
using DatabaseClient = PayCore.Contracts.V1.PayDatabase.PayDatabaseClient;

namespace PayCore.OrderMonitor;

/// <summary>
/// Gives committed events their number in the app's feed: after the commit, by one instance at a time, so that no reader of the feed ever sees a number and later
/// a smaller one.
/// </summary>
internal sealed class EventNumbering(DatabaseClient database, IdFactory ids, IOptions<MonitorOptions> options, TimeProvider time, ILogger<EventNumbering> log)
    : BackgroundService
{
    private const int AtOnce = 500;
    private readonly string _holder = ids.NewHolderId();

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            if (await NumberAsync() < AtOnce)
            {
                try
                {
                    await Task.Delay(options.Value.NumberEventsEvery, time, stoppingToken);
                }
                catch (OperationCanceledException)
                {
                    return;
                }
            }
        }
    }

    private async Task<int> NumberAsync()
    {
        try
        {
            var reply = await database.NumberEventsAsync(
                new NumberEventsRequest { Holder = _holder, LeaseSeconds = (int)options.Value.Lease.TotalSeconds, Limit = AtOnce });
            return reply.Numbered;
        }
        catch (RpcException e)
        {
            log.LogWarning("Events could not be numbered: {Status}", e.Status);
            return 0;
        }
#pragma warning disable CA1031 // A bug here must not take the process, which may be the whole of PayCore, with it.
        catch (Exception e)
        {
            log.LogError(e, "Events could not be numbered");
            return 0;
        }
#pragma warning restore CA1031
    }
}
