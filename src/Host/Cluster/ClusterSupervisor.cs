using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;

namespace PayCore.Host.Cluster;

/// <summary>
/// Starts the parts of a cluster, as many at once as their order allows, and starts again what dies, as Kubernetes would. What it knows is in the cluster's
/// <see cref="ClusterState"/>. It ends, with every part, on SIGTERM; and when a part does not start the first time.
/// </summary>
internal sealed class ClusterSupervisor(ClusterPlan plan, TimeProvider time) : IDisposable
{
    private static readonly TimeSpan _startWithin = TimeSpan.FromSeconds(180);
    private static readonly TimeSpan _stopWithin = TimeSpan.FromSeconds(40);
    private static readonly TimeSpan _look = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan _pauseMax = TimeSpan.FromSeconds(5);

    /// <summary>On a machine that is busy, a first start may fail; so many times it is tried.</summary>
    private const int FirstStarts = 3;

    /// <summary>Who ran longer than this gets no pause before it is started again.</summary>
    private static readonly TimeSpan _steady = TimeSpan.FromSeconds(10);

    private readonly Lock _lock = new();
    private readonly Dictionary<string, PartState> _states = plan.Parts.ToDictionary(p => p.Name, p => new PartState(p.Name, PartPhase.Waiting, null, 0, 0));
    private readonly Dictionary<string, TaskCompletionSource> _answered =
        plan.Parts.ToDictionary(p => p.Name, _ => new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));

    /// <summary>So many roles start at once: more would only make one another slow.</summary>
    private readonly SemaphoreSlim _places = new(2 * Environment.ProcessorCount);

    private readonly ProcessMark _self = ProcessMark.Of(Environment.ProcessId)!;
    private ClusterPhase _phase = ClusterPhase.Starting;
    private string? _error;

    /// <summary>Runs the cluster until it is told to stop.</summary>
    public async Task<int> RunAsync()
    {
        using var stopping = new CancellationTokenSource();
        using var term = PosixSignalRegistration.Create(PosixSignal.SIGTERM, signal =>
        {
            signal.Cancel = true;
            stopping.Cancel();
        });
        foreach (var part in plan.Parts)
        {
            File.Delete(LogOf(part));
        }

        await plan.WriteCertificatesAsync();
        Tell();
        var keeping = plan.Parts.Select(p => KeepAsync(p, stopping.Token)).ToList();
        try
        {
            await await Task.WhenAny(Task.WhenAll(_answered.Values.Select(a => a.Task)), Task.WhenAny(keeping).Unwrap()).WaitAsync(stopping.Token);
            Tell(ClusterPhase.Ready);
            await Task.WhenAny(keeping).Unwrap();
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            Tell(ClusterPhase.Stopping);
        }
#pragma warning disable CA1031 // Whatever it is, nothing may go on running without a supervisor.
        catch (Exception e)
        {
            Console.Error.WriteLine(e);
            _error = e is ClusterFailedException ? e.Message : $"The supervisor failed: {e.Message}";
            Tell(ClusterPhase.Stopping);
        }
#pragma warning restore CA1031

        await stopping.CancelAsync();
        await StopAsync(States(), plan, time);
        await Task.WhenAll(keeping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (_error is null)
        {
            ClusterState.Forget(plan.Layout.Folder);
            return 0;
        }

        Tell(ClusterPhase.Failed);
        return 1;
    }

    /// <inheritdoc/>
    public void Dispose() => _places.Dispose();

    /// <summary>Stops what runs: first what stands on others. Each part is asked, and killed when it does not end.</summary>
    public static async Task StopAsync(IReadOnlyList<PartState> parts, ClusterPlan plan, TimeProvider time)
    {
        foreach (var layer in plan.Parts.GroupBy(p => p.Layer).OrderByDescending(l => l.Key))
        {
            await Task.WhenAll(layer.Select(async part =>
            {
                if (parts.SingleOrDefault(p => p.Name == part.Name)?.Process is { } process && !await process.StopAsync(_stopWithin, time))
                {
                    Console.Error.WriteLine($"{part.Name} did not stop within {_stopWithin.TotalSeconds} s and was killed.");
                }
            }));
        }
    }

    private async Task KeepAsync(ClusterPart part, CancellationToken stopping)
    {
        await Task.WhenAll(part.After.Select(a => _answered[a].Task)).WaitAsync(stopping);
        for (var (restarts, pause) = (0, _look); ; restarts++)
        {
            var began = time.GetTimestamp();
            var isReady = await RunAsync(part, restarts, stopping);
            stopping.ThrowIfCancellationRequested();
            Console.Error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{time.GetUtcNow():u} {part.Name} ended and is started again"));
            Note(part, PartPhase.Ended, null, 0, restarts);
            pause = isReady && time.GetElapsedTime(began) > _steady ? _look : pause * 2;
            await Task.Delay(pause < _pauseMax ? pause : _pauseMax, time, stopping);
        }
    }

    /// <summary>Runs a part once, to its end.</summary>
    /// <returns>Whether it came to answer.</returns>
    private async Task<bool> RunAsync(ClusterPart part, int restarts, CancellationToken stopping)
    {
        var takesPlace = part.Layer >= ClusterPart.Roles;
        // Roles answer when what is below them does: none of them keeps a place that another one needs to answer.
        await (takesPlace ? _places.WaitAsync(stopping) : Task.CompletedTask);
        Process process;
        Task ended;
        try
        {
            await (part.PrepareAsync?.Invoke() ?? Task.CompletedTask);
            var began = time.GetTimestamp();
            (process, var mark) = Start(part, restarts, stopping);
            ended = process.WaitForExitAsync(CancellationToken.None);
            while (!await part.AnswersAsync(stopping))
            {
                if (ended.IsCompleted || time.GetElapsedTime(began) > _startWithin)
                {
                    return await FailAsync(part, process, mark, restarts);
                }

                await Task.WhenAny(ended, Task.Delay(_look, time, stopping));
                stopping.ThrowIfCancellationRequested();
            }

            if (!_answered[part.Name].Task.IsCompleted)
            {
                await (part.WhenReadyAsync?.Invoke() ?? Task.CompletedTask);
            }

            Note(part, PartPhase.Ready, mark, time.GetElapsedTime(began).TotalSeconds, restarts);
            _answered[part.Name].TrySetResult();
        }
        finally
        {
            if (takesPlace)
            {
                _places.Release();
            }
        }

        await ended.WaitAsync(stopping);
        process.Dispose();
        return true;
    }

    /// <summary>It did not come to answer. It gets another try; a part that never came to answer gets a few, and then the start has failed.</summary>
    private async Task<bool> FailAsync(ClusterPart part, Process process, ProcessMark? mark, int restarts)
    {
        var why = process.HasExited ? $"ended with code {process.ExitCode}" : $"does not answer within {_startWithin.TotalSeconds} s";
        await (mark?.StopAsync(_pauseMax, time) ?? Task.FromResult(true));
        process.Dispose();
        if (_answered[part.Name].Task.IsCompleted || restarts + 1 < FirstStarts)
        {
            return false;
        }

        var log = LogOf(part);
        throw new ClusterFailedException($"{part.Name} {why}. The end of {log}:\n{string.Join('\n', File.ReadLines(log).TakeLast(15).Select(l => $"    {l}"))}");
    }

    /// <summary>A process writes into its log by itself, so that it lives on when the supervisor dies. The shell becomes the program: it is one process.</summary>
    private (Process Process, ProcessMark? Mark) Start(ClusterPart part, int restarts, CancellationToken stopping)
    {
        var start = new ProcessStartInfo("/bin/sh", ["-c", "umask 077; exec \"$@\" >>\"$PART_LOG\" 2>&1 </dev/null", "sh", part.Program, .. part.Arguments])
        {
            WorkingDirectory = plan.Layout.Folder,
        };
        start.Environment["PART_LOG"] = LogOf(part);
        foreach (var (name, value) in part.Environment)
        {
            start.Environment[name] = value;
        }

        // Who stops the parts knows either of this one, or that it is not started any more.
        lock (_lock)
        {
            stopping.ThrowIfCancellationRequested();
            var process = Process.Start(start)!;
            var mark = ProcessMark.Of(process.Id);
            Note(part, PartPhase.Starting, mark, 0, restarts);
            return (process, mark);
        }
    }

    private IReadOnlyList<PartState> States()
    {
        lock (_lock)
        {
            return [.. plan.Parts.Select(p => _states[p.Name])];
        }
    }

    private string LogOf(ClusterPart part) => plan.Layout.At("logs", $"{part.Name}.log");

    private void Note(ClusterPart part, PartPhase phase, ProcessMark? process, double seconds, int restarts)
    {
        lock (_lock)
        {
            _states[part.Name] = new PartState(part.Name, phase, process, seconds, restarts);
            Tell();
        }
    }

    private void Tell(ClusterPhase? phase = null)
    {
        lock (_lock)
        {
            _phase = phase ?? _phase;
            new ClusterState(_self, _phase, _error, States()).Write(plan.Layout.Folder);
        }
    }
}
