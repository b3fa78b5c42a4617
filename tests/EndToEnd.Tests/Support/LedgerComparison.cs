using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Time.Testing;
using PayCore.Contracts.V1;
using PayCore.MerchantApi;
using PayCore.Payments;
using AttemptState = PayCore.Contracts.V1.Attempt.Types.State;
using DatabaseClient = PayCore.Contracts.V1.PayDatabase.PayDatabaseClient;
using DeliveryState = PayCore.Contracts.V1.Delivery.Types.State;
using OrderState = PayCore.Contracts.V1.PayOrder.Types.State;

namespace PayCore.EndToEnd.Tests.Support;

/// <summary>What is compared.</summary>
/// <param name="Database">The records.</param>
/// <param name="Merchant">The API, asked by the merchant.</param>
/// <param name="AppId">The merchant's app.</param>
/// <param name="Receiver">What the merchant received.</param>
/// <param name="Simulator">Where the providers' books are.</param>
/// <param name="Clock">The clock of all of them.</param>
public sealed record ComparedSystem(DatabaseClient Database, HttpClient Merchant, string AppId, MerchantReceiver Receiver, Uri Simulator, TimeProvider Clock);

/// <summary>
/// The providers' books, the records, the API and what the merchant received, held against one another once everything is quiet. Each difference begins with the
/// invariant that it breaks.
/// </summary>
public sealed class LedgerComparison
{
    private readonly ComparedSystem _system;
    private readonly ProviderBooks _books;
    private readonly int _crashes;
    private readonly ConcurrentQueue<string> _differences = [];

    private LedgerComparison(ComparedSystem system, ProviderBooks books, int crashes) => (_system, _books, _crashes) = (system, books, crashes);

    /// <summary>Compares these orders, which must be all that were paid.</summary>
    /// <param name="system">Where they are.</param>
    /// <param name="orderIds">The orders.</param>
    /// <param name="paidBefore">Attempts of other orders that were paid before.</param>
    /// <param name="crashes">How often what tells merchants died, perhaps between a message and its record: each death may cause one more message.</param>
    public static async Task<IReadOnlyList<string>> DifferencesAsync(
        ComparedSystem system, IEnumerable<string> orderIds, IEnumerable<string>? paidBefore = null, int crashes = 0)
    {
        var comparison = new LedgerComparison(system, await ProviderBooks.ReadAsync(system.Simulator), crashes);
        var known = new ConcurrentDictionary<string, bool>((paidBefore ?? []).Select(number => KeyValuePair.Create(number, true)));
        await Parallel.ForEachAsync(orderIds, async (orderId, cancellation) =>
        {
            var order = await system.Database.ReadOrderAsync(new ReadOrderRequest { OrderId = orderId, WithHistory = true }, cancellationToken: cancellation);
            foreach (var attempt in order.Attempts)
            {
                known[attempt.Attempt.AttemptNo] = true;
            }

            await comparison.MoneyAsync(order);
            comparison.Histories(order);
            await comparison.NotificationsAsync(order);
        });
        foreach (var foreign in comparison._books.Orders.Where(o => comparison._books.IsPaid(o.Number) && !known.ContainsKey(o.Number)))
        {
            comparison.Demand(false, "I1", $"the provider's payment {foreign.Number} belongs to no order");
        }

        return [.. comparison._differences];
    }

