using System.Text.Json.Nodes;
using PayCore.ChannelSimulator;
using PayCore.Contracts.V1;
using PayCore.EndToEnd.Tests.Support;
using AttemptState = PayCore.Contracts.V1.Attempt.Types.State;
using ExceptionKind = PayCore.Contracts.V1.ExceptionItem.Types.Kind;
using OrderState = PayCore.Contracts.V1.PayOrder.Types.State;

namespace PayCore.EndToEnd.Tests;

/// <summary>
/// Races on purpose, a thousand rounds each over both providers and databases: callback × query × close of one order, and two attempts of one order paid at once.
/// What the provider's book says is what the records say: nothing lost, nothing doubled (invariants, I1, I2, I6, I9, I11, I18).
/// </summary>
public sealed class Races
{
    private const int Rounds = 500;
    private const int AtOnce = 8;
    private const long Amount = 1_299;

    /// <summary>Half of the rounds each. The seed is new on each run; the test's name prints it.</summary>
    public static TheoryData<string, string, int> Runs => new() { { "sqlite", "wechat", Random.Shared.Next() }, { "mysql", "alipay", Random.Shared.Next() } };

    [Theory]
    [MemberData(nameof(Runs))]
    public async Task CallbackQueryAndClose_OfOneOrder_EndAsTheProvidersBookSays(string database, string method, int seed)
    {
        var random = new Random(seed);
        await using var provider = await Provider.StartAsync(database, method);
        var orders = new List<(string OrderId, string AttemptNo)>();
        foreach (var chunk in Enumerable.Range(0, Rounds).Chunk(AtOnce))
        {
            orders.AddRange(await Task.WhenAll(chunk.Select(_ => CloseWhilePaidAsync(provider, new Random(random.Next())))));
        }

        foreach (var (orderId, attemptNo) in orders)
        {
            var order = await provider.World.UntilAsync(orderId, o => o.Order.State is OrderState.Paid or OrderState.Closed);
            var paidThere = provider.Accounts.EffectsOf("payment", attemptNo);
            (order.Order.State, order.Order.Late).Should().Be((paidThere == 1 ? OrderState.Paid : OrderState.Closed, false), $"the provider has {paidThere} payments of {attemptNo}");
            order.History.Count(h => h.AttemptNo.Length == 0 && h.ToState == "PAID").Should().Be(paidThere);
        }

        await provider.World.UntilReceivedAsync(Rounds);
        (await provider.ExceptionsAsync()).Should().BeEmpty();
        await DeliveredAsync(provider, orders[^1].OrderId);
        (await LedgerComparison.DifferencesAsync(provider.World.Compared, orders.Select(o => o.OrderId))).Should().BeEmpty();
    }

    [Theory]
    [MemberData(nameof(Runs))]
    public async Task TwoAttempts_PaidAtOnce_OneCountsAndTheOtherGoesBackOnce(string database, string method, int seed)
    {
        var random = new Random(seed);
        await using var provider = await Provider.StartAsync(database, method);
        provider.Fail("close", FaultKinds.Error503, count: -1);
        var orderIds = new List<string>();
        foreach (var chunk in Enumerable.Range(0, Rounds).Chunk(AtOnce))
        {
            orderIds.AddRange(await Task.WhenAll(chunk.Select(_ => PayTwiceAsync(provider, random.Next(2) == 0))));
        }

        foreach (var orderId in orderIds)
        {
            var order = await provider.World.UntilAsync(orderId, o => o.Attempts.Sum(a => a.Attempt.RefundedAmountMinor) == Amount);
            order.Attempts.Select(a => a.Attempt.State).Should().BeEquivalentTo([AttemptState.Won, AttemptState.ExtraPaid]);
            order.Order.State.Should().Be(OrderState.Paid);
            var extra = order.Attempts.Single(a => a.Attempt.State == AttemptState.ExtraPaid).Attempt;
            (extra.RefundedAmountMinor, extra.RefundReservedAmountMinor).Should().Be((Amount, 0));
            (await provider.ExceptionsAsync(orderId)).Should().ContainSingle().Which.Should().Match<ExceptionItem>(
                e => e.Kind == ExceptionKind.SurplusPayment && e.AttemptNo == extra.AttemptNo);
            var refund = await provider.World.Database.ReadRefundAsync(new ReadRefundRequest
            {
                MerchantRefund = new MerchantRefundKey { AppId = World.AppId, OutRefundNo = $"policy:{extra.AttemptNo}" },
            });
            provider.Accounts.EffectsOf("refund", refund.Refund.Id).Should().Be(1);
        }

        provider.Accounts.Entries.Count(e => e.Kind == "payment").Should().Be(2 * Rounds);
        provider.Accounts.Entries.Count(e => e.Kind == "refund").Should().Be(Rounds);
        provider.Accounts.Sum(provider.Merchant, "payment", "refund").Should().Be(Rounds * Amount);
    }

    /// <summary>One round: the user pays, somebody asks, and the merchant closes, at the same moment.</summary>
    private static async Task<(string OrderId, string AttemptNo)> CloseWhilePaidAsync(Provider provider, Random random)
    {
        var created = await provider.CreateAsync(Amount);
        if (provider.Method == "alipay")
        {
            // The user has scanned: before that there is no trade that could be closed.
            provider.World.AlipayWallet.Decline(provider.Account, created.AttemptNo);
        }

        // The others go over the network: a user who is a little slower makes it a race.
        var slower = TimeSpan.FromMilliseconds(random.Next(25));
        Func<Task>[] rivals =
        [
            async () =>
            {
                await Task.Delay(slower);
                TryPay(provider, created.AttemptNo);
            },
            () => provider.World.Merchant.PostTextAsync($"/v1/pay-orders/{created.OrderId}:close", "{}"),
            () => provider.World.Merchant.GetAnswerAsync($"/v1/pay-orders/{created.OrderId}?refresh=true"),
            () => provider.World.Merchant.GetAnswerAsync($"/v1/pay-orders/{created.OrderId}?refresh=true"),
        ];
        random.Shuffle(rivals);
        await Task.WhenAll(rivals.Select(r => r()));
        return created;
    }

    private static async Task<string> PayTwiceAsync(Provider provider, bool secondFirst)
    {
        var (orderId, first) = await provider.CreateAsync(Amount);
        var another = new JsonObject { ["out_attempt_no"] = "2", ["method"] = provider.Method, ["scene"] = "QR" };
        var answer = await provider.World.Merchant.PostTextAsync($"/v1/pay-orders/{orderId}/attempts", another.ToJsonString());
        var second = answer.Json["attempt_no"]!.GetValue<string>();
        string[] numbers = secondFirst ? [second, first] : [first, second];
        await Task.WhenAll(numbers.Select(n => Task.Run(() => provider.Pay(n))));
        return orderId;
    }

    private static void TryPay(Provider provider, string attemptNo)
    {
        try
        {
            provider.Pay(attemptNo);
        }
        catch (InvalidOperationException)
        {
            // The provider does not take the money: the order is closed, or paid.
        }
    }

    private static async Task DeliveredAsync(Provider provider, string orderId)
    {
        var began = TimeProvider.System.GetTimestamp();
        while ((await provider.World.Database.ReadDeliveriesAsync(new ListDeliveriesRequest { OrderId = orderId })).Deliveries.Any(d => d.State != Delivery.Types.State.Delivered))
        {
            TimeProvider.System.GetElapsedTime(began).Should().BeLessThan(TimeSpan.FromSeconds(20));
            await Task.Delay(20);
        }
    }
}
