using Google.Protobuf.Reflection;
using Google.Protobuf.WellKnownTypes;
using PayCore.Contracts.V1;
using PayCore.Payments;
using DeliveryState = PayCore.Contracts.V1.Delivery.Types.State;

namespace PayCore.QueryGateway;

/// <summary>
/// Tells what happened to an order, oldest first, and what comes next by itself, from the records alone. Pure. What it says is for the merchant who owns the order:
/// no secret, no payee, no address but the merchant's own.
/// </summary>
internal static class TimelineStory
{
    /// <summary>Tells it.</summary>
    /// <param name="rows">What is recorded.</param>
    /// <param name="now">Now.</param>
    /// <param name="toOperators">With our accounts' and operators' names, which are not the merchant's business.</param>
    public static Timeline Tell(TimelineRows rows, DateTimeOffset now, bool toOperators)
    {
        ArgumentNullException.ThrowIfNull(rows);
        var told = Moves(rows.Order.History, rows.Order.Order.Id, toOperators)
            .Append(Request(rows.Order.Order))
            .Concat(rows.Refunds.SelectMany(r => Refund(r, toOperators)))
            .Concat(rows.Calls.Select(Call))
            .Concat(rows.Callbacks.Select(c => Callback(c, toOperators)))
            .Concat(rows.Deliveries.SelectMany(Tries))
            .Concat(rows.Exceptions.SelectMany(e => Exceptions(e, toOperators)));
        return new Timeline
        {
            Order = rows.Order.Order,
            // Of what happened in the same millisecond, the order of telling is that of causes.
            Entries = { told.OrderBy(e => e.Time.ToDateTimeOffset()).ThenBy(e => Array.IndexOf(_causeToEffect, e.Kind)) },
            Next = { Next(rows, now).OrderBy(e => e.Time.ToDateTimeOffset()) },
        };
    }

    private static readonly string[] _causeToEffect = ["request", "channel_call", "callback", "move", "exception", "notify_try"];

    private static TimelineEntry Request(PayOrder order) => Entry(
        order.CreateTime, "request", order.Id,
        $"The merchant asked for {Amounts.Format(order.AmountMinor, order.Currency)} under its number {order.OutTradeNo}.",
        $"商户请求收款 {Amounts.Format(order.AmountMinor, order.Currency)}，商户订单号 {order.OutTradeNo}。",
        ("out_trade_no", order.OutTradeNo), ("amount_minor", $"{order.AmountMinor}"), ("currency", order.Currency));

    private static IEnumerable<TimelineEntry> Moves(IEnumerable<HistoryEntry> history, string id, bool toOperators) => history.Select(h =>
    {
        var isAttempt = h.AttemptNo.Length > 0;
        var subject = isAttempt ? h.AttemptNo : id;
        var (kindEn, kindZh) = isAttempt ? ("Attempt", "支付尝试") : ("The order", "订单");
        return Move(
            h, subject, isAttempt ? $"{kindEn} {h.AttemptNo}" : kindEn, isAttempt ? $"{kindZh} {h.AttemptNo} " : kindZh,
            isAttempt ? TimelineWords.Attempt(h.ToState) : TimelineWords.Order(h.ToState), toOperators);
    });

    private static TimelineEntry Move(HistoryEntry h, string subject, string en, string zh, (string En, string Zh) now, bool toOperators)
    {
        var (causeEn, causeZh) = TimelineWords.Cause(h.Cause);
        var isFirst = h.FromState.Length == 0;
        // Of what a person decided, the evidence is the name of that person.
        var evidenceId = h.Cause == "person" && !toOperators ? "" : h.EvidenceId;
        return Entry(
            h.Time, "move", subject,
            $"{en} {now.En} ({(isFirst ? "" : $"{h.FromState} to ")}{h.ToState}): {causeEn}.",
            $"{zh}{now.Zh}（{(isFirst ? "" : $"{h.FromState} 变为 ")}{h.ToState}）：{causeZh}。",
            ("from", h.FromState), ("to", h.ToState), ("cause", h.Cause), ("version", $"{h.Version}"), ("evidence_id", evidenceId));
    }

    private static IEnumerable<TimelineEntry> Refund(StoredRefund stored, bool toOperators)
    {
        var refund = stored.Refund;
        var amount = Amounts.Format(refund.AmountMinor, refund.Currency);
        yield return Entry(
            refund.CreateTime, "request", refund.Id,
            refund.ByPolicy ? $"PayCore gives {amount} back by the app's policy." : $"The merchant asked to give {amount} back under its number {refund.OutRefundNo}.",
            refund.ByPolicy ? $"按应用策略自动退款 {amount}。" : $"商户请求退款 {amount}，商户退款单号 {refund.OutRefundNo}。",
            ("out_refund_no", refund.OutRefundNo), ("amount_minor", $"{refund.AmountMinor}"), ("currency", refund.Currency));
        foreach (var h in stored.History)
        {
            yield return Move(h, refund.Id, $"Refund {refund.OutRefundNo}", $"退款 {refund.OutRefundNo} ", TimelineWords.Refund(h.ToState), toOperators);
        }
    }

