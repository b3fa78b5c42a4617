using Dapper;
using PayCore.ServiceDefaults.Clock;

namespace PayCore.PayDatabase;

/// <summary>
/// The clock of the database server. It is compared and never used: times come from the process (architecture, section 2). SQLite runs on our own clock.
/// </summary>
internal sealed class SqlClock(SqlDatabase database) : IClockSource
{
    public string Name => "the database server";

    public async Task<DateTimeOffset?> ReadAsync(CancellationToken cancellation)
    {
        if (!database.IsMySql)
        {
            return null;
        }

        await using var connection = await database.OpenAsync(cancellation);
        return new DateTimeOffset(
            await connection.ExecuteScalarAsync<DateTime>(new CommandDefinition("SELECT UTC_TIMESTAMP(6)", cancellationToken: cancellation)), TimeSpan.Zero);
    }
}
