using PayCore.Contracts.V1;
using PayCore.EndToEnd.Tests.Support;
using AttemptState = PayCore.Contracts.V1.Attempt.Types.State;
using OrderState = PayCore.Contracts.V1.PayOrder.Types.State;

namespace PayCore.Cashier.Tests.Support;

/// <summary>Compares the providers' books with our records.</summary>
public static class Books
{
    /// <summary>
    /// Waits until records and books say the same of an order and of each of its attempts, and answers what they say. Every payment that a provider has is ours
    /// once, with its amount; at most one won; a second one is surplus and listed; none is ours that the provider does not have.
    /// </summary>
    public static async Task<StoredOrder> AgreeAsync(this Till till, TillOrder order)
    {
        var stored = await till.World.UntilAsync(order.Id, o => o.Attempts.All(a => IsPaidAtProvider(till, a) == IsPaidHere(a)));
        var paid = stored.Attempts.Where(IsPaidHere).ToList();
        (stored.Order.State == OrderState.Paid).Should().Be(paid.Count > 0);
        paid.Should().OnlyContain(a => a.Attempt.PaidAmountMinor == stored.Order.AmountMinor);
        paid.Count(a => a.Attempt.State == AttemptState.Won).Should().Be(Math.Min(1, paid.Count));
        var surplus = paid.Where(a => a.Attempt.State == AttemptState.ExtraPaid).Select(a => a.Attempt.AttemptNo).ToList();
        var listed = (await till.World.Database.ListExceptionsAsync(new ListExceptionsRequest { OrderId = order.Id, Limit = 100 })).Exceptions
            .Where(e => e.Kind == ExceptionItem.Types.Kind.SurplusPayment).Select(e => e.AttemptNo);
        listed.Should().BeEquivalentTo(surplus, "what was paid twice is listed, and nothing else");
        return stored;
    }

    private static bool IsPaidHere(StoredAttempt attempt) => attempt.Attempt.State is AttemptState.Won or AttemptState.ExtraPaid;

    private static bool IsPaidAtProvider(Till till, StoredAttempt attempt) => attempt.Attempt.Method == "wechat"
        ? till.World.Ledger.Find(World.Account, attempt.Attempt.AttemptNo)?.State == "SUCCESS"
        : till.World.AlipayLedger.Find(attempt.Account, attempt.Attempt.AttemptNo)?.TradeStatus == "TRADE_SUCCESS";
}
