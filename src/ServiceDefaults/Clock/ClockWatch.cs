using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace PayCore.ServiceDefaults.Clock;

/// <summary>Compares this process's clock with the others before it serves, and each minute from then on.</summary>
internal sealed class ClockWatch(IEnumerable<IClockSource> sources, ClockGuard guard, IOptions<ClockOptions> options, TimeProvider time, ILogger<ClockWatch> log)
    : BackgroundService
{
    private readonly PeriodicTimer _timer = new(options.Value.CompareEvery, time);

    /// <summary>Every role has read its configuration by now, and no port is open yet: hosted services start before the server does.</summary>
    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        await CompareAsync(cancellationToken);
        await base.StartAsync(cancellationToken);
    }

    public override void Dispose()
    {
        _timer.Dispose();
        base.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (await _timer.WaitForNextTickAsync(stoppingToken))
        {
            await CompareAsync(stoppingToken);
        }
    }

    private async Task CompareAsync(CancellationToken cancellation)
    {
        var before = guard.Problem;
        await Task.WhenAll(sources.Select(s => CompareAsync(s, cancellation)));
        if (guard.Problem is { } problem)
        {
            log.LogCritical("{Problem}", problem);
        }
        else if (before is not null)
        {
            log.LogWarning("This machine's clock agrees with the others again; money is served.");
        }
    }

    private async Task CompareAsync(IClockSource source, CancellationToken cancellation)
    {
        using var limit = new CancellationTokenSource(options.Value.ReadTimeout, time);
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellation);
        var asked = time.GetUtcNow();
        var began = time.GetTimestamp();
        try
        {
            var theirs = await source.ReadAsync(ended.Token);
            // Theirs was read somewhere between question and answer.
            guard.Record(source.Name, asked + (time.GetElapsedTime(began) / 2) - theirs);
        }
        catch (Exception e) when (!cancellation.IsCancellationRequested)
        {
            log.LogDebug(e, "The clock of {Source} cannot be read", source.Name);
        }
    }
}
