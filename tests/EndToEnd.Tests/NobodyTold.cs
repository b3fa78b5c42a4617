using System.Net.Http.Json;
using Google.Protobuf.WellKnownTypes;
using Microsoft.Extensions.Time.Testing;
using PayCore.ChannelSimulator;
using PayCore.Contracts.V1;
using PayCore.EndToEnd.Tests.Support;
using AttemptState = PayCore.Contracts.V1.Attempt.Types.State;
using OrderState = PayCore.Contracts.V1.PayOrder.Types.State;

namespace PayCore.EndToEnd.Tests;

/// <summary>What was never told is found: lost callbacks, lost answers, expiry, losing attempts. The clock is the test's.</summary>
public sealed class NobodyTold
{
    private readonly FakeTimeProvider _clock = new(new DateTimeOffset(2026, 11, 22, 10, 0, 0, TimeSpan.Zero));

    [Theory]
    [InlineData("sqlite", 5)]
    [InlineData("sqlite", 400)]
    [InlineData("mysql", 40)]
    public async Task Payment_WithAllCallbacksLost_IsFoundWithin75Seconds(string provider, int paidAfterSeconds)
    {
        await using var world = await World.StartAsync(provider, _clock);
        world.Faults.Add(new Fault { Operation = "callback", Kind = "lost", Count = -1 });
        var (orderId, attemptNo) = await CreateAsync(world);
        await _clock.PassAsync(paidAfterSeconds, () => Task.FromResult(false));
        world.Wallet.Pay(World.Account, attemptNo);

        var seconds = await _clock.PassAsync(600, async () => (await world.ReadAsync(orderId)).Order.State == OrderState.Paid);

        seconds.Should().BeLessThanOrEqualTo(75, "I1: all callbacks lost, within the order's first 10 minutes");
        (await world.ReadAsync(orderId)).History.Single(h => h.ToState == "PAID").Cause.Should().Be("query");
        await _clock.PassAsync(30, () => Task.FromResult(world.Receiver.All.Count > 0));
    }

    [Theory]
    [InlineData("sqlite")]
    [InlineData("mysql")]
    public async Task Order_NobodyPaid_IsClosedAtItsExpiryByQueryCloseQuery(string provider)
    {
        await using var world = await World.StartAsync(provider, _clock);
        var (orderId, attemptNo) = await CreateAsync(world, minutes: 5);

        var seconds = await _clock.PassAsync(420, async () => (await world.ReadAsync(orderId)).Order.State == OrderState.Closed);

        seconds.Should().BeInRange(299, 360);
        world.Ledger.Find(World.Account, attemptNo)!.State.Should().Be("CLOSED", "the channel was told, and confirmed");
        var calls = world.ProviderCalls.Calls.Where(c => c.OutTradeNo == attemptNo).Select(c => c.Operation).ToList();
        calls.TakeLast(3).Should().Equal("query", "close", "query");
        await _clock.PassAsync(30, () => Task.FromResult(world.Receiver.All.Count > 0));
        world.Receiver.All[0].Json.GetProperty("type").GetString().Should().Be("payment.closed");
    }

    [Fact]
    public async Task Order_PaidAtTheMomentOfItsExpiry_IsPaidAndNotClosed()
    {
        await using var world = await World.StartAsync("sqlite", _clock);
        world.Faults.Add(new Fault { Operation = "callback", Kind = "lost", Count = -1 });
        var (orderId, attemptNo) = await CreateAsync(world, minutes: 5);
        await _clock.PassAsync(TimeSpan.FromSeconds(298));
        world.Wallet.Pay(World.Account, attemptNo);

        await _clock.PassAsync(120, async () => (await world.ReadAsync(orderId)).Order.State == OrderState.Paid);

        var order = await world.ReadAsync(orderId);
        order.Order.State.Should().Be(OrderState.Paid);
        order.Order.Late.Should().BeFalse();
    }

    [Fact]
    public async Task Close_TheProviderDoesNotAnswer_LeavesTheOrderPayingUntilItIsCertain()
    {
        await using var world = await World.StartAsync("sqlite", _clock);
        var (orderId, attemptNo) = await CreateAsync(world, minutes: 5);
        world.Faults.Add(new Fault { Operation = "close", Kind = "error_500_before", Count = -1 });

        await _clock.PassAsync(420, () => Task.FromResult(world.ProviderCalls.Calls.Count(c => c.Operation == "close") >= 2));
        var order = (await world.ReadAsync(orderId)).Order;
        order.CloseRequested.Should().BeTrue();
        order.State.Should().Be(OrderState.Paying, "no clock closes an order that may be paid");

        world.Faults.Clear();
        await _clock.PassAsync(300, async () => (await world.ReadAsync(orderId)).Order.State == OrderState.Closed);
        (await world.ReadAsync(orderId)).Order.State.Should().Be(OrderState.Closed);
        world.Ledger.Find(World.Account, attemptNo)!.State.Should().Be("CLOSED", "the provider confirmed it");
    }

