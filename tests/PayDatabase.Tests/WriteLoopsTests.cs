using Grpc.Core;
using Microsoft.Extensions.Time.Testing;
using PayCore.Contracts.V1;
using PayCore.TestKit;

namespace PayCore.PayDatabase.Tests;

/// <summary>Writes that wait while a commit is under way go together into the next one. None may lose by that, or see another halfway.</summary>
public sealed class WriteLoopsTests
{
    private const string Insert = "INSERT INTO lease (name, holder, lease_at) VALUES (@name, 'me', 5)";

    public static TheoryData<string> Providers => DatabaseFixture.Providers;

    [Theory]
    [MemberData(nameof(Providers))]
    public async Task Writes_ThatWaitTogether_ShareATransaction(string provider)
    {
        await using var db = await StartAsync(provider);

        var seen = await TogetherAsync(db, [.. Enumerable.Range(0, 5).Select(n => (Func<Task<long>>)(() => db.Writes.WriteAsync(async write =>
        {
            await write.WriteOneAsync(Insert, new { name = $"n{n}" });
            return await write.FirstAsync<long>("SELECT COUNT(*) FROM lease WHERE holder = 'me'");
        })))]);

        (await Task.WhenAll(seen)).Should().Equal(1, 2, 3, 4, 5);
    }

    [Theory]
    [MemberData(nameof(Providers))]
    public async Task Write_ThatFails_FailsAlone(string provider)
    {
        await using var db = await StartAsync(provider);

        var results = await TogetherAsync<int>(
            db,
            () => InsertAsync("a"),
            () => InsertAsync("a"),
            () => db.Writes.WriteAsync<int>(async write =>
            {
                await write.WriteOneAsync(Insert, new { name = "refused" });
                throw Refusals.NotFound("order");
            }),
            () => db.Writes.WriteAsync<int>(async write =>
            {
                await write.ExecuteAsync("this is no statement");
                return 0;
            }),
            () => InsertAsync("b"));

        await results[0];
        await ((Func<Task>)(() => results[1])).Should().ThrowAsync<DuplicateKeyException>();
        (await ((Func<Task>)(() => results[2])).Should().ThrowAsync<RpcException>()).Which.StatusCode.Should().Be(StatusCode.NotFound);
        (await ((Func<Task>)(() => results[3])).Should().ThrowAsync<RpcException>()).Which.StatusCode.Should().Be(StatusCode.Unavailable);
        await results[4];
        (await db.ScalarAsync<string>("SELECT MIN(name) FROM lease WHERE holder = 'me'")).Should().Be("a");
        (await db.ScalarAsync<string>("SELECT MAX(name) FROM lease WHERE holder = 'me'")).Should().Be("b");
        (await db.ScalarAsync<long>("SELECT COUNT(*) FROM lease WHERE holder = 'me'")).Should().Be(2);

        Task<int> InsertAsync(string name) => db.Writes.WriteAsync(async write =>
        {
            await write.WriteOneAsync(Insert, new { name });
            return 0;
        });
    }

    [Theory]
    [MemberData(nameof(Providers))]
    public async Task EqualCreates_Together_MakeOneOrder(string provider)
    {
        await using var db = await StartAsync(provider);
        var others = Enumerable.Range(0, 3).Select(_ => db.NewOrder());
        CreateOrderRequest[] requests = [.. Enumerable.Range(0, 3).Select(_ => db.NewOrder("same")), .. others];

        var replies = await Task.WhenAll(await TogetherAsync(db, [.. requests.Select(r => (Func<Task<CreateOrderReply>>)(() => db.Client.CreateOrderAsync(r).ResponseAsync))]));

        replies.Take(3).Select(r => r.Result).Should().BeEquivalentTo(
            [CreateOrderReply.Types.Result.Created, CreateOrderReply.Types.Result.Exists, CreateOrderReply.Types.Result.Exists]);
        replies.Take(3).Select(r => r.Order.Order.Id).Distinct().Should().ContainSingle();
        replies.Skip(3).Select(r => r.Result).Should().AllBeEquivalentTo(CreateOrderReply.Types.Result.Created);
        foreach (var reply in replies)
        {
            (await db.Client.ReadOrderAsync(new ReadOrderRequest { OrderId = reply.Order.Order.Id })).Should().Be(reply.Order);
            await HistoryCheck.AssertOrderAsync(db, reply.Order.Order.Id);
        }
    }

