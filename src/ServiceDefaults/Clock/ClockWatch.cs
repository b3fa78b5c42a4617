using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace PayCore.ServiceDefaults.Clock;

/// <summary>
/// Compares this process's clock with the others before it serves, and each minute from then on. One that it must know and could not read is asked again each second.
/// </summary>
internal sealed class ClockWatch(IEnumerable<IClockSource> sources, ClockGuard guard, IOptions<ClockOptions> options, TimeProvider time, ILogger<ClockWatch> log)
    : BackgroundService, IHealthCheck
{
    private static readonly TimeSpan _soon = TimeSpan.FromSeconds(1);

    private readonly PeriodicTimer _timer = new(options.Value.CompareEvery, time);

    private IReadOnlyList<IClockSource> Missing => [.. sources.Where(s => s.IsAwaited && !guard.HasRead(s.Name))];

    /// <summary>Not ready while the clock is off, or an awaited one was never read. One that cannot be read any more is no judgement.</summary>
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var ahead = guard.Skews().ToDictionary(s => $"ahead of {s.Key}", object (s) => s.Value);
        var problem = guard.Problem ?? (Missing is [var first, ..] ? $"{first.Name} has not answered yet." : null);
        return Task.FromResult(problem is null ? HealthCheckResult.Healthy(data: ahead) : HealthCheckResult.Unhealthy(problem, data: ahead));
    }

    /// <summary>Every role has read its configuration by now, and no port is open yet: hosted services start before the server does.</summary>
    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        await CompareAsync(sources, cancellationToken);
        await base.StartAsync(cancellationToken);
    }

    public override void Dispose()
    {
        _timer.Dispose();
        base.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var every = options.Value.CompareEvery;
        var compared = time.GetTimestamp();
        if (Missing.Count > 0 && every > _soon)
        {
            _timer.Period = _soon;
        }

        while (await _timer.WaitForNextTickAsync(stoppingToken))
        {
            var missing = Missing;
            var all = missing.Count == 0 || time.GetElapsedTime(compared) >= every;
            await CompareAsync(all ? sources : missing, stoppingToken);
            compared = all ? time.GetTimestamp() : compared;
            if (_timer.Period != every && Missing.Count == 0)
            {
                _timer.Period = every;
            }
        }
    }

    private async Task CompareAsync(IEnumerable<IClockSource> some, CancellationToken cancellation)
    {
        var before = guard.Problem;
        await Task.WhenAll(some.Select(s => CompareAsync(s, cancellation)));
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