    [Fact]
    public async Task Order_UndecidedTenMinutesAfterExpiry_IsRaisedOnce()
    {
        await using var world = await World.StartAsync("sqlite", _clock);
        var (orderId, _) = await CreateAsync(world, minutes: 5);
        world.Faults.Add(new Fault { Operation = "close", Kind = "error_503", Count = -1 });

        await _clock.PassAsync(1100, async () => (await ExceptionsAsync(world, orderId)).Count > 0);
        await _clock.PassAsync(TimeSpan.FromSeconds(130));

        (await ExceptionsAsync(world, orderId)).Should().ContainSingle().Which.Kind.Should().Be(ExceptionItem.Types.Kind.Overdue);
        (await world.ReadAsync(orderId)).Order.State.Should().Be(OrderState.Paying);
    }

    [Fact]
    public async Task Place_EffectThenDrop_AnswersWithTheSameNumberPlacedAgain()
    {
        await using var world = await World.StartAsync("sqlite", _clock);
        world.Faults.Add(new Fault { Operation = "place", Kind = "effect_then_drop" });

        var answer = await world.CreateAsync();

        answer["result"]!.GetValue<string>().Should().Be("ACTION");
        var placed = world.Ledger.All.Should().ContainSingle("one number, one order at the channel").Subject;
        placed.PlacedCount.Should().Be(2);
        placed.OutTradeNo.Should().Be(answer["attempt_no"]!.GetValue<string>());
    }

    [Fact]
    public async Task Place_WithoutAnyAnswer_IsProcessingAndARepeatContinuesTheSameAttempt()
    {
        await using var world = await World.StartAsync("sqlite", _clock);
        world.Faults.Add(new Fault { Operation = "place", Kind = "error_500_after", Count = 2 });
        var order = world.NewOrder("no-answer");

        var first = await world.CreateAsync(order);
        first["result"]!.GetValue<string>().Should().Be("PROCESSING");
        first["order"]!["state"]!.GetValue<string>().Should().Be("PAYING");

        var repeat = await world.CreateAsync(order);
        repeat["result"]!.GetValue<string>().Should().Be("ACTION");
        repeat["attempt_no"]!.GetValue<string>().Should().Be(first["attempt_no"]!.GetValue<string>());
        world.Ledger.All.Should().ContainSingle();
    }

    [Fact]
    public async Task Place_RefusedAfterAnUnansweredCall_IsDecidedByAQueryOnly()
    {
        await using var world = await World.StartAsync("sqlite", _clock);
        // The provider did it twice and said 500; a payer could have paid by now, so nothing may call it failed.
        world.Faults.Add(new Fault { Operation = "place", Kind = "error_500_after", Count = 2 });
        var first = await world.CreateAsync(world.NewOrder("doubt"));
        world.Wallet.Pay(World.Account, first["attempt_no"]!.GetValue<string>());

        var order = await world.UntilAsync(first["order"]!["id"]!.GetValue<string>(), o => o.Order.State == OrderState.Paid);

        order.Attempts.Single().Attempt.State.Should().Be(AttemptState.Won, "the callback came before any answer of ours was recorded");
    }

    [Fact]
    public async Task Attempts_PaidBothByTheUser_OneWinsTheOtherIsListed()
    {
        await using var world = await World.StartAsync("sqlite", _clock);
        var (orderId, firstNo) = await CreateAsync(world);
        // The close before the new attempt gets no answer, so both codes stay payable.
        world.Faults.Add(new Fault { Operation = "close", Kind = "error_503", Count = -1 });
        using var another = await world.Merchant.PostAsJsonAsync($"/v1/pay-orders/{orderId}/attempts", new { out_attempt_no = "2" });
        another.EnsureSuccessStatusCode();
        var secondNo = (await world.ReadAsync(orderId)).Attempts[1].Attempt.AttemptNo;

        world.Wallet.Pay(World.Account, firstNo);
        world.Wallet.Pay(World.Account, secondNo);

        var order = await world.UntilAsync(orderId, o => o.Attempts.All(a => a.Attempt.PaidAmountMinor > 0));
        order.Attempts.Select(a => a.Attempt.State).Should().BeEquivalentTo([AttemptState.Won, AttemptState.ExtraPaid]);
        (await ExceptionsAsync(world, orderId)).Should().ContainSingle().Which.Kind.Should().Be(ExceptionItem.Types.Kind.SurplusPayment);
    }

    [Fact]
    public async Task Attempt_ThatLost_IsClosedAtTheChannel()
    {
        await using var world = await World.StartAsync("sqlite", _clock);
        var (orderId, firstNo) = await CreateAsync(world);
        world.Faults.Add(new Fault { Operation = "close", Kind = "error_503", Count = 1 });
        using var another = await world.Merchant.PostAsJsonAsync($"/v1/pay-orders/{orderId}/attempts", new { out_attempt_no = "2" });
        another.EnsureSuccessStatusCode();
        var secondNo = (await world.ReadAsync(orderId)).Attempts[1].Attempt.AttemptNo;
        world.Wallet.Pay(World.Account, secondNo);

        await _clock.PassAsync(60, () => Task.FromResult(world.Ledger.Find(World.Account, firstNo)!.State == "CLOSED"));

        world.Ledger.Find(World.Account, firstNo)!.State.Should().Be("CLOSED");
        (await world.UntilAsync(orderId, o => o.Attempts[0].Attempt.State == AttemptState.Closed)).Order.State.Should().Be(OrderState.Paid);
    }

