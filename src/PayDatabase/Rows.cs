using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using PayCore.Contracts.V1;
using OrderState = PayCore.Contracts.V1.PayOrder.Types.State;
using AttemptState = PayCore.Contracts.V1.Attempt.Types.State;

namespace PayCore.PayDatabase;

/// <summary>Times as columns hold them: milliseconds since 1970 in UTC.</summary>
internal static class Times
{
    public static long Ms(this DateTimeOffset time) => time.ToUnixTimeMilliseconds();

    public static long Ms(this Timestamp time) => time.ToDateTimeOffset().ToUnixTimeMilliseconds();

    public static long? MsOrNull(this Timestamp? time) => time?.Ms();

    public static Timestamp ToTimestamp(long ms) => Timestamp.FromDateTimeOffset(DateTimeOffset.FromUnixTimeMilliseconds(ms));

    public static Timestamp? ToTimestamp(long? ms) => ms is { } value ? ToTimestamp(value) : null;
}

/// <summary>Lists of keys for <c>IN</c>.</summary>
internal static class Keys
{
    private static readonly string[] _none = [""];

    /// <summary>The keys, or one that no row has: for an empty list MariaDB would read the whole table.</summary>
    public static IReadOnlyCollection<string> OrNone(this IEnumerable<string> keys) => keys.ToList() is { Count: > 0 } some ? some : _none;
}

/// <summary>A row of <c>pay_order</c>.</summary>
internal sealed class OrderRow
{
    public const string Columns = """
        id, merchant_id, app_id, out_trade_no, state, version, amount_minor, currency, subject, method, scene, buyer, client_ip,
        notify_url, deliver_url, return_url, attach, expire_at, expire_given, page_token, create_answer, attempt_count, won_attempt_no, paid_at,
        late, close_requested, close_cause, failure_code, failure_message, created_at, ended_at, due_at
        """;

    public string Id { get; init; } = "";
    public string MerchantId { get; init; } = "";
    public string AppId { get; init; } = "";
    public string OutTradeNo { get; init; } = "";
    public string State { get; init; } = "";
    public int Version { get; init; }
    public long AmountMinor { get; init; }
    public string Currency { get; init; } = "";
    public string Subject { get; init; } = "";
    public string Method { get; init; } = "";
    public string Scene { get; init; } = "";
    public string Buyer { get; init; } = "";
    public string ClientIp { get; init; } = "";
    public string NotifyUrl { get; init; } = "";
    public string DeliverUrl { get; init; } = "";
    public string ReturnUrl { get; init; } = "";
    public string Attach { get; init; } = "";
    public long ExpireAt { get; init; }
    public int ExpireGiven { get; init; }
    public string PageToken { get; init; } = "";
    public byte[]? CreateAnswer { get; init; }
    public int AttemptCount { get; init; }
    public string? WonAttemptNo { get; init; }
    public long? PaidAt { get; init; }
    public int Late { get; init; }
    public int CloseRequested { get; init; }
    public string CloseCause { get; init; } = "";
    public string FailureCode { get; init; } = "";
    public string FailureMessage { get; init; } = "";
    public long CreatedAt { get; init; }
    public long? EndedAt { get; init; }
    public long? DueAt { get; init; }

    public StoredOrder ToStored(IEnumerable<AttemptRow> attempts)
    {
        var stored = new StoredOrder
        {
            Order = new PayOrder
            {
                Id = Id,
                AppId = AppId,
                OutTradeNo = OutTradeNo,
                State = EnumText<OrderState>.Parse(State),
                Version = Version,
                AmountMinor = AmountMinor,
                Currency = Currency,
                Subject = Subject,
                Method = Method,
                Scene = EnumText<Scene>.Parse(Scene),
                Attach = Attach,
                ExpireTime = Times.ToTimestamp(ExpireAt),
                CreateTime = Times.ToTimestamp(CreatedAt),
                PaidTime = Times.ToTimestamp(PaidAt),
                CloseRequested = CloseRequested != 0,
                Late = Late != 0,
                FailureCode = FailureCode,
                FailureMessage = FailureMessage,
            },
            MerchantId = MerchantId,
            NotifyUrl = NotifyUrl,
            ReturnUrl = ReturnUrl,
            ClientIp = ClientIp,
            Buyer = Buyer,
            PageToken = PageToken,
            DeliverUrl = DeliverUrl,
            CreateAnswer = CreateAnswer is null ? ByteString.Empty : ByteString.CopyFrom(CreateAnswer),
            DueTime = Times.ToTimestamp(DueAt),
            EndTime = Times.ToTimestamp(EndedAt),
        };
        stored.Attempts.AddRange(attempts.Select(a => a.ToStored()));
        if (WonAttemptNo is not null)
        {
            stored.ShowWinner(stored.Attempts.Single(a => a.Attempt.AttemptNo == WonAttemptNo).Attempt);
        }

        return stored;
    }
}

