using System.Diagnostics;
using MySqlConnector;

namespace PayCore.Bench;

/// <summary>What the database can do at most: durable writes of one row each, nothing else, as many at once as the system has requests in flight.</summary>
internal sealed class Floor(string connectionString, int inFlight)
{
    private const int Rows = 100_000;
    private int _next;

    public async Task PrepareAsync()
    {
        await using var connection = await OpenAsync();
        await ExecuteAsync(connection, "CREATE TABLE floor_row (id INT NOT NULL PRIMARY KEY, value VARCHAR(200) NOT NULL) ENGINE=InnoDB");
        var text = new string('x', 200);
        for (var first = 0; first < Rows; first += 1_000)
        {
            await ExecuteAsync(connection, $"INSERT INTO floor_row VALUES {string.Join(',', Enumerable.Range(first, 1_000).Select(id => $"({id},'{text}')"))}");
        }

        _next = Rows;
    }

    /// <summary>INSERTs a second.</summary>
    public Task<double> InsertAsync(TimeSpan time) =>
        RunAsync(time, "INSERT INTO floor_row VALUES (@id, REPEAT('y', 200))", () => Interlocked.Increment(ref _next));

    /// <summary>UPDATEs a second, each of another row.</summary>
    public Task<double> UpdateAsync(TimeSpan time)
    {
        var row = 0;
        return RunAsync(time, "UPDATE floor_row SET value = CONCAT(LEFT(value, 190), @id) WHERE id = @id", () => Interlocked.Increment(ref row) % Rows);
    }

    /// <summary>What the server counted so far: statements, commits and writes of its log to the disk.</summary>
    public async Task<IReadOnlyDictionary<string, long>> CountsAsync()
    {
        await using var connection = await OpenAsync();
        await using var command = new MySqlCommand("SHOW GLOBAL STATUS WHERE Variable_name IN ('Questions', 'Com_commit', 'Innodb_data_fsyncs')", connection);
        await using var reader = await command.ExecuteReaderAsync();
        var counts = new Dictionary<string, long>();
        while (await reader.ReadAsync())
        {
            counts[reader.GetString(0)] = long.Parse(reader.GetString(1), System.Globalization.CultureInfo.InvariantCulture);
        }

        return counts;
    }

    /// <summary>Orders of a system's database that are PAID.</summary>
    public static async Task<long> PaidAsync(string database)
    {
        await using var connection = new MySqlConnection(database);
        await connection.OpenAsync();
        await using var command = new MySqlCommand("SELECT COUNT(*) FROM pay_order WHERE state = 'PAID'", connection);
        return (long)(await command.ExecuteScalarAsync())!;
    }

    private async Task<double> RunAsync(TimeSpan time, string sql, Func<int> next)
    {
        var connections = await Task.WhenAll(Enumerable.Range(0, inFlight).Select(_ => OpenAsync()));
        var watch = Stopwatch.StartNew();
        var done = await Task.WhenAll(connections.Select(async connection =>
        {
            await using var command = new MySqlCommand(sql, connection);
            var id = command.Parameters.Add("@id", MySqlDbType.Int32);
            await command.PrepareAsync();
            var count = 0;
            while (watch.Elapsed < time)
            {
                id.Value = next();
                await command.ExecuteNonQueryAsync();
                count++;
            }

            return count;
        }));
        var seconds = watch.Elapsed.TotalSeconds;
        foreach (var connection in connections)
        {
            await connection.DisposeAsync();
        }

        return done.Sum() / seconds;
    }

    private async Task<MySqlConnection> OpenAsync()
    {
        var connection = new MySqlConnection(connectionString);
        await connection.OpenAsync();
        return connection;
    }

    private static async Task ExecuteAsync(MySqlConnection connection, string sql)
    {
        await using var command = new MySqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }
}
