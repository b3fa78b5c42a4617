using Microsoft.Data.Sqlite;
using PayCore.CommandLine.Tests.Support;
using PayCore.TestKit;

namespace PayCore.CommandLine.Tests;

/// <summary><c>paycore database</c> and <c>paycore archive</c>, on databases of their own.</summary>
public sealed class DatabaseTests
{
    [Fact]
    public async Task Database_NewBehindAndNewer_IsMadeMendedAndRefused()
    {
        using var folder = new TemporaryFolder();
        (await RunAsync("database", "status")).Refused("There is no database");

        (await RunAsync("database", "migrate")).Done().Output.Should().Contain("steps done");
        (await RunAsync("database", "migrate")).Done().Output.Should().Contain("Nothing to do");
        (await RunAsync("database", "status")).Done().Output.Should().Contain("as this program wants it");

        // The last step was never done.
        await ExecuteAsync("DROP INDEX channel_statement_account; DELETE FROM schema_version WHERE Version = 202611280002");
        (await RunAsync("database", "status")).Refused("lacks 202611280002");
        (await RunAsync("exception", "list", "--Database:Migrate=false")).Done();
        (await RunAsync("database", "migrate", "--Database:Migrate=false")).Done().Output.Should().Contain("1 steps done");

        await ExecuteAsync("INSERT INTO schema_version (Version, Description) VALUES (299901010000, 'of the future')");
        (await RunAsync("database", "status")).Refused("299901010000");
        (await RunAsync("database", "migrate")).Refused("299901010000");

        Task<CommandRun> RunAsync(params string[] command) => CommandRun.StartAsync(folder.Path, [.. command, $"--Data={folder.Path}"]);

        Task ExecuteAsync(string sql) => DatabaseTests.ExecuteAsync(folder, sql);
    }

    [Fact]
    public async Task Migrate_ByJobsAtOnceOnMySql_IsDoneByOneOfThem()
    {
        using var folder = new TemporaryFolder();
        var connection = await (await MariaDbServer.SharedAsync()).CreateDatabaseAsync();

        var runs = await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => CommandRun.StartAsync(
            folder.Path, ["database", "migrate", "--Database:Provider=mysql", $"--Database:ConnectionString={connection}", $"--Data={folder.Path}"])));

        runs.Select(r => r.Done().Output.Split(':')[0]).Order().Should().SatisfyRespectively(
            one => one.Should().EndWith("steps done"), two => two.Should().Be("Nothing to do"), three => three.Should().Be("Nothing to do"));
    }

    [Fact]
    public async Task Archive_OfAnOldOrder_MovesItOnceIsAuditedAndItIsStillShown()
    {
        using var folder = new TemporaryFolder();
        (await RunAsync("database", "migrate")).Done();
        foreach (var (id, ended) in ((string, long)[])[("P01OLD", 5), ("P01NEW", TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds())])
        {
            await ExecuteAsync(folder, $"""
                INSERT INTO pay_order (id, merchant_id, app_id, out_trade_no, state, version, amount_minor, currency, subject, method, scene, buyer, client_ip, notify_url,
                                       deliver_url, return_url, attach, expire_at, expire_given, page_token, attempt_count, late, close_requested, close_cause,
                                       failure_code, failure_message, created_at, ended_at)
                VALUES ('{id}', 'm1', 'app1', 'T-{id}', 'CLOSED', 2, 1299, 'CNY', 'tea', 'wechat', 'QR', '', '', '', '', '', '', 5, 0, '{id}', 0, 0, 1, 'merchant', '', '', 5, {ended});
                INSERT INTO pay_order_history (order_id, version, from_state, to_state, cause, evidence_id, at) VALUES ('{id}', 1, '', 'CREATED', 'create', '', 5);
                """);
        }

        (await RunAsync("archive", "--before", "now")).Refused("at least 60 days ago");
        var looked = (await RunAsync("archive", "--dry-run")).Done();
        looked.Output.Should().Contain("1 orders ended before").And.Contain("would move; 1 stay:").And.Contain("1  it is open, or ended later");
        (await RunAsync("archive")).Done().Output.Should().Contain("moved; 1 stay:");
        (await RunAsync("archive", "--before", "2024-01-01T00:00:00+08:00")).Done().Output.Should().StartWith("0 orders ended before 2023-12-31T16:00:00Z moved");

        (await RunAsync("order", "show", "P01OLD")).Done().Output.Should().Contain("CLOSED");
        (await RunAsync("order", "show", "--app", "app1", "--out-trade-no", "T-P01OLD")).Done().Output.Should().Contain("P01OLD");
        var audit = (await RunAsync("audit", "list")).Done().Output;
        audit.Split("archive.begin").Should().HaveCount(3);
        audit.Split("archive.end").Should().HaveCount(3);

        Task<CommandRun> RunAsync(params string[] command) => CommandRun.StartAsync(folder.Path, [.. command, $"--Data={folder.Path}"]);
    }

    private static async Task ExecuteAsync(TemporaryFolder folder, string sql)
    {
        await using var connection = new SqliteConnection($"Data Source={folder.File("paycore.db")};Pooling=False");
        await connection.OpenAsync();
        await using var command = connection.CreateCommand();
        command.CommandText = sql;
        await command.ExecuteNonQueryAsync();
    }
}
