using System.Text;
using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using PayCore.ServiceDefaults;

namespace PayCore.NotifyGateway.Queue;

/// <summary>
/// RabbitMQ between the instances: each wake-up goes to one of them. Without the broker an instance wakes its own worker, so that what is lost costs at most the
/// time to the next sweep of another one. What waits here for the broker or the worker is bounded; more is dropped.
/// </summary>
internal sealed class RabbitWakeQueue(
    IOptions<QueueOptions> options, IOptions<NotifyOptions> notify, NotifyTelemetry telemetry, RandomSource random, TimeProvider time, ILogger<RabbitWakeQueue> log)
    : IWakeQueue
{
    private const int ReadMax = 500;

    private static readonly TimeSpan _backOffFirst = TimeSpan.FromSeconds(0.5);
    private static readonly TimeSpan _backOffMax = TimeSpan.FromSeconds(5);

    private readonly RabbitMqOptions _options = options.Value.RabbitMq;
    private readonly Channel<string> _outgoing = Channel.CreateBounded<string>(notify.Value.QueueMax);
    private readonly Channel<Wake> _incoming = Channel.CreateBounded<Wake>(notify.Value.QueueMax);
    private volatile bool _connected;
    private string _away = "";

    /// <summary>Wake-ups go by the broker.</summary>
    public bool IsConnected => _connected;

    /// <inheritdoc/>
    public ValueTask PublishAsync(IReadOnlyCollection<string> deliveryIds, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(deliveryIds);
        foreach (var id in deliveryIds)
        {
            if (!_connected || !_outgoing.Writer.TryWrite(id))
            {
                WakeHere(id);
            }
        }

        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<string>> ReadAsync(CancellationToken cancellation)
    {
        var taken = new List<Wake> { await _incoming.Reader.ReadAsync(cancellation) };
        while (taken.Count < ReadMax && _incoming.Reader.TryRead(out var wake))
        {
            taken.Add(wake);
        }

        // Tags rise within a session, so its last one acknowledges all that were taken.
        foreach (var last in taken.Where(w => w.From is not null).GroupBy(w => w.From).Select(g => g.Last()))
        {
            await last.From!.AcknowledgeAsync(last.Tag, cancellation);
        }

        return [.. taken.Select(w => w.DeliveryId)];
    }

    /// <inheritdoc/>
    public async Task RunAsync(CancellationToken cancellation)
    {
        var wait = _backOffFirst;
        while (!cancellation.IsCancellationRequested)
        {
            try
            {
                await using var session = await RabbitSession.OpenAsync(_options, time, (from, tag, body) => _incoming.Writer.WriteAsync(
                    new Wake(Encoding.ASCII.GetString(body.Span), from, tag), cancellation), cancellation);
                Connected();
                wait = _backOffFirst;
                await session.PublishAsync(_outgoing.Reader, WakeHere, cancellation);
            }
            catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
            {
                break;
            }
#pragma warning disable CA1031 // Whatever the broker, its client or the network does, deliveries go on without it.
            catch (Exception e)
            {
                Lost(e);
            }
#pragma warning restore CA1031

            // At random within the second half of the time, so that instances do not all come back at once.
            await Task.Delay(wait * (0.5 + (random.NextDouble() / 2)), time, cancellation).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            wait = wait * 2 < _backOffMax ? wait * 2 : _backOffMax;
        }

        Disconnect();
    }

    private void WakeHere(string deliveryId)
    {
        if (!_incoming.Writer.TryWrite(new Wake(deliveryId, null, 0)))
        {
            telemetry.WakeDropped();
        }
    }

    private void Connected()
    {
        _connected = true;
        telemetry.QueueConnected(1);
        if (_away.Length > 0)
        {
            log.LogInformation("RabbitMQ answers again");
        }

        _away = "";
    }

    /// <summary>The cause without the exception: nothing of the broker's address with its password gets into a log.</summary>
    private void Lost(Exception e)
    {
        Disconnect();
        var cause = RabbitCause.Of(e, _options.Name);
        log.Log(cause == _away ? LogLevel.Debug : LogLevel.Warning, "RabbitMQ is not used: {Cause} Merchants are told all the same, by the sweep", cause);
        _away = cause;
    }

    private void Disconnect()
    {
        if (_connected)
        {
            telemetry.QueueConnected(-1);
        }

        _connected = false;
        while (_outgoing.Reader.TryRead(out var id))
        {
            WakeHere(id);
        }
    }

    private sealed record Wake(string DeliveryId, RabbitSession? From, ulong Tag);
}
