using System.Data;
using System.Data.Common;
using System.Globalization;
using Dapper;
using Grpc.Core;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using MySqlConnector;

namespace PayCore.PayDatabase;

/// <summary>The two databases behind one face: how to connect, how to begin, and what an error means. The SQL is the same on both.</summary>
public sealed class SqlDatabase : IAsyncDisposable
{
    /// <summary>A statement's limit; on MySQL also that of a wait for a lock.</summary>
    internal const int SqlTimeoutSeconds = 2;

    private const int SqliteConstraint = 19;
    private const MySqlErrorCode ServerIsReadOnly = (MySqlErrorCode)1836;
    private const MySqlErrorCode NeedsPrivilege = (MySqlErrorCode)1227;

    private static readonly TimeSpan _placeLimit = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan _replicaAgainAfter = TimeSpan.FromSeconds(5);

    private readonly MySqlServers? _mySql;
    private readonly MySqlDataSource? _replica;
    private readonly string _connectionString;
    private readonly SemaphoreSlim _places;
    private readonly TimeProvider _time;
    private readonly ILogger<SqlDatabase> _log;
    private long _replicaAwayUntil;

    /// <summary>Checks the settings; connects to nothing yet.</summary>
    public SqlDatabase(IOptions<DatabaseOptions> options, TimeProvider time, ILogger<SqlDatabase> log)
    {
        ArgumentNullException.ThrowIfNull(options);
        var settings = options.Value;
        var readers = Math.Clamp(settings.Readers, 1, 1000);
        (_time, _log, _places) = (time, log, new SemaphoreSlim(readers));
        switch (settings.Provider)
        {
            case "sqlite":
                var sqlite = new SqliteConnectionStringBuilder(settings.ConnectionString) { DefaultTimeout = SqlTimeoutSeconds, Pooling = true };
                var folder = Path.GetDirectoryName(Path.GetFullPath(sqlite.DataSource));
                Directory.CreateDirectory(folder!);
                _connectionString = sqlite.ConnectionString;
                break;

            case "mysql":
                _connectionString = MySqlServers.Settings(settings.ConnectionString).ConnectionString;
                _mySql = new MySqlServers(settings.ConnectionString, settings.WriteLoops + readers, log);
                _replica = settings.ReplicaConnectionString.Length == 0 ? null : Replica(settings.ReplicaConnectionString, readers);
                break;

            default:
                throw new InvalidOperationException($"Database:Provider is '{settings.Provider}'; it is sqlite or mysql.");
        }

        DefaultTypeMap.MatchNamesWithUnderscores = true;
    }

    /// <summary>MySQL or MariaDB, not SQLite.</summary>
    public bool IsMySql => _mySql is not null;

    /// <summary>Ends a SELECT inside a write: the row is ours until the commit. SQLite has one writer anyway.</summary>
    public string ForUpdate => IsMySql ? " FOR UPDATE" : "";

    /// <summary>The connection string, for what makes a connection of its own: to the server of this connection.</summary>
    internal string ConnectionStringOf(DbConnection connection) => connection is MySqlConnection
        ? new MySqlConnectionStringBuilder(_connectionString) { Server = connection.DataSource, Pooling = false }.ConnectionString
        : _connectionString;

    /// <summary>A connection for reading, from the pool; what it reads may decide. On MySQL there are as many as <c>Database:Readers</c>.</summary>
    /// <exception cref="RpcException">UNAVAILABLE: all of them are in use, or no server takes writes.</exception>
    public async Task<DbConnection> OpenAsync(CancellationToken cancellation)
    {
        if (_mySql is null)
        {
            return await OpenSqliteAsync(cancellation);
        }

        await TakePlaceAsync(cancellation);
        try
        {
            var connection = await _mySql.OpenAsync(cancellation);
            connection.StateChange += (_, change) =>
            {
                if (change.CurrentState == ConnectionState.Closed)
                {
                    _places.Release();
                }
            };
            return connection;
        }
        catch
        {
            _places.Release();
            throw;
        }
    }

    /// <summary>
    /// Reads for a list or a report, which may lag behind: from the replica (<c>Database:ReplicaConnectionString</c>) when there is one and it answers, else from the primary.
    /// Nothing that decides is read by this: only the rpcs whose names begin with List or Summarize use it.
    /// </summary>
    internal async Task<T> ReadListAsync<T>(Func<DbConnection, Task<T>> read, CancellationToken cancellation)
    {
        if (_replica is not null && Volatile.Read(ref _replicaAwayUntil) <= _time.GetUtcNow().Ms())
        {
            try
            {
                await using var replica = await _replica.OpenConnectionAsync(cancellation);
                return await read(replica);
            }
            catch (MySqlException e)
            {
                // The next ones need not wait for what does not answer.
                Volatile.Write(ref _replicaAwayUntil, (_time.GetUtcNow() + _replicaAgainAfter).Ms());
                _log.LogWarning("The replica did not answer ({Error}); lists are read from the primary", e.Message);
            }
        }

        await using var primary = await OpenAsync(cancellation);
        return await read(primary);
    }

