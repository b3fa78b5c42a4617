using PayCore.Contracts.V1;

namespace PayCore.Channels.Alipay;

/// <summary>Every <c>trade_status</c> of alipay.md 5.1 and every status of a transfer of 8. One that is not here is unknown.</summary>
internal static class StatusMap
{
    private const string Closed = "TRADE_CLOSED";

    /// <summary>What the status says of the payment.</summary>
    /// <param name="tradeStatus">The status.</param>
    /// <param name="wasPaid">The message shows that the trade was paid before: a closed one was refunded in full then, not closed unpaid.</param>
    public static ChannelPayState Of(string? tradeStatus, bool wasPaid) => tradeStatus switch
    {
        "TRADE_SUCCESS" or "TRADE_FINISHED" => ChannelPayState.ChannelPaid,
        "WAIT_BUYER_PAY" => ChannelPayState.ChannelNotPaid,
        Closed when wasPaid => ChannelPayState.ChannelPaid,
        Closed => ChannelPayState.ChannelClosed,
        _ => ChannelPayState.ChannelUnknown,
    };

    /// <summary>A trade that was paid and is closed now has been refunded in full.</summary>
    public static bool IsRefunded(string? tradeStatus, bool wasPaid) => tradeStatus == Closed && wasPaid;

    /// <summary>What a transfer's status says (8.1, 8.2).</summary>
    public static ChannelTransferState OfTransfer(string? status) => status switch
    {
        "SUCCESS" => ChannelTransferState.TransferDone,
        "DEALING" or "WAIT_PAY" => ChannelTransferState.TransferPending,
        "FAIL" or "CLOSED" => ChannelTransferState.TransferRefused,
        "REFUND" => ChannelTransferState.TransferReturned,
        _ => ChannelTransferState.TransferUnknown,
    };

    /// <summary>The status's name when it is one of those, so that no unchecked text is passed on.</summary>
    public static string Name(string? tradeStatus) =>
        Of(tradeStatus, wasPaid: false) == ChannelPayState.ChannelUnknown ? "TRADE_STATUS_UNKNOWN" : tradeStatus!;
}