    private async Task MoneyAsync(StoredOrder order)
    {
        var id = order.Order.Id;
        var won = order.Attempts.Count(a => a.Attempt.State == AttemptState.Won);
        Demand(won == (order.Order.State == OrderState.Paid ? 1 : 0), "I2", $"{id} is {order.Order.State} with {won} attempts that won");
        foreach (var stored in order.Attempts)
        {
            var attempt = stored.Attempt;
            var there = _books.Find(attempt.AttemptNo);
            var paidHere = AttemptTransitions.IsPaid(attempt.State);
            var paidThere = _books.IsPaid(attempt.AttemptNo);
            Demand(!paidThere || paidHere, "I1", $"{attempt.AttemptNo} of {id} is paid at the provider and {attempt.State} here");
            Demand(!paidHere || paidThere, "I2", $"{attempt.AttemptNo} of {id} is {attempt.State} here and {there?.State} at the provider");
            Demand(_books.Moved("payment", attempt.AttemptNo).Count() <= 1, "I1", $"{attempt.AttemptNo} of {id} was paid twice");
            var backThere = _books.GivenBack(attempt.AttemptNo);
            Demand(
                attempt.RefundedAmountMinor == backThere && attempt.RefundReservedAmountMinor == 0, "I3",
                $"{attempt.AttemptNo} of {id}: the provider gave back {backThere}, here are {attempt.RefundedAmountMinor} and {attempt.RefundReservedAmountMinor} reserved");
            Demand(
                !AttemptTransitions.IsOpen(attempt.State) && (attempt.State != AttemptState.Closed || there?.CanBePaid(_system.Clock.GetUtcNow()) is not true),
                "I11", $"{attempt.AttemptNo} of {id} is {attempt.State} here and can be paid at the provider");
            if (paidHere && there is not null)
            {
                Demand(
                    (there.Total, there.Account, "CNY") == (attempt.PaidAmountMinor, stored.Account, attempt.Currency) && attempt.PaidAmountMinor == order.Order.AmountMinor,
                    "I1", $"{attempt.AttemptNo} of {id}: the provider has {there.Total} of {there.Account}, here is {attempt}");
            }

            if (attempt.State == AttemptState.ExtraPaid)
            {
                var items = (await _system.Database.ListExceptionsAsync(new ListExceptionsRequest { OrderId = id })).Exceptions;
                Demand(
                    items.Count(i => i.Kind == ExceptionItem.Types.Kind.SurplusPayment && i.AttemptNo == attempt.AttemptNo) == 1,
                    "I6", $"the second payment {attempt.AttemptNo} of {id} is not in the list once");
            }
        }
    }

    private void Histories(StoredOrder order)
    {
        History(OrderTransitions.Table, order.Order.Id, order.Order.State, order.Order.Version, order.History.Where(h => h.AttemptNo.Length == 0));
        foreach (var attempt in order.Attempts)
        {
            History(
                AttemptTransitions.Table, attempt.Attempt.AttemptNo, attempt.Attempt.State, attempt.Version,
                order.History.Where(h => h.AttemptNo == attempt.Attempt.AttemptNo));
        }
    }

    private void History<TState>(TransitionTable<TState> table, string id, TState state, int version, IEnumerable<HistoryEntry> entries)
        where TState : struct, Enum
    {
        TState? before = null;
        var count = 0;
        foreach (var entry in entries.OrderBy(h => h.Version))
        {
            count++;
            var to = Parse<TState>(entry.ToState);
            Demand(entry.Version == count, "I9", $"{id} has version {entry.Version} in place {count}");
            Demand(entry.FromState == (before is null ? "" : Text(before.Value)), "I9", $"{id} left {entry.FromState} when it was {before}");
            Demand(table.Check(before, to) == Step.Allowed, "I9", $"{id} went from {before} to {to}");
            Demand(before is not { } last || table.Rank(to) > table.Rank(last), "I9", $"the rank of {id} did not rise from {before} to {to}");
            before = to;
        }

        Demand(count == version && before is { } end && EqualityComparer<TState>.Default.Equals(end, state), "I10", $"{id} is {state} {version}, its history says {before} {count}");
    }

