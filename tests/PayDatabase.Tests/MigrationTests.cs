using System.Reflection;
using Dapper;
using FluentMigrator;
using FluentMigrator.Infrastructure;
using FluentMigrator.Runner;
using FluentMigrator.Runner.VersionTableInfo;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using PayCore.Contracts.V1;
using PayCore.PayDatabase.Migrations;
using PayCore.TestKit;

namespace PayCore.PayDatabase.Tests;

public sealed class MigrationTests
{
    public static TheoryData<string> Providers => DatabaseFixture.Providers;

    /// <summary>A database of the first schema, with an event that was told, goes on: nothing is lost, and the feed numbers what was there.</summary>
    [Theory]
    [MemberData(nameof(Providers))]
    public async Task FirstSchema_WithEvents_BecomesTheNewestAndKeepsThem(string provider)
    {
        using var folder = new TemporaryFolder();
        var connection = await NewConnectionAsync(provider, folder);
        await using (var old = Database(provider, connection))
        {
            await using var writer = await old.OpenAsync(CancellationToken.None);
            MigrateTo(old.IsMySql, old.ConnectionStringOf(writer), 202611220001);
            await writer.ExecuteAsync(
                """
                INSERT INTO event (event_id, app_id, order_id, order_version, event_type, body, created_at, feed_seq)
                VALUES ('E1', 'app1', 'P1', 3, 'payment.paid', X'7B7D', 5, NULL)
                """);
            await writer.ExecuteAsync(
                """
                INSERT INTO notify_delivery (delivery_id, event_id, app_id, order_id, url, state, version, cycle, tries, due_at, created_at, delivered_at)
                VALUES ('D1', 'E1', 'app1', 'P1', 'https://shop.example', 'PENDING', 1, 1, 0, 5, 5, NULL)
                """);
            await writer.ExecuteAsync(
                """
                INSERT INTO exception_item (exception_id, same_item, kind, app_id, order_id, attempt_no, callback_id, detail, created_at, resolved_at)
                VALUES ('X1', 's', 'OVERDUE', 'app1', 'P1', '', '', 'old', 5, NULL)
                """);
        }

        await using var db = await DatabaseFixture.StartAsync(provider, connection, null, new FakeTimeProvider(DatabaseFixture.Start));

        (await db.Client.ReadDeliveriesAsync(new ListDeliveriesRequest { OrderId = "P1" })).Deliveries.Single().EventType.Should().Be("payment.paid");
        await db.Client.NumberEventsAsync(new NumberEventsRequest { Holder = "one", LeaseSeconds = 30, Limit = 10 });
        (await db.Client.ReadEventsAsync(new ReadEventsRequest { AppId = "app1", Limit = 10 })).Events.Single().Number.Should().Be(1);
        (await db.Client.ListExceptionsAsync(new ListExceptionsRequest())).Exceptions.Single().Resolved.Should().BeFalse();
        (await db.RefundAsync(Refund.Types.State.Succeeded)).Refund.State.Should().Be(Refund.Types.State.Succeeded);
    }

    /// <summary>MySQL commits each statement by itself. A first install that breaks off after every single one goes on each time, and ends at the same schema.</summary>
    [Fact]
    public async Task FirstSteps_BrokenOffAfterEachStatement_GoOn()
    {
        var server = await MariaDbServer.SharedAsync();
        var (whole, broken) = (await server.CreateDatabaseAsync(), await server.CreateDatabaseAsync());
        MigrateTo(isMySql: true, whole, 202611230003);

        using (var provider = Runner(isMySql: true, broken))
        {
            foreach (var step in (Migration[])[new PayOrders(), new RefundsAndTransfers(), new Alerts(), new Audit()])
            {
                HashSet<string> made = [];
                while (RunUntilOneMore(provider, step, made))
                {
                }

                MigrateTo(isMySql: true, broken, step.GetType().GetCustomAttribute<MigrationAttribute>()!.Version);
            }
        }

        (await SchemaAsync(broken)).Should().Equal(await SchemaAsync(whole));
        await using var db = await DatabaseFixture.StartAsync("mysql", broken, null, new FakeTimeProvider(DatabaseFixture.Start));
        (await db.RefundAsync(Refund.Types.State.Succeeded)).Refund.State.Should().Be(Refund.Types.State.Succeeded);

        // Begins the step anew and breaks off after the first statement that no run before has come to.
        static bool RunUntilOneMore(ServiceProvider provider, Migration step, HashSet<string> made)
        {
            using var scope = provider.CreateScope();
            var processor = scope.ServiceProvider.GetRequiredService<IMigrationProcessor>();
            var context = new MigrationContext(processor, scope.ServiceProvider, "");
            step.GetUpExpressions(context);
            foreach (var statement in context.Expressions)
            {
                statement.ExecuteWith(processor);
                if (made.Add($"{statement}"))
                {
                    return true;
                }
            }

            return false;
        }

        static async Task<IReadOnlyList<string>> SchemaAsync(string connection)
        {
            await using var database = new MySqlConnector.MySqlConnection(connection);
            return [.. await database.QueryAsync<string>(
                """
                SELECT CONCAT_WS(' ', table_name, ordinal_position, column_name, column_type, is_nullable, column_default) FROM information_schema.columns
                 WHERE table_schema = DATABASE() AND table_name <> 'schema_version'
                UNION ALL
                SELECT CONCAT_WS(' ', table_name, index_name, seq_in_index, column_name, non_unique) FROM information_schema.statistics
                 WHERE table_schema = DATABASE() AND table_name <> 'schema_version'
                UNION ALL SELECT CONCAT_WS(' ', name, holder, lease_at) FROM lease
                UNION ALL SELECT CONCAT_WS(' ', id, number, hash) FROM audit_end
                ORDER BY 1
                """)];
        }
    }