    private static TimelineEntry Call(ChannelCall call)
    {
        var (en, zh) = TimelineWords.Operation(call.Operation);
        var (outcomeEn, outcomeZh) = TimelineWords.Outcome(call.Outcome);
        var code = call.Code.Length > 0 ? $" ({call.Code})" : "";
        return Entry(
            call.StartTime, "channel_call", call.AttemptNo.Length > 0 ? call.AttemptNo : call.OrderId,
            $"Asked the channel {call.Channel} {en}; {outcomeEn}{code} after {call.DurationMs} ms.",
            $"向渠道 {call.Channel} {zh}，{outcomeZh}{code}，耗时 {call.DurationMs} 毫秒。",
            ("operation", call.Operation), ("channel", call.Channel), ("outcome", call.Outcome), ("code", call.Code), ("duration_ms", $"{call.DurationMs}"),
            ("trace_id", call.TraceId));
    }

    private static TimelineEntry Callback(CallbackRow callback, bool toOperators)
    {
        var said = toOperators ? callback.Reason : "";
        var reason = said.Length > 0 ? $": {said}" : "";
        var (en, zh) = TimelineWords.Verdict(callback.State);
        return Entry(
            callback.ReceiveTime, "callback", callback.AttemptNo,
            $"The channel called back: {en}{reason}.",
            $"收到渠道回调：{zh}{reason}。",
            ("callback_id", callback.CallbackId), ("verdict", callback.State), ("reason", said), ("message_id", callback.MessageId));
    }

    private static IEnumerable<TimelineEntry> Tries(Delivery delivery) => delivery.History.Select(t =>
    {
        var (en, zh) = TimelineWords.TryResult(t.Result);
        return Entry(
            t.StartTime, "notify_try", delivery.EventId,
            $"Told the merchant {delivery.EventType}, try {t.Number}: {en}{Status(t)} in {t.DurationMs} ms.",
            $"第 {t.Number} 次通知商户 {delivery.EventType}：{zh}{Status(t)}，耗时 {t.DurationMs} 毫秒。",
            ("event_type", delivery.EventType), ("number", $"{t.Number}"), ("result", t.Result), ("http_status", $"{t.HttpStatus}"),
            ("duration_ms", $"{t.DurationMs}"), ("delivery_id", delivery.DeliveryId));
    });

    private static string Status(DeliveryTry t) => t.HttpStatus > 0 ? $" (HTTP {t.HttpStatus})" : "";

    private static IEnumerable<TimelineEntry> Exceptions(ExceptionItem item, bool toOperators)
    {
        var detail = toOperators ? item.Detail : "";
        var (byEn, byZh) = toOperators ? ($" by {item.ResolvedBy}", $"由 {item.ResolvedBy} ") : ("", "");
        var kind = NameOf(ExceptionItem.Descriptor, "Kind", (int)item.Kind);
        yield return Entry(
            item.CreateTime, "exception", item.AttemptNo.Length > 0 ? item.AttemptNo : item.OrderId,
            $"Listed for a person: {kind}. {detail}".TrimEnd(),
            $"列入待处理异常：{kind}。{detail}",
            ("exception_id", item.ExceptionId), ("exception_kind", kind));
        if (item.Resolved)
        {
            yield return Entry(
                item.ResolveTime, "exception", item.ExceptionId,
                $"{kind} was settled as {item.Resolution}{byEn}.",
                $"异常 {kind} 已{byZh}处理：{item.Resolution}。",
                ("exception_id", item.ExceptionId), ("exception_kind", kind), ("resolution", item.Resolution));
        }
    }

    private static IEnumerable<TimelineEntry> Next(TimelineRows rows, DateTimeOffset now)
    {
        var order = rows.Order.Order;
        if (rows.Order.DueTime is { } look)
        {
            yield return Entry(look, "look", order.Id, "OrderMonitor looks at the order again.", "订单监控将再次核对该订单。");
        }

        if (OrderTransitions.IsOpen(order.State) && order.ExpireTime.ToDateTimeOffset() > now)
        {
            yield return Entry(
                order.ExpireTime, "expiry", order.Id,
                "The order expires: the channel is asked, told to close, and asked again.", "订单到期：先查询渠道，再关单，然后再次查询。");
        }

        foreach (var refund in rows.Refunds.Where(r => r.DueTime is not null))
        {
            yield return Entry(
                refund.DueTime, "look", refund.Refund.Id, $"OrderMonitor looks at refund {refund.Refund.OutRefundNo} again.", $"订单监控将再次核对退款 {refund.Refund.OutRefundNo}。");
        }

        foreach (var delivery in rows.Deliveries.Where(d => d.State == DeliveryState.Pending))
        {
            yield return Entry(
                delivery.DueTime, "notify_try", delivery.EventId,
                $"The merchant is told {delivery.EventType}, try {delivery.Tries + 1}.", $"第 {delivery.Tries + 1} 次通知商户 {delivery.EventType}。",
                ("event_type", delivery.EventType), ("number", $"{delivery.Tries + 1}"));
        }
    }

    private static string NameOf(MessageDescriptor message, string type, int value) =>
        message.EnumTypes.Single(e => e.Name == type).FindValueByNumber(value)?.Name ?? $"{value}";

    private static TimelineEntry Entry(Timestamp time, string kind, string subject, string en, string zh, params (string Name, string Value)[] facts)
    {
        var entry = new TimelineEntry { Time = time, Kind = kind, Subject = subject, TextEn = en, TextZh = zh };
        foreach (var (name, value) in facts.Where(f => f.Value.Length > 0))
        {
            entry.Facts[name] = value;
        }

        return entry;
    }
}
