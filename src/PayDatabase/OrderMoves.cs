using System.Security.Cryptography;
using System.Text;
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
internal sealed class OrderMoves(WriteContext write, IdFactory ids, DateTimeOffset now)
{
    /// <summary>Deliveries that came into being.</summary>
    public List<string> DeliveryIds { get; } = [];

    /// <summary>The time of this transaction.</summary>
    public DateTimeOffset Now => now;

    /// <summary>Moves an order.</summary>
    public async Task MoveOrderAsync(StoredOrder stored, OrderState to, string cause, string evidenceId)
    {
        var order = stored.Order;
        var from = order.State;
        Demand(OrderTransitions.Table.Check(from, to), "order", order.Id, $"{from}", $"{to}");
        if (OrderTransitions.IsTerminal(to))
        {
            stored.EndTime = Timestamp.FromDateTimeOffset(now);
        }

        await write.UpdateOneAsync(
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
            await AddEventAsync(order, stored.DeliverUrl);
        }
    }

    /// <summary>The history row of an order's newest version.</summary>
    public Task OrderHistoryAsync(PayOrder order, string from, string cause, string evidenceId) => write.ExecuteAsync(
        """
        INSERT INTO pay_order_history (order_id, version, from_state, to_state, cause, evidence_id, at)
        VALUES (@id, @version, @from, @to, @cause, @evidenceId, @at)
        """,
        new { id = order.Id, version = order.Version, from, to = EnumText<OrderState>.Of(order.State), cause, evidenceId, at = now.Ms() });

    /// <summary>Moves an attempt. What the row holds besides is taken from <paramref name="stored"/>; a move ends any right to call.</summary>
    public async Task MoveAttemptAsync(StoredAttempt stored, AttemptState to, string cause, string evidenceId)
    {
        var attempt = stored.Attempt;
        var from = attempt.State;
        Demand(AttemptTransitions.Table.Check(from, to), "attempt", attempt.AttemptNo, $"{from}", $"{to}");
        stored.CallLeaseTime = null;
        await write.UpdateOneAsync(
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
        await AttemptHistoryAsync(stored, EnumText<AttemptState>.Of(from), cause, evidenceId);
    }

    /// <summary>The history row of an attempt's newest version.</summary>
    public Task AttemptHistoryAsync(StoredAttempt stored, string from, string cause, string evidenceId) => write.ExecuteAsync(
        """
        INSERT INTO pay_attempt_history (attempt_no, version, from_state, to_state, cause, evidence_id, at)
        VALUES (@attemptNo, @version, @from, @to, @cause, @evidenceId, @at)
        """,
        new
        {
            attemptNo = stored.Attempt.AttemptNo,
            version = stored.Version,
            from,
            to = EnumText<AttemptState>.Of(stored.Attempt.State),
            cause,
            evidenceId,
            at = now.Ms(),
        });

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
        await write.ExecuteAsync(
            "UPDATE pay_order SET due_at = @due WHERE id = @id", new { id = stored.Order.Id, due = stored.DueTime.MsOrNull() });
    }

    /// <summary>Puts an item into the list of what a person must look at, once.</summary>
    /// <returns>False when the same item was there.</returns>
    public async Task<bool> RaiseAsync(ExceptionItem item)
    {
        var kind = EnumText<ExceptionItem.Types.Kind>.Of(item.Kind);
        var same = Convert.ToHexStringLower(SHA256.HashData(
            Encoding.UTF8.GetBytes($"{kind}\n{item.OrderId}\n{item.AttemptNo}\n{item.Detail}")));
        var there = await write.FirstAsync<string>("SELECT exception_id FROM exception_item WHERE same_item = @same", new { same });
        if (there is not null)
        {
            return false;
        }

        await write.ExecuteAsync(
            """
            INSERT INTO exception_item (exception_id, same_item, kind, app_id, order_id, attempt_no, callback_id, detail, created_at, resolved_at)
            VALUES (@exceptionId, @same, @kind, @appId, @orderId, @attemptNo, @callbackId, @detail, @createdAt, NULL)
            """,
            new
            {
                exceptionId = ids.NewExceptionId(),
                same,
                kind,
                appId = item.AppId,
                orderId = item.OrderId,
                attemptNo = item.AttemptNo,
                callbackId = item.CallbackId,
                detail = Clip(item.Detail, 512),
                createdAt = now.Ms(),
            });
        return true;
    }

    /// <summary>Keeps a callback as it came.</summary>
    public Task KeepCallbackAsync(NewCallback callback, string state, string reason, string orderId, string attemptNo) => write.ExecuteAsync(
        """
        INSERT INTO callback (callback_id, channel, account, received_at, http_method, target, headers, body, state, reason, order_id, attempt_no, message_id)
        VALUES (@callbackId, @channel, @account, @receivedAt, @httpMethod, @target, @headers, @body, @state, @reason, @orderId, @attemptNo, @messageId)
        """,
        new
        {
            callbackId = callback.CallbackId,
            channel = Clip(callback.Channel, 32),
            account = Clip(callback.Account, 128),
            receivedAt = callback.ReceiveTime.Ms(),
            httpMethod = Clip(callback.HttpMethod, 8),
            target = Clip(callback.Target, 512),
            headers = System.Text.Json.JsonSerializer.Serialize(callback.Headers.Select(h => new[] { h.Name, h.Value })),
            body = callback.Body.ToByteArray(),
            state,
            reason = Clip(reason, 255),
            orderId,
            attemptNo,
            messageId = Clip(callback.MessageId, 64),
        });

    private async Task AddEventAsync(PayOrder order, string url)
    {
        var eventId = ids.NewEventId();
        await write.ExecuteAsync(
            """
            INSERT INTO event (event_id, app_id, order_id, order_version, event_type, body, created_at, feed_seq)
            VALUES (@eventId, @appId, @orderId, @version, @type, @body, @at, NULL)
            """,
            new
            {
                eventId,
                appId = order.AppId,
                orderId = order.Id,
                version = order.Version,
                type = EventBody.TypeOf(order.State),
                body = EventBody.Write(order, now),
                at = now.Ms(),
            });

        if (url.Length == 0)
        {
            return;
        }

        var deliveryId = ids.NewDeliveryId();
        await write.ExecuteAsync(
            """
            INSERT INTO notify_delivery (delivery_id, event_id, app_id, order_id, url, state, version, cycle, tries, due_at, created_at, delivered_at)
            VALUES (@deliveryId, @eventId, @appId, @orderId, @url, 'PENDING', 1, 1, 0, @at, @at, NULL)
            """,
            new { deliveryId, eventId, appId = order.AppId, orderId = order.Id, url, at = now.Ms() });
        DeliveryIds.Add(deliveryId);
    }

    private static void Demand(Step step, string what, string id, string from, string to)
    {
        if (step != Step.Allowed)
        {
            // Callers decide by the locked row first, so this is a bug of ours and undoes everything.
            throw new InvalidOperationException($"No legal step: {what} {id} from {from} to {to}.");
        }
    }

    private static string Clip(string text, int length) => text.Length <= length ? text : text[..length];
}
