using FluentMigrator.Runner;
using FluentMigrator.Runner.Conventions;
using FluentMigrator.Runner.Initialization;
using FluentMigrator.Runner.VersionTableInfo;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace PayCore.PayDatabase;

/// <summary>Brings the schema up to date, and refuses a schema that this program does not know.</summary>
public sealed class Migrator(SqlDatabase database, IOptions<DatabaseOptions> options, ILogger<Migrator> log)
{
    /// <summary>Migrates when allowed to, then checks that schema and program belong together.</summary>
    /// <exception cref="InvalidOperationException">The schema is newer than the program, or older and may not be migrated: the process must not serve money.</exception>
    public void Run()
    {
        var services = new ServiceCollection()
            .AddFluentMigratorCore()
            .ConfigureRunner(runner =>
            {
                _ = database.IsMySql ? runner.AddMySql8() : runner.AddSQLite();
                runner.WithGlobalConnectionString(database.ConnectionString).ScanIn(typeof(Migrator).Assembly).For.Migrations();
            })
            .AddSingleton<IVersionTableMetaData, VersionTable>();
        using var provider = services.BuildServiceProvider();
        using var scope = provider.CreateScope();
        var runner = scope.ServiceProvider.GetRequiredService<IMigrationRunner>();
        var known = runner.MigrationLoader.LoadMigrations();

        var versions = scope.ServiceProvider.GetRequiredService<IVersionLoader>();
        versions.LoadVersionInfo();
        var applied = versions.VersionInfo.AppliedMigrations().ToList();
        var unknown = applied.Where(v => !known.ContainsKey(v)).ToList();
        if (unknown.Count > 0)
        {
            throw new InvalidOperationException(
                $"The database has schema version {unknown.Max()}, which this program does not know. Run the newer program, or restore the older database.");
        }

        if (applied.Count == known.Count)
        {
            return;
        }

        if (!options.Value.Migrate)
        {
            throw new InvalidOperationException(
                $"The database's schema is {known.Count - applied.Count} steps behind and Database:Migrate is off. Run the migration first.");
        }

        runner.MigrateUp();
        log.LogInformation("The database's schema is at version {Version}", known.Keys.Max());
    }

    /// <summary>Where the applied versions are kept.</summary>
    internal sealed class VersionTable(IConventionSet conventions, IOptions<RunnerOptions> options)
        : DefaultVersionTableMetaData(conventions, options)
    {
        public override string TableName => "schema_version";
    }
}
