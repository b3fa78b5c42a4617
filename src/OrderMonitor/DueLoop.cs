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

    /// <summary>What it is about, and the trace that the look belongs to.</summary>
    (TraceSubject Subject, string TraceParent) TraceOf(T taken);
}

/// <summary>
/// Takes what is due and has each looked at, so many at once. It takes no more than it can look at now, as nobody else looks at what was taken; and while a look waits
/// for a provider that does not answer, the others go on. Several instances share the work by taking.
/// </summary>
internal sealed class DueLoop<T>(IWatch<T> watch, IOptions<MonitorOptions> options, TimeProvider time, ILogger<DueLoop<T>> log) : BackgroundService
{
    private readonly List<Task> _looks = [];

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            while (!stoppingToken.IsCancellationRequested)
            {
                _looks.RemoveAll(look => look.IsCompleted);
                var room = options.Value.AtOnce - _looks.Count;
                var taken = room > 0 ? await TakeAsync(room) : [];
                _looks.AddRange(taken.Select(LookAsync));
                var moreMayBeDue = taken.Count == room;
                await (moreMayBeDue ? Task.WhenAny(_looks).WaitAsync(stoppingToken) : Task.Delay(options.Value.SweepEvery, time, stoppingToken));
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // What was begun is ended first.
        }

        await Task.WhenAll(_looks);
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
