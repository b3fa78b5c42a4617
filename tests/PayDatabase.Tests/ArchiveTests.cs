using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using PayCore.Contracts.V1;
using AttemptState = PayCore.Contracts.V1.Attempt.Types.State;
using DeliveryState = PayCore.Contracts.V1.Delivery.Types.State;
using RefundState = PayCore.Contracts.V1.Refund.Types.State;

namespace PayCore.PayDatabase.Tests;

/// <summary>Orders that ended long ago: which move, what still finds them, and what brings them back.</summary>
public sealed class ArchiveTests
{
    private static readonly TimeSpan _age = TimeSpan.FromDays(400);

    private static readonly string[] _tables =
    [
        "pay_order", "pay_order_history", "pay_attempt", "pay_attempt_history", "refund", "refund_history", "event", "notify_delivery", "notify_try", "callback",
        "channel_call",
    ];

    public static TheoryData<string> Providers => DatabaseFixture.Providers;

    [Theory]
    [MemberData(nameof(Providers))]
    public async Task Tables_HaveTheSameColumnsInTheSameOrder(string provider)
    {
        await using var db = await DatabaseFixture.StartAsync(provider);
        foreach (var table in _tables)
        {
            var columns = await ColumnsAsync(table);
            columns.Should().NotBeEmpty();
            (await ColumnsAsync($"{table}_archive")).Should().Equal(columns, "a row is moved as it is");
        }

        async Task<IEnumerable<string>> ColumnsAsync(string table)
        {
            await using var connection = await db.Sql.OpenAsync(CancellationToken.None);
            return await Dapper.SqlMapper.QueryAsync<string>(
                connection,
                provider == "sqlite"
                    ? "SELECT name || ' ' || type || ' ' || \"notnull\" FROM pragma_table_info(@table) ORDER BY cid"
                    : "SELECT CONCAT(column_name, ' ', column_type, ' ', is_nullable) FROM information_schema.columns WHERE table_schema = DATABASE() AND table_name = @table ORDER BY ordinal_position",
                new { table });
        }
    }

    [Theory]
    [MemberData(nameof(Providers))]
    public async Task Archive_OfWhatEndedLongAgo_MovesAllOfItAndNothingElse(string provider)
    {
        await using var db = await DatabaseFixture.StartAsync(provider);
        var old = await OldOrderAsync(db);
        var closed = (await db.OrderAsync(AttemptState.Closed)).Order.Id;
        await SettleAsync(db, "UPDATE pay_order SET due_at = NULL");
        var before = await CountsAsync(db, "");
        db.Clock.Advance(_age + TimeSpan.FromDays(1));
        var young = (await db.OrderAsync(AttemptState.Won)).Order.Id;
        await SettleAsync(db);

        (await ArchiveAsync(db, dryRun: true)).Moved.Should().Be(2);
        (await CountsAsync(db, "_archive")).Values.Should().OnlyContain(c => c == 0, "looking moves nothing");
        (await ArchiveAsync(db)).Moved.Should().Be(2);

        (await CountsAsync(db, "_archive")).Should().Equal(before);
        (await db.ScalarAsync<string>("SELECT id FROM pay_order")).Should().Be(young);
        (await db.ScalarAsync<long>("SELECT COUNT(*) FROM pay_attempt")).Should().Be(1);
        (await ArchiveAsync(db)).Moved.Should().Be(0, "a second run finds nothing");
        (await db.Client.ListPayOrdersAsync(new ListRequest { AppId = "app1", Limit = 10 })).Orders.Select(o => o.Id).Should().Equal(young);
        (await db.ReadAsync(old.Order.Id)).Order.State.Should().Be(PayOrder.Types.State.Paid);
        (await db.ReadAsync(closed)).Order.State.Should().Be(PayOrder.Types.State.Closed);
    }