    /// <summary>How the replica for lists does: whether there is one, whether it answers, and how many seconds it is behind where it says so.</summary>
    internal async Task<(bool IsThere, bool Answers, long? LagSeconds)> ReplicaAsync(CancellationToken cancellation)
    {
        if (_replica is null)
        {
            return (false, false, null);
        }

        try
        {
            await using var connection = await _replica.OpenConnectionAsync(cancellation);
            await using var status = await connection.ExecuteReaderAsync("SHOW SLAVE STATUS");
            var isReplica = await status.ReadAsync(cancellation);
            var lag = isReplica ? status["Seconds_Behind_Master"] : DBNull.Value;
            return (true, true, lag is DBNull ? null : Convert.ToInt64(lag, CultureInfo.InvariantCulture));
        }
        catch (MySqlException e) when (e.ErrorCode is NeedsPrivilege or MySqlErrorCode.ParseError)
        {
            // It does not tell this user, or in these words.
            return (true, true, null);
        }
        catch (MySqlException)
        {
            return (true, false, null);
        }
    }

    /// <summary>A connection for a write loop; it stays open.</summary>
    internal async Task<DbConnection> OpenWriterAsync(CancellationToken cancellation)
    {
        if (_mySql is not null)
        {
            return await _mySql.OpenAsync(cancellation);
        }

        var connection = await OpenSqliteAsync(cancellation);
        await connection.ExecuteAsync("PRAGMA journal_mode=WAL");
        return connection;
    }

    /// <summary>Begins a money transaction: READ COMMITTED on MySQL; on SQLite the single writer's immediate transaction.</summary>
    internal static async Task<DbTransaction> BeginAsync(DbConnection connection, CancellationToken cancellation) => connection switch
    {
        SqliteConnection sqlite => sqlite.BeginTransaction(deferred: false),
        _ => await connection.BeginTransactionAsync(IsolationLevel.ReadCommitted, cancellation),
    };

    /// <summary>A unique key was there already.</summary>
    internal static bool IsDuplicateKey(Exception e) => e switch
    {
        DuplicateKeyException => true,
        MySqlException mySql => mySql.ErrorCode == MySqlErrorCode.DuplicateKeyEntry,
        SqliteException sqlite => sqlite.SqliteErrorCode == SqliteConstraint,
        _ => false,
    };

    /// <summary>The database chose this transaction as a victim; all of it is undone and may run again.</summary>
    internal static bool IsDeadlock(Exception e) =>
        e is MySqlException { ErrorCode: MySqlErrorCode.LockDeadlock or MySqlErrorCode.CheckRead };

    /// <summary>A wait for a lock was too long. Only the statement is undone; the transaction is rolled back by whoever began it.</summary>
    internal static bool IsLockWait(Exception e) => e is MySqlException { ErrorCode: MySqlErrorCode.LockWaitTimeout };

    /// <summary>The statement's own limit passed.</summary>
    internal static bool IsTimeout(Exception e) => e is MySqlException { ErrorCode: MySqlErrorCode.CommandTimeoutExpired };

    /// <summary>The server takes no writes: it was demoted, or never was the primary. Nothing was written.</summary>
    internal static bool IsReadOnly(Exception e) => e is MySqlException
    {
        ErrorCode: MySqlErrorCode.OptionPreventsStatement or MySqlErrorCode.CannotExecuteInReadOnlyTransaction or ServerIsReadOnly,
    };

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _places.Dispose();
        if (_mySql is not null)
        {
            await _mySql.DisposeAsync();
            await (_replica?.DisposeAsync() ?? ValueTask.CompletedTask);
        }
        else
        {
            // The file can be moved or deleted once its pool is empty.
            using var connection = new SqliteConnection(_connectionString);
            SqliteConnection.ClearPool(connection);
        }
    }

    private static MySqlDataSource Replica(string connectionString, int connectionsMax)
    {
        var settings = MySqlServers.Settings(connectionString);
        settings.MaximumPoolSize = (uint)connectionsMax;
        settings.ConnectionTimeout = 1;
        return new MySqlDataSource(settings.ConnectionString);
    }

    private async Task<SqliteConnection> OpenSqliteAsync(CancellationToken cancellation)
    {
        var connection = new SqliteConnection(_connectionString);
        await connection.OpenAsync(cancellation);
        await connection.ExecuteAsync("PRAGMA synchronous=FULL; PRAGMA busy_timeout=2000;");
        return connection;
    }

    private async Task TakePlaceAsync(CancellationToken cancellation)
    {
        using var limit = new CancellationTokenSource(_placeLimit, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellation, limit.Token);
        try
        {
            await _places.WaitAsync(either.Token);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            throw new RpcException(new Status(StatusCode.Unavailable, "All connections to the database are in use."));
        }
    }
}
