using System.Text.Json;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace PayCore.EndToEnd.Tests.Support;

/// <summary>One world on SQLite for a class whose tests do not disturb one another.</summary>
public class SharedWorld : IAsyncLifetime
{
    public World World { get; private set; } = null!;

    public async ValueTask InitializeAsync() => World = await World.StartAsync("sqlite");

    public async ValueTask DisposeAsync()
    {
        await World.DisposeAsync();
        GC.SuppressFinalize(this);
    }
}

/// <summary>A callback as it was on the wire; of the headers, those that sign it.</summary>
public sealed record RawCallback(IReadOnlyDictionary<string, string> Headers, byte[] Body);

/// <summary>A row of the table of callbacks.</summary>
public sealed record KeptCallback(string State, string Reason, string Account, string OrderId, string AttemptNo, RawCallback Raw);

/// <summary>Looks into the tables, past every service. Reads only.</summary>
public static class Records
{
    /// <summary>How many rows all tables of money have together: a refusal adds none.</summary>
    public static Task<long> CountAsync(this World world) => ReadAsync(
        world,
        """
        SELECT (SELECT COUNT(*) FROM pay_order) + (SELECT COUNT(*) FROM pay_attempt) + (SELECT COUNT(*) FROM pay_order_history)
             + (SELECT COUNT(*) FROM pay_attempt_history) + (SELECT COUNT(*) FROM event) + (SELECT COUNT(*) FROM notify_delivery)
        """,
        async reader => await reader.ReadAsync() ? reader.GetInt64(0) : 0);

    /// <summary>Every callback that was kept, oldest first.</summary>
    public static Task<List<KeptCallback>> CallbacksAsync(this World world) => ReadAsync(
        world,
        "SELECT state, reason, account, order_id, attempt_no, headers, body FROM callback ORDER BY callback_id",
        async reader =>
        {
            List<KeptCallback> kept = [];
            while (await reader.ReadAsync())
            {
                kept.Add(new KeptCallback(
                    reader.GetString(0), reader.GetString(1), reader.GetString(2), reader.GetString(3), reader.GetString(4),
                    new RawCallback(Signing(reader.GetString(5)), (byte[])reader[6])));
            }

            return kept;
        });

    /// <summary>Nobody else writes until it is disposed.</summary>
    public static async Task<IAsyncDisposable> LockWritesAsync(this World world)
    {
        var connection = new SqliteConnection(world.App.Services.GetRequiredService<IConfiguration>()["Database:ConnectionString"]);
        await connection.OpenAsync();
        connection.BeginTransaction(deferred: false);
        return connection;
    }

    private static Dictionary<string, string> Signing(string headers) => JsonSerializer.Deserialize<string[][]>(headers)!
        .Where(h => h[0].StartsWith("Wechatpay-", StringComparison.OrdinalIgnoreCase)).ToDictionary(h => h[0], h => h[1]);

    private static async Task<T> ReadAsync<T>(World world, string sql, Func<SqliteDataReader, Task<T>> read)
    {
        await using var connection = new SqliteConnection(world.App.Services.GetRequiredService<IConfiguration>()["Database:ConnectionString"]);
        await connection.OpenAsync();
        await using var command = connection.CreateCommand();
        command.CommandText = sql;
        await using var reader = await command.ExecuteReaderAsync();
        return await read(reader);
    }
}
