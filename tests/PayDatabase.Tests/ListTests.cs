using Grpc.Core;
using PayCore.Contracts.V1;
using AttemptState = PayCore.Contracts.V1.Attempt.Types.State;
using RefundState = PayCore.Contracts.V1.Refund.Types.State;
using TransferState = PayCore.Contracts.V1.Transfer.Types.State;

namespace PayCore.PayDatabase.Tests;

public sealed class ListTests
{
    public static TheoryData<string> Providers => DatabaseFixture.Providers;

    [Theory]
    [MemberData(nameof(Providers))]
    public async Task Orders_PageByPage_AreAllThereOnceNewestFirst_WhileOthersCome(string provider)
    {
        await using var db = await DatabaseFixture.StartAsync(provider);
        for (var i = 0; i < 25; i++)
        {
            await db.Client.CreateOrderAsync(db.NewOrder());
            if (i % 3 == 0)
            {
                // Several share a time.
                db.Clock.Advance(TimeSpan.FromMilliseconds(7));
            }
        }

        var foreign = db.NewOrder();
        foreign.Order.AppId = "app2";
        await db.Client.CreateOrderAsync(foreign);
        var expected = (await db.Client.ListPayOrdersAsync(new ListRequest { AppId = "app1", Limit = 200 })).Orders;
        expected.Should().HaveCount(25).And.OnlyContain(o => o.AppId == "app1");
        expected.Select(o => (o.CreateTime.ToDateTimeOffset(), o.Id)).Should().BeInDescendingOrder();

        var seen = new List<PayOrder>();
        var request = new ListRequest { AppId = "app1", Limit = 4 };
        while (seen.Count <= expected.Count && (await db.Client.ListPayOrdersAsync(request)).Orders is { Count: > 0 } page)
        {
            seen.AddRange(page);
            (request.AfterCreateTime, request.AfterId) = (page[^1].CreateTime, page[^1].Id);
            db.Clock.Advance(TimeSpan.FromMilliseconds(1));
            await db.Client.CreateOrderAsync(db.NewOrder());
        }

        seen.Should().Equal(expected);
    }

    [Theory]
    [MemberData(nameof(Providers))]
    public async Task Orders_ByFilters_AreThoseThatMatch(string provider)
    {
        await using var db = await DatabaseFixture.StartAsync(provider);
        var won = (await db.OrderAsync(AttemptState.Won)).Order.Id;
        db.Clock.Advance(TimeSpan.FromMinutes(1));
        var minute = db.Lease(0);
        var cashier = (await db.Client.CreateOrderAsync(db.NewOrder(withAttempt: false))).Order.Order.Id;
        var attempt = db.NewAttempt("1");
        attempt.Method = "alipay";
        await db.Client.BeginAttemptAsync(new BeginAttemptRequest { OrderId = cashier, Attempt = attempt });
        await db.PayAsync(attempt.AttemptNo);
        var closed = (await db.OrderAsync(AttemptState.Closed)).Order.Id;

        (await IdsAsync(r => r.States.Add("PAID"))).Should().BeEquivalentTo([won, cashier]);
        (await IdsAsync(r => r.States.AddRange(["CLOSED", "FAILED"]))).Should().Equal(closed);
        (await IdsAsync(r => r.Method = "alipay")).Should().Equal([cashier], "a paid order shows the wallet that paid it");
        (await IdsAsync(r => r.Method = "wechat")).Should().BeEquivalentTo([won, closed]);
        (await IdsAsync(r => r.CreatedFrom = minute)).Should().BeEquivalentTo([cashier, closed]);
        (await IdsAsync(r => r.CreatedBefore = minute)).Should().Equal(won);
        var paid = (await db.Client.ListPayOrdersAsync(Request(r => r.Method = "alipay"))).Orders.Single();
        paid.Should().Be((await db.ReadAsync(cashier)).Order, "a list tells what a read tells");

        async Task<IEnumerable<string>> IdsAsync(Action<ListRequest> filter) =>
            (await db.Client.ListPayOrdersAsync(Request(filter))).Orders.Select(o => o.Id);
    }

