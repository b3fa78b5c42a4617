using PayCore.Contracts.V1;
using DeliveryState = PayCore.Contracts.V1.Delivery.Types.State;
using OrderState = PayCore.Contracts.V1.PayOrder.Types.State;
using RefundState = PayCore.Contracts.V1.Refund.Types.State;
using Standing = PayCore.Contracts.V1.ListExceptionRecordsRequest.Types.Standing;
using TransferState = PayCore.Contracts.V1.Transfer.Types.State;

namespace PayCore.PayDatabase;

/// <summary>Which indexes each list of the console walks, by what was asked for.</summary>
internal static class ConsoleQueries
{
    private const string VerdictPrefix = "CALLBACK_";

    /// <summary>Most orders are in one of these; the others are few at any time.</summary>
    private static readonly OrderState[] _commonStates = [OrderState.Paid, OrderState.Closed];

    /// <summary>What became of a callback, as its row says it.</summary>
    public static string Word(CallbackVerdict verdict) => EnumText<CallbackVerdict>.Of(verdict)[VerdictPrefix.Length..];

    /// <summary>What a callback's row says became of it.</summary>
    public static CallbackVerdict Verdict(string word) => EnumText<CallbackVerdict>.Parse(VerdictPrefix + word);

    public static RecordQuery Payments(ListPaymentRecordsRequest request, long now, bool isMySql)
    {
        var byPayment = request.PaidFrom is not null || request.PaidBefore is not null;
        var query = new RecordQuery("pay_order", "id", byPayment ? "paid_at" : "created_at", request.Page, isMySql);
        IReadOnlyList<OrderState> states = request.StuckOnly ? [OrderState.Paying] : request.LateOnly ? [OrderState.Paid] : [.. request.States];
        var isRare = states.Count > 0 && !states.Any(_commonStates.Contains);
        if (byPayment)
        {
            // An order that was not paid has no time of payment.
            query.Between("paid_from", request.PaidFrom, request.PaidBefore).Walk("pay_order_paid", "r.paid_at IS NOT NULL").Equal("app_id", request.AppId)
                .Where(states.Count > 0, "r.state IN @states", new { states = states.Select(EnumText<OrderState>.Of) })
                .Where(request.CreatedFrom is not null, "r.created_at >= @createdFrom", new { createdFrom = request.CreatedFrom.MsOrNull() })
                .Where(request.CreatedBefore is not null, "r.created_at < @createdBefore", new { createdBefore = request.CreatedBefore.MsOrNull() })
                .Where(request.LateOnly, "r.late = 1");
        }
        else
        {
            query.Between("created_from", request.CreatedFrom, request.CreatedBefore);
            if (request.AppId.Length > 0 && !isRare && !request.LateOnly)
            {
                query.Walk("pay_order_created", "r.app_id = @app_id").Bind("app_id", request.AppId)
                    .Where(states.Count > 0, "r.state IN @states", new { states = states.Select(EnumText<OrderState>.Of) });
            }
            else if (states.Count == 0)
            {
                query.Walk("pay_order_time");
            }
            else
            {
                query.Equal("app_id", request.AppId);
                foreach (var state in states.Distinct())
                {
                    // Only what is PAID can be late.
                    var word = EnumText<OrderState>.Of(state);
                    _ = state == OrderState.Paid ? query.Walk("pay_order_state", $"r.state = '{word}' AND r.late = 1") : query;
                    _ = request.LateOnly ? query : query.Walk("pay_order_state", $"r.state = '{word}' AND r.late = 0");
                }
            }
        }

        return query.Equal("merchant_id", request.MerchantId).Equal("method", request.Method).Equal("currency", request.Currency)
            .Amounts(request.AmountMinorMin, request.AmountMinorMax)
            .Where(
                request.Channel.Length + request.Account.Length > 0,
                $"""
                (SELECT COUNT(*) FROM pay_attempt a {IndexHint.Of("pay_attempt_seq", isMySql)} WHERE a.order_id = r.id
                    {(request.Channel.Length > 0 ? "AND a.channel = @channel" : "")} {(request.Account.Length > 0 ? "AND a.account = @account" : "")}) > 0
                """,
                new { channel = request.Channel, account = request.Account })
            .Where(request.StuckOnly, "r.expire_at <= @now", new { now });
    }

    public static RecordQuery Refunds(ListRefundRecordsRequest request, bool isMySql)
    {
        var query = new RecordQuery("refund", "id", "created_at", request.Page, isMySql).Between("created_from", request.CreatedFrom, request.CreatedBefore);
        if (request.OrderId.Length > 0)
        {
            query.Walk("refund_order", "r.order_id = @order_id").Bind("order_id", request.OrderId).Equal("app_id", request.AppId).States(request.States);
        }
        else if (request.AppId.Length > 0 && request.States.Count == 0)
        {
            query.Walk("refund_created", "r.app_id = @app_id").Bind("app_id", request.AppId);
        }
        else
        {
            query.WalkStates("refund_state", request.States).Equal("app_id", request.AppId);
        }

        return query.Equal("merchant_id", request.MerchantId).Equal("channel", request.Channel).Equal("account", request.Account)
            .Equal("currency", request.Currency).Amounts(request.AmountMinorMin, request.AmountMinorMax).Where(request.ByPolicyOnly, "r.by_policy = 1");
    }

