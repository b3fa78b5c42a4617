using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace PayCore.ServiceDefaults.Security;

/// <summary>
/// Looks at the files of <see cref="InnerCertificates"/> every few seconds — what a platform swaps by links tells no watcher — and warns once a day of one that ends
/// soon.
/// </summary>
internal sealed class CertificateWatch(InnerCertificates certificates, IOptions<SecurityOptions> options, TimeProvider time, ILogger<CertificateWatch> log)
    : BackgroundService, IHealthCheck
{
    private static readonly TimeSpan _warnEvery = TimeSpan.FromDays(1);

    private readonly PeriodicTimer _timer = new(options.Value.ReloadEvery, time);
    private DateTimeOffset _warned;

    public override void Dispose()
    {
        _timer.Dispose();
        base.Dispose();
    }

    /// <summary>Connections that are there go on after the end of a certificate, so this never makes a process unready.</summary>
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var data = new Dictionary<string, object> { ["subject"] = certificates.Certificate.Subject, ["until"] = certificates.Certificate.NotAfter.ToUniversalTime() };
        var problem = certificates.Problem ?? (certificates.Expiry() is { } ending ? $"Ends soon or has ended: {ending}." : null);
        return Task.FromResult(problem is null ? HealthCheckResult.Healthy(data: data) : HealthCheckResult.Degraded(problem, data: data));
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        do
        {
            Look();
        }
        while (await _timer.WaitForNextTickAsync(stoppingToken));
    }

    private void Look()
    {
        try
        {
            certificates.Reload();
            if (certificates.Expiry() is { } ending && time.GetUtcNow() - _warned >= _warnEvery)
            {
                _warned = time.GetUtcNow();
                log.LogError("A certificate of inner calls ends soon or has ended: {Certificate}", ending);
            }
        }
#pragma warning disable CA1031 // What was good stays in use; a bug here must not take the process with it.
        catch (Exception e)
        {
            log.LogError(e, "The certificates of inner calls could not be looked at");
        }
#pragma warning restore CA1031
    }
}