/// <summary>A row of <c>pay_attempt</c>.</summary>
internal sealed class AttemptRow
{
    public const string Columns = """
        attempt_no, order_id, seq, app_id, out_attempt_no, channel, account, method, scene, state, version, amount_minor, currency, buyer, client_ip,
        expire_at, action, open_calls, call_lease_at, channel_order_id, paid_amount, refund_reserved, refunded, paid_at, refusal_code,
        refusal_message, created_at, reverse_at, trace_parent
        """;

    public string AttemptNo { get; init; } = "";
    public string OrderId { get; init; } = "";
    public int Seq { get; init; }
    public string AppId { get; init; } = "";
    public string OutAttemptNo { get; init; } = "";
    public string Channel { get; init; } = "";
    public string Account { get; init; } = "";
    public string Method { get; init; } = "";
    public string Scene { get; init; } = "";
    public string State { get; init; } = "";
    public int Version { get; init; }
    public long AmountMinor { get; init; }
    public string Currency { get; init; } = "";
    public string Buyer { get; init; } = "";
    public string ClientIp { get; init; } = "";
    public long ExpireAt { get; init; }
    public byte[]? Action { get; init; }
    public int OpenCalls { get; init; }
    public long? CallLeaseAt { get; init; }
    public string ChannelOrderId { get; init; } = "";
    public long PaidAmount { get; init; }
    public long RefundReserved { get; init; }
    public long Refunded { get; init; }
    public long? PaidAt { get; init; }
    public string RefusalCode { get; init; } = "";
    public string RefusalMessage { get; init; } = "";
    public long CreatedAt { get; init; }
    public long? ReverseAt { get; init; }
    public string TraceParent { get; init; } = "";

    public StoredAttempt ToStored() => new()
    {
        Attempt = new Attempt
        {
            AttemptNo = AttemptNo,
            State = EnumText<AttemptState>.Parse(State),
            Method = Method,
            Scene = EnumText<Scene>.Parse(Scene),
            AmountMinor = AmountMinor,
            Currency = Currency,
            Action = Action is null ? null : Contracts.V1.Action.Parser.ParseFrom(Action),
            CreateTime = Times.ToTimestamp(CreatedAt),
            ExpireTime = Times.ToTimestamp(ExpireAt),
            PaidAmountMinor = PaidAmount,
            PaidTime = Times.ToTimestamp(PaidAt),
            ChannelOrderId = ChannelOrderId,
            RefusalCode = RefusalCode,
            RefusalMessage = RefusalMessage,
            OutAttemptNo = OutAttemptNo,
            RefundedAmountMinor = Refunded,
            RefundReservedAmountMinor = RefundReserved,
        },
        OrderId = OrderId,
        Channel = Channel,
        Account = Account,
        Version = Version,
        Buyer = Buyer,
        ClientIp = ClientIp,
        OpenCalls = OpenCalls,
        CallLeaseTime = Times.ToTimestamp(CallLeaseAt),
        ReverseTime = Times.ToTimestamp(ReverseAt),
        TraceParent = TraceParent,
    };
}

/// <summary>What an order shows of the attempt that won.</summary>
internal static class Winner
{
    public static void ShowWinner(this StoredOrder stored, Attempt won)
    {
        stored.Order.AttemptNo = won.AttemptNo;
        stored.Order.Method = won.Method;
        stored.Order.PaidAmountMinor = won.PaidAmountMinor;
        stored.Order.RefundedAmountMinor = won.RefundedAmountMinor;
        stored.Order.ChannelOrderId = won.ChannelOrderId;
    }
}

/// <summary>A row of either history.</summary>
internal sealed class HistoryRow
{
    public const string Columns = "version, from_state, to_state, cause, evidence_id, at";

    public string AttemptNo { get; init; } = "";
    public int Version { get; init; }
    public string FromState { get; init; } = "";
    public string ToState { get; init; } = "";
    public string Cause { get; init; } = "";
    public string EvidenceId { get; init; } = "";
    public long At { get; init; }

    public HistoryEntry ToEntry() => new()
    {
        AttemptNo = AttemptNo,
        Version = Version,
        FromState = FromState,
        ToState = ToState,
        Cause = Cause,
        EvidenceId = EvidenceId,
        Time = Times.ToTimestamp(At),
    };
}