    public static RecordQuery Transfers(ListTransferRecordsRequest request, bool isMySql)
    {
        var query = new RecordQuery("transfer", "id", "created_at", request.Page, isMySql).Between("created_from", request.CreatedFrom, request.CreatedBefore);
        if (request.NeedsApprovalOnly)
        {
            query.WalkStates("transfer_state", [TransferState.Created]).Equal("app_id", request.AppId);
        }
        else if (request.AppId.Length > 0 && request.States.Count == 0)
        {
            query.Walk("transfer_created", "r.app_id = @app_id").Bind("app_id", request.AppId);
        }
        else
        {
            query.WalkStates("transfer_state", request.States).Equal("app_id", request.AppId);
        }

        return query.Equal("merchant_id", request.MerchantId).Equal("channel", request.Channel).Equal("account", request.Account)
            .Equal("currency", request.Currency).Equal("method", request.Method).Amounts(request.AmountMinorMin, request.AmountMinorMax)
            .Where(request.NeedsApprovalOnly, "r.needs_approval = 1");
    }

    public static RecordQuery Deliveries(ListDeliveryRecordsRequest request, long now, bool isMySql)
    {
        var query = new RecordQuery("notify_delivery", "delivery_id", "created_at", request.Page, isMySql)
            .Between("created_from", request.CreatedFrom, request.CreatedBefore);
        IReadOnlyList<DeliveryState> states = request.DueOnly ? [DeliveryState.Pending, DeliveryState.Leased] : request.States;
        _ = request.OrderId.Length > 0
            // An order has a few: they are sorted.
            ? query.Walk("notify_delivery_order", "r.order_id = @order_id").Bind("order_id", request.OrderId).States(states)
            : query.WalkStates("notify_delivery_list", states);
        return query.Equal("app_id", request.AppId)
            .Where(
                request.EventType.Length > 0, "(SELECT e.event_type FROM event e WHERE e.event_id = r.event_id) = @eventType",
                new { eventType = request.EventType })
            .Where(request.DueOnly, "r.due_at <= @now", new { now })
            .Where(request.TriesMin > 0, "r.tries >= @triesMin", new { triesMin = request.TriesMin });
    }

    public static RecordQuery Callbacks(ListCallbackRecordsRequest request, bool isMySql)
    {
        var query = new RecordQuery("callback", "callback_id", "received_at", request.Page, isMySql)
            .Between("received_from", request.ReceivedFrom, request.ReceivedBefore);
        IReadOnlyList<CallbackVerdict> verdicts = request.Verdicts.Count > 0 ? request.Verdicts : Known<CallbackVerdict>();
        var words = verdicts.Select(Word).ToList();
        if (request.OrderId.Length > 0)
        {
            query.Walk("callback_order", "r.order_id = @order_id").Bind("order_id", request.OrderId)
                .Where(request.Verdicts.Count > 0, "r.state IN @states", new { states = words });
        }
        else
        {
            words.Distinct().ToList().ForEach(word => query.Walk("callback_state", $"r.state = '{word}'"));
        }

        return query.Equal("channel", request.Channel).Equal("account", request.Account).Equal("reason", request.Reason);
    }

    public static RecordQuery Exceptions(ListExceptionRecordsRequest request, bool isMySql)
    {
        var query = new RecordQuery("exception_item", "exception_id", "created_at", request.Page, isMySql)
            .Between("created_from", request.CreatedFrom, request.CreatedBefore);
        var isOpen = request.Standing == Standing.Open;
        var kinds = request.Kinds.Distinct().Select(EnumText<ExceptionItem.Types.Kind>.Of).ToList();
        if (isOpen)
        {
            query.Walk("exception_item_waiting", "r.resolved_at IS NULL").Where(kinds.Count > 0, "r.kind IN @kinds", new { kinds });
        }
        else if (kinds.Count > 0)
        {
            kinds.ForEach(kind => query.Walk("exception_item_kind", $"r.kind = '{kind}'"));
        }
        else
        {
            query.Walk("exception_item_time");
        }

        return query.Equal("app_id", request.AppId).Where(request.Standing == Standing.Settled, "r.resolved_at IS NOT NULL");
    }

    public static RecordQuery Statements(ListStatementRecordsRequest request, bool isMySql) =>
        new RecordQuery("channel_statement", "statement_id", "created_at", request.Page, isMySql)
            .Between("created_from", request.CreatedFrom, request.CreatedBefore).Walk("channel_statement_time")
            .States(request.States).Equal("channel", request.Channel).Equal("account", request.Account).Where(request.DifferentOnly, "r.differences > 0");

    /// <summary>The states asked for, or all of them: each is a walk, and together they are in order.</summary>
    private static RecordQuery WalkStates<T>(this RecordQuery query, string index, IEnumerable<T> states)
        where T : struct, Enum
    {
        var asked = states.Distinct().ToList();
        foreach (var state in asked.Count > 0 ? asked : Known<T>())
        {
            query.Walk(index, $"r.state = '{EnumText<T>.Of(state)}'");
        }

        return query;
    }

    private static RecordQuery States<T>(this RecordQuery query, IReadOnlyCollection<T> states)
        where T : struct, Enum => query.Where(states.Count > 0, "r.state IN @states", new { states = states.Select(EnumText<T>.Of) });

    private static List<T> Known<T>()
        where T : struct, Enum => [.. Enum.GetValues<T>().Where(v => !v.Equals(default(T)))];
}
