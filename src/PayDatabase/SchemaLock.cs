using System.Data.Common;
using Dapper;
using Microsoft.Extensions.Logging;

namespace PayCore.PayDatabase;

/// <summary>
/// One process at a time changes the schema. The lock ends with the connection, or with the process, that holds it: nobody has to clean up after one that died.
/// </summary>
internal sealed class SchemaLock : IAsyncDisposable
{
    private const int WaitSeconds = 600;

    private static readonly TimeSpan _fileAgainAfter = TimeSpan.FromMilliseconds(100);

    private readonly FileStream? _file;

    private SchemaLock(DbConnection connection, FileStream? file) => (Connection, _file) = (connection, file);

    /// <summary>A connection to the database; on MySQL the one that holds the lock.</summary>
    public DbConnection Connection { get; }

    /// <summary>Waits for the lock, up to ten minutes on MySQL.</summary>
    /// <exception cref="InvalidOperationException">Another process has it for longer than that.</exception>
    public static async Task<SchemaLock> TakeAsync(SqlDatabase database, TimeProvider time, ILogger log, CancellationToken cancellation)
    {
        var connection = await database.OpenWriterAsync(cancellation);
        try
        {
            if (!database.IsMySql)
            {
                return new SchemaLock(connection, await LockFileAsync($"{connection.DataSource}-schema-lock", time, log, cancellation));
            }

            if (!await TryAsync(connection, 0, cancellation))
            {
                log.LogInformation("Another process changes the schema; waiting for it");
                if (!await TryAsync(connection, WaitSeconds, cancellation))
                {
                    throw new InvalidOperationException($"Another process has been changing the database's schema for {WaitSeconds / 60} minutes.");
                }
            }

            return new SchemaLock(connection, null);
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_file is not null)
        {
            await _file.DisposeAsync();
        }
        else
        {
            // The connection goes back to the pool.
            await Connection.ExecuteAsync("DO RELEASE_ALL_LOCKS()");
        }

        await Connection.DisposeAsync();
    }

    private static async Task<bool> TryAsync(DbConnection connection, int seconds, CancellationToken cancellation) =>
        // Names are the server's; its databases are changed side by side.
        await connection.ExecuteScalarAsync<int?>(new CommandDefinition(
            "SELECT GET_LOCK(CONCAT('paycore.schema.', MD5(DATABASE())), @seconds)", new { seconds }, commandTimeout: seconds + 5, cancellationToken: cancellation)) == 1;

    private static async Task<FileStream> LockFileAsync(string file, TimeProvider time, ILogger log, CancellationToken cancellation)
    {
        for (var told = false; ; told = true)
        {
            try
            {
                return new FileStream(file, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException)
            {
                if (!told)
                {
                    log.LogInformation("Another process changes the schema; waiting for it");
                }

                await Task.Delay(_fileAgainAfter, time, cancellation);
            }
        }
    }
}
