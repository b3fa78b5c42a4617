using System.Data.Common;
using System.Reflection;
using Dapper;
using FluentMigrator;
using FluentMigrator.Runner;
using FluentMigrator.Runner.Conventions;
using FluentMigrator.Runner.Initialization;
using FluentMigrator.Runner.VersionTableInfo;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace PayCore.PayDatabase;

/// <summary>
/// Brings the schema up to date, one process at a time, and refuses a schema that this program does not know. Steps are safe under traffic: the program of the step before runs
/// on beside the new schema (docs/scale.md), and each statement may run again, since MySQL commits every one by itself and a step may stop halfway.
/// </summary>
public sealed class Migrator(SqlDatabase database, IOptions<DatabaseOptions> options, TimeProvider time, ILogger<Migrator> log)
{
    // Building an index over many rows takes its time; waiting for a table that a long statement uses must not, since everybody else waits behind it.
    private static readonly TimeSpan _statementLimit = TimeSpan.FromHours(6);
    private const int TableWaitSeconds = 5;

    /// <summary>Migrates when allowed to, then checks that schema and program belong together.</summary>
    /// <exception cref="InvalidOperationException">The schema is newer than the program, or older and may not be migrated: the process must not serve money.</exception>
    public async Task RunAsync(CancellationToken cancellation)
    {
        if (options.Value.Migrate)
        {
            await MigrateAsync(cancellation);
            return;
        }

        var status = await StatusAsync(cancellation);
        Demand(status);
        if (status.Pending.Count > 0)
        {
            throw new InvalidOperationException(
                $"The database's schema is {status.Pending.Count} steps behind and Database:Migrate is off. Run ./paycore database migrate first.");
        }
    }

    /// <summary>Migrates whatever <c>Database:Migrate</c> says, and answers how many steps there were to do. Safe to repeat, and at the same time from several processes.</summary>
    /// <exception cref="InvalidOperationException">The schema is newer than the program.</exception>
    public async Task<int> MigrateAsync(CancellationToken cancellation)
    {
        // Most starts find nothing to do and need not wait for anybody.
        var before = await StatusAsync(cancellation);
        Demand(before);
        if (before.Pending.Count == 0)
        {
            return 0;
        }

        await using var held = await SchemaLock.TakeAsync(database, time, log, cancellation);
        var status = await ReadAsync(held.Connection);
        Demand(status);
        if (status.Pending.Count > 0)
        {
            MigrateUp(database.ConnectionStringOf(held.Connection));
            log.LogInformation("The database's schema is at version {Version}", status.Pending[^1]);
        }

        return status.Pending.Count;
    }

    /// <summary>How schema and program stand to one another. Changes nothing.</summary>
    public async Task<SchemaStatus> StatusAsync(CancellationToken cancellation)
    {
        await using var connection = await database.OpenWriterAsync(cancellation);
        return await ReadAsync(connection);
    }

    private static void Demand(SchemaStatus status)
    {
        if (status.Unknown.Count > 0)
        {
            throw new InvalidOperationException(
                $"The database has schema version {status.Unknown[^1]}, which this program does not know. Run the newer program, or restore the older database.");
        }
    }

    private async Task<SchemaStatus> ReadAsync(DbConnection connection)
    {
        var isThere = await connection.ExecuteScalarAsync<long>(
            database.IsMySql
                ? $"SELECT COUNT(*) FROM information_schema.tables WHERE table_schema = DATABASE() AND table_name = '{VersionTable.Name}'"
                : $"SELECT COUNT(*) FROM sqlite_master WHERE name = '{VersionTable.Name}'") > 0;
        List<long> applied = isThere ? [.. await connection.QueryAsync<long>($"SELECT Version FROM {VersionTable.Name} ORDER BY Version")] : [];
        var known = typeof(Migrator).Assembly.GetTypes().Select(t => t.GetCustomAttribute<MigrationAttribute>()?.Version).OfType<long>().Order().ToList();
        return new SchemaStatus([.. applied.Intersect(known)], [.. known.Except(applied)], [.. applied.Except(known)]);
    }

    private void MigrateUp(string connectionString)
    {
        using var services = new ServiceCollection()
            .AddFluentMigratorCore()
            .ConfigureRunner(runner =>
            {
                _ = database.IsMySql ? runner.AddMySql8() : runner.AddSQLite();
                runner.WithGlobalConnectionString(connectionString).WithGlobalCommandTimeout(_statementLimit).ScanIn(typeof(Migrator).Assembly).For.Migrations();
            })
            .AddSingleton<IVersionTableMetaData, VersionTable>()
            .BuildServiceProvider();
        using var scope = services.CreateScope();
        if (database.IsMySql)
        {
            scope.ServiceProvider.GetRequiredService<IMigrationProcessor>().Execute($"SET SESSION lock_wait_timeout = {TableWaitSeconds}");
        }

        scope.ServiceProvider.GetRequiredService<IMigrationRunner>().MigrateUp();
    }

    /// <summary>Where the applied versions are kept.</summary>
    internal sealed class VersionTable(IConventionSet conventions, IOptions<RunnerOptions> options)
        : DefaultVersionTableMetaData(conventions, options)
    {
        public const string Name = "schema_version";

        public override string TableName => Name;
    }
}

/// <summary>The versions of a schema, each in order.</summary>
/// <param name="Applied">Those that this program knows and the database has.</param>
/// <param name="Pending">Those that the database lacks.</param>
/// <param name="Unknown">Those of a newer program.</param>
public sealed record SchemaStatus(IReadOnlyList<long> Applied, IReadOnlyList<long> Pending, IReadOnlyList<long> Unknown);
