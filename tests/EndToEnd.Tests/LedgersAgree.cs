using Google.Protobuf.WellKnownTypes;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Time.Testing;
using PayCore.ChannelSimulator;
using PayCore.Contracts.V1;
using PayCore.EndToEnd.Tests.Support;
using PayCore.Payments;
using DeliveryState = PayCore.Contracts.V1.Delivery.Types.State;
using OrderState = PayCore.Contracts.V1.PayOrder.Types.State;

namespace PayCore.EndToEnd.Tests;

/// <summary>
/// Many orders at once, with faults of every kind at the provider and a merchant that fails: once the last fault is over and everything is quiet, the provider's
/// book, the records, the API and the notifications agree (invariants, I1, I2, I6, I9 to I11, I20 to I23). What each order goes through follows from the seed.
/// </summary>
public sealed class LedgersAgree
{
    private const int OrderCount = 60;
    private static readonly string[] _placeFaults =
    [
        "effect_then_drop", "drop_before", "error_500_before", "error_500_after", "error_503", "error_429", "garbage", "unsigned", "bad_signature", "lost",
        "effect_then_timeout", "late",
    ];

    private static readonly string[] _queryFaults = ["error_500_before", "lost", "wrong_amount", "other_out_trade_no", "bad_signature", "drop_before"];
    private static readonly string[] _closeFaults = ["error_503", "effect_then_drop", "lost", "error_500_after"];
    private static readonly string[] _callbackFaults =
    [
        "lost", "lost", "late", "twice", "effect_then_drop", "effect_then_timeout", "wrong_amount", "bad_signature", "unsigned", "old_timestamp", "other_mchid",
        "other_out_trade_no", "body_changed",
    ];

    private readonly FakeTimeProvider _clock = new(new DateTimeOffset(2026, 11, 22, 10, 0, 0, TimeSpan.Zero));

    /// <summary>The last seed is new on each run; the test's name prints it.</summary>
    public static TheoryData<string, int> Runs => new() { { "sqlite", 20261122 }, { "mysql", 20261123 }, { "sqlite", Random.Shared.Next() } };

    /// <summary>What a user and a merchant do with an order.</summary>
    private enum Wish
    {
        Pay,
        Nothing,
        Close,
        PayWhileItIsClosed,
        PayTwoAttempts,
    }

    private sealed record Plan(string Number, long Amount, Wish Wish, int Copies, int PauseMs, IReadOnlyList<Fault> CallbackFaults);

    [Theory]
    [MemberData(nameof(Runs))]
    public async Task Orders_ThroughFaultsOfEveryKind_AgreeWithTheProvidersBook(string provider, int seed)
    {
        var random = new Random(seed);
        await using var world = await World.StartAsync(provider, _clock);
        AddFaults(world, random);
        FailingMerchant(world, random.Next());
        var plans = Enumerable.Range(0, OrderCount).Select(i => NewPlan(i, random)).ToList();

        var acting = Task.WhenAll(plans.Select(p => ActAsync(world, p)));
        while (!acting.IsCompleted)
        {
            await _clock.StepAsync(TimeSpan.FromMilliseconds(200));
        }

        var orderIds = await acting;
        var quiet = await SettleAsync(world, orderIds);

        quiet.Should().BeTrue("everything ends by itself");
        (await LedgerComparison.DifferencesAsync(world.Compared, orderIds)).Should().BeEmpty();
        var ended = new List<StoredOrder>();
        foreach (var id in orderIds)
        {
            ended.Add(await world.ReadAsync(id));
        }

        ended.Count(o => o.Order.State == OrderState.Paid).Should().BeGreaterThan(OrderCount / 4, "the run is no empty one");
        ended.Count(o => o.Order.State == OrderState.Closed).Should().BeGreaterThan(1);
    }

    private static Plan NewPlan(int number, Random random)
    {
        var wish = random.Next(100) switch { < 60 => Wish.Pay, < 72 => Wish.PayWhileItIsClosed, < 84 => Wish.Nothing, < 91 => Wish.Close, _ => Wish.PayTwoAttempts };
        var faults = Enumerable.Range(0, random.Next(4)).Select(_ => new Fault
        {
            Operation = "callback",
            Kind = _callbackFaults[random.Next(_callbackFaults.Length)],
            Count = random.Next(1, 4),
            DelayMs = random.Next(1, 20_000),
        });
        return new Plan($"L{number:D4}", random.NextInt64(1, 10_000_000), wish, random.Next(1, 4), random.Next(1, 60_000), [.. faults]);
    }

    private static void AddFaults(World world, Random random)
    {
        Add("place", _placeFaults, OrderCount / 2);
        Add("query", _queryFaults, OrderCount / 3);
        Add("close", _closeFaults, OrderCount / 4);

        void Add(string operation, string[] kinds, int count)
        {
            for (var i = 0; i < count; i++)
            {
                world.Faults.Add(new Fault { Operation = operation, Kind = kinds[random.Next(kinds.Length)], DelayMs = random.Next(1, 9_000) });
            }
        }
    }