/// <summary>A row of <c>notify_delivery</c> with its event.</summary>
internal sealed class DeliveryRow
{
    private const string Columns = """
        d.delivery_id, d.event_id, d.app_id, d.order_id, d.url, d.state, d.version, d.cycle, d.tries, d.due_at, d.created_at, d.delivered_at,
        d.trace_parent, d.waits_for, e.event_type
        """;

    /// <summary>Reads them for a list, without the words that are sent.</summary>
    public const string SelectWithoutBody = $"SELECT {Columns} FROM notify_delivery d JOIN event e ON e.event_id = d.event_id";

    /// <summary>Reads them from one of the places where orders are.</summary>
    public static string Select(string at = "") => $"SELECT {Columns}, e.body FROM notify_delivery{at} d JOIN event{at} e ON e.event_id = d.event_id";

    public string DeliveryId { get; init; } = "";
    public string EventId { get; init; } = "";
    public string AppId { get; init; } = "";
    public string OrderId { get; init; } = "";
    public string Url { get; init; } = "";
    public string State { get; init; } = "";
    public int Version { get; init; }
    public int Cycle { get; init; }
    public int Tries { get; init; }
    public long? DueAt { get; init; }
    public long CreatedAt { get; init; }
    public long? DeliveredAt { get; init; }
    public string TraceParent { get; init; } = "";
    public string? WaitsFor { get; init; }
    public string EventType { get; init; } = "";
    public byte[] Body { get; init; } = [];

    public Delivery ToDelivery() => new()
    {
        DeliveryId = DeliveryId,
        EventId = EventId,
        AppId = AppId,
        OrderId = OrderId,
        Url = Url,
        State = EnumText<Delivery.Types.State>.Parse(State),
        Version = Version,
        Cycle = Cycle,
        Tries = Tries,
        DueTime = Times.ToTimestamp(DueAt),
        CreateTime = Times.ToTimestamp(CreatedAt),
        DeliveredTime = Times.ToTimestamp(DeliveredAt),
        EventType = EventType,
        Body = ByteString.CopyFrom(Body),
        TraceParent = TraceParent,
        WaitsFor = WaitsFor ?? "",
    };
}

/// <summary>A row of <c>notify_try</c>.</summary>
internal sealed class TryRow
{
    public string DeliveryId { get; init; } = "";
    public int Cycle { get; init; }
    public int Number { get; init; }
    public long StartedAt { get; init; }
    public long DurationMs { get; init; }
    public int HttpStatus { get; init; }
    public string Result { get; init; } = "";
    public string Answer { get; init; } = "";

    public DeliveryTry ToTry() => new()
    {
        Cycle = Cycle,
        Number = Number,
        StartTime = Times.ToTimestamp(StartedAt),
        DurationMs = DurationMs,
        HttpStatus = HttpStatus,
        Result = Result,
        Answer = Answer,
    };
}

/// <summary>A row of <c>exception_item</c>.</summary>
internal sealed class ExceptionRow
{
    public const string Columns = """
        exception_id, kind, app_id, order_id, attempt_no, refund_id, transfer_id, callback_id, statement_id, statement_line, detail, created_at, resolved_at, resolved_by, resolution,
        note
        """;

    public string ExceptionId { get; init; } = "";
    public string Kind { get; init; } = "";
    public string AppId { get; init; } = "";
    public string OrderId { get; init; } = "";
    public string AttemptNo { get; init; } = "";
    public string RefundId { get; init; } = "";
    public string TransferId { get; init; } = "";
    public string CallbackId { get; init; } = "";
    public string StatementId { get; init; } = "";
    public int StatementLine { get; init; }
    public string Detail { get; init; } = "";
    public long CreatedAt { get; init; }
    public long? ResolvedAt { get; init; }
    public string ResolvedBy { get; init; } = "";
    public string Resolution { get; init; } = "";
    public string Note { get; init; } = "";

    public ExceptionItem ToItem() => new()
    {
        ExceptionId = ExceptionId,
        Kind = EnumText<ExceptionItem.Types.Kind>.Parse(Kind),
        AppId = AppId,
        OrderId = OrderId,
        AttemptNo = AttemptNo,
        RefundId = RefundId,
        TransferId = TransferId,
        CallbackId = CallbackId,
        StatementId = StatementId,
        StatementLine = StatementLine,
        Detail = Detail,
        CreateTime = Times.ToTimestamp(CreatedAt),
        Resolved = ResolvedAt is not null,
        ResolveTime = Times.ToTimestamp(ResolvedAt),
        ResolvedBy = ResolvedBy,
        Resolution = Resolution,
        Note = Note,
    };
}
