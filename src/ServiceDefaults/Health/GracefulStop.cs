using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace PayCore.ServiceDefaults.Health;

/// <summary>How a process takes its leave (section <c>Drain</c>).</summary>
public sealed class DrainOptions
{
    /// <summary>
    /// How long a process that was told to stop goes on taking requests. It is not ready any more from the first moment, and whoever sends it work needs this long to
    /// notice. Default 0; on Kubernetes 5 s. After it the ports close, and what is under way has 25 s to end.
    /// </summary>
    public TimeSpan Delay { get; set; }
}

/// <summary>Says at once that the process is not ready any more, and holds the stop for <see cref="DrainOptions.Delay"/>. Nothing has stopped by then.</summary>
public sealed class GracefulStop(IOptions<DrainOptions> options, IHostApplicationLifetime lifetime, TimeProvider time) : IHostedLifecycleService, IHealthCheck
{
    private volatile bool _stopping;

    /// <summary>The process was told to stop.</summary>
    public bool IsStopping => _stopping || lifetime.ApplicationStopping.IsCancellationRequested;

    /// <inheritdoc/>
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(IsStopping ? HealthCheckResult.Unhealthy("The process was told to stop.") : HealthCheckResult.Healthy());

    /// <inheritdoc/>
    public async Task StoppingAsync(CancellationToken cancellationToken)
    {
        _stopping = true;
        await Task.Delay(options.Value.Delay, time, cancellationToken);
    }

    /// <inheritdoc/>
    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