    /// <summary>Every third message is not acknowledged.</summary>
    private static void FailingMerchant(World world, int seed)
    {
        var random = new Random(seed);
        var acknowledge = world.Receiver.Answer;
        world.Receiver.Answer = (received, http) =>
        {
            bool fails;
            lock (random)
            {
                fails = random.Next(3) == 0;
            }

            http.Response.StatusCode = fails ? StatusCodes.Status503ServiceUnavailable : StatusCodes.Status200OK;
            return fails ? Task.CompletedTask : acknowledge(received, http);
        };
    }

    private async Task<string> ActAsync(World world, Plan plan)
    {
        var (orderId, attemptNo) = await CreateAsync(world, plan);
        foreach (var fault in plan.CallbackFaults)
        {
            fault.OutTradeNo = attemptNo;
            world.Faults.Add(fault);
        }

        await Task.Delay(TimeSpan.FromMilliseconds(plan.PauseMs), _clock);
        switch (plan.Wish)
        {
            case Wish.Pay:
                Pay(world, attemptNo);
                break;
            case Wish.Close:
                await CloseAsync(world, orderId);
                break;
            case Wish.PayWhileItIsClosed:
                var closing = CloseAsync(world, orderId);
                await Task.Yield();
                Pay(world, attemptNo);
                await closing;
                break;
            case Wish.PayTwoAttempts:
                // Whether the first one can still be paid is the provider's to say.
                await world.Merchant.PostTextAsync($"/v1/pay-orders/{orderId}/attempts", """{"out_attempt_no":"2"}""");
                foreach (var attempt in (await world.ReadAsync(orderId)).Attempts)
                {
                    Pay(world, attempt.Attempt.AttemptNo);
                }

                break;
        }

        return orderId;
    }

    /// <summary>Several equal requests at once, repeated until one has a way to pay.</summary>
    private async Task<(string OrderId, string AttemptNo)> CreateAsync(World world, Plan plan)
    {
        var order = world.NewOrder(plan.Number).With("amount_minor", plan.Amount)
            .With("expire_time", Timestamp.FromDateTimeOffset(_clock.GetUtcNow().AddMinutes(6)).ToString().Trim('"'));
        while (true)
        {
            var answers = await Task.WhenAll(Enumerable.Range(0, plan.Copies).Select(_ => world.Merchant.PostTextAsync(Refusals.OrdersPath, order.ToJsonString())));
            answers.Should().OnlyContain(a => a.Status == 200 || a.Status >= 500, "what is refused for good never gets a way to pay");
            var read = answers.Where(a => a.Status == 200).Select(a => a.Json).ToList();
            if (read.Find(a => a["result"]!.GetValue<string>() is not "PROCESSING") is { } settled)
            {
                return (settled["order"]!["id"]!.GetValue<string>(), settled["attempt_no"]!.GetValue<string>());
            }

            await Task.Delay(TimeSpan.FromSeconds(1), _clock);
        }
    }

    private static Task<RestAnswer> CloseAsync(World world, string orderId) => world.Merchant.PostTextAsync($"/v1/pay-orders/{orderId}:close", "{}");

    private static void Pay(World world, string attemptNo)
    {
        try
        {
            world.Wallet.Pay(World.Account, attemptNo);
        }
        catch (InvalidOperationException)
        {
            // The provider does not take the money: the order is closed, or was never placed.
        }
    }

    /// <summary>Lets the clock run until every order ended, no attempt is open and every merchant was told; for at most 40 minutes of it.</summary>
    private async Task<bool> SettleAsync(World world, IEnumerable<string> orderIds)
    {
        var open = orderIds.ToList();
        for (var second = 0; open.Count > 0 && second < 2400; second++)
        {
            await _clock.StepAsync(TimeSpan.FromSeconds(1));
            if (second % 10 == 0)
            {
                var still = new List<string>();
                foreach (var id in open)
                {
                    if (!await IsQuietAsync(world, id))
                    {
                        still.Add(id);
                    }
                }

                open = still;
            }
        }

        return open.Count == 0;
    }

    private static async Task<bool> IsQuietAsync(World world, string orderId)
    {
        var order = await world.ReadAsync(orderId);
        return OrderTransitions.IsTerminal(order.Order.State)
            && !order.Attempts.Any(a => AttemptTransitions.IsOpen(a.Attempt.State) || a.Attempt.RefundReservedAmountMinor > 0)
            && (await world.Database.ReadDeliveriesAsync(new ListDeliveriesRequest { OrderId = orderId })).Deliveries
                .All(d => d.State is DeliveryState.Delivered or DeliveryState.Dead);
    }
}
