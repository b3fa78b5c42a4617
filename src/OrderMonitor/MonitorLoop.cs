using Grpc.Core;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using PayCore.Contracts.V1;
using DatabaseClient = PayCore.Contracts.V1.PayDatabase.PayDatabaseClient;

namespace PayCore.OrderMonitor;

/// <summary>Takes due orders, oldest first, and has each looked at. Several instances share the work by taking.</summary>
internal sealed class MonitorLoop(
    OrderWatch watch, DatabaseClient database, IOptions<MonitorOptions> options, TimeProvider time, ILogger<MonitorLoop> log) : BackgroundService
{
    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            var taken = await TakeAsync();
            if (taken.Count > 0)
            {
                using var slots = new SemaphoreSlim(options.Value.AtOnce);
                await Task.WhenAll(taken.Select(order => LookAsync(order, slots)));
            }

            if (taken.Count < options.Value.TakeMax)
            {
                try
                {
                    await Task.Delay(options.Value.SweepEvery, time, stoppingToken);
                }
                catch (OperationCanceledException)
                {
                    return;
                }
            }
        }
    }

    private async Task<IReadOnlyList<StoredOrder>> TakeAsync()
    {
        try
        {
            var reply = await database.ClaimDueOrdersAsync(new ClaimDueOrdersRequest
            {
                Limit = options.Value.TakeMax,
                LeaseSeconds = (int)options.Value.Lease.TotalSeconds,
            });
            return reply.Orders;
        }
        catch (RpcException e)
        {
            log.LogWarning("Due orders could not be taken: {Status}", e.Status);
            return [];
        }
    }

    private async Task LookAsync(StoredOrder order, SemaphoreSlim slots)
    {
        await slots.WaitAsync();
        try
        {
            await watch.LookAsync(order);
        }
        catch (RpcException e)
        {
            // The lease ends by itself and the order is due again.
            log.LogWarning("Order {OrderId} could not be rescheduled: {Status}", order.Order.Id, e.Status);
        }
        finally
        {
            slots.Release();
        }
    }
}
