using Grpc.Core;
using Microsoft.Extensions.Logging;
using PayCore.Contracts.V1;
using DatabaseClient = PayCore.Contracts.V1.PayDatabase.PayDatabaseClient;

namespace PayCore.NotifyGateway;

/// <summary>Keeps a taken delivery ours while its try runs, and says when it is ours no longer.</summary>
internal sealed class DeliveryLease : IAsyncDisposable
{
    private readonly DatabaseClient _database;
    private readonly Delivery _delivery;
    private readonly NotifyOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly CancellationTokenSource _lost = new();
    private readonly CancellationTokenSource _done = new();
    private readonly Task _renewing;

    /// <summary>Begins to renew a lease.</summary>
    /// <param name="database">Where it is.</param>
    /// <param name="delivery">As the claim gave it.</param>
    /// <param name="takenAt">When the claim was asked for: the lease is not older.</param>
    /// <param name="options">Its length, and how often it is renewed.</param>
    /// <param name="time">The clock.</param>
    /// <param name="log">For a lost lease.</param>
    public DeliveryLease(DatabaseClient database, Delivery delivery, DateTimeOffset takenAt, NotifyOptions options, TimeProvider time, ILogger log)
    {
        (_database, _delivery, _options, _time, _log) = (database, delivery, options, time, log);
        Until = takenAt + options.Lease;
        Lost = _lost.Token;
        _renewing = RenewAsync(takenAt);
    }

    /// <summary>Cancelled when another worker may have the delivery. Nothing is written from then on.</summary>
    public CancellationToken Lost { get; }

    /// <summary>Ours at least until then.</summary>
    public DateTimeOffset Until { get; private set; }

    /// <summary>Ends renewing. The lease itself runs out, or ended with the record of the try.</summary>
    public async ValueTask DisposeAsync()
    {
        await _done.CancelAsync();
        await _renewing.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _done.Dispose();
        _lost.Dispose();
    }

    private async Task RenewAsync(DateTimeOffset renewedAt)
    {
        while (true)
        {
            var asked = renewedAt + _options.RenewEvery;
            var wait = asked - _time.GetUtcNow();
            await Task.Delay(wait > TimeSpan.Zero ? wait : TimeSpan.Zero, _time, _done.Token);
            renewedAt = _time.GetUtcNow();
            var ours = true;
            try
            {
                var reply = await _database.RenewDeliveryAsync(
                    new RenewDeliveryRequest
                    {
                        DeliveryId = _delivery.DeliveryId,
                        Version = _delivery.Version,
                        LeaseSeconds = (int)_options.Lease.TotalSeconds,
                    },
                    cancellationToken: _done.Token);
                ours = reply.Renewed;
                Until = ours ? renewedAt + _options.Lease : Until;
            }
            catch (RpcException e) when (!_done.IsCancellationRequested)
            {
                _log.LogWarning("The lease of delivery {DeliveryId} could not be renewed: {Status}", _delivery.DeliveryId, e.Status);
            }

            if (!ours || _time.GetUtcNow() >= Until)
            {
                _log.LogWarning("Delivery {DeliveryId} was taken over: its lease was lost during a try", _delivery.DeliveryId);
                await _lost.CancelAsync();
                return;
            }
        }
    }
}
