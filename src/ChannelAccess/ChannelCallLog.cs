using System.Diagnostics.Metrics;
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
public sealed class ChannelCallLog(DatabaseClient database, IMeterFactory meters, IdFactory ids, TimeProvider time, ILogger<ChannelCallLog> log) : BackgroundService
{
    private const int WaitingMax = 10_000;
    private const int AtOnce = 500;
    private static readonly TimeSpan _pause = TimeSpan.FromMilliseconds(200);

    // Up to the deadline of an inner call.
    private static readonly double[] _seconds = [0.025, 0.05, 0.1, 0.25, 0.5, 1, 1.5, 2, 3, 4, 6, 8];

    private readonly Histogram<double> _duration = meters.Create("PayCore.ChannelAccess").CreateHistogram(
        "paycore_channel_call_duration", "s", "Calls to channels by what they came to: yes, no or unknown.", null,
        new InstrumentAdvice<double> { HistogramBucketBoundaries = _seconds });

    private readonly Channel<ChannelCall> _waiting = System.Threading.Channels.Channel.CreateBounded<ChannelCall>(
        new BoundedChannelOptions(WaitingMax) { FullMode = BoundedChannelFullMode.DropOldest, SingleReader = true });

    /// <summary>Keeps and measures a call that has ended.</summary>
    /// <param name="call">What is known of it; id and duration are filled in.</param>
    /// <param name="began">The timestamp of its beginning.</param>
    internal void Keep(ChannelCall call, long began)
    {
        var took = time.GetElapsedTime(began);
        call.CallId = ids.NewChannelCallId();
        call.StartTime = Timestamp.FromDateTimeOffset(time.GetUtcNow() - took);
        call.DurationMs = (long)took.TotalMilliseconds;
        _waiting.Writer.TryWrite(call);
        _duration.Record(took.TotalSeconds, new("channel", call.Channel), new("operation", call.Operation), new("outcome", OutcomeOf(call.Outcome)));
    }

    /// <summary>The words of the contract end in what they mean.</summary>
    private static string OutcomeOf(string word) =>
        word.Length == 0 || word.EndsWith("UNKNOWN", StringComparison.Ordinal) || word.EndsWith("UNSPECIFIED", StringComparison.Ordinal) ? "unknown"
        : word is "NO" || word.EndsWith("REFUSED", StringComparison.Ordinal) || word.EndsWith("NO_BALANCE", StringComparison.Ordinal) ? "no" : "yes";

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
#pragma warning disable CA1031 // A bug here must not take the process, which may be the whole of PayCore, with it.
        catch (Exception e)
        {
            log.LogError(e, "{Count} channel calls are missing in the timelines", request.Calls.Count);
        }
#pragma warning restore CA1031
    }
}
