using Google.Protobuf.WellKnownTypes;
using PayCore.Contracts.V1;
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
    public async Task Claim_ExceptAnAddress_LeavesItsDeliveries(string provider)
    {
        await using var db = await DatabaseFixture.StartAsync(provider);
        await db.OrderAsync(AttemptState.Won);

        var except = new ClaimDueDeliveriesRequest { Limit = 10, LeaseSeconds = 30, ExceptUrls = { "https://shop.example/notify" } };

        (await db.Client.ClaimDueDeliveriesAsync(except)).Deliveries.Should().BeEmpty();
    }

    private static async Task<IReadOnlyList<Delivery>> ClaimAsync(DatabaseFixture db) =>
        (await db.Client.ClaimDueDeliveriesAsync(new ClaimDueDeliveriesRequest { Limit = 10, LeaseSeconds = 30 })).Deliveries;

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
