using System.Threading.Channels;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using PayCore.Contracts.V1;
using PayCore.NotifyGateway.Queue;
using DatabaseClient = PayCore.Contracts.V1.PayDatabase.PayDatabaseClient;

namespace PayCore.NotifyGateway;

/// <summary>
/// Takes due deliveries and has each tried. One loop decides everything; it never waits for the database or a merchant, but is told when they
/// answered: woken by the queue, by the sweep, by a claim, by the end of a try. Several instances share the work by claiming.
/// </summary>
internal sealed class NotifyWorker(
    DatabaseClient database, IWakeQueue queue, TryRunner tries, IOptions<NotifyOptions> options, TimeProvider time, ILogger<NotifyWorker> log)
    : BackgroundService
{
    // Larger replies hold up everything behind them.
    private const int ClaimMax = 256;

    private static readonly TimeSpan _queueAgainAfter = TimeSpan.FromSeconds(1);

    private readonly NotifyOptions _options = options.Value;
    private readonly EndpointBook _endpoints = new(options.Value);
    private readonly Channel<Message> _inbox = Channel.CreateUnbounded<Message>(new UnboundedChannelOptions { SingleReader = true });
    private readonly CancellationTokenSource _abandon = new();
    private readonly Dictionary<RunningTry, Task> _running = [];
    private Task _claim = Task.CompletedTask;
    private bool _claiming;
    private bool _claimWanted;
    private bool _databaseAway;

    private abstract record Message;

    private sealed record Woken : Message;

    private sealed record Swept : Message;

    private sealed record Claimed(IReadOnlyList<Delivery> Deliveries, bool MayBeMore, DateTimeOffset At) : Message;

    private sealed record Ended(RunningTry Try, string? Result) : Message;

    private sealed record Pulled(Endpoint Endpoint, int Count, bool MayBeMore) : Message;

    /// <inheritdoc/>
    public override void Dispose()
    {
        _abandon.Dispose();
        base.Dispose();
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        Task[] sources = [SweepAsync(stoppingToken), FollowQueueAsync(stoppingToken), queue.RunAsync(stoppingToken)];
        try
        {
            Post(new Woken());
            await foreach (var message in _inbox.Reader.ReadAllAsync(stoppingToken))
            {
                try
                {
                    Handle(message);
                    Continue();
                }
#pragma warning disable CA1031 // A bug here must not take the process, which may be the whole of PayCore, with it.
                catch (Exception e)
                {
                    log.LogError(e, "The worker's loop failed unexpectedly");
                }
#pragma warning restore CA1031
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            await EndAsync();
        }

        await Task.WhenAll(sources);
    }

    private void Handle(Message message)
    {
        switch (message)
        {
            case Woken:
                _claimWanted = true;
                break;

            case Swept:
                _claimWanted = true;
                GiveBackStale();
                _endpoints.Tidy();
                break;

            case Claimed claimed:
                _claiming = false;
                _claimWanted |= claimed.MayBeMore;
                Admit(claimed);
                break;

            case Ended ended:
                End(ended.Try, ended.Result);
                break;

            case Pulled pulled:
                pulled.Endpoint.Pulling = false;
                pulled.Endpoint.HasLine = pulled.MayBeMore;
                _claimWanted |= pulled.Count > 0;
                break;
        }
    }

    /// <summary>Uses what became free: places for waiting deliveries first, then a claim for more.</summary>
    private void Continue()
    {
        while (_endpoints.TryTakeWaiting(time.GetUtcNow(), out var endpoint, out var taken))
        {
            Start(endpoint, taken);
        }

        if (_claimWanted && !_claiming && _endpoints.Free > 0)
        {
            _claimWanted = false;
            _claiming = true;
            _claim = ClaimAsync(Math.Min(_endpoints.Free, ClaimMax));
        }
    }

    private async Task ClaimAsync(int limit)
    {
        var at = time.GetUtcNow();
        var reply = new ClaimDueDeliveriesReply();
        try
        {
            reply = await database.ClaimDueDeliveriesAsync(
                new ClaimDueDeliveriesRequest { Limit = limit, LeaseSeconds = (int)_options.Lease.TotalSeconds });
            _databaseAway = false;
        }
        catch (RpcException e)
        {
            // The sweep asks again; one line tells of it.
            log.Log(_databaseAway ? LogLevel.Debug : LogLevel.Warning, "Due deliveries could not be taken: {Status}", e.Status);
            _databaseAway = true;
        }
#pragma warning disable CA1031 // Without a message at the end nothing would be claimed any more.
        catch (Exception e)
        {
            log.LogError(e, "Claiming failed unexpectedly");
        }
#pragma warning restore CA1031

        Post(new Claimed(reply.Deliveries, reply.Deliveries.Count >= limit, at));
    }

    /// <summary>Starts what was taken, or lets it wait here; what may do neither goes into its endpoint's line.</summary>
    private void Admit(Claimed claimed)
    {
        var now = time.GetUtcNow();
        var noPlace = new List<(Endpoint, TakenDelivery)>();
        foreach (var delivery in claimed.Deliveries)
        {
            var endpoint = _endpoints.Of(delivery.Url);
            var taken = new TakenDelivery(delivery, claimed.At);
            endpoint.HasLine |= delivery.WaitsFor.Length > 0;
            if (endpoint.Waiting.Count == 0 && _endpoints.HasPlace(endpoint, delivery, now))
            {
                Start(endpoint, taken);
            }
            else if (_endpoints.MayWait(endpoint, delivery, now))
            {
                _endpoints.Wait(endpoint, taken);
            }
            else
            {
                noPlace.Add((endpoint, taken));
            }
        }

        LineUp(noPlace);
    }

    private void Start(Endpoint endpoint, TakenDelivery taken)
    {
        var running = _endpoints.Start(endpoint, time.GetUtcNow());
        _running.Add(running, TryAsync(running, taken));
    }

    private async Task TryAsync(RunningTry running, TakenDelivery taken)
    {
        string? result = null;
        try
        {
            result = await tries.RunAsync(taken.Delivery, taken.TakenAt, _abandon.Token);
        }
#pragma warning disable CA1031 // A bug in one try must not end all others; its lease runs out and the delivery is tried again.
        catch (Exception e)
        {
            log.LogError(e, "A try of delivery {DeliveryId} failed unexpectedly", taken.Delivery.DeliveryId);
        }
#pragma warning restore CA1031

        Post(new Ended(running, result));
    }

    private void End(RunningTry running, string? result)
    {
        _running.Remove(running);
        var endpoint = running.Endpoint;
        var failures = endpoint.FailuresInRow;
        bool? delivered = result is null or TryResults.NoSecret ? null : result == TryResults.Delivered;
        _endpoints.End(running, time.GetUtcNow(), delivered);
        if (delivered == true && _endpoints.RoomForLine(endpoint, time.GetUtcNow()) is > 0 and var room)
        {
            endpoint.Pulling = true;
            _ = PullAsync(endpoint, room);
        }

        if (delivered == true && failures >= _options.WarnAfterFailures)
        {
            log.LogInformation("Endpoint {Endpoint} acknowledges again after {Failures} failures", endpoint.Name, failures);
        }
        else if (delivered == false && endpoint.FailuresInRow == _options.ProbeAfterFailures)
        {
            log.LogError(
                "Endpoint {Endpoint} failed {Failures} times in a row, the last time with {Result}; it gets one try every {ProbeEvery}",
                endpoint.Name, endpoint.FailuresInRow, result, _options.ProbeEvery);
            GiveBackStale();
        }
        else if (delivered == false && endpoint.FailuresInRow == _options.WarnAfterFailures)
        {
            log.LogWarning(
                "Endpoint {Endpoint} failed {Failures} times in a row, the last time with {Result}", endpoint.Name, endpoint.FailuresInRow, result);
        }
    }

    /// <summary>A waiting delivery is not renewed: it goes back while its lease is long enough for somebody's try.</summary>
    private void GiveBackStale() => LineUp(_endpoints.TakeStale(time.GetUtcNow() - _options.RenewEvery));

    /// <summary>Gives deliveries back into the lines of their endpoints. Nobody waits for that: until it is done, their leases keep them out of the way.</summary>
    private void LineUp(IReadOnlyList<(Endpoint Endpoint, TakenDelivery Taken)> noPlace)
    {
        foreach (var at in noPlace.GroupBy(n => n.Endpoint))
        {
            at.Key.HasLine = true;
            var (first, every) = _endpoints.Turns(at.Key, time.GetUtcNow());
            foreach (var some in at.Chunk(ClaimMax))
            {
                _ = LineUpAsync(new LineUpDeliveriesRequest
                {
                    Endpoint = at.Key.Name,
                    Deliveries = { some.Select(s => new LineUpDeliveriesRequest.Types.Taken { DeliveryId = s.Taken.Delivery.DeliveryId, Version = s.Taken.Delivery.Version }) },
                    FirstTime = first.ToTimestamp(),
                    EveryMs = Math.Max(1, (long)every.TotalMilliseconds),
                });
            }
        }
    }

    private async Task LineUpAsync(LineUpDeliveriesRequest request)
    {
        try
        {
            await database.LineUpDeliveriesAsync(request);
        }
        catch (RpcException e)
        {
            // Their leases run out by themselves.
            log.LogDebug("{Count} deliveries to {Endpoint} could not be lined up: {Status}", request.Deliveries.Count, request.Endpoint, e.Status);
        }
    }

    /// <summary>Makes some of an endpoint's line due at once: it acknowledges, and has places.</summary>
    private async Task PullAsync(Endpoint endpoint, int room)
    {
        var pulled = new Pulled(endpoint, 0, MayBeMore: true);
        try
        {
            var reply = await database.PullDeliveriesAsync(new PullDeliveriesRequest { Endpoint = endpoint.Name, Limit = room });
            pulled = pulled with { Count = reply.Pulled, MayBeMore = reply.Pulled >= room };
        }
        catch (RpcException e)
        {
            // The next one that it acknowledges asks again.
            log.LogDebug("The line of {Endpoint} could not be pulled: {Status}", endpoint.Name, e.Status);
        }
#pragma warning disable CA1031 // Without a message at the end nothing of this line would be pulled any more.
        catch (Exception e)
        {
            log.LogError(e, "Pulling failed unexpectedly");
        }
#pragma warning restore CA1031

        Post(pulled);
    }

    /// <summary>Ends the lease of a delivery: whoever has a place takes it.</summary>
    private async Task GoBackAsync(Delivery delivery)
    {
        try
        {
            await database.RenewDeliveryAsync(new RenewDeliveryRequest { DeliveryId = delivery.DeliveryId, Version = delivery.Version, LeaseSeconds = 0 });
        }
        catch (RpcException e)
        {
            // Its lease runs out by itself.
            log.LogDebug("Delivery {DeliveryId} could not be given back: {Status}", delivery.DeliveryId, e.Status);
        }
    }

    private async Task SweepAsync(CancellationToken cancellation)
    {
        using var timer = new PeriodicTimer(_options.SweepEvery, time);
        try
        {
            while (await timer.WaitForNextTickAsync(cancellation))
            {
                Post(new Swept());
            }
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            // The process ends.
        }
    }

    private async Task FollowQueueAsync(CancellationToken cancellation)
    {
        while (!cancellation.IsCancellationRequested)
        {
            try
            {
                await queue.ReadAsync(cancellation);
                Post(new Woken());
            }
            catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
            {
                return;
            }
#pragma warning disable CA1031 // Whatever is wrong with the queue, the sweep does its work.
            catch (Exception e)
            {
                log.LogWarning(e, "The queue cannot be read; the sweep finds what it loses");
                await Task.Delay(_queueAgainAfter, time, cancellation).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
#pragma warning restore CA1031
        }
    }

    /// <summary>Takes nothing more, gives back what did not start, and lets the tries under way end up to a limit.</summary>
    private async Task EndAsync()
    {
        await _claim;
        var notStarted = _endpoints.TakeStale(DateTimeOffset.MaxValue).Select(s => s.Taken.Delivery).ToList();
        while (_inbox.Reader.TryRead(out var message))
        {
            if (message is Claimed claimed)
            {
                notStarted.AddRange(claimed.Deliveries);
            }
        }

        var ending = Task.WhenAll(_running.Values);
        try
        {
            await Task.WhenAll(notStarted.Select(GoBackAsync));
            await ending.WaitAsync(_options.StopTimeout, time);
        }
        catch (TimeoutException)
        {
            log.LogWarning("{Count} tries did not end in time; their leases run out", _running.Values.Count(t => !t.IsCompleted));
            await _abandon.CancelAsync();
            await ending;
        }
    }

    private void Post(Message message) => _inbox.Writer.TryWrite(message);
}
