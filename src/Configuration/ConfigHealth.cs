using System.Globalization;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace PayCore.Configuration;

/// <summary>
/// Ready once the documents were read, or taken from the last good copy. One that is refused, or a backend that is away, is told of and takes nothing else down:
/// what was good last stays in use.
/// </summary>
internal sealed class ConfigHealth(ConfigStore store) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var problems = store.Problems;
        var refused = problems.GroupBy(p => $"{p.Folder}/{p.Name}").ToDictionary(p => p.Key, object (p) => p.First().Reason);
        return Task.FromResult(
            !store.IsRead ? HealthCheckResult.Unhealthy("The configuration was not read yet.")
            : store.Freshness is { Trouble: { } trouble, AsOf: var asOf } ? HealthCheckResult.Degraded(
                string.Create(CultureInfo.InvariantCulture, $"{trouble} The documents in use are of {asOf:u}."), data: refused)
            : problems.Count > 0 ? HealthCheckResult.Degraded("Documents are refused; where there is a last good one it stays in use.", data: refused)
            : HealthCheckResult.Healthy());
    }
}
