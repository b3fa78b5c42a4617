using Dapper;
using FluentMigrator.Runner;
using FluentMigrator.Runner.VersionTableInfo;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using PayCore.Contracts.V1;
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
        var connection = provider == "sqlite" ? $"Data Source={folder.File("old.db")}" : await (await MariaDbServer.SharedAsync()).CreateDatabaseAsync();
        await using (var old = new SqlDatabase(Options.Create(new DatabaseOptions { Provider = provider, ConnectionString = connection })))
        {
            MigrateTo(old, 202611220001);
            await using var writer = await old.OpenAsync(CancellationToken.None);
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

    private static void MigrateTo(SqlDatabase database, long version)
    {
        using var provider = new ServiceCollection()
            .AddFluentMigratorCore()
            .ConfigureRunner(runner =>
            {
                _ = database.IsMySql ? runner.AddMySql8() : runner.AddSQLite();
                runner.WithGlobalConnectionString(database.ConnectionString).ScanIn(typeof(Migrator).Assembly).For.Migrations();
            })
            .AddSingleton<IVersionTableMetaData, Migrator.VersionTable>()
            .BuildServiceProvider();
        using var scope = provider.CreateScope();
        scope.ServiceProvider.GetRequiredService<IMigrationRunner>().MigrateUp(version);
    }
}
