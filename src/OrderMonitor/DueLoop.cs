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

/// <summary>Takes what is due and has each looked at. Several instances share the work by taking.</summary>
internal sealed class DueLoop<T>(IWatch<T> watch, IOptions<MonitorOptions> options, TimeProvider time, ILogger<DueLoop<T>> log) : BackgroundService
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
                await Task.WhenAll(taken.Select(one => LookAsync(one, slots)));
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

    private async Task<IReadOnlyList<T>> TakeAsync()
    {
        try
        {
            return await watch.TakeAsync(options.Value.TakeMax, (int)options.Value.Lease.TotalSeconds);
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

    private async Task LookAsync(T taken, SemaphoreSlim slots)
    {
        await slots.WaitAsync();
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
        finally
        {
            slots.Release();
        }
    }
}
