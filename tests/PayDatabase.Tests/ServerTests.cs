using Grpc.Core;
using MySqlConnector;
using PayCore.Contracts.V1;
using PayCore.TestKit;

namespace PayCore.PayDatabase.Tests;

/// <summary>One MariaDB and what can happen on the way to it: lost connections, unanswered commits, locks, pools that are empty.</summary>
public sealed class ServerTests
{
    [Fact]
    public async Task Connections_LostWhileIdle_TheNextWriteAndReadDoNotNotice()
    {
        await using var db = await DatabaseFixture.StartAsync("mysql");
        for (var round = 0; round < 3; round++)
        {
            var order = (await db.Client.CreateOrderAsync(db.NewOrder())).Order.Order.Id;
            await KillConnectionsAsync(db);

            (await db.ReadAsync(order)).Order.Id.Should().Be(order);
            foreach (var _ in Enumerable.Range(0, 8))
            {
                (await db.Client.CreateOrderAsync(db.NewOrder())).Result.Should().Be(CreateOrderReply.Types.Result.Created);
            }
        }
    }

    /// <summary>Rule 9: a lost COMMIT is unknown. We repeat nothing; the caller does, and there is one effect.</summary>
    [Theory]
    [InlineData(true, CreateOrderReply.Types.Result.Exists)]
    [InlineData(false, CreateOrderReply.Types.Result.Created)]
    public async Task Commit_NotAnswered_IsUnavailableAndARepeatConverges(bool done, CreateOrderReply.Types.Result repeated)
    {
        var connection = new MySqlConnectionStringBuilder(await (await MariaDbServer.SharedAsync()).CreateDatabaseAsync());
        await using var proxy = new CommitProxy((int)connection.Port);
        connection.Port = (uint)proxy.Port;
        await using var db = await DatabaseFixture.StartAsync("mysql", connection.ConnectionString, null, new(DatabaseFixture.Start));
        var request = db.NewOrder();
        var caught = proxy.TrapNextCommit("pay_order", done);

        var create = () => db.Client.CreateOrderAsync(request).ResponseAsync;

        (await create.Should().ThrowAsync<RpcException>()).Which.StatusCode.Should().Be(StatusCode.Unavailable);
        await caught;
        (await create()).Result.Should().Be(repeated);
        (await db.ScalarAsync<long>("SELECT COUNT(*) FROM pay_order")).Should().Be(1);
    }

    [Fact]
    public async Task Row_LockedForTooLong_IsUnavailableAndNothingIsHalfDone()
    {
        await using var db = await DatabaseFixture.StartAsync("mysql");
        var attempt = (await db.Client.CreateOrderAsync(db.NewOrder())).Order.Attempts[0];
        await using (var other = await db.Sql.OpenAsync(CancellationToken.None))
        {
            // What the move does first succeeds; the lock is on what it does later.
            await using var transaction = await other.BeginTransactionAsync();
            await Dapper.SqlMapper.ExecuteAsync(other, "UPDATE pay_attempt SET client_ip = '::1'", transaction: transaction);

            var pay = () => db.PayAsync(attempt.Attempt.AttemptNo);

            (await pay.Should().ThrowAsync<RpcException>()).Which.StatusCode.Should().Be(StatusCode.Unavailable);
        }

        (await db.ReadAsync(attempt.OrderId)).Order.State.Should().Be(PayOrder.Types.State.Paying);
        (await db.PayAsync(attempt.Attempt.AttemptNo)).Result.Should().Be(MoveResult.Moved);
    }

    [Fact]
    public async Task Readers_AllInUse_ARefusalAfterASecond()
    {
        var connection = await (await MariaDbServer.SharedAsync()).CreateDatabaseAsync();
        await using var db = await DatabaseFixture.StartAsync(
            "mysql", connection, null, new(DatabaseFixture.Start), new Dictionary<string, string?> { ["Database:Readers"] = "2", ["Database:Writers"] = "2" });
        var order = (await db.Client.CreateOrderAsync(db.NewOrder())).Order.Order.Id;
        await using (await db.Sql.OpenAsync(CancellationToken.None))
        {
            await using var second = await db.Sql.OpenAsync(CancellationToken.None);
            var read = db.ReadAsync(order);
            (await db.Client.CreateOrderAsync(db.NewOrder())).Result.Should().Be(CreateOrderReply.Types.Result.Created, "writers have connections of their own");
            read.IsCompleted.Should().BeFalse();

            while (!read.IsCompleted)
            {
                db.Clock.Advance(TimeSpan.FromSeconds(0.1));
                await Task.Delay(5, TestContext.Current.CancellationToken);
            }

            (await read.Invoking(r => r).Should().ThrowAsync<RpcException>()).Which.Status.Should().Be(
                new Status(StatusCode.Unavailable, "All connections to the database are in use."));
        }

        (await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => db.ReadAsync(order)))).Should().OnlyContain(o => o.Order.Id == order, "places come back");
    }

    [Fact]
    public async Task Reads_AreReadCommitted()
    {
        await using var db = await DatabaseFixture.StartAsync("mysql");

        (await db.ScalarAsync<string>("SELECT @@tx_isolation")).Should().Be("READ-COMMITTED");
        (await db.ScalarAsync<long>("SELECT @@innodb_lock_wait_timeout")).Should().Be(2);
    }

    private static async Task KillConnectionsAsync(DatabaseFixture db)
    {
        await using var root = new MySqlConnection(db.Connection);
        await root.OpenAsync();
        var others = await Dapper.SqlMapper.QueryAsync<long>(
            root, "SELECT id FROM information_schema.processlist WHERE db = DATABASE() AND id <> CONNECTION_ID()");
        foreach (var id in others)
        {
            await Dapper.SqlMapper.ExecuteAsync(root, $"KILL {id}");
        }
    }
}
