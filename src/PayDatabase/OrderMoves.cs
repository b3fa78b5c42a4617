using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using PayCore.Contracts.V1;
using PayCore.Payments;
using PayCore.ServiceDefaults;
using AttemptState = PayCore.Contracts.V1.Attempt.Types.State;
using OrderState = PayCore.Contracts.V1.PayOrder.Types.State;

namespace PayCore.PayDatabase;

/// <summary>
/// The steps of orders and attempts. Each asks the transition table, changes the <see cref="StoredOrder"/> that the caller answers, and writes the history row, and for a terminal order
/// state the event and its delivery. <see cref="SaveAsync()"/> then writes each row once, by compare-and-set on the state and version that it had. The order row is locked by the
/// caller's read, so all of it is one transaction's view.
/// </summary>
internal sealed class OrderMoves(WriteContext write, IdFactory ids, DateTimeOffset now) : Moves(write, ids, now)
{
    private readonly List<(StoredOrder Stored, CreateOrderRequest Request)> _newOrders = [];
    private readonly Dictionary<StoredOrder, OrderAsStored> _orders = new(ReferenceEqualityComparer.Instance);
    private readonly Dictionary<StoredAttempt, (AttemptState State, int Version)> _attempts = new(ReferenceEqualityComparer.Instance);

    /// <summary>What an order's row says.</summary>
    private sealed record OrderAsStored(OrderState State, int Version, bool HasAnswer);

    /// <summary>Begins an order, CREATED.</summary>
    public Task AddOrderAsync(StoredOrder stored, CreateOrderRequest request)
    {
        stored.Order.State = OrderState.Created;
        stored.Order.Version = 1;
        // As the row holds it: what is answered now is what is read later.
        stored.Order.CreateTime = Times.ToTimestamp(Now.Ms());
        _newOrders.Add((stored, request));
        return OrderHistoryAsync(stored.Order, "", "create", "");
    }

