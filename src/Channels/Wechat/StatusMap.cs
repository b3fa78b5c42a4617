using PayCore.Contracts.V1;

namespace PayCore.Channels.Wechat;

/// <summary>Every <c>trade_state</c> of wechat-pay-v3.md 4.3. One that is not here is unknown.</summary>
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
}
