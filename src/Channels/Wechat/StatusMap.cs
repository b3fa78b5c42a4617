using PayCore.Contracts.V1;

namespace PayCore.Channels.Wechat;

/// <summary>Every state of wechat-pay-v3.md 4.3, 6.2 and 7.2. One that is not here is unknown.</summary>
internal static class StatusMap
{
    /// <summary>What the state says of the payment.</summary>
    public static ChannelPayState Of(string? tradeState) => tradeState switch
    {
        "SUCCESS" or "REFUND" => ChannelPayState.ChannelPaid,
        "NOTPAY" or "USERPAYING" or "ACCEPT" => ChannelPayState.ChannelNotPaid,
        "CLOSED" or "REVOKED" => ChannelPayState.ChannelClosed,
        // The payment failed, but the order is not ended by it: "close or reverse before a new number".
        "PAYERROR" => ChannelPayState.ChannelNotPaid,
        _ => ChannelPayState.ChannelUnknown,
    };

    /// <summary>The state's name when it is one of those, so that no unchecked text is passed on.</summary>
    public static string Name(string? tradeState) =>
        Of(tradeState) == ChannelPayState.ChannelUnknown ? "TRADE_STATE_UNKNOWN" : tradeState!;

    /// <summary>What <c>status</c> or <c>refund_status</c> says of a refund (6.2, 6.5).</summary>
    public static ChannelRefundState OfRefund(string? status) => status switch
    {
        "PROCESSING" => ChannelRefundState.RefundPending,
        "SUCCESS" => ChannelRefundState.RefundDone,
        "CLOSED" => ChannelRefundState.RefundRefused,
        "ABNORMAL" => ChannelRefundState.RefundAbnormal,
        _ => ChannelRefundState.RefundUnknown,
    };

    /// <summary>What <c>state</c> says of a transfer (7.2).</summary>
    public static ChannelTransferState OfTransfer(string? state) => state switch
    {
        "ACCEPTED" or "PROCESSING" => ChannelTransferState.TransferPending,
        "WAIT_USER_CONFIRM" => ChannelTransferState.TransferWaitPayee,
        // The user confirmed, or we take it back: how it ends is open. It is spelled so.
        "TRANSFERING" or "CANCELING" => ChannelTransferState.TransferPending,
        "SUCCESS" => ChannelTransferState.TransferDone,
        "FAIL" => ChannelTransferState.TransferRefused,
        "CANCELLED" => ChannelTransferState.TransferCancelled,
        _ => ChannelTransferState.TransferUnknown,
    };
}