    [Theory]
    [MemberData(nameof(Providers))]
    public async Task Archived_IsReadAsBefore(string provider)
    {
        await using var db = await DatabaseFixture.StartAsync(provider);
        var old = await OldOrderAsync(db);
        await SettleAsync(db);
        var order = old.Order.Id;
        var refundNo = (await db.Client.ListRefundsAsync(new ListRequest { AppId = "app1", Limit = 1 })).Refunds.Single();
        var before = await EverythingAsync();
        db.Clock.Advance(_age + TimeSpan.FromDays(1));

        (await ArchiveAsync(db)).Moved.Should().Be(1);

        (await EverythingAsync()).Should().Equal(before);
        before.Should().NotContain(m => m.CalculateSize() == 0);

        async Task<IReadOnlyList<Google.Protobuf.IMessage>> EverythingAsync() =>
        [
            await db.ReadAsync(order),
            await db.Client.ReadOrderAsync(new ReadOrderRequest { MerchantOrder = new MerchantOrderKey { AppId = "app1", OutTradeNo = old.Order.OutTradeNo } }),
            await db.Client.ReadOrderAsync(new ReadOrderRequest { PageToken = old.PageToken }),
            await db.Client.ReadOrderAsync(new ReadOrderRequest { AttemptNo = old.Attempts[0].Attempt.AttemptNo }),
            await db.Client.ReadTimelineAsync(new ReadTimelineRequest { OrderId = order }),
            await db.Client.ReadDeliveriesAsync(new ListDeliveriesRequest { OrderId = order }),
            await db.ReadRefundAsync(refundNo.Id),
            await db.Client.ReadRefundAsync(new ReadRefundRequest { MerchantRefund = new MerchantRefundKey { AppId = "app1", OutRefundNo = refundNo.OutRefundNo } }),
            await db.Client.ReadEventsAsync(new ReadEventsRequest { AppId = "app1", Limit = 100 }),
        ];
    }

