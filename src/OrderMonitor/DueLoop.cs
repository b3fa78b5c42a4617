using System.Diagnostics;
using Grpc.Core;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using PayCore.ServiceDefaults.Telemetry;

namespace PayCore.OrderMonitor;

/// <summary>What of one kind is due, and what to do with it.</summary>
internal interface IWatch<T>
{
    /// <summary>Takes what is due, oldest first; what is taken is left alone by other instances for the lease.</summary>
    Task<IReadOnlyList<T>> TakeAsync(int limit, int leaseSeconds);

    /// <summary>Looks at one that was taken and says when to look again.</summary>
    Task LookAsync(T taken);

    /// <summary>Its number, for the log.</summary>
    string IdOf(T taken);

    /// <summary>The provider that the look asks; empty: none.</summary>
    string ChannelOf(T taken);

    /// <summary>What it is about, and the trace that the look belongs to.</summary>
    (TraceSubject Subject, string TraceParent) TraceOf(T taken);
}

/// <summary>
/// Takes what is due and has each looked at, so many at once. It takes no more than it can look at now, as nobody else looks at what was taken. While looks wait for a provider
/// that does not answer, the others go on: a quarter of the places, and where there are two or more at least one, is never that provider's. What finds none waits while looks of
/// its provider end, and is put off until its lease ends when they do not. Several instances share the work by taking.
/// </summary>
internal sealed class DueLoop<T>(IWatch<T> watch, IOptions<MonitorOptions> options, TimeProvider time, ILogger<DueLoop<T>> log) : BackgroundService
{
    /// <summary>As long as what was taken waits for a place; a healthy provider answers much sooner.</summary>
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(1);

    private readonly List<(string Channel, Task Look)> _looks = [];
    private readonly Queue<(string Channel, T Taken, long Since)> _waiting = [];

    /// <summary>Providers of which something waited for a place in vain, and no look ended since.</summary>
    private readonly HashSet<string> _silent = [];

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            while (!stoppingToken.IsCancellationRequested)
            {
                _silent.ExceptWith(_looks.Where(l => l.Look.IsCompleted).Select(l => l.Channel));
                _looks.RemoveAll(l => l.Look.IsCompleted);
                BeginWaiting();
                var room = options.Value.AtOnce - _looks.Count - _waiting.Count;
                var taken = room == 0 ? [] : await TakeAsync(room);
                foreach (var one in taken)
                {
                    Begin(watch.ChannelOf(one), one, time.GetTimestamp());
                }

                if (room == 0 || taken.Count < room)
                {
                    // A look that ends makes room for what waits.
                    Task[] ends = room == 0 || _waiting.Count > 0 ? [.. _looks.Select(l => l.Look)] : [];
                    await await Task.WhenAny([Task.Delay(options.Value.SweepEvery, time, stoppingToken), .. ends]);
                }
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // What was begun is ended first.
        }

        await Task.WhenAll(_looks.Select(l => l.Look));
    }

    private void BeginWaiting()
    {
        for (var count = _waiting.Count; count > 0; count--)
        {
            var (channel, taken, since) = _waiting.Dequeue();
            Begin(channel, taken, since);
        }
    }

    private void Begin(string channel, T taken, long since)
    {
        if (channel.Length == 0 || _looks.Count(l => l.Channel == channel && !l.Look.IsCompleted) < options.Value.LooksOfAChannelMax)
        {
            _looks.Add((channel, LookAsync(taken)));
        }
        else if (!_silent.Contains(channel))
        {
            if (time.GetElapsedTime(since) < _patience)
            {
                _waiting.Enqueue((channel, taken, since));
            }
            else
            {
                _silent.Add(channel);
            }
        }
    }

    private async Task<IReadOnlyList<T>> TakeAsync(int room)
    {
        try
        {
            return await watch.TakeAsync(room, (int)options.Value.Lease.TotalSeconds);
        }
        catch (RpcException e)
        {
            log.LogWarning("What is due could not be taken: {Status}", e.Status);
            return [];
        }
#pragma warning disable CA1031 // A bug here must not take the process, which may be the whole of PayCore, with it.
        catch (Exception e)
        {
            log.LogError(e, "What is due could not be taken");
            return [];
        }
#pragma warning restore CA1031
    }

    private async Task LookAsync(T taken)
    {
        var (subject, traceParent) = watch.TraceOf(taken);
        using var activity = PaymentTrace.Continue(WaitingMetrics.Source, "monitor.look", ActivityKind.Internal, traceParent, subject);
        try
        {
            await watch.LookAsync(taken);
        }
        catch (RpcException e)
        {
            // The lease ends by itself and it is due again, before what is younger.
            log.LogWarning("{Id} is put off: {Status}", watch.IdOf(taken), e.Status);
        }
#pragma warning disable CA1031 // A bug in one look must not end all others; this one's lease ends too.
        catch (Exception e)
        {
            log.LogError(e, "The look at {Id} failed", watch.IdOf(taken));
        }
#pragma warning restore CA1031
    }
}
