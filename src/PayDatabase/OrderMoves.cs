using Google.Protobuf.WellKnownTypes;
using PayCore.Contracts.V1;
using PayCore.Payments;
using PayCore.ServiceDefaults;
using AttemptState = PayCore.Contracts.V1.Attempt.Types.State;
using OrderState = PayCore.Contracts.V1.PayOrder.Types.State;

namespace PayCore.PayDatabase;

/// <summary>
/// The steps of orders and attempts. Each asks the transition table, moves the row by compare-and-set on state and version, writes the history
/// row, and for a terminal order state the event and its delivery. The order row is locked by the caller's read, so all of it is one transaction's view;
/// the <see cref="StoredOrder"/> is kept in step and is what the caller answers.
/// </summary>
internal sealed class OrderMoves(WriteContext write, IdFactory ids, DateTimeOffset now) : Moves(write, ids, now)
{
    /// <summary>Moves an order.</summary>
    public async Task MoveOrderAsync(StoredOrder stored, OrderState to, string cause, string evidenceId)
    {
        var order = stored.Order;
        var from = order.State;
        Demand(OrderTransitions.Table.Check(from, to), "order", order.Id, $"{from}", $"{to}");
        if (OrderTransitions.IsTerminal(to))
        {
            stored.EndTime = Timestamp.FromDateTimeOffset(Now);
        }

        await Write.WriteOneAsync(
            """
            UPDATE pay_order
               SET state = @to, version = version + 1, won_attempt_no = @wonAttemptNo, paid_at = @paidAt, late = @late,
                   failure_code = @failureCode, failure_message = @failureMessage, ended_at = @endedAt
             WHERE id = @id AND state = @from AND version = @version
            """,
            new
            {
                id = order.Id,
                from = EnumText<OrderState>.Of(from),
                to = EnumText<OrderState>.Of(to),
                version = order.Version,
                wonAttemptNo = order.AttemptNo.Length == 0 ? null : order.AttemptNo,
                paidAt = order.PaidTime.MsOrNull(),
                late = order.Late ? 1 : 0,
                failureCode = Clip(order.FailureCode, 64),
                failureMessage = Clip(order.FailureMessage, 255),
                endedAt = stored.EndTime.MsOrNull(),
            });
        order.State = to;
        order.Version++;
        await OrderHistoryAsync(order, EnumText<OrderState>.Of(from), cause, evidenceId);
        if (OrderTransitions.IsTerminal(to))
        {
            var attempt = stored.Attempts.FirstOrDefault(a => a.Attempt.AttemptNo == order.AttemptNo) ?? stored.Attempts.LastOrDefault();
            Count(order, attempt?.Channel ?? "");
            await AddEventAsync(order, stored.DeliverUrl, attempt?.TraceParent ?? "");
        }
    }

    /// <summary>Counts that an order has come to its state.</summary>
    public void Count(PayOrder order, string channel)
    {
        var (state, scene, appId) = (EnumText<OrderState>.Of(order.State), EnumText<Scene>.Of(order.Scene), order.AppId);
        Counts.Add(metrics => metrics.Order(state, channel, scene, appId));
    }

    /// <summary>The history row of an order's newest version.</summary>
    public Task OrderHistoryAsync(PayOrder order, string from, string cause, string evidenceId) => HistoryAsync(
        "pay_order_history", "order_id", order.Id, order.Version, from, EnumText<OrderState>.Of(order.State), cause, evidenceId);

    /// <summary>Moves an attempt. What the row holds besides is taken from <paramref name="stored"/>; a move ends any right to call.</summary>
    public async Task MoveAttemptAsync(StoredAttempt stored, AttemptState to, string cause, string evidenceId)
    {
        var attempt = stored.Attempt;
        var from = attempt.State;
        Demand(AttemptTransitions.Table.Check(from, to), "attempt", attempt.AttemptNo, $"{from}", $"{to}");
        stored.CallLeaseTime = null;
        await Write.WriteOneAsync(
            """
            UPDATE pay_attempt
               SET state = @to, version = version + 1, action = @action, channel_order_id = @channelOrderId, paid_amount = @paidAmount,
                   paid_at = @paidAt, refusal_code = @refusalCode, refusal_message = @refusalMessage, call_lease_at = NULL
             WHERE attempt_no = @attemptNo AND state = @from AND version = @version
            """,
            new
            {
                attemptNo = attempt.AttemptNo,
                from = EnumText<AttemptState>.Of(from),
                to = EnumText<AttemptState>.Of(to),
                version = stored.Version,
                action = attempt.Action is null ? null : Google.Protobuf.MessageExtensions.ToByteArray(attempt.Action),
                channelOrderId = Clip(attempt.ChannelOrderId, 64),
                paidAmount = attempt.PaidAmountMinor,
                paidAt = attempt.PaidTime.MsOrNull(),
                refusalCode = Clip(attempt.RefusalCode, 64),
                refusalMessage = Clip(attempt.RefusalMessage, 255),
            });
        attempt.State = to;
        stored.Version++;
        if (AttemptTransitions.IsPaid(to))
        {
            var delay = Now - attempt.PaidTime.ToDateTimeOffset();
            Counts.Add(metrics => metrics.Paid(stored.Channel, attempt.Currency, attempt.PaidAmountMinor, cause, delay));
        }

        await AttemptHistoryAsync(stored, EnumText<AttemptState>.Of(from), cause, evidenceId);
    }

    /// <summary>The history row of an attempt's newest version.</summary>
    public Task AttemptHistoryAsync(StoredAttempt stored, string from, string cause, string evidenceId) => HistoryAsync(
        "pay_attempt_history", "attempt_no", stored.Attempt.AttemptNo, stored.Version, from, EnumText<AttemptState>.Of(stored.Attempt.State), cause,
        evidenceId);

    /// <summary>PAYING → CLOSED once that was asked for and no attempt is left that could be paid.</summary>
    public async Task<bool> CloseOrderIfDoneAsync(StoredOrder stored, string cause)
    {
        if (stored.Order.State != OrderState.Paying || !stored.Order.CloseRequested
            || stored.Attempts.Any(a => a.Attempt.State is not (AttemptState.Closed or AttemptState.Refused)))
        {
            return false;
        }

        await MoveOrderAsync(stored, OrderState.Closed, cause, "");
        return true;
    }

    /// <summary>Says when OrderMonitor looks next.</summary>
    public async Task ScheduleAsync(StoredOrder stored, DateTimeOffset? due)
    {
        stored.DueTime = due is { } at ? Timestamp.FromDateTimeOffset(at) : null;
        await Write.WriteOneAsync(
            "UPDATE pay_order SET due_at = @due WHERE id = @id", new { id = stored.Order.Id, due = stored.DueTime.MsOrNull() });
    }

    private Task AddEventAsync(PayOrder order, string url, string traceParent) =>
        AddEventAsync(new EventSubject(order.AppId, order.Id, order.Version, order.Id, traceParent), EventBody.TypeOf(order.State), order, url);
}
