using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using PayCore.Contracts.V1;
using PayCore.TestKit;
using AttemptState = PayCore.Contracts.V1.Attempt.Types.State;
using DeliveryState = PayCore.Contracts.V1.Delivery.Types.State;

namespace PayCore.PayDatabase.Tests;

public sealed class DeliveryTests
{
    public static TheoryData<string> Providers => DatabaseFixture.Providers;

    [Theory]
    [MemberData(nameof(Providers))]
    public async Task Delivery_ClaimedByMany_IsLeasedToOne(string provider)
    {
        await using var db = await DatabaseFixture.StartAsync(provider);
        await db.OrderAsync(AttemptState.Won);

        var claims = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => ClaimAsync(db)));

        claims.SelectMany(c => c).Should().ContainSingle().Which.State.Should().Be(DeliveryState.Leased);
    }

    [Theory]
    [MemberData(nameof(Providers))]
    public async Task Try_AfterTheLeaseWasLost_WritesNothing(string provider)
    {
        await using var db = await DatabaseFixture.StartAsync(provider);
        await db.OrderAsync(AttemptState.Won);
        var sleeper = (await ClaimAsync(db)).Single();
        db.Clock.Advance(TimeSpan.FromSeconds(31));
        var successor = (await ClaimAsync(db)).Single();

        (await RecordAsync(db, sleeper, DeliveryState.Dead)).Recorded.Should().BeFalse();
        (await RecordAsync(db, successor, DeliveryState.Delivered)).Recorded.Should().BeTrue();

        var read = (await db.Client.ReadDeliveriesAsync(new ListDeliveriesRequest { OrderId = successor.OrderId })).Deliveries.Single();
        read.State.Should().Be(DeliveryState.Delivered);
        read.History.Should().ContainSingle().Which.Number.Should().Be(1);
        (await ClaimAsync(db)).Should().BeEmpty("DELIVERED is final");
    }

    [Theory]
    [MemberData(nameof(Providers))]
    public async Task Try_ThatFailed_IsDueAgainNotBeforeItsTime(string provider)
    {
        await using var db = await DatabaseFixture.StartAsync(provider);
        await db.OrderAsync(AttemptState.Won);
        var delivery = (await ClaimAsync(db)).Single();
        await RecordAsync(db, delivery, DeliveryState.Pending, db.Clock.GetUtcNow().AddSeconds(5));

        db.Clock.Advance(TimeSpan.FromSeconds(4.9));
        (await ClaimAsync(db)).Should().BeEmpty();
        db.Clock.Advance(TimeSpan.FromSeconds(0.2));
        (await ClaimAsync(db)).Should().ContainSingle().Which.Tries.Should().Be(1);
    }

    [Theory]
    [MemberData(nameof(Providers))]
    public async Task Dead_Reopened_StartsANewCycleOfTheSameEvent(string provider)
    {
        await using var db = await DatabaseFixture.StartAsync(provider);
        await db.OrderAsync(AttemptState.Won);
        var delivery = (await ClaimAsync(db)).Single();
        await RecordAsync(db, delivery, DeliveryState.Dead);
        (await db.Client.ReadDeliveriesAsync(new ListDeliveriesRequest { State = DeliveryState.Dead })).Deliveries.Should().ContainSingle();

        var reopened = await db.Client.ReopenDeliveryAsync(new ReopenDeliveryRequest { DeliveryId = delivery.DeliveryId, By = "li" });

        reopened.State.Should().Be(DeliveryState.Pending);
        reopened.Cycle.Should().Be(2);
        reopened.Tries.Should().Be(0);
        (await ClaimAsync(db)).Single().EventId.Should().Be(delivery.EventId);
    }

    [Theory]
    [MemberData(nameof(Providers))]
    public async Task Claim_SeveralAreDue_OldestFirstWithTheirWords(string provider)
    {
        await using var db = await DatabaseFixture.StartAsync(provider);
        var orders = new List<string>();
        for (var i = 0; i < 3; i++)
        {
            orders.Add((await db.OrderAsync(AttemptState.Won)).Order.Id);
            db.Clock.Advance(TimeSpan.FromSeconds(1));
        }

        await db.ExecuteAsync($"UPDATE notify_delivery SET due_at = due_at - 5000 WHERE order_id = '{orders[2]}'");

        var claimed = await ClaimAsync(db);

        claimed.Select(d => d.OrderId).Should().Equal(orders[2], orders[0], orders[1]);
        claimed.Should().OnlyContain(d => d.State == DeliveryState.Leased && d.Version == 2 && d.Body.Length > 0);
    }

    [Theory]
    [MemberData(nameof(Providers))]
    public async Task Line_SeveralAreLinedUp_EachIsDueInItsTurnBehindTheOnesBefore(string provider)
    {
        await using var db = await DatabaseFixture.StartAsync(provider);
        var deliveries = await TakenAsync(db, 5);

        (await LineUpAsync(db, deliveries[..2])).Should().Be(2);
        (await LineUpAsync(db, deliveries[2..4])).Should().Be(2);
        (await LineUpAsync(db, deliveries[4..], "https://other.example:443")).Should().Be(1);

        (await DueAsync(db)).Should().Equal([10, 70, 130, 190, 10], "another endpoint has a line of its own");
        var first = await db.Client.ReadDeliveriesAsync(new ListDeliveriesRequest { OrderId = deliveries[0].OrderId });
        first.Deliveries.Single().State.Should().Be(DeliveryState.Pending);
        first.Deliveries.Single().WaitsFor.Should().Be(Endpoint);
        (await ClaimAsync(db)).Should().BeEmpty();
        db.Clock.Advance(TimeSpan.FromSeconds(10));
        (await ClaimAsync(db)).Select(d => (d.DeliveryId, d.WaitsFor)).Should().BeEquivalentTo(
            [(deliveries[0].DeliveryId, Endpoint), (deliveries[4].DeliveryId, "https://other.example:443")]);
    }

    [Theory]
    [MemberData(nameof(Providers))]
    public async Task Line_TheLeaseWasLost_StaysWithWhoeverHasIt(string provider)
    {
        await using var db = await DatabaseFixture.StartAsync(provider);
        var sleeper = await TakenAsync(db, 2);
        await RecordAsync(db, sleeper[1], DeliveryState.Delivered);
        db.Clock.Advance(TimeSpan.FromSeconds(31));
        var successor = (await ClaimAsync(db)).Single();

        (await LineUpAsync(db, sleeper)).Should().Be(0);

        (await RecordAsync(db, successor, DeliveryState.Delivered)).Recorded.Should().BeTrue();
        (await RecordAsync(db, sleeper[0], DeliveryState.Pending, db.Clock.GetUtcNow())).Recorded.Should().BeFalse();
    }

    [Theory]
    [MemberData(nameof(Providers))]
    public async Task Line_WhoeverGaveItBack_WritesNothingAnyMore(string provider)
    {
        await using var db = await DatabaseFixture.StartAsync(provider);
        var taken = await TakenAsync(db, 1);
        await LineUpAsync(db, taken);

        (await RecordAsync(db, taken[0], DeliveryState.Delivered)).Recorded.Should().BeFalse();
        (await db.Client.RenewDeliveryAsync(new RenewDeliveryRequest { DeliveryId = taken[0].DeliveryId, Version = taken[0].Version, LeaseSeconds = 30 })).Renewed
            .Should().BeFalse();
    }

    [Theory]
    [MemberData(nameof(Providers))]
    public async Task Line_IsPulled_FromItsEndSoThatTheNextTurnsStay(string provider)
    {
        await using var db = await DatabaseFixture.StartAsync(provider);
        await LineUpAsync(db, await TakenAsync(db, 4));

        (await PullAsync(db, 2)).Should().Be(2);
        (await DueAsync(db)).Should().Equal(10, 70, 0, 0);
        (await PullAsync(db, 10)).Should().Be(2, "fewer than asked for: nobody waits any more");
        (await PullAsync(db, 10)).Should().Be(0);
        (await ClaimAsync(db)).Should().HaveCount(4).And.OnlyContain(d => d.WaitsFor == Endpoint);
    }

    /// <summary>A pause of the schedule, a try under way, what is due already, another's line: none of them waits for a place.</summary>
    [Theory]
    [MemberData(nameof(Providers))]
    public async Task Line_IsPulled_NothingElseIs(string provider)
    {
        await using var db = await DatabaseFixture.StartAsync(provider);
        var deliveries = await TakenAsync(db, 4);
        await LineUpAsync(db, deliveries[..2]);
        await LineUpAsync(db, deliveries[3..], "https://other.example:443");
        db.Clock.Advance(TimeSpan.FromSeconds(15));
        var underWay = (await ClaimAsync(db)).Single(d => d.WaitsFor == Endpoint);
        await RecordAsync(db, deliveries[2], DeliveryState.Pending, db.Clock.GetUtcNow().AddHours(1));

        (await PullAsync(db, 10)).Should().Be(1, "the second one's turn had not come");

        (await RecordAsync(db, underWay, DeliveryState.Pending, db.Clock.GetUtcNow().AddSeconds(30))).Delivery.WaitsFor.Should().BeEmpty();
        (await PullAsync(db, 10)).Should().Be(0, "after its try it waits for its pause, not for a place");
        (await ClaimAsync(db)).Select(d => d.DeliveryId).Should().Equal(deliveries[1].DeliveryId);
    }

    [Theory]
    [MemberData(nameof(Providers))]
    public async Task Reopened_WhileItWaitsInALine_IsDueAtOnceInANewCycle(string provider)
    {
        await using var db = await DatabaseFixture.StartAsync(provider);
        var taken = await TakenAsync(db, 2);
        await LineUpAsync(db, taken);

        var reopened = await db.Client.ReopenDeliveryAsync(new ReopenDeliveryRequest { DeliveryId = taken[1].DeliveryId, By = "li" });

        (reopened.State, reopened.Cycle, reopened.Tries, reopened.WaitsFor).Should().Be((DeliveryState.Pending, 2, 0, ""));
        (await ClaimAsync(db)).Single().DeliveryId.Should().Be(taken[1].DeliveryId);
        (await db.Client.ReopenDeliveryAsync(new ReopenDeliveryRequest { DeliveryId = taken[1].DeliveryId, By = "li" })).Cycle.Should().Be(2, "it is under way");
    }

    [Theory]
    [InlineData("", 1, 1, "endpoint")]
    [InlineData(Endpoint, 0, 1, "deliveries")]
    [InlineData(Endpoint, 501, 1, "deliveries")]
    [InlineData(Endpoint, 1, 0, "every_ms")]
    public async Task LineUp_FieldIsWrong_InvalidArgumentNamesIt(string endpoint, int deliveries, int everyMs, string field)
    {
        await using var db = await DatabaseFixture.StartAsync("sqlite");
        var request = new LineUpDeliveriesRequest { Endpoint = endpoint, FirstTime = db.Lease(), EveryMs = everyMs };
        request.Deliveries.AddRange(Enumerable.Range(0, deliveries).Select(i => new LineUpDeliveriesRequest.Types.Taken { DeliveryId = $"D{i}", Version = 1 }));

        var lineUp = async () => await db.Client.LineUpDeliveriesAsync(request);

        var thrown = (await lineUp.Should().ThrowAsync<RpcException>()).Which;
        thrown.StatusCode.Should().Be(StatusCode.InvalidArgument);
        thrown.Status.Detail.Should().StartWith(field);
    }

    /// <summary>A backlog that fell due together keeps nobody waiting who comes later, and is taken all the same, each once.</summary>
    [Theory]
    [MemberData(nameof(Providers))]
    public async Task Claim_OfABacklog_TakesTheOldestAndTheNewest(string provider)
    {
        await using var db = await DatabaseFixture.StartAsync(provider);
        for (var i = 0; i < 9; i++)
        {
            await db.OrderAsync(AttemptState.Won);
        }

        db.Clock.Advance(TimeSpan.FromSeconds(1));
        await db.OrderAsync(AttemptState.Won);
        var all = (await db.Client.ReadDeliveriesAsync(new ListDeliveriesRequest { State = DeliveryState.Pending, Limit = 20 })).Deliveries;

        var claim = await ClaimAsync(db, 4);

        claim.Should().HaveCount(4);
        claim.Select(d => d.DeliveryId).Should().Contain(all.MinBy(d => d.DueTime.ToDateTimeOffset())!.DeliveryId).And.Contain(all.MaxBy(d => d.DueTime.ToDateTimeOffset())!.DeliveryId);
        var rest = (await ClaimAsync(db, 4)).Concat(await ClaimAsync(db, 4));
        claim.Concat(rest).Select(d => d.DeliveryId).Should().BeEquivalentTo(all.Select(d => d.DeliveryId));
    }

    /// <summary>What a dead merchant's backlog costs the others: nothing, however long it is. As the server counts the rows that it reads.</summary>
    [Fact]
    public async Task Claim_BesideALineOfTwentyThousand_ReadsOnlyWhatIsDue()
    {
        // One of its own: its counters have nobody else's statements.
        await using var server = await MariaDbServer.StartAsync();
        await using var db = await DatabaseFixture.StartAsync("mysql", await server.CreateDatabaseAsync(), null, new(DatabaseFixture.Start));
        await db.OrderAsync(AttemptState.Won);
        var now = db.Clock.GetUtcNow().ToUnixTimeMilliseconds();
        await db.ExecuteAsync(
            $"""
            INSERT INTO notify_delivery (delivery_id, event_id, app_id, order_id, url, state, version, cycle, tries, due_at, created_at, waits_for, turn_at)
            SELECT CONCAT('DZZ', seq), CONCAT('EZZ', seq), 'app1', CONCAT('ZZ', seq), CONCAT('https://shop.example/', seq), 'PENDING', 1, 1, 0,
                   {now} + seq * 61000, {now}, '{Endpoint}', {now} + seq * 61000
              FROM seq_1_to_20000
            """);
        await db.ExecuteAsync("ANALYZE TABLE notify_delivery");

        var before = await RowsReadAsync(db);
        var healthy = (await ClaimAsync(db)).Single();
        var claim = await RowsReadAsync(db) - before;
        await LineUpAsync(db, [healthy]);
        var lineUp = await RowsReadAsync(db) - before - claim;
        (await PullAsync(db, 10)).Should().Be(10);
        var pull = await RowsReadAsync(db) - before - claim - lineUp;

        TestContext.Current.TestOutputHelper?.WriteLine($"rows read: {claim} by a claim, {lineUp} by lining up one, {pull} by pulling ten");
        claim.Should().BeLessThan(20);
        lineUp.Should().BeLessThan(20);
        pull.Should().BeLessThan(60);
    }

    private const string Endpoint = "https://shop.example:443";

    /// <summary>Deliveries that a worker has, in the order of their ids.</summary>
    private static async Task<Delivery[]> TakenAsync(DatabaseFixture db, int count)
    {
        for (var i = 0; i < count; i++)
        {
            await db.OrderAsync(AttemptState.Won);
        }

        return [.. (await ClaimAsync(db)).OrderBy(d => d.DeliveryId, StringComparer.Ordinal)];
    }

    private static async Task<int> LineUpAsync(DatabaseFixture db, IEnumerable<Delivery> deliveries, string endpoint = Endpoint) =>
        (await db.Client.LineUpDeliveriesAsync(new LineUpDeliveriesRequest
        {
            Endpoint = endpoint,
            Deliveries = { deliveries.Select(d => new LineUpDeliveriesRequest.Types.Taken { DeliveryId = d.DeliveryId, Version = d.Version }) },
            FirstTime = Timestamp.FromDateTimeOffset(db.Clock.GetUtcNow().AddSeconds(10)),
            EveryMs = 60_000,
        })).LinedUp;

    private static async Task<int> PullAsync(DatabaseFixture db, int limit) =>
        (await db.Client.PullDeliveriesAsync(new PullDeliveriesRequest { Endpoint = Endpoint, Limit = limit })).Pulled;

    /// <summary>In how many seconds each is due.</summary>
    private static async Task<IEnumerable<long>> DueAsync(DatabaseFixture db)
    {
        await using var connection = await db.Sql.OpenAsync(CancellationToken.None);
        var due = await Dapper.SqlMapper.QueryAsync<long>(connection, "SELECT due_at FROM notify_delivery ORDER BY delivery_id");
        return due.Select(at => (at - db.Clock.GetUtcNow().ToUnixTimeMilliseconds()) / 1000);
    }

    private static Task<long> RowsReadAsync(DatabaseFixture db) =>
        db.ScalarAsync<long>("SELECT CAST(SUM(variable_value) AS SIGNED) FROM information_schema.global_status WHERE variable_name LIKE 'HANDLER_READ%' AND variable_name NOT LIKE '%RND%'");

    private static async Task<IReadOnlyList<Delivery>> ClaimAsync(DatabaseFixture db, int limit = 10) =>
        (await db.Client.ClaimDueDeliveriesAsync(new ClaimDueDeliveriesRequest { Limit = limit, LeaseSeconds = 30 })).Deliveries;

    private static async Task<RecordTryReply> RecordAsync(DatabaseFixture db, Delivery delivery, DeliveryState next, DateTimeOffset? due = null) =>
        await db.Client.RecordTryAsync(new RecordTryRequest
        {
            DeliveryId = delivery.DeliveryId,
            Version = delivery.Version,
            NextState = next,
            NextDueTime = due is { } at ? Timestamp.FromDateTimeOffset(at) : null,
            Try = new DeliveryTry { StartTime = Timestamp.FromDateTimeOffset(db.Clock.GetUtcNow()), Result = "test" },
        });
}