    /// <summary>Moves an order.</summary>
    public async Task MoveOrderAsync(StoredOrder stored, OrderState to, string cause, string evidenceId)
    {
        var order = stored.Order;
        var from = order.State;
        Demand(OrderTransitions.Table.Check(from, to), "order", order.Id, $"{from}", $"{to}");
        Touch(stored);
        if (OrderTransitions.IsTerminal(to))
        {
            stored.EndTime = Timestamp.FromDateTimeOffset(Now);
        }

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
        _attempts.TryAdd(stored, (from, stored.Version));
        stored.CallLeaseTime = null;
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

    /// <summary>Has OrderMonitor look next when the ladder says. A PAID order that is due before that stays due: money that nobody waits for may have to go back.</summary>
    public void ScheduleByLadder(StoredOrder stored)
    {
        var next = CheckSchedule.Next(stored, Now);
        var isDueBefore = stored.DueTime is { } due && (next is null || due.ToDateTimeOffset() < next);
        if (stored.Order.State != OrderState.Paid || !isDueBefore)
        {
            Schedule(stored, next);
        }
    }

    /// <summary>Says when OrderMonitor looks next.</summary>
    public void Schedule(StoredOrder stored, DateTimeOffset? due)
    {
        Touch(stored);
        stored.DueTime = due is { } at ? Timestamp.FromDateTimeOffset(at) : null;
    }

    /// <summary>The first definite answer to the create call is kept as it was, so that a repeat gets it again.</summary>
    public void KeepCreateAnswer(StoredOrder stored, StoredAttempt attempt, PayAnswer.Types.Result result)
    {
        if (!stored.CreateAnswer.IsEmpty || attempt.Attempt.OutAttemptNo.Length > 0)
        {
            return;
        }

        Touch(stored);
        stored.CreateAnswer = new PayAnswer
        {
            Result = result,
            Order = stored.Order,
            Action = attempt.Attempt.Action,
            AttemptNo = attempt.Attempt.AttemptNo,
            DeclineCode = attempt.Attempt.RefusalCode,
            DeclineMessage = attempt.Attempt.RefusalMessage,
        }.ToByteString();
    }

    /// <inheritdoc/>
    public override async Task SaveAsync()
    {
        foreach (var (stored, request) in _newOrders)
        {
            await InsertAsync(stored, request);
        }

        foreach (var (stored, was) in _orders)
        {
            await SaveAsync(stored, was);
        }

        foreach (var (stored, (state, version)) in _attempts)
        {
            await SaveAsync(stored, state, version);
        }
    }

    /// <summary>Remembers what an order's row says, before it is changed.</summary>
    private void Touch(StoredOrder stored)
    {
        if (!_newOrders.Exists(n => ReferenceEquals(n.Stored, stored)))
        {
            _orders.TryAdd(stored, new OrderAsStored(stored.Order.State, stored.Order.Version, !stored.CreateAnswer.IsEmpty));
        }
    }

    private async Task InsertAsync(StoredOrder stored, CreateOrderRequest request)
    {
        var order = stored.Order;
        await Write.InsertAsync(
            "pay_order",
            OrderRow.Columns,
            order.Id,
            stored.MerchantId,
            order.AppId,
            order.OutTradeNo,
            EnumText<OrderState>.Of(order.State),
            order.Version,
            order.AmountMinor,
            order.Currency,
            order.Subject,
            order.Method,
            EnumText<Scene>.Of(order.Scene),
            stored.Buyer,
            stored.ClientIp,
            stored.NotifyUrl,
            stored.DeliverUrl,
            stored.ReturnUrl,
            order.Attach,
            order.ExpireTime.Ms(),
            request.ExpireTimeGiven ? 1 : 0,
            stored.PageToken,
            null,
            stored.Attempts.Count,
            null,
            null,
            0,
            0,
            "",
            "",
            "",
            order.CreateTime.Ms(),
            null,
            stored.DueTime.MsOrNull());

        // The unique key speaks for the orders here. The archive is asked after the insert: an order that is on its way there held the insert up.
        await Write.DemandAbsentAsync("pay_order_archive", "app_id, out_trade_no", order.AppId, order.OutTradeNo);
    }

    private Task SaveAsync(StoredOrder stored, OrderAsStored was)
    {
        var order = stored.Order;
        var answer = !was.HasAnswer && !stored.CreateAnswer.IsEmpty;
        return Write.WriteOneAsync(
            $"""
            UPDATE pay_order
               SET state = @state, version = @version, won_attempt_no = @wonAttemptNo, paid_at = @paidAt, late = @late, failure_code = @failureCode,
                   failure_message = @failureMessage, ended_at = @endedAt, due_at = @dueAt{(answer ? ", create_answer = @answer" : "")}
             WHERE id = @id AND state = @wasState AND version = @wasVersion
            """,
            new
            {
                id = order.Id,
                wasState = EnumText<OrderState>.Of(was.State),
                wasVersion = was.Version,
                state = EnumText<OrderState>.Of(order.State),
                version = order.Version,
                wonAttemptNo = order.AttemptNo.Length == 0 ? null : order.AttemptNo,
                paidAt = order.PaidTime.MsOrNull(),
                late = order.Late ? 1 : 0,
                failureCode = Clip(order.FailureCode, 64),
                failureMessage = Clip(order.FailureMessage, 255),
                endedAt = stored.EndTime.MsOrNull(),
                dueAt = stored.DueTime.MsOrNull(),
                answer = answer ? stored.CreateAnswer.ToByteArray() : null,
            });
    }

    private Task SaveAsync(StoredAttempt stored, AttemptState wasState, int wasVersion)
    {
        var attempt = stored.Attempt;
        return Write.WriteOneAsync(
            """
            UPDATE pay_attempt
               SET state = @state, version = @version, action = @action, channel_order_id = @channelOrderId, paid_amount = @paidAmount,
                   paid_at = @paidAt, refusal_code = @refusalCode, refusal_message = @refusalMessage, call_lease_at = NULL
             WHERE attempt_no = @attemptNo AND state = @wasState AND version = @wasVersion
            """,
            new
            {
                attemptNo = attempt.AttemptNo,
                wasState = EnumText<AttemptState>.Of(wasState),
                wasVersion,
                state = EnumText<AttemptState>.Of(attempt.State),
                version = stored.Version,
                action = attempt.Action?.ToByteArray(),
                channelOrderId = Clip(attempt.ChannelOrderId, 64),
                paidAmount = attempt.PaidAmountMinor,
                paidAt = attempt.PaidTime.MsOrNull(),
                refusalCode = Clip(attempt.RefusalCode, 64),
                refusalMessage = Clip(attempt.RefusalMessage, 255),
            });
    }

    private Task AddEventAsync(PayOrder order, string url, string traceParent) =>
        AddEventAsync(new EventSubject(order.AppId, order.Id, order.Version, order.Id, traceParent), EventBody.TypeOf(order.State), order, url);
}
