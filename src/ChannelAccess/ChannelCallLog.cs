using System.Threading.Channels;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using PayCore.Contracts.V1;
using PayCore.ServiceDefaults;
using DatabaseClient = PayCore.Contracts.V1.PayDatabase.PayDatabaseClient;

namespace PayCore.ChannelAccess;

/// <summary>
/// Keeps what was asked of channels for the timelines: written behind, in groups. A call never waits for it, and when it cannot keep up or its process dies, lines of a
/// story are lost and nothing else.
/// </summary>
public sealed class ChannelCallLog(DatabaseClient database, IdFactory ids, TimeProvider time, ILogger<ChannelCallLog> log) : BackgroundService
{
    private const int WaitingMax = 10_000;
    private const int AtOnce = 500;
    private static readonly TimeSpan _pause = TimeSpan.FromMilliseconds(200);

    private readonly Channel<ChannelCall> _waiting = System.Threading.Channels.Channel.CreateBounded<ChannelCall>(
        new BoundedChannelOptions(WaitingMax) { FullMode = BoundedChannelFullMode.DropOldest, SingleReader = true });

    /// <summary>Keeps a call that has ended.</summary>
    /// <param name="call">What is known of it; id and duration are filled in.</param>
    /// <param name="began">The timestamp of its beginning.</param>
    internal void Keep(ChannelCall call, long began)
    {
        var took = time.GetElapsedTime(began);
        call.CallId = ids.NewChannelCallId();
        call.StartTime = Timestamp.FromDateTimeOffset(time.GetUtcNow() - took);
        call.DurationMs = (long)took.TotalMilliseconds;
        _waiting.Writer.TryWrite(call);
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            while (await _waiting.Reader.WaitToReadAsync(stoppingToken))
            {
                await FlushAsync();
                await Task.Delay(_pause, time, stoppingToken);
            }
        }
        catch (OperationCanceledException)
        {
            await FlushAsync();
        }
    }

    private async Task FlushAsync()
    {
        var request = new KeepChannelCallsRequest();
        while (request.Calls.Count < AtOnce && _waiting.Reader.TryRead(out var call))
        {
            request.Calls.Add(call);
        }

        if (request.Calls.Count == 0)
        {
            return;
        }

        try
        {
            await database.KeepChannelCallsAsync(request);
        }
        catch (RpcException e)
        {
            log.LogWarning("{Count} channel calls are missing in the timelines: {Status}", request.Calls.Count, e.Status);
        }
    }
}
