using Grpc.Core;
using Microsoft.Extensions.DependencyInjection;
using PayCore.Contracts.V1;
using PayCore.Payments;
using PayCore.PayDatabase.Seeding;
using DeliveryState = PayCore.Contracts.V1.Delivery.Types.State;

namespace PayCore.PayDatabase.Tests;

/// <summary>Made-up data is held to the rules that real data is held to, and the figures of it are those that its rows give.</summary>
public sealed class SeedTests
{
    private static readonly SeedWords _words = new("NO", "no");

    public static TheoryData<string> Providers => DatabaseFixture.Providers;

    internal static SeedPlan Plan(int orders) => new()
    {
        Orders = orders,
        Number = 7,
        Shops =
        [
            new("app1", "m1", 3, "CNY", 4000, ["茶 Tea"], "https://shop.example/notify", 0.9), new("app2", "m2", 1, "HKD", 90000, ["Room"], "https://hotel.example/notify", 1),
        ],
        Ways =
        [
            new("wechat", "wechat", "1900000001", "QR", 3, [_words, new("RULE", "rule")], _words, _words), new("alipay", "alipay", "2021000001", "PAGE", 1, [_words], _words, _words),
        ],
    };

    [Theory]
    [MemberData(nameof(Providers))]
    public async Task Seed_SomeHundredOrders_KeepEveryRuleAndLeaveNothingToDo(string provider)
    {
        await using var db = await DatabaseFixture.StartAsync(provider);
        var result = await SeedAsync(db, Plan(600));

        result.Orders.Should().Be(600);
        result.Paid.Should().BeInRange(450, 560);
        await db.CheckBooksAsync();
        await using var connection = await db.Sql.OpenAsync(CancellationToken.None);
        foreach (var id in await Dapper.SqlMapper.QueryAsync<string>(connection, "SELECT id FROM pay_order"))
        {
            var stored = await db.ReadAsync(id);
            HistoryCheck.Assert(stored.History.Where(h => h.AttemptNo.Length == 0), OrderTransitions.Table, stored.Order.State, stored.Order.Version);
            foreach (var attempt in stored.Attempts)
            {
                HistoryCheck.Assert(stored.History.Where(h => h.AttemptNo == attempt.Attempt.AttemptNo), AttemptTransitions.Table, attempt.Attempt.State, attempt.Version);
            }

            stored.History.Should().OnlyContain(h => h.Time.ToDateTimeOffset() <= db.Clock.GetUtcNow());
        }

        (await db.ScalarAsync<long>(
            """
            SELECT COUNT(*) FROM pay_order_history h LEFT JOIN event e ON e.subject_id = h.order_id AND e.subject_version = h.version
             WHERE (h.to_state IN ('PAID', 'CLOSED', 'FAILED')) <> (e.event_id IS NOT NULL)
            """)).Should().Be(0, "each terminal step has its event, and no other one");
        (await db.ScalarAsync<long>("SELECT COUNT(*) FROM notify_delivery d WHERE tries <> (SELECT COUNT(*) FROM notify_try t WHERE t.delivery_id = d.delivery_id)")).Should().Be(0);
        (await db.ScalarAsync<long>("SELECT COUNT(*) FROM notify_delivery WHERE (state = 'DEAD') <> (tries = 11)")).Should().Be(0);
        (await db.ScalarAsync<long>("SELECT COUNT(*) FROM event e JOIN app_feed f ON f.app_id = e.app_id WHERE feed_seq IS NULL OR feed_seq > last_number")).Should().Be(0);
        foreach (var (kind, least) in ((string, int)[])
                 [
                     ("pay_order WHERE late = 1", 1), ("pay_attempt WHERE state = 'EXTRA_PAID'", 1), ("refund WHERE state = 'ABNORMAL'", 1), ("notify_delivery WHERE state = 'DEAD'", 1),
                     ("callback WHERE state = 'CONFLICT'", 1), ("callback WHERE state = 'REJECTED'", 1), ("callback WHERE state = 'DUPLICATE'", 1), ("transfer", 5),
                     ("exception_item WHERE resolved_at IS NULL", 3), ("channel_statement", 50), ("pay_order WHERE state = 'FAILED'", 5), ("pay_order WHERE state = 'CLOSED'", 20),
                 ])
        {
            (await db.ScalarAsync<long>($"SELECT COUNT(*) FROM {kind}")).Should().BeGreaterThanOrEqualTo(least, kind);
        }

        foreach (var table in (string[])["pay_order", "refund", "transfer", "notify_delivery"])
        {
            (await db.ScalarAsync<long>($"SELECT COUNT(*) FROM {table} WHERE due_at <= {db.Clock.GetUtcNow().AddMinutes(30).ToUnixTimeMilliseconds()}")).Should().BeLessThan(6, table);
        }

        (await db.ScalarAsync<long>("SELECT COUNT(*) FROM exception_item WHERE alert_due_at IS NOT NULL")).Should().Be(0, "nobody is told of made-up items");
    }

    [Fact]
    public async Task Seed_WhereThereAreOrders_IsRefusedUnlessItMayAdd()
    {
        await using var db = await DatabaseFixture.StartAsync("sqlite");
        await SeedAsync(db, Plan(30));

        var again = () => SeedAsync(db, Plan(30));

        (await again.Should().ThrowAsync<RpcException>()).Which.StatusCode.Should().Be(StatusCode.FailedPrecondition);
        await SeedAsync(db, Plan(30) with { Number = 8, Add = true });
        (await db.ScalarAsync<long>("SELECT COUNT(*) FROM pay_order")).Should().Be(60);
    }