    [Theory]
    [MemberData(nameof(Providers))]
    public async Task Refunds_ByFilters_AreThoseThatMatch(string provider)
    {
        await using var db = await DatabaseFixture.StartAsync(provider);
        var sent = await db.RefundAsync(RefundState.Sent);
        db.Clock.Advance(TimeSpan.FromSeconds(1));
        var failed = await db.RefundAsync(RefundState.Failed);

        (await ListAsync(_ => { })).Should().Equal(failed.Refund, sent.Refund);
        (await ListAsync(r => r.States.Add("FAILED"))).Should().Equal(failed.Refund);
        (await ListAsync(r => r.OrderId = sent.Refund.OrderId)).Should().Equal(sent.Refund);
        (await ListAsync(r => (r.AfterCreateTime, r.AfterId) = (failed.Refund.CreateTime, failed.Refund.Id))).Should().Equal(sent.Refund);
        (await ListAsync(r => (r.AppId, r.OrderId) = ("app2", sent.Refund.OrderId))).Should().BeEmpty("another app's order is not there");

        async Task<IEnumerable<Refund>> ListAsync(Action<ListRequest> filter) => (await db.Client.ListRefundsAsync(Request(filter))).Refunds;
    }

    [Theory]
    [MemberData(nameof(Providers))]
    public async Task Transfers_ByFilters_AreThoseThatMatch(string provider)
    {
        await using var db = await DatabaseFixture.StartAsync(provider);
        var batched = db.NewTransfer();
        batched.Transfer.OutBatchNo = "b1";
        var first = (await db.Client.CreateTransferAsync(batched)).Transfer.Transfer;
        db.Clock.Advance(TimeSpan.FromSeconds(1));
        var second = (await db.TransferAsync(TransferState.WaitPayee)).Transfer;

        (await ListAsync(_ => { })).Should().Equal(second, first);
        (await ListAsync(r => r.States.Add("WAIT_PAYEE"))).Should().Equal(second);
        (await ListAsync(r => r.OutBatchNo = "b1")).Should().Equal(first);
        (await ListAsync(r => r.Method = "alipay")).Should().BeEmpty();

        async Task<IEnumerable<Transfer>> ListAsync(Action<ListRequest> filter) => (await db.Client.ListTransfersAsync(Request(filter))).Transfers;
    }

    [Fact]
    public async Task List_OfNoApp_IsRefused()
    {
        await using var db = await DatabaseFixture.StartAsync("sqlite");

        var list = () => db.Client.ListRefundsAsync(new ListRequest { Limit = 1 }).ResponseAsync;

        (await list.Should().ThrowAsync<RpcException>()).Which.StatusCode.Should().Be(StatusCode.InvalidArgument);
    }

    /// <summary>Each list walks an index in the order of the list: it reads a page's rows, not the table, and sorts nothing.</summary>
    [Fact]
    public async Task List_AnyFilters_WalksAnIndexInOrder()
    {
        await using var db = await DatabaseFixture.StartAsync("mysql");
        await db.FillAsync(4000);
        Action<ListRequest>[] filters =
        [
            _ => { },
            r => r.States.Add("PAYING"),
            r => r.States.AddRange(["PAID", "FAILED"]),
            r => r.Method = "wechat",
            r => (r.AfterCreateTime, r.AfterId) = (db.Lease(0), "P"),
            r => (r.CreatedFrom, r.CreatedBefore) = (db.Lease(-2000), db.Lease(-1000)),
        ];
        foreach (var request in filters.Select(Request))
        {
            await ExplainAsync(db, ListQuery.Orders(request, isMySql: true), "pay_order_created");
            await ExplainAsync(db, ListQuery.Refunds(request, isMySql: true), "refund_created");
            await ExplainAsync(db, ListQuery.Transfers(request, isMySql: true), "transfer_created");
        }

        await ExplainAsync(db, ListQuery.Refunds(Request(r => r.OrderId = "P1"), isMySql: true), "refund_order");
        await ExplainAsync(db, ListQuery.Transfers(Request(r => r.OutBatchNo = "b7"), isMySql: true), "transfer_batch");
    }

    private static async Task ExplainAsync(DatabaseFixture db, ListQuery query, string index)
    {
        await using var connection = await db.Sql.OpenAsync(CancellationToken.None);
        var plan = (await Dapper.SqlMapper.QueryAsync<Plan>(connection, $"EXPLAIN {query.Sql}", query.Parameters)).First();
        plan.Type.Should().BeOneOf(["ref", "range"], query.Sql);
        plan.Key.Should().Be(index, query.Sql);
        (plan.Extra ?? "").Should().NotContain("filesort", query.Sql);
    }

    private static ListRequest Request(Action<ListRequest> filter)
    {
        var request = new ListRequest { AppId = "app1", Limit = 50 };
        filter(request);
        return request;
    }

    private sealed record Plan
    {
        public string Type { get; init; } = "";
        public string? Key { get; init; }
        public string? Extra { get; init; }
    }
}
