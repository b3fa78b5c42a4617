using System.Text;
using System.Threading.Channels;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;
using RabbitMQ.Client.Exceptions;

namespace PayCore.NotifyGateway.Queue;

/// <summary>
/// One connection to the broker, from its opening to its end: the queue is declared anew each time, so that a wiped broker or a deleted queue heals by the next one.
/// Anything unexpected ends it: connection or channel closed, consumer cancelled, a publication not confirmed.
/// </summary>
internal sealed class RabbitSession : IAsyncDisposable
{
    private const ushort Prefetch = 256;
    private const int PublishMax = 50;
    private const int LengthMax = 100_000;

    private static readonly TimeSpan _connectLimit = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan _answerLimit = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan _deleteLimit = TimeSpan.FromSeconds(30);
    private static readonly BasicProperties _persistent = new() { Persistent = true };

    private readonly IConnection _connection;
    private readonly string _queue;
    private readonly TimeProvider _time;
    private readonly CancellationTokenSource _over = new();
    private IChannel _consuming = null!;
    private IChannel _publishing = null!;
    private Exception? _cause;

    private RabbitSession(IConnection connection, string queue, TimeProvider time) => (_connection, _queue, _time) = (connection, queue, time);

    /// <summary>Connects, declares the queue and begins to take from it.</summary>
    /// <param name="options">Where, and which queue.</param>
    /// <param name="time">The clock of limits.</param>
    /// <param name="received">Takes a message with its tag; it stays unacknowledged, and when it waits, the broker sends no more than <see cref="Prefetch"/>.</param>
    /// <param name="cancellation">Ends it.</param>
    public static async Task<RabbitSession> OpenAsync(
        RabbitMqOptions options, TimeProvider time, Func<RabbitSession, ulong, ReadOnlyMemory<byte>, ValueTask> received, CancellationToken cancellation)
    {
        var uri = new Uri(options.Uri);
        var factory = new ConnectionFactory
        {
            Uri = uri,
            ClientProvidedName = "paycore-notify",
            // Coming back is the queue's own work: bounded, by the injected clock, and with the queue declared anew.
            AutomaticRecoveryEnabled = false,
            TopologyRecoveryEnabled = false,
            RequestedConnectionTimeout = _connectLimit,
            HandshakeContinuationTimeout = _answerLimit,
            ContinuationTimeout = _deleteLimit,
            RequestedHeartbeat = TimeSpan.FromSeconds(10),
        };
        factory.Ssl.AcceptablePolicyErrors = System.Net.Security.SslPolicyErrors.None;
        factory.Ssl.ServerName = uri.Host;
        var session = new RabbitSession(await factory.CreateConnectionAsync(cancellation), options.Name, time);
        try
        {
            await session.BeginAsync(received, cancellation);
            return session;
        }
        catch
        {
            await session.DisposeAsync();
            throw;
        }
    }

    /// <summary>Publishes what comes until the session is over. What was not confirmed is given back.</summary>
    public async Task PublishAsync(ChannelReader<string> outgoing, Action<string> giveBack, CancellationToken cancellation)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellation, _over.Token);
        try
        {
            while (await outgoing.WaitToReadAsync(end.Token))
            {
                await PublishAsync(Take(outgoing), giveBack, end.Token);
            }
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            throw _cause ?? new TimeoutException("It did not confirm in time.");
        }
    }

    /// <summary>Acknowledges a message and all before it. Without the session they come again, which does no harm.</summary>
    public async Task AcknowledgeAsync(ulong tag, CancellationToken cancellation)
    {
        try
        {
            await _consuming.BasicAckAsync(tag, multiple: true, cancellation);
        }
        catch (Exception e) when (e is OperationInterruptedException or ObjectDisposedException or IOException)
        {
            await End(e);
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        try
        {
            await _connection.CloseAsync(Constants.ReplySuccess, "Goodbye", _connectLimit, abort: true, CancellationToken.None);
        }
#pragma warning disable CA1031 // It is over, one way or the other.
        catch
        {
        }
#pragma warning restore CA1031

        await _connection.DisposeAsync();
    }

    private async Task BeginAsync(Func<RabbitSession, ulong, ReadOnlyMemory<byte>, ValueTask> received, CancellationToken cancellation)
    {
        _connection.ConnectionShutdownAsync += (_, e) => End(e);
        _publishing = await _connection.CreateChannelAsync(
            new CreateChannelOptions(publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: true), cancellation);
        _publishing.ChannelShutdownAsync += (_, e) => End(e);
        _consuming = await _connection.CreateChannelAsync(cancellationToken: cancellation);
        _consuming.ChannelShutdownAsync += (_, e) => End(e);
        try
        {
            using var limit = new CancellationTokenSource(_answerLimit, _time);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellation, limit.Token);
            await ConsumeAsync(received, either.Token);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            // A broker that was killed just after it made a quorum queue may never elect its leader again. What is in it is worth nothing: the next session makes it anew.
            await using var deleting = await _connection.CreateChannelAsync(cancellationToken: cancellation);
            await deleting.QueueDeleteAsync(_queue, cancellationToken: cancellation);
            throw new TimeoutException("The queue did not answer and was deleted.");
        }
    }

    private async Task ConsumeAsync(Func<RabbitSession, ulong, ReadOnlyMemory<byte>, ValueTask> received, CancellationToken cancellation)
    {
        // Wake-ups grow old in seconds: neither they nor their number may weigh on a broker that nobody reads from.
        await _consuming.QueueDeclareAsync(
            _queue, durable: true, exclusive: false, autoDelete: false,
            new Dictionary<string, object?> { ["x-queue-type"] = "quorum", ["x-max-length"] = LengthMax, ["x-message-ttl"] = 60_000 },
            cancellationToken: cancellation);
        await _consuming.BasicQosAsync(0, Prefetch, global: false, cancellation);
        var consumer = new AsyncEventingBasicConsumer(_consuming);
        consumer.ReceivedAsync += (_, message) => received(this, message.DeliveryTag, message.Body).AsTask();
        consumer.UnregisteredAsync += (_, _) => End(new OperationCanceledException("The broker took the queue away."));
        await _consuming.BasicConsumeAsync(_queue, autoAck: false, consumer, cancellation);
    }

    private static List<string> Take(ChannelReader<string> outgoing)
    {
        var ids = new List<string>();
        while (ids.Count < PublishMax && outgoing.TryRead(out var id))
        {
            ids.Add(id);
        }

        return ids;
    }

    private async Task PublishAsync(List<string> ids, Action<string> giveBack, CancellationToken cancellation)
    {
        using var limit = new CancellationTokenSource(_answerLimit, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellation, limit.Token);
        try
        {
            // Mandatory: what no queue takes comes back as a failure, which ends the session and has the next one declare the queue.
            await Task.WhenAll(ids.Select(id =>
                _publishing.BasicPublishAsync("", _queue, mandatory: true, _persistent, Encoding.ASCII.GetBytes(id), either.Token).AsTask()));
        }
        catch
        {
            ids.ForEach(giveBack);
            throw;
        }
    }

    private Task End(ShutdownEventArgs e) => End(e.Exception ?? new OperationInterruptedException(e));

    private Task End(Exception cause)
    {
        Interlocked.CompareExchange(ref _cause, cause, null);
        return _over.CancelAsync();
    }
}
