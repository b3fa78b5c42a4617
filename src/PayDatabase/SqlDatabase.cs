using System.Data;
using System.Data.Common;
using Dapper;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Options;
using MySqlConnector;

namespace PayCore.PayDatabase;

/// <summary>The two databases behind one face: how to connect, how to begin, and what an error means. The SQL is the same on both.</summary>
public sealed class SqlDatabase : IAsyncDisposable
{
    private const int SqlTimeoutSeconds = 2;
    private const int SqliteConstraint = 19;

    private readonly MySqlDataSource? _mySql;
    private readonly string _connectionString;

    /// <summary>Checks the settings; connects to nothing yet.</summary>
    public SqlDatabase(IOptions<DatabaseOptions> options)
    {
        ArgumentNullException.ThrowIfNull(options);
        var settings = options.Value;
        switch (settings.Provider)
        {
            case "sqlite":
                var sqlite = new SqliteConnectionStringBuilder(settings.ConnectionString) { DefaultTimeout = SqlTimeoutSeconds, Pooling = true };
                var folder = Path.GetDirectoryName(Path.GetFullPath(sqlite.DataSource));
                Directory.CreateDirectory(folder!);
                _connectionString = sqlite.ConnectionString;
                break;

            case "mysql":
                var mySql = new MySqlConnectionStringBuilder(settings.ConnectionString)
                {
                    DefaultCommandTimeout = SqlTimeoutSeconds,
                    ConnectionTimeout = 2,
                    UseAffectedRows = false,
                    IgnoreCommandTransaction = true,
                };
                _connectionString = mySql.ConnectionString;
                _mySql = new MySqlDataSource(_connectionString);
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

    /// <summary>The connection string, for migrations.</summary>
    internal string ConnectionString => _connectionString;

    /// <summary>A connection for reading, from the pool.</summary>
    public async Task<DbConnection> OpenAsync(CancellationToken cancellation)
    {
        if (_mySql is not null)
        {
            return await _mySql.OpenConnectionAsync(cancellation);
        }

        var connection = new SqliteConnection(_connectionString);
        await connection.OpenAsync(cancellation);
        await connection.ExecuteAsync("PRAGMA synchronous=FULL; PRAGMA busy_timeout=2000;");
        return connection;
    }

    /// <summary>A connection for a write loop; it stays open.</summary>
    internal async Task<DbConnection> OpenWriterAsync(CancellationToken cancellation)
    {
        var connection = await OpenAsync(cancellation);
        await connection.ExecuteAsync(IsMySql ? "SET SESSION innodb_lock_wait_timeout = 2" : "PRAGMA journal_mode=WAL");
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
        MySqlException mySql => mySql.ErrorCode == MySqlErrorCode.DuplicateKeyEntry,
        SqliteException sqlite => sqlite.SqliteErrorCode == SqliteConstraint,
        _ => false,
    };

    /// <summary>The database chose this transaction as a victim; all of it is undone and may run again.</summary>
    internal static bool IsDeadlock(Exception e) =>
        e is MySqlException { ErrorCode: MySqlErrorCode.LockDeadlock or MySqlErrorCode.CheckRead };

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_mySql is not null)
        {
            await _mySql.DisposeAsync();
        }
        else
        {
            // The file can be moved or deleted once its pool is empty.
            using var connection = new SqliteConnection(_connectionString);
            SqliteConnection.ClearPool(connection);
        }
    }
}