    [Theory]
    [MemberData(nameof(Providers))]
    public async Task CopiesOfACallback_TogetherWithOtherOrders_MoveEachOrderOnce(string provider)
    {
        await using var db = await StartAsync(provider);
        var orders = new List<StoredOrder>();
        for (var i = 0; i < 4; i++)
        {
            orders.Add(await db.OrderAsync(Attempt.Types.State.Open));
        }

        string[] attemptNos = [.. orders.Select(o => o.Attempts[0].Attempt.AttemptNo)];
        string[] copies = [attemptNos[0], attemptNos[1], attemptNos[0], attemptNos[2], attemptNos[0], attemptNos[3]];

        var replies = await Task.WhenAll(await TogetherAsync(db, [.. copies.Select(no => (Func<Task<MoveReply>>)(() => db.PayAsync(no, db.Callback())))]));

        replies.Count(r => r.Result == MoveResult.Moved).Should().Be(4);
        replies.Count(r => r.Result == MoveResult.Already).Should().Be(2);
        (await db.ScalarAsync<long>("SELECT COUNT(*) FROM event")).Should().Be(4);
        (await db.ScalarAsync<long>("SELECT COUNT(*) FROM notify_delivery")).Should().Be(4);
        (await db.ScalarAsync<long>("SELECT COUNT(*) FROM callback WHERE state = 'APPLIED'")).Should().Be(4);
        (await db.ScalarAsync<long>("SELECT COUNT(*) FROM callback WHERE state = 'DUPLICATE'")).Should().Be(2);
        foreach (var order in orders)
        {
            (await db.ReadAsync(order.Order.Id)).Order.State.Should().Be(PayOrder.Types.State.Paid);
            await HistoryCheck.AssertOrderAsync(db, order.Order.Id);
        }
    }

    [Theory]
    [MemberData(nameof(Providers))]
    public async Task TwoAttemptsOfAnOrder_PaidTogether_OneWinsAndTheOtherIsSurplus(string provider)
    {
        await using var db = await StartAsync(provider);
        var order = await db.OrderAsync(Attempt.Types.State.Open);
        var second = db.NewAttempt("2");
        await db.Client.BeginAttemptAsync(new BeginAttemptRequest { OrderId = order.Order.Id, Attempt = second });
        string[] attemptNos = [order.Attempts[0].Attempt.AttemptNo, second.AttemptNo];

        await Task.WhenAll(await TogetherAsync(db, [.. attemptNos.Select(no => (Func<Task<MoveReply>>)(() => db.PayAsync(no, db.Callback())))]));

        var after = await db.ReadAsync(order.Order.Id);
        after.Order.State.Should().Be(PayOrder.Types.State.Paid);
        after.Attempts.Select(a => a.Attempt.State).Should().BeEquivalentTo([Attempt.Types.State.Won, Attempt.Types.State.ExtraPaid]);
        (await db.ScalarAsync<long>("SELECT COUNT(*) FROM exception_item WHERE kind = 'SURPLUS_PAYMENT'")).Should().Be(1);
        (await db.ScalarAsync<long>("SELECT COUNT(*) FROM event")).Should().Be(1);
        await HistoryCheck.AssertOrderAsync(db, order.Order.Id);
    }

    [Theory]
    [MemberData(nameof(Providers))]
    public async Task TwoAttemptsOfAnOrder_ClosedTogetherInEitherOrder_CloseTheOrder(string provider)
    {
        await using var db = await StartAsync(provider);
        foreach (var isLastFirst in (bool[])[false, true])
        {
            var order = await db.OrderAsync(Attempt.Types.State.Open);
            var second = db.NewAttempt("2");
            await db.Client.BeginAttemptAsync(new BeginAttemptRequest { OrderId = order.Order.Id, Attempt = second });
            await db.Client.RequestCloseAsync(new RequestCloseRequest { OrderId = order.Order.Id, Cause = "merchant" });
            string[] attemptNos = [order.Attempts[0].Attempt.AttemptNo, second.AttemptNo];

            await Task.WhenAll(await TogetherAsync(db, [.. (isLastFirst ? attemptNos.Reverse() : attemptNos).Select(no =>
                (Func<Task<MoveReply>>)(() => db.Client.RecordAttemptClosedAsync(new RecordAttemptClosedRequest { AttemptNo = no, Cause = "close" }).ResponseAsync))]));

            (await db.ReadAsync(order.Order.Id)).Order.State.Should().Be(PayOrder.Types.State.Closed);
            await HistoryCheck.AssertOrderAsync(db, order.Order.Id);
        }
    }

