using System.Collections.Concurrent;
using Grpc.Core;
using MySqlConnector;
using PayCore.Contracts.V1;
using PayCore.ServiceDefaults.Ports;
using PayCore.TestKit;

namespace PayCore.PayDatabase.Tests;

/// <summary>Two MariaDB servers, the second a semi-synchronous replica of the first by GTID, and a user for whom <c>read_only</c> counts.</summary>
public sealed class FailoverTests
{
    private static readonly TimeSpan _limit = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task PrimaryKilled_ReplicaPromoted_WritesGoOnAndNothingAcknowledgedIsLost()
    {
        await using var pair = await Pair.StartAsync();
        await using var db = await pair.OpenAsync();
        var acknowledged = new ConcurrentBag<string>();
        using var stop = new CancellationTokenSource();
        var merchants = Task.WhenAll(Enumerable.Range(0, 6).Select(_ => KeepCreatingAsync(db, acknowledged, stop.Token)));
        await UntilAsync(() => acknowledged.Count >= 60);

        await pair.Primary.DisposeAsync();
        await pair.PromoteAsync();
        var promoted = TimeProvider.System.GetTimestamp();
        var before = acknowledged.Count;
        await UntilAsync(() => acknowledged.Count > before);
        var pause = TimeProvider.System.GetElapsedTime(promoted);
        await UntilAsync(() => acknowledged.Count >= before + 60);
        await stop.CancelAsync();
        await merchants;

        TestContext.Current.TestOutputHelper?.WriteLine($"{acknowledged.Count} acknowledged; the first {pause.TotalSeconds:0.0} s after the promotion");
        pause.Should().BeLessThan(TimeSpan.FromSeconds(15));
        var there = await Pair.OrdersAtAsync(pair.Replica);
        acknowledged.Should().OnlyHaveUniqueItems().And.OnlyContain(id => there.Contains(id));
        (await db.ReadAsync(acknowledged.First())).Order.State.Should().Be(PayOrder.Types.State.Paying);
    }