    private async Task NotificationsAsync(StoredOrder order)
    {
        var id = order.Order.Id;
        var ends = order.History.Where(h => h.AttemptNo.Length == 0 && OrderTransitions.IsTerminal(Parse<OrderState>(h.ToState))).ToDictionary(h => h.Version);
        var all = (await _system.Database.ReadDeliveriesAsync(new ListDeliveriesRequest { OrderId = id })).Deliveries;
        var refunds = (await _system.Database.ListRefundsAsync(new ListRequest { AppId = _system.AppId, OrderId = id, Limit = 100 })).Refunds.Select(r => r.Id).ToList();
        Demand(refunds.All(r => _books.Moved("refund", r).Count() == 1), "I4", $"{id}: not every refund moved money once");
        Demand(
            all.Where(d => d.EventType == "refund.succeeded").Select(d => JsonNode.Parse(d.Body.Span)!["data"]!["id"]!.GetValue<string>()).Order().SequenceEqual(refunds.Order()),
            "I20", $"{id}: not every refund was told once");
        var deliveries = all.Where(d => d.EventType.StartsWith("payment.", StringComparison.Ordinal)).ToList();
        Demand(deliveries.Count == ends.Count, "I20", $"{id} ended {ends.Count} times and has {deliveries.Count} deliveries");
        var answered = JsonNode.Parse(await _system.Merchant.GetStringAsync(new Uri($"/v1/pay-orders/{id}", UriKind.Relative)))!["order"]!;
        Demand(
            answered["state"]!.GetValue<string>() == Text(order.Order.State) && answered["version"]!.GetValue<int>() == order.Order.Version,
            "I10", $"the API says {answered} of {order.Order}");

        var received = _system.Receiver.All.Where(r => r.Json.GetProperty("data").GetProperty("id").GetString() == id).ToList();
        Demand(received.All(r => deliveries.Any(d => d.EventId == r.Id)), "I21", $"{id}: the merchant heard of an event that is none");
        foreach (var delivery in deliveries)
        {
            Demand(
                delivery.State == DeliveryState.Delivered || (delivery.State == DeliveryState.Dead && delivery.Tries == 11),
                "I20", $"{id}: the delivery is {delivery.State} after {delivery.Tries} tries");
            Demand(delivery.Tries <= 11, "I23", $"{id}: {delivery.Tries} tries");
            Demand(delivery.History.SkipLast(1).All(t => t.Result != "delivered"), "I23", $"{id}: a try after success");
            Content(order, delivery, ends, answered);

            var messages = received.Where(r => r.Id == delivery.EventId).ToList();
            // A try that ended before it reached the merchant is on record too; one that was answered did reach it.
            var heard = delivery.History.Count(t => t.HttpStatus > 0);
            Demand(
                messages.Count >= heard && messages.Count <= delivery.Tries + _crashes, "I23",
                $"{id}: {messages.Count} messages, {delivery.Tries} tries on record of which {heard} were answered");
            Demand(messages.All(Verifies), "I21", $"{id}: a message does not verify");
            Demand(messages.All(m => delivery.Body.Span.SequenceEqual(m.Body)), "I21", $"{id}: a message is not the event");
        }
    }

    private void Content(StoredOrder order, Delivery delivery, Dictionary<int, HistoryEntry> ends, JsonNode answered)
    {
        var body = JsonNode.Parse(delivery.Body.Span)!;
        var data = body["data"]!;
        var version = data["version"]!.GetValue<int>();
        var state = data["state"]!.GetValue<string>();
        Demand(ends.TryGetValue(version, out var end) && end.ToState == state, "I10", $"an event says {state} {version} of {order.Order}");
        Demand(body["type"]!.GetValue<string>() == $"payment.{state.ToLowerInvariant()}", "I22", $"an event of {state} is {body["type"]}");
        // What was given back since is another matter than the order's state, and moves no version of it.
        var now = answered.DeepClone();
        now["refunded_amount_minor"] = data["refunded_amount_minor"]?.DeepClone();
        Demand(version != order.Order.Version || JsonNode.DeepEquals(data, now), "I21", $"the event says {data}, the API {answered}");
    }

    /// <summary>By the Standard Webhooks rule, at the time that the message names.</summary>
    private bool Verifies(Received message)
    {
        var clock = new FakeTimeProvider(DateTimeOffset.FromUnixTimeSeconds(long.Parse(message.Timestamp, null)));
        return new StandardWebhook([WebhookSecret.Parse(_system.Receiver.Secret)], clock)
            .Verify(message.Id, message.Timestamp, message.Signature, message.Body) == WebhookVerdict.Verified;
    }

    private void Demand(bool holds, string invariant, string difference)
    {
        if (!holds)
        {
            _differences.Enqueue($"{invariant}: {difference}");
        }
    }

    private static string Text<TState>(TState state)
        where TState : struct, Enum => state is AttemptState.ExtraPaid ? "EXTRA_PAID" : state.ToString().ToUpperInvariant();

    private static TState Parse<TState>(string text)
        where TState : struct, Enum => Enum.Parse<TState>(text.Replace("_", "", StringComparison.Ordinal), ignoreCase: true);
}
