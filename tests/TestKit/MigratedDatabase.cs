using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using MySqlConnector;
using PayCore.PayDatabase;

namespace PayCore.TestKit;

/// <summary>
/// New databases with the newest schema and nothing else. The program's own migrations make the first of a process; every other one is a copy of it, since walking
/// all steps takes ten times as long as most tests that need a database.
/// </summary>
public static class MigratedDatabase
{
    private static readonly Lazy<Task<byte[]>> _sqlite = new(MigrateSqliteAsync);
    private static readonly Lazy<Task<string>> _mySql = new(MigrateMySqlAsync);

    /// <summary>Makes one and answers its connection string.</summary>
    /// <param name="provider"><c>sqlite</c>, or <c>mysql</c>: on the server that the tests of a process share.</param>
    /// <param name="file">Where it is on SQLite.</param>
    public static async Task<string> CreateAsync(string provider, string file)
    {
        if (provider == "sqlite")
        {
            await File.WriteAllBytesAsync(file, await _sqlite.Value);
            return $"Data Source={file}";
        }

        var server = await MariaDbServer.SharedAsync();
        var connection = await server.CreateDatabaseAsync();
        await server.ExecuteAsync((await _mySql.Value).Replace("{name}", NameOf(connection), StringComparison.Ordinal));
        return connection;
    }

    private static async Task<byte[]> MigrateSqliteAsync()
    {
        using var folder = new TemporaryFolder();
        var file = folder.File("migrated.db");
        // Without a pool the file is whole when its last connection is closed.
        await MigrateAsync("sqlite", $"Data Source={file};Pooling=False");
        return await File.ReadAllBytesAsync(file);
    }

    // The statements that copy it: MySQL knows none for a whole database.
    private static async Task<string> MigrateMySqlAsync()
    {
        var server = await MariaDbServer.SharedAsync();
        var connection = await server.CreateDatabaseAsync();
        var migrated = NameOf(connection);
        await MigrateAsync("mysql", connection);
        return await server.ScalarAsync(
            $"""
            SELECT GROUP_CONCAT('CREATE TABLE {"{name}"}.', table_name, ' LIKE {migrated}.', table_name, ';INSERT INTO {"{name}"}.', table_name, ' SELECT * FROM {migrated}.', table_name SEPARATOR ';')
            FROM information_schema.tables WHERE table_schema = '{migrated}'
            """) ?? throw new InvalidOperationException("The migrations made no tables.");
    }

    private static string NameOf(string connection) => new MySqlConnectionStringBuilder(connection).Database;

    private static async Task MigrateAsync(string provider, string connection)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?> { ["Database:Provider"] = provider, ["Database:ConnectionString"] = connection });
        builder.Services.AddPayDatabase();
        using var host = builder.Build();
        await host.Services.GetRequiredService<Migrator>().MigrateAsync(CancellationToken.None);
    }
}