    [Theory]
    [MemberData(nameof(Providers))]
    public async Task Figures_OfWeeksAndOfNow_AreWhatTheRowsSay(string provider)
    {
        await using var db = await DatabaseFixture.StartAsync(provider);
        await SeedAsync(db, Plan(500));
        // What comes after the last count is counted while the caller waits.
        await db.OrderAsync(Attempt.Types.State.Won);
        await db.OrderAsync(Attempt.Types.State.Refused);
        db.Clock.Advance(TimeSpan.FromMinutes(1));

        var reply = await db.Records.SummarizePaymentsAsync(new SummarizePaymentsRequest { From = db.Lease(-61 * 86400), Before = db.Lease(0), UtcOffsetMinutes = 330 });

        reply.WholeFrom.Should().BeNull();
        reply.Hours.Sum(h => h.Created).Should().Be(await db.ScalarAsync<long>("SELECT COUNT(*) FROM pay_order"));
        foreach (var currency in (string[])["CNY", "HKD"])
        {
            var hours = reply.Hours.Where(h => h.Currency == currency).ToList();
            hours.Sum(h => h.CreatedMinor).Should().Be(await db.ScalarAsync<long>($"SELECT SUM(amount_minor) FROM pay_order WHERE currency = '{currency}'"));
            hours.Sum(h => h.PaidMinor).Should().Be(await db.ScalarAsync<long>($"SELECT SUM(amount_minor) FROM pay_order WHERE currency = '{currency}' AND state = 'PAID'"));
            hours.Sum(h => h.Paid).Should().Be(await db.ScalarAsync<long>($"SELECT COUNT(*) FROM pay_order WHERE currency = '{currency}' AND state = 'PAID'"));
        }

        reply.Hours.Should().OnlyContain(h => h.StartTime.Seconds % 3600 == 1800, "hours of UTC+5:30 begin at half past");
        (reply.Funnel.Created, reply.Funnel.Paid).Should().Be((reply.Hours.Sum(h => h.Created), reply.Hours.Sum(h => h.Paid)));
        reply.Funnel.Shown.Should().Be(await db.ScalarAsync<long>("SELECT COUNT(DISTINCT order_id) FROM pay_attempt WHERE state <> 'REFUSED'"));
        reply.Funnel.Notified.Should().Be(await db.ScalarAsync<long>(
            "SELECT COUNT(DISTINCT d.order_id) FROM notify_delivery d JOIN event e ON e.event_id = d.event_id WHERE d.state = 'DELIVERED' AND e.event_type = 'payment.paid'"));
        reply.Channels.Sum(c => c.Attempts).Should().Be(await db.ScalarAsync<long>("SELECT COUNT(*) FROM pay_attempt"));
        reply.Channels.Should().OnlyContain(c => c.Attempts == c.Paid + c.Refused + c.Closed + c.Undecided);
        reply.Refusals.Should().Contain(r => r.Code == "NO_AUTH" && r.Attempts == 1);
        reply.Refusals.Sum(r => r.Attempts).Should().Be(reply.Channels.Sum(c => c.Refused));
    }

    [Fact]
    public async Task Figures_OfAQuarter_AreCountedAgainAsItAges()
    {
        await using var db = await DatabaseFixture.StartAsync("sqlite");
        var keeper = db.Services.GetRequiredService<FigureKeeper>();
        var opened = await db.OrderAsync(Attempt.Types.State.Open);
        (await keeper.StepAsync(CancellationToken.None)).Should().BeFalse("the quarter is not over");
        db.Clock.Advance(TimeSpan.FromMinutes(46));
        await CountAsync();
        (await PaidAsync()).Should().Be(0);

        db.Clock.Advance(TimeSpan.FromMinutes(1));
        await db.PayAsync(opened.Attempts[0].Attempt.AttemptNo);
        (await PaidAsync()).Should().Be(0, "it is not due for another count");
        db.Clock.Advance(TimeSpan.FromMinutes(8));
        await CountAsync();
        (await PaidAsync()).Should().Be(1);

        // The keeper also wakes by itself when the clock moves, and may have been quicker.
        async Task CountAsync()
        {
            while (await keeper.StepAsync(CancellationToken.None))
            {
            }
        }

        async Task<long> PaidAsync() =>
            (await db.Records.SummarizePaymentsAsync(new SummarizePaymentsRequest { From = db.Lease(-7200), Before = db.Lease(0) })).Funnel.Paid;
    }

    [Fact]
    public async Task Notifications_OfTheLastHour_CountFirstTries()
    {
        await using var db = await DatabaseFixture.StartAsync("sqlite");
        for (var i = 0; i < 3; i++)
        {
            await db.OrderAsync(Attempt.Types.State.Won);
        }

        foreach (var (delivery, i) in (await db.Client.ClaimDueDeliveriesAsync(new ClaimDueDeliveriesRequest { Limit = 2, LeaseSeconds = 30 })).Deliveries.Select((d, i) => (d, i)))
        {
            await db.Client.RecordTryAsync(new RecordTryRequest
            {
                DeliveryId = delivery.DeliveryId,
                Version = delivery.Version,
                NextState = i == 0 ? DeliveryState.Delivered : DeliveryState.Pending,
                NextDueTime = db.Lease(5),
                Try = new DeliveryTry { StartTime = db.Lease(0), Result = i == 0 ? "delivered" : "timeout" },
            });
        }

        var reply = await db.Records.SummarizeNotificationsAsync(new SummarizeNotificationsRequest());

        (reply.FirstTries, reply.FirstTriesDelivered).Should().Be((2, 1));
    }

    private static Task<SeedResult> SeedAsync(DatabaseFixture db, SeedPlan plan) =>
        db.Services.GetRequiredService<Seeder>().RunAsync(plan, new Progress<int>(), CancellationToken.None);
}
