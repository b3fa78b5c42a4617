using Dapper;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace PayCore.PayDatabase;

/// <summary>Ready while the database answers. That its schema is known was demanded before the start.</summary>
internal sealed class DatabaseHealth(SqlDatabase database) : IHealthCheck
{
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        await using var connection = await database.OpenAsync(cancellationToken);
        var version = await connection.ExecuteScalarAsync<long>(new CommandDefinition("SELECT MAX(Version) FROM schema_version", cancellationToken: cancellationToken));
        return HealthCheckResult.Healthy(data: new Dictionary<string, object> { ["schema"] = version });
    }
}