    [Fact]
    public async Task PrimaryDemoted_ItIsNeitherWrittenNorReadAndTheOtherIs()
    {
        await using var pair = await Pair.StartAsync();
        await using var db = await pair.OpenAsync();
        await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => db.Client.CreateOrderAsync(db.NewOrder()).ResponseAsync));

        // A planned change of roles, under connections that stay open.
        await pair.Primary.ExecuteAsync("SET GLOBAL read_only = 1");
        await pair.PromoteAsync();
        var after = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => db.Client.CreateOrderAsync(db.NewOrder()).ResponseAsync));

        after.Should().OnlyContain(r => r.Result == CreateOrderReply.Types.Result.Created, "a refused write runs again at the new primary");
        (await Pair.OrdersAtAsync(pair.Primary)).Should().HaveCount(20);
        (await Pair.OrdersAtAsync(pair.Replica)).Should().HaveCount(40);
        (await db.ReadAsync(after[0].Order.Order.Id)).Order.Id.Should().Be(after[0].Order.Order.Id);

        // With none that takes writes, nothing is decided by what one of them says.
        await pair.Replica.ExecuteAsync("SET GLOBAL read_only = 1");
        var read = () => db.ReadAsync(after[0].Order.Order.Id);
        (await read.Should().ThrowAsync<RpcException>()).Which.StatusCode.Should().Be(StatusCode.Unavailable);
        var write = () => db.Client.CreateOrderAsync(db.NewOrder()).ResponseAsync;
        (await write.Should().ThrowAsync<RpcException>()).Which.StatusCode.Should().Be(StatusCode.Unavailable);
    }

    [Fact]
    public async Task Lists_ComeFromTheReplica_AndWhileItIsAwayFromThePrimary()
    {
        await using var pair = await Pair.StartAsync();
        await using var db = await pair.OpenAsync(withReplica: true);
        var first = (await db.Client.CreateOrderAsync(db.NewOrder(), cancellationToken: CancellationToken.None)).Order.Order.Id;
        await UntilAsync(async () => (await ListAsync()).Contains(first));

        await pair.Replica.ExecuteAsync("STOP SLAVE SQL_THREAD");
        var second = (await db.Client.CreateOrderAsync(db.NewOrder(), cancellationToken: CancellationToken.None)).Order.Order.Id;

        (await ListAsync()).Should().Equal([first], "a list may lag behind");
        (await db.ReadAsync(second)).Order.Id.Should().Be(second, "what decides may not");
        (await db.Client.CreateOrderAsync(db.NewOrder("twice"))).Result.Should().Be(CreateOrderReply.Types.Result.Created);
        var again = db.NewOrder("twice");
        (await db.Client.CreateOrderAsync(again)).Result.Should().Be(CreateOrderReply.Types.Result.Exists);

        // The primary would wait for it; that is the operator's choice, and here he chose to go on.
        await pair.Primary.ExecuteAsync("SET GLOBAL rpl_semi_sync_master_enabled = 0");
        await pair.Replica.DisposeAsync();
        (await ListAsync()).Should().HaveCount(3).And.Contain(second);
        (await ListAsync()).Should().HaveCount(3, "and without asking it each time");

        async Task<IReadOnlyList<string>> ListAsync() =>
            [.. (await db.Client.ListPayOrdersAsync(new ListRequest { AppId = "app1", Limit = 100 })).Orders.Select(o => o.Id)];
    }

    private static async Task KeepCreatingAsync(DatabaseFixture db, ConcurrentBag<string> acknowledged, CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            try
            {
                acknowledged.Add((await db.Client.CreateOrderAsync(db.NewOrder(), cancellationToken: CancellationToken.None)).Order.Order.Id);
            }
            catch (RpcException e) when (e.StatusCode == StatusCode.Unavailable)
            {
                // The merchant would ask again under the same number; here the next one comes.
                await Task.Delay(20, CancellationToken.None);
            }
        }
    }

    private static Task UntilAsync(Func<bool> reached) => UntilAsync(() => Task.FromResult(reached()));

    private static async Task UntilAsync(Func<Task<bool>> reached)
    {
        var began = TimeProvider.System.GetTimestamp();
        while (!await reached())
        {
            TimeProvider.System.GetElapsedTime(began).Should().BeLessThan(_limit);
            await Task.Delay(20, TestContext.Current.CancellationToken);
        }
    }

    private sealed class Pair : IAsyncDisposable
    {
        private const string Database = "paycore";

        private Pair(MariaDbServer primary, MariaDbServer replica) => (Primary, Replica) = (primary, replica);

        public MariaDbServer Primary { get; }

        public MariaDbServer Replica { get; }

        public static async Task<Pair> StartAsync()
        {
            // One port on two addresses: a connection string names several servers and one port.
            var port = FreePorts.Take(1)[0];
            string[] both = ["--log-bin=binlog", "--log-slave-updates", "--gtid-strict-mode=1", "--sync-binlog=1", "--log-basename=db"];
            var servers = await Task.WhenAll(
                MariaDbServer.StartAsync("127.0.0.1", port, [.. both, "--server-id=1", "--rpl-semi-sync-master-wait-point=AFTER_SYNC", "--rpl-semi-sync-master-timeout=60000"]),
                MariaDbServer.StartAsync("127.0.0.2", port, [.. both, "--server-id=2", "--read-only=1", "--rpl-semi-sync-slave-enabled=1"]));
            var pair = new Pair(servers[0], servers[1]);
            await pair.Primary.ExecuteAsync(
                $"""
                CREATE USER copier@'127.0.0.1' IDENTIFIED BY 'copier'; GRANT REPLICATION SLAVE ON *.* TO copier@'127.0.0.1';
                CREATE DATABASE {Database};
                CREATE USER paycore@'127.0.0.1' IDENTIFIED BY 'paycore'; GRANT ALL ON {Database}.* TO paycore@'127.0.0.1';
                """);
            await pair.Replica.ExecuteAsync(
                $"""
                CHANGE MASTER TO master_host = '127.0.0.1', master_port = {port}, master_user = 'copier', master_password = 'copier', master_use_gtid = slave_pos,
                                 master_connect_retry = 1;
                START SLAVE
                """);
            await pair.Primary.ExecuteAsync("SET GLOBAL rpl_semi_sync_master_enabled = 1");
            await UntilAsync(async () => await pair.Primary.ScalarAsync("SELECT variable_value FROM information_schema.global_status WHERE variable_name = 'Rpl_semi_sync_master_clients'") == "1");
            return pair;
        }

        public Task<DatabaseFixture> OpenAsync(bool withReplica = false)
        {
            var settings = new MySqlConnectionStringBuilder
            {
                Server = $"{Primary.Address},{Replica.Address}",
                Port = (uint)Primary.Port,
                UserID = "paycore",
                Password = "paycore",
                Database = Database,
                SslMode = MySqlSslMode.None,
            };
            var primaries = settings.ConnectionString;
            settings.Server = Replica.Address;
            return DatabaseFixture.StartAsync(
                "mysql", primaries, null, new(DatabaseFixture.Start),
                new Dictionary<string, string?> { ["Database:ReplicaConnectionString"] = withReplica ? settings.ConnectionString : "" });
        }

        /// <summary>As an operator, or his tool, does it: the replica takes in what it has, and then takes writes.</summary>
        public async Task PromoteAsync()
        {
            await Replica.ExecuteAsync("STOP SLAVE IO_THREAD");
            await UntilAsync(async () => await Replica.ScalarAsync("SHOW SLAVE STATUS", "Slave_SQL_Running_State") is { } state && state.StartsWith("Slave has read all relay log", StringComparison.Ordinal));
            await Replica.ExecuteAsync("STOP SLAVE; SET GLOBAL read_only = 0");
        }

        public static async Task<HashSet<string>> OrdersAtAsync(MariaDbServer server) =>
            [.. (await server.ScalarAsync($"SELECT GROUP_CONCAT(id) FROM {Database}.pay_order") ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries)];

        public async ValueTask DisposeAsync()
        {
            await Primary.DisposeAsync();
            await Replica.DisposeAsync();
        }
    }
}