    [Theory]
    [MemberData(nameof(Providers))]
    public async Task Numbers_OfArchivedOrders_StayTaken(string provider)
    {
        await using var db = await DatabaseFixture.StartAsync(provider);
        var request = db.NewOrder("for-ever");
        var first = (await db.Client.CreateOrderAsync(request)).Order;
        await db.PayAsync(first.Attempts[0].Attempt.AttemptNo);
        var refund = db.NewRefund(first.Attempts[0], outRefundNo: "for-ever");
        await db.Client.CreateRefundAsync(refund);
        await db.RecordAsync(refund.Refund.Id, ChannelRefundState.RefundDone);
        await SettleAsync(db);
        db.Clock.Advance(_age + TimeSpan.FromDays(1));
        (await ArchiveAsync(db)).Moved.Should().Be(1);

        var repeats = await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => db.Client.CreateOrderAsync(Again(1299)).ResponseAsync));
        var different = await db.Client.CreateOrderAsync(Again(1300));
        var elsewhere = await db.Client.CreateRefundAsync(db.NewRefund(await db.PaidAsync(), outRefundNo: "for-ever"));

        repeats.Should().OnlyContain(r => r.Result == CreateOrderReply.Types.Result.Exists && r.Order.Order.Id == first.Order.Id);
        (different.Result, different.DifferingField).Should().Be((CreateOrderReply.Types.Result.Different, "amount_minor"));
        (elsewhere.Result, elsewhere.DifferingField).Should().Be((CreateRefundRowReply.Types.Result.Different, "order_id"));
        (await db.ScalarAsync<long>("SELECT COUNT(*) FROM pay_order WHERE out_trade_no = 'for-ever'")).Should().Be(0, "nothing of the repeats is left");
        (await db.ScalarAsync<long>("SELECT COUNT(*) FROM pay_order_archive")).Should().Be(1);

        CreateOrderRequest Again(long amount)
        {
            var again = request.Clone();
            var fresh = db.NewOrder();
            (again.Order.Id, again.PageToken, again.Attempt.AttemptNo, again.Order.AmountMinor) = (fresh.Order.Id, fresh.PageToken, fresh.Attempt.AttemptNo, amount);
            return again;
        }
    }

    [Theory]
    [MemberData(nameof(Providers))]
    public async Task Archived_ThatIsRefundedSentAgainOrPaidAgain_ComesBackWhole(string provider)
    {
        await using var db = await DatabaseFixture.StartAsync(provider);
        var old = await OldOrderAsync(db);
        await SettleAsync(db);
        db.Clock.Advance(_age + TimeSpan.FromDays(1));
        var attempt = old.Attempts[0];
        var delivery = (await db.Client.ReadDeliveriesAsync(new ListDeliveriesRequest { OrderId = old.Order.Id })).Deliveries[0].DeliveryId;
        Func<Task>[] reasons =
        [
            async () =>
            {
                var refund = (await db.Client.CreateRefundAsync(db.NewRefund(attempt, 200))).Refund.Refund;
                (await db.RecordAsync(refund.Id, ChannelRefundState.RefundDone)).Result.Should().Be(MoveResult.Moved);
            },
            async () => (await db.Client.ReopenDeliveryAsync(new ReopenDeliveryRequest { DeliveryId = delivery, By = "li" })).State.Should().Be(DeliveryState.Pending),
            async () => (await db.PayAsync(attempt.Attempt.AttemptNo, db.Callback())).Result.Should().Be(MoveResult.Already),
            async () => (await db.Client.RequestCloseAsync(new RequestCloseRequest { OrderId = old.Order.Id, Cause = "merchant" })).Result.Should().Be(MoveResult.NotAllowed),
        ];
        foreach (var reason in reasons)
        {
            (await ArchiveAsync(db)).Moved.Should().Be(1);

            await reason();

            (await CountsAsync(db, "_archive")).Values.Should().OnlyContain(c => c == 0);
            await SettleAsync(db);
            db.Clock.Advance(_age + TimeSpan.FromDays(1));
        }

        await db.CheckBooksAsync();
        (await db.ReadAsync(old.Order.Id)).Order.RefundedAmountMinor.Should().Be(300);
    }

    /// <summary>Each keeps the order, by its name; with none of them it moves.</summary>
    [Theory]
    [MemberData(nameof(Providers))]
    public async Task Order_WithAnythingOpen_Stays(string provider)
    {
        await using var db = await DatabaseFixture.StartAsync(provider);
        var old = await OldOrderAsync(db);
        await SettleAsync(db);
        var day = old.Order.PaidTime.ToDateTimeOffset().ToOffset(TimeSpan.FromHours(8)).ToString("yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture);
        db.Clock.Advance(_age + TimeSpan.FromDays(1));
        var id = old.Order.Id;
        (string Reason, string Open, string Settled)[] cases =
        [
            ("it is open", $"UPDATE pay_order SET due_at = 5 WHERE id = '{id}'", $"UPDATE pay_order SET due_at = NULL WHERE id = '{id}'"),
            ("an attempt", $"UPDATE pay_attempt SET refund_reserved = 1 WHERE order_id = '{id}'", $"UPDATE pay_attempt SET refund_reserved = 0 WHERE order_id = '{id}'"),
            ("a refund", "UPDATE refund SET due_at = 5", "UPDATE refund SET due_at = NULL"),
            ("a notification", "UPDATE notify_delivery SET due_at = 5", "UPDATE notify_delivery SET due_at = NULL"),
            ("an event", $"UPDATE event SET feed_seq = NULL WHERE subject_id <> '{id}'", $"UPDATE event SET feed_seq = 99 WHERE subject_id <> '{id}'"),
            ("an exception item",
                $"INSERT INTO exception_item (exception_id, same_item, kind, app_id, order_id, attempt_no, callback_id, detail, created_at) VALUES ('X9', 'x', 'OVERDUE', 'app1', '{id}', '', '', '', 5)",
                "UPDATE exception_item SET resolved_at = 6"),
            ("a statement",
                $"INSERT INTO channel_statement (statement_id, channel, account, day, state, rows_added, matched_rows, differences, message, created_at, updated_at) VALUES ('S1', 'wechat', '1900000001', '{day}', 'FETCHED', 0, 0, 0, '', 5, 5)",
                "UPDATE channel_statement SET state = 'MATCHED'"),
        ];
        foreach (var (reason, open, settled) in cases)
        {
            await db.ExecuteAsync(open);

            var reply = await ArchiveAsync(db);

            reply.Moved.Should().Be(0, reason);
            reply.Kept.Should().ContainSingle().Which.Reason.Should().StartWith(reason);
            await db.ExecuteAsync(settled);
        }

        (await ArchiveAsync(db)).Moved.Should().Be(1);
    }

    [Theory]
    [MemberData(nameof(Providers))]
    public async Task Archive_BatchByBatchOverSeveralApps_MeetsEveryOrderOnce(string provider)
    {
        await using var db = await DatabaseFixture.StartAsync(provider);
        var made = new List<string>();
        for (var i = 0; i < 12; i++)
        {
            var request = db.NewOrder();
            request.Order.AppId = $"app{i % 3}";
            made.Add((await db.Client.CreateOrderAsync(request)).Order.Order.Id);
            if (i % 4 != 0)
            {
                await db.PayAsync(request.Attempt.AttemptNo);
            }
        }

        await SettleAsync(db);
        db.Clock.Advance(_age + TimeSpan.FromDays(1));

        var (moved, kept) = (0, 0);
        var asked = new ArchiveOrdersRequest { Before = Before(db), Limit = 2 };
        for (var batches = 0; ; batches++)
        {
            batches.Should().BeLessThan(12);
            var reply = await db.Client.ArchiveOrdersAsync(asked);
            moved += reply.Moved;
            kept += reply.Kept.Sum(k => k.Orders);
            if (reply.Done)
            {
                break;
            }

            (asked.AfterAppId, asked.AfterCreateTime, asked.AfterOrderId) = (reply.AfterAppId, reply.AfterCreateTime, reply.AfterOrderId);
        }

        (moved, kept).Should().Be((9, 3));
        (await db.ScalarAsync<long>("SELECT COUNT(*) FROM pay_order")).Should().Be(3);
        foreach (var id in made)
        {
            (await db.ReadAsync(id)).Order.Id.Should().Be(id);
        }
    }

    /// <summary>Refunds, repeats and resends beside an archiver that runs all the time: every one has its one effect, and the books hold.</summary>
    [Theory]
    [MemberData(nameof(Providers))]
    public async Task Archive_UnderTraffic_LosesAndDoublesNothing(string provider)
    {
        await using var db = await DatabaseFixture.StartAsync(provider);
        var requests = Enumerable.Range(0, 8).Select(_ => db.NewOrder()).ToList();
        foreach (var request in requests)
        {
            await db.Client.CreateOrderAsync(request);
            await db.PayAsync(request.Attempt.AttemptNo);
        }

        await SettleAsync(db);
        db.Clock.Advance(_age + TimeSpan.FromDays(1));
        using var stop = new CancellationTokenSource();
        var (moved, passes) = (0, 0);
        var archiving = ArchiveAllTheTimeAsync();
        var merchants = Task.WhenAll(requests.Select(async request =>
        {
            var attempt = (await db.ReadAsync(request.Order.Id)).Attempts[0];
            for (var round = 0; round < 10; round++)
            {
                // Now and then an order is left alone for long enough to be archived.
                for (var seen = Volatile.Read(ref passes); round % 3 == 0 && !archiving.IsCompleted && Volatile.Read(ref passes) < seen + 2;)
                {
                    await Task.Delay(1);
                }

                (await db.Client.CreateOrderAsync(request)).Result.Should().Be(CreateOrderReply.Types.Result.Exists);
                var refund = await db.Client.CreateRefundAsync(db.NewRefund(attempt, 1));
                refund.Result.Should().Be(CreateRefundRowReply.Types.Result.Created);
                (await db.RecordAsync(refund.Refund.Refund.Id, ChannelRefundState.RefundDone)).Result.Should().Be(MoveResult.Moved);
                (await db.ReadAsync(request.Order.Id)).Order.RefundedAmountMinor.Should().Be(round + 1);
            }
        }));
        await merchants.ContinueWith(_ => stop.Cancel(), TaskScheduler.Default);
        await merchants;

        await archiving;
        moved.Should().BePositive();
        foreach (var request in requests)
        {
            await db.Client.RequestCloseAsync(new RequestCloseRequest { OrderId = request.Order.Id, Cause = "merchant" });
        }

        (await CountsAsync(db, "_archive")).Values.Should().OnlyContain(c => c == 0, "all came back");
        await db.CheckBooksAsync();

        async Task ArchiveAllTheTimeAsync()
        {
            while (!stop.IsCancellationRequested)
            {
                // As if everything had been told, numbered and ended long ago.
                await SettleAsync(db, "UPDATE refund SET ended_at = 5 WHERE ended_at IS NOT NULL");
                moved += (await ArchiveAsync(db)).Moved;
                Interlocked.Increment(ref passes);
            }
        }
    }

    [Fact]
    public async Task Archive_OfWhatIsYoung_IsRefused()
    {
        await using var db = await DatabaseFixture.StartAsync("sqlite");

        var archive = () => db.Client.ArchiveOrdersAsync(new ArchiveOrdersRequest { Before = db.Lease(-59 * 86400), Limit = 1 }).ResponseAsync;

        (await archive.Should().ThrowAsync<RpcException>()).Which.Status.Detail.Should().Contain("60 days");
    }

    /// <summary>A paid order with everything that an order can have: a callback, a refund, deliveries with tries, and calls.</summary>
    private static async Task<StoredOrder> OldOrderAsync(DatabaseFixture db)
    {
        var order = (await db.Client.CreateOrderAsync(db.NewOrder())).Order;
        await db.OpenAsync(order.Attempts[0].Attempt.AttemptNo);
        await db.PayAsync(order.Attempts[0].Attempt.AttemptNo, db.Callback());
        var refund = (await db.Client.CreateRefundAsync(db.NewRefund(order.Attempts[0]))).Refund.Refund;
        await db.RecordAsync(refund.Id, ChannelRefundState.RefundDone, "callback", callback: db.Callback());
        await db.Client.KeepChannelCallsAsync(new KeepChannelCallsRequest
        {
            Calls = { new ChannelCall { CallId = $"L{order.Order.Id[1..]}", OrderId = order.Order.Id, Operation = "pay", StartTime = db.Lease(0), Outcome = "action" } },
        });
        return await db.ReadAsync(order.Order.Id);
    }

    /// <summary>Tells merchants, and gives events their numbers.</summary>
    private static async Task SettleAsync(DatabaseFixture db, string? more = null)
    {
        var due = await db.Client.ClaimDueDeliveriesAsync(new ClaimDueDeliveriesRequest { Limit = 200, LeaseSeconds = 30 });
        foreach (var delivery in due.Deliveries)
        {
            await db.Client.RecordTryAsync(new RecordTryRequest
            {
                DeliveryId = delivery.DeliveryId,
                Version = delivery.Version,
                NextState = DeliveryState.Delivered,
                Try = new DeliveryTry { StartTime = db.Lease(0), HttpStatus = 200, Result = "delivered", Answer = "success" },
            });
        }

        await db.Client.NumberEventsAsync(new NumberEventsRequest { Holder = "test", LeaseSeconds = 30, Limit = 500 });
        if (more is not null)
        {
            await db.ExecuteAsync(more);
        }
    }

    private static Timestamp Before(DatabaseFixture db) => Timestamp.FromDateTimeOffset(db.Clock.GetUtcNow() - _age);

    private static async Task<ArchiveOrdersReply> ArchiveAsync(DatabaseFixture db, bool dryRun = false) =>
        await db.Client.ArchiveOrdersAsync(new ArchiveOrdersRequest { Before = Before(db), Limit = 100, DryRun = dryRun });

    private static async Task<Dictionary<string, long>> CountsAsync(DatabaseFixture db, string place)
    {
        var counts = new Dictionary<string, long>();
        foreach (var table in _tables)
        {
            counts.Add(table, await db.ScalarAsync<long>($"SELECT COUNT(*) FROM {table}{place}"));
        }

        return counts;
    }
}
