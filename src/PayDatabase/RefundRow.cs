using Google.Protobuf;
using PayCore.Contracts.V1;
using RefundState = PayCore.Contracts.V1.Refund.Types.State;

namespace PayCore.PayDatabase;

/// <summary>A row of <c>refund</c>.</summary>
internal sealed class RefundRow
{
    public const string Columns = """
        id, merchant_id, app_id, out_refund_no, order_id, out_trade_no, attempt_no, channel, account, channel_order_id, paid_amount, state, version,
        amount_minor, currency, reason, by_policy, notify_url, deliver_url, create_answer, open_calls, call_lease_at, first_sent_at, last_sent_at,
        channel_refund_id, failure_code, failure_message, succeeded_at, created_at, ended_at, due_at, trace_parent
        """;

    /// <summary>The columns' values by the names of this type.</summary>
    public const string Values = """
        @Id, @MerchantId, @AppId, @OutRefundNo, @OrderId, @OutTradeNo, @AttemptNo, @Channel, @Account, @ChannelOrderId, @PaidAmount, @State, @Version,
        @AmountMinor, @Currency, @Reason, @ByPolicy, @NotifyUrl, @DeliverUrl, @CreateAnswer, @OpenCalls, @CallLeaseAt, @FirstSentAt, @LastSentAt,
        @ChannelRefundId, @FailureCode, @FailureMessage, @SucceededAt, @CreatedAt, @EndedAt, @DueAt, @TraceParent
        """;

    /// <summary>What changes after the insert.</summary>
    public const string Changes = """
        state = @State, version = @Version, create_answer = @CreateAnswer, open_calls = @OpenCalls, call_lease_at = @CallLeaseAt,
        first_sent_at = @FirstSentAt, last_sent_at = @LastSentAt, channel_refund_id = @ChannelRefundId, failure_code = @FailureCode,
        failure_message = @FailureMessage, succeeded_at = @SucceededAt, ended_at = @EndedAt, due_at = @DueAt
        """;

    public string Id { get; init; } = "";
    public string MerchantId { get; init; } = "";
    public string AppId { get; init; } = "";
    public string OutRefundNo { get; init; } = "";
    public string OrderId { get; init; } = "";
    public string OutTradeNo { get; init; } = "";
    public string AttemptNo { get; init; } = "";
    public string Channel { get; init; } = "";
    public string Account { get; init; } = "";
    public string ChannelOrderId { get; init; } = "";
    public long PaidAmount { get; init; }
    public string State { get; init; } = "";
    public int Version { get; init; }
    public long AmountMinor { get; init; }
    public string Currency { get; init; } = "";
    public string Reason { get; init; } = "";
    public int ByPolicy { get; init; }
    public string NotifyUrl { get; init; } = "";
    public string DeliverUrl { get; init; } = "";
    public byte[]? CreateAnswer { get; init; }
    public int OpenCalls { get; init; }
    public long? CallLeaseAt { get; init; }
    public long? FirstSentAt { get; init; }
    public long? LastSentAt { get; init; }
    public string ChannelRefundId { get; init; } = "";
    public string FailureCode { get; init; } = "";
    public string FailureMessage { get; init; } = "";
    public long? SucceededAt { get; init; }
    public long CreatedAt { get; init; }
    public long? EndedAt { get; init; }
    public long? DueAt { get; init; }
    public string TraceParent { get; init; } = "";

    public static RefundRow From(StoredRefund stored) => new()
    {
        Id = stored.Refund.Id,
        MerchantId = stored.MerchantId,
        AppId = stored.Refund.AppId,
        OutRefundNo = stored.Refund.OutRefundNo,
        OrderId = stored.Refund.OrderId,
        OutTradeNo = stored.Refund.OutTradeNo,
        AttemptNo = stored.Refund.AttemptNo,
        Channel = stored.Channel,
        Account = stored.Account,
        ChannelOrderId = stored.ChannelOrderId,
        PaidAmount = stored.PaidAmountMinor,
        State = EnumText<RefundState>.Of(stored.Refund.State),
        Version = stored.Refund.Version,
        AmountMinor = stored.Refund.AmountMinor,
        Currency = stored.Refund.Currency,
        Reason = stored.Refund.Reason,
        ByPolicy = stored.Refund.ByPolicy ? 1 : 0,
        NotifyUrl = stored.NotifyUrl,
        DeliverUrl = stored.DeliverUrl,
        CreateAnswer = stored.CreateAnswer.IsEmpty ? null : stored.CreateAnswer.ToByteArray(),
        OpenCalls = stored.OpenCalls,
        CallLeaseAt = stored.CallLeaseTime.MsOrNull(),
        FirstSentAt = stored.FirstSentTime.MsOrNull(),
        LastSentAt = stored.LastSentTime.MsOrNull(),
        ChannelRefundId = stored.Refund.ChannelRefundId,
        FailureCode = stored.Refund.FailureCode,
        FailureMessage = stored.Refund.FailureMessage,
        SucceededAt = stored.Refund.SuccessTime.MsOrNull(),
        CreatedAt = stored.Refund.CreateTime.Ms(),
        EndedAt = stored.EndTime.MsOrNull(),
        DueAt = stored.DueTime.MsOrNull(),
        TraceParent = stored.TraceParent,
    };

    public Refund ToRefund() => new()
    {
        Id = Id,
        AppId = AppId,
        OutRefundNo = OutRefundNo,
        OrderId = OrderId,
        OutTradeNo = OutTradeNo,
        AttemptNo = AttemptNo,
        State = EnumText<RefundState>.Parse(State),
        Version = Version,
        AmountMinor = AmountMinor,
        Currency = Currency,
        Reason = Reason,
        CreateTime = Times.ToTimestamp(CreatedAt),
        SuccessTime = Times.ToTimestamp(SucceededAt),
        ChannelRefundId = ChannelRefundId,
        FailureCode = FailureCode,
        FailureMessage = FailureMessage,
        ByPolicy = ByPolicy != 0,
    };

    public StoredRefund ToStored() => new()
    {
        Refund = ToRefund(),
        MerchantId = MerchantId,
        Channel = Channel,
        Account = Account,
        ChannelOrderId = ChannelOrderId,
        PaidAmountMinor = PaidAmount,
        NotifyUrl = NotifyUrl,
        DeliverUrl = DeliverUrl,
        CreateAnswer = CreateAnswer is null ? ByteString.Empty : ByteString.CopyFrom(CreateAnswer),
        OpenCalls = OpenCalls,
        CallLeaseTime = Times.ToTimestamp(CallLeaseAt),
        FirstSentTime = Times.ToTimestamp(FirstSentAt),
        LastSentTime = Times.ToTimestamp(LastSentAt),
        DueTime = Times.ToTimestamp(DueAt),
        EndTime = Times.ToTimestamp(EndedAt),
        TraceParent = TraceParent,
    };
}
