using System.Threading.Channels;
using Microsoft.Extensions.Options;

namespace PayCore.NotifyGateway.Queue;

/// <summary>The queue inside one process. It drops what does not fit.</summary>
public sealed class InProcessWakeQueue(IOptions<NotifyOptions> options) : IWakeQueue
{
    private const int ReadMax = 500;

    private readonly Channel<string> _channel =
        Channel.CreateBounded<string>(new BoundedChannelOptions(options.Value.QueueMax) { FullMode = BoundedChannelFullMode.DropWrite });

    /// <inheritdoc/>
    public ValueTask PublishAsync(IReadOnlyCollection<string> deliveryIds, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(deliveryIds);
        foreach (var id in deliveryIds)
        {
            _channel.Writer.TryWrite(id);
        }

        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<string>> ReadAsync(CancellationToken cancellation)
    {
        var ids = new List<string> { await _channel.Reader.ReadAsync(cancellation) };
        while (ids.Count < ReadMax && _channel.Reader.TryRead(out var id))
        {
            ids.Add(id);
        }

        return ids;
    }
}