    /// <summary>However many processes start at once, each step is done once, and whoever waits finds nothing left.</summary>
    [Theory]
    [MemberData(nameof(Providers))]
    public async Task Migrate_ByManyAtOnce_IsDoneOnce(string provider)
    {
        using var folder = new TemporaryFolder();
        var connection = await NewConnectionAsync(provider, folder);

        // Each as if in a process of its own.
        var steps = await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => Task.Run(async () =>
        {
            await using var database = Database(provider, connection);
            return await Migrator(database, migrate: true).MigrateAsync(CancellationToken.None);
        })));

        steps.Order().Should().Equal(0, 0, 0, 0, steps.Max());
        await using var at = Database(provider, connection);
        var status = await Migrator(at, migrate: false).StatusAsync(CancellationToken.None);
        status.Applied.Should().HaveCount(steps.Max());
        status.Pending.Should().BeEmpty();
    }

    /// <summary>A lock that nobody gives back: its holder died, and its connection with it.</summary>
    [Fact]
    public async Task Migrate_WhoeverHadTheLockDied_GoesOn()
    {
        var connection = await (await MariaDbServer.SharedAsync()).CreateDatabaseAsync();
        await using var dying = new MySqlConnector.MySqlConnection(connection);
        await dying.OpenAsync();
        (await dying.ExecuteScalarAsync<int>("SELECT GET_LOCK(CONCAT('paycore.schema.', MD5(DATABASE())), 0)")).Should().Be(1);
        await using var database = Database("mysql", connection);
        var migrating = Migrator(database, migrate: true).MigrateAsync(CancellationToken.None);
        await using (var root = new MySqlConnector.MySqlConnection(connection))
        {
            await root.OpenAsync();
            while (await root.ExecuteScalarAsync<long>(
                "SELECT COUNT(*) FROM information_schema.processlist WHERE db = DATABASE() AND state = 'User lock'") == 0)
            {
                await Task.Delay(20, TestContext.Current.CancellationToken);
            }

            migrating.IsCompleted.Should().BeFalse();
            await root.ExecuteAsync($"KILL {dying.ServerThread}");
        }

        (await migrating).Should().BePositive();
    }

    [Theory]
    [MemberData(nameof(Providers))]
    public async Task Start_SchemaIsBehindAndMigrationIsOff_IsRefusedUntilAJobHasDoneIt(string provider)
    {
        using var folder = new TemporaryFolder();
        var connection = await NewConnectionAsync(provider, folder);
        await using var database = Database(provider, connection);

        var start = () => Migrator(database, migrate: false).RunAsync(CancellationToken.None);

        (await start.Should().ThrowAsync<InvalidOperationException>()).WithMessage("*steps behind*database migrate*");
        await Migrator(database, migrate: false).MigrateAsync(CancellationToken.None);
        await start.Should().NotThrowAsync();
    }

    /// <summary>Services of the version before run on beside the new schema: from here on, steps add what they do not see, and nothing else (docs/scale.md).</summary>
    [Fact]
    public void Steps_AddAndChangeNothing()
    {
        var steps = Directory.EnumerateFiles(Path.Combine(Repository.Root, "src", "PayDatabase", "Migrations"), "M*.cs")
            .Where(f => string.CompareOrdinal(Path.GetFileName(f), "M20261128") > 0).ToList();

        steps.Should().NotBeEmpty();
        foreach (var step in steps)
        {
            var text = File.ReadAllText(step);
            text.Should().NotMatchRegex(@"(?i)\b(DROP (?!INDEX)|(RENAME|MODIFY|CHANGE|ALTER COLUMN|TRUNCATE)\b|Delete\.|Rename\.|Alter\.Column)", Path.GetFileName(step));
            text.Should().NotMatchRegex(@"(?i)ADD COLUMN[^\n]*NOT NULL(?![^\n]*DEFAULT)", Path.GetFileName(step));
        }
    }

    private static async Task<string> NewConnectionAsync(string provider, TemporaryFolder folder) =>
        provider == "sqlite" ? $"Data Source={folder.File("new.db")}" : await (await MariaDbServer.SharedAsync()).CreateDatabaseAsync();

    private static SqlDatabase Database(string provider, string connection) => new(
        Options.Create(new DatabaseOptions { Provider = provider, ConnectionString = connection }), TimeProvider.System, NullLogger<SqlDatabase>.Instance);

    private static Migrator Migrator(SqlDatabase database, bool migrate) =>
        new(database, Options.Create(new DatabaseOptions { Migrate = migrate }), TimeProvider.System, NullLogger<Migrator>.Instance);

    private static void MigrateTo(bool isMySql, string connection, long version)
    {
        using var provider = Runner(isMySql, connection);
        using var scope = provider.CreateScope();
        scope.ServiceProvider.GetRequiredService<IMigrationRunner>().MigrateUp(version);
    }

    private static ServiceProvider Runner(bool isMySql, string connection) => new ServiceCollection()
        .AddFluentMigratorCore()
        .ConfigureRunner(runner =>
        {
            _ = isMySql ? runner.AddMySql8() : runner.AddSQLite();
            runner.WithGlobalConnectionString(connection).ScanIn(typeof(SqlDatabase).Assembly).For.Migrations();
        })
        .AddSingleton<IVersionTableMetaData, PayDatabase.Migrator.VersionTable>()
        .BuildServiceProvider();
}