    [Theory]
    [MemberData(nameof(Providers))]
    public async Task Close_TogetherWithThePayment_SeesThePayment(string provider)
    {
        await using var db = await StartAsync(provider);
        var order = await db.OrderAsync(Attempt.Types.State.Open);
        var close = new RequestCloseRequest { OrderId = order.Order.Id, Cause = "merchant" };

        // The close was first to wait; the order was read ahead for the payment, which therefore goes first.
        var replies = await Task.WhenAll(await TogetherAsync<MoveReply>(
            db, async () => await db.Client.RequestCloseAsync(close), () => db.PayAsync(order.Attempts[0].Attempt.AttemptNo)));

        replies[0].Result.Should().Be(MoveResult.NotAllowed);
        var after = await db.ReadAsync(order.Order.Id);
        after.Order.State.Should().Be(PayOrder.Types.State.Paid);
        after.Order.CloseRequested.Should().BeFalse();
        await HistoryCheck.AssertOrderAsync(db, order.Order.Id);
    }

    /// <summary>Whoever lost has done nothing wrong, and nothing of it is left: it runs again until it wins, within reason. The refusal is the server's own.</summary>
    [Theory]
    [InlineData(9, 10)]
    [InlineData(10, null)]
    public async Task Write_ThatIsADeadlocksVictim_IsRunAgain(int deadlocks, int? winsAt)
    {
        await using var db = await StartAsync("mysql");
        var runs = 0;

        var write = () => db.Writes.WriteAsync(async write =>
        {
            await write.WriteOneAsync(Insert, new { name = "again" });
            if (++runs <= deadlocks)
            {
                await write.ExecuteAsync("SIGNAL SQLSTATE '40001' SET MYSQL_ERRNO = 1213");
            }

            return runs;
        });

        if (winsAt is not null)
        {
            (await write()).Should().Be(winsAt);
        }
        else
        {
            (await write.Should().ThrowAsync<RpcException>()).Which.StatusCode.Should().Be(StatusCode.Unavailable);
        }

        (await db.ScalarAsync<long>("SELECT COUNT(*) FROM lease WHERE holder = 'me'")).Should().Be(winsAt is null ? 0 : 1);
    }

    /// <summary>With one loop on either database.</summary>
    private static async Task<DatabaseFixture> StartAsync(string provider)
    {
        var folder = provider == "sqlite" ? new TemporaryFolder() : null;
        var connection = folder is not null ? $"Data Source={folder.File("test.db")}" : await (await MariaDbServer.SharedAsync()).CreateDatabaseAsync();
        return await DatabaseFixture.StartAsync(
            provider, connection, folder, new FakeTimeProvider(DatabaseFixture.Start), new Dictionary<string, string?> { ["Database:Writers"] = "1" });
    }

    /// <summary>Begins writes one after the other while another one keeps the loop, lets that end when all of them wait, and answers when the loop has done with them.</summary>
    private static async Task<IReadOnlyList<Task<T>>> TogetherAsync<T>(DatabaseFixture db, params IReadOnlyList<Func<Task<T>>> writes)
    {
        var begun = new TaskCompletionSource();
        var end = new TaskCompletionSource();
        var first = db.Writes.WriteAsync(async _ =>
        {
            begun.TrySetResult();
            await end.Task;
            return 0;
        });
        await begun.Task;
        Task<T>[] running = [.. writes.Select(write => write())];
        while (db.Writes.Waiting < writes.Count)
        {
            await Task.Yield();
        }

        end.SetResult();
        await first;
        await Task.WhenAll(running.Select(r => r.ContinueWith(_ => { }, TaskScheduler.Default)));
        return running;
    }
}