    /// <summary>A provider that confirms a close and takes the money all the same (invariants, I11).</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Payment_OfAClosedOrder_IsPaidLateByCallbackOrAtTheLookFiveMinutesAfter(bool isTold)
    {
        await using var world = await World.StartAsync("sqlite", _clock);
        if (!isTold)
        {
            world.Faults.Add(new Fault { Operation = "callback", Kind = "lost", Count = -1 });
        }

        var (orderId, attemptNo) = await CreateAsync(world);
        await world.Database.RequestCloseAsync(new RequestCloseRequest { OrderId = orderId, Cause = "merchant" });
        var closed = await world.Database.RecordAttemptClosedAsync(new RecordAttemptClosedRequest { AttemptNo = attemptNo, Cause = "close" });
        closed.Order.Order.State.Should().Be(OrderState.Closed);
        world.Wallet.Pay(World.Account, attemptNo);

        if (!isTold)
        {
            (await _clock.PassAsync(400, async () => (await world.ReadAsync(orderId)).Order.State == OrderState.Paid)).Should().BeInRange(295, 360);
        }

        var order = await world.UntilAsync(orderId, o => o.Order.State == OrderState.Paid);
        order.Order.Late.Should().BeTrue();
        order.History.Where(h => h.AttemptNo.Length == 0).Select(h => h.ToState).Should().Equal("CREATED", "PAYING", "CLOSED", "PAID");
        (await ExceptionsAsync(world, orderId)).Should().ContainSingle().Which.Kind.Should().Be(ExceptionItem.Types.Kind.LatePayment);
        await _clock.PassAsync(30, () => Task.FromResult(world.Receiver.All.Count > 1));
        world.Receiver.All.Select(r => r.Json.GetProperty("type").GetString()).Should().BeEquivalentTo(["payment.closed", "payment.paid"]);
        world.Receiver.All.Should().ContainSingle(r => r.Json.GetProperty("data").GetProperty("late").GetBoolean());
    }

    /// <summary>The two looks at an order that has ended fall into an outage of the provider: it is asked again, and not a day later.</summary>
    [Fact]
    public async Task Payment_OfAClosedOrder_IsFoundWhenTheProviderAnswersAgain()
    {
        await using var world = await World.StartAsync("sqlite", _clock);
        world.Faults.Add(new Fault { Operation = "callback", Kind = "lost", Count = -1 });
        var (orderId, attemptNo) = await CreateAsync(world);
        await world.Database.RequestCloseAsync(new RequestCloseRequest { OrderId = orderId, Cause = "merchant" });
        await world.Database.RecordAttemptClosedAsync(new RecordAttemptClosedRequest { AttemptNo = attemptNo, Cause = "close" });
        world.Faults.Add(new Fault { Operation = "query", Kind = "error_500_before", Count = -1 });
        world.Wallet.Pay(World.Account, attemptNo);
        await _clock.PassAsync(TimeSpan.FromMinutes(45), stride: 20);
        (await world.ReadAsync(orderId)).Order.State.Should().Be(OrderState.Closed);

        world.Faults.Clear();
        await _clock.PassAsync(TimeSpan.FromMinutes(12), stride: 20);

        (await world.ReadAsync(orderId)).Order.State.Should().Be(OrderState.Paid);
    }

    [Fact]
    public async Task Place_ThatNeverArrived_IsClosedWhenNobodyCanPayItAnyMoreAndNotBefore()
    {
        await using var world = await World.StartAsync("sqlite", _clock);
        world.Faults.Add(new Fault { Operation = "place", Kind = "drop_before", Count = 2 });
        var (orderId, _) = await CreateAsync(world, minutes: 5);

        var seconds = await _clock.PassAsync(600, async () => (await world.ReadAsync(orderId)).Order.State == OrderState.Closed);

        seconds.Should().BeInRange(360, 440, "the channel does not know the number, which means nothing until 60 s after the expiry that it was sent");
        world.Ledger.All.Should().BeEmpty();
    }

    private async Task<(string OrderId, string AttemptNo)> CreateAsync(World world, int minutes = 30)
    {
        var order = world.NewOrder();
        order["expire_time"] = Timestamp.FromDateTimeOffset(_clock.GetUtcNow().AddMinutes(minutes)).ToString().Trim('"');
        var answer = await world.CreateAsync(order);
        return (answer["order"]!["id"]!.GetValue<string>(), answer["attempt_no"]!.GetValue<string>());
    }

    private static async Task<IReadOnlyList<ExceptionItem>> ExceptionsAsync(World world, string orderId) =>
        (await world.Database.ListExceptionsAsync(new ListExceptionsRequest { OrderId = orderId })).Exceptions;
}
