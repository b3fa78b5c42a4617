using System.Data;
using Dapper;
using Grpc.Core;
using Microsoft.Extensions.Logging;
using MySqlConnector;

namespace PayCore.PayDatabase;

/// <summary>
/// The servers that a connection string names (<c>Server=db1,db2</c>), of which one takes writes. Every connection is asked whether its server does before it is used, which
/// also shows that it still lives: after a failover the old primary, back as a replica, is neither read for a decision nor written to. A server that is gone costs
/// its connect timeout once; the one that answered last is asked first.
/// </summary>
internal sealed class MySqlServers : IAsyncDisposable
{
    private const int ConnectSeconds = 2;

    private readonly Server[] _servers;
    private readonly ILogger _log;
    private volatile int _current;

    /// <summary>Checks the connection string; connects to nothing yet.</summary>
    /// <param name="connectionString">Names the servers.</param>
    /// <param name="connectionsMax">Connections to each of them at most.</param>
    /// <param name="log">Is told of a failover.</param>
    public MySqlServers(string connectionString, int connectionsMax, ILogger log)
    {
        var settings = Settings(connectionString);
        settings.MaximumPoolSize = (uint)connectionsMax;
        // Nothing here leaves anything behind in its session, and each connection is asked when it is opened.
        settings.ConnectionReset = false;
        _servers = [.. settings.Server.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Select(host => new Server(host, Pool(settings, host)))];
        _log = log;
    }

    /// <summary>The settings that every connection has.</summary>
    public static MySqlConnectionStringBuilder Settings(string connectionString) => new(connectionString)
    {
        DefaultCommandTimeout = SqlDatabase.SqlTimeoutSeconds,
        ConnectionTimeout = ConnectSeconds,
        UseAffectedRows = false,
        IgnoreCommandTransaction = true,
    };

    /// <summary>A connection to the server that takes writes.</summary>
    /// <exception cref="RpcException">UNAVAILABLE: all answer, and none takes writes.</exception>
    public async Task<MySqlConnection> OpenAsync(CancellationToken cancellation)
    {
        var first = _current;
        for (var turn = 0; ; turn++)
        {
            var number = (first + turn) % _servers.Length;
            try
            {
                if (await TryOpenAsync(_servers[number], cancellation) is { } connection)
                {
                    Remember(number);
                    return connection;
                }

                _log.LogDebug("Database server {Server} takes no writes", _servers[number].Host);
            }
            catch (MySqlException e) when (turn + 1 < _servers.Length)
            {
                _log.LogDebug(e, "Database server {Server} does not answer", _servers[number].Host);
            }

            if (turn + 1 == _servers.Length)
            {
                throw new RpcException(new Status(StatusCode.Unavailable, "No database server takes writes now."));
            }
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        foreach (var server in _servers)
        {
            await server.Pool.DisposeAsync();
        }
    }

    private static MySqlDataSource Pool(MySqlConnectionStringBuilder settings, string host)
    {
        var one = new MySqlConnectionStringBuilder(settings.ConnectionString) { Server = host };
        return new MySqlDataSourceBuilder(one.ConnectionString).UseConnectionOpenedCallback(PrepareAsync).Build();
    }

    /// <summary>Reads see what is committed when they run, also outside of transactions; nobody waits longer for a lock than for a statement.</summary>
    private static async ValueTask PrepareAsync(MySqlConnectionOpenedContext context, CancellationToken cancellation)
    {
        if (context.Conditions != MySqlConnectionOpenedConditions.None)
        {
            await context.Connection.ExecuteAsync(new CommandDefinition(
                "SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED; SET SESSION innodb_lock_wait_timeout = 2", cancellationToken: cancellation));
        }
    }

    /// <summary>A connection to a server, or null when it takes no writes. One from the pool may have died there; then so have the others, and a new one is made.</summary>
    private static async Task<MySqlConnection?> TryOpenAsync(Server server, CancellationToken cancellation)
    {
        for (var fresh = false; ; fresh = true)
        {
            var connection = await server.Pool.OpenConnectionAsync(cancellation);
            try
            {
                if (await TakesWritesAsync(connection, cancellation))
                {
                    return connection;
                }

                await connection.DisposeAsync();
                return null;
            }
            catch (MySqlException) when (!fresh)
            {
                await MySqlConnection.ClearPoolAsync(connection, cancellation);
                await connection.DisposeAsync();
            }
            catch
            {
                await connection.DisposeAsync();
                throw;
            }
        }
    }

    private static async Task<bool> TakesWritesAsync(IDbConnection connection, CancellationToken cancellation) =>
        // A number or a word, by the server's kind and version.
        await connection.ExecuteScalarAsync<string>(new CommandDefinition("SELECT @@global.read_only", cancellationToken: cancellation)) is "0" or "OFF";

    private void Remember(int number)
    {
        var before = _current;
        if (before != number)
        {
            _current = number;
            _log.LogWarning("The database is at {Server} now; {Before} does not answer or takes no writes", _servers[number].Host, _servers[before].Host);
        }
    }

    private sealed record Server(string Host, MySqlDataSource Pool);
}
