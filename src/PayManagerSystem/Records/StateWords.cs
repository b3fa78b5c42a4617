using PayCore.Contracts.V1;
using PayCore.PayManagerSystem.Web;
using DeliveryState = PayCore.Contracts.V1.Delivery.Types.State;
using RefundState = PayCore.Contracts.V1.Refund.Types.State;
using TransferState = PayCore.Contracts.V1.Transfer.Types.State;

namespace PayCore.PayManagerSystem.Records;

/// <summary>How a refund stands, in a sentence.</summary>
internal static class RefundWords
{
    /// <summary>Says it.</summary>
    public static Text Say(Refund refund) => refund.State switch
    {
        RefundState.Created => new("Reserved on the payment; the channel was not asked yet.", "已在支付单上预留金额，尚未请求渠道。"),
        RefundState.Sent when refund.FailureCode.Length > 0 => new("The channel did not take it yet; it goes on under the same number.", "渠道尚未受理，将以原单号继续。"),
        RefundState.Sent => new("The channel was asked and has not said yet that the money went back.", "已请求渠道，等待退款结果。"),
        RefundState.Abnormal => new("The channel took it and cannot pay the user. The money is safe; a person has to act.", "渠道已受理但无法退给用户，资金安全，需人工处理。"),
        RefundState.Succeeded => new("The money went back.", "退款已到账。"),
        _ => new("The money did not go back, for certain. It can be refunded anew.", "确认未退款，可重新发起。"),
    };
}

/// <summary>How a transfer stands, in a sentence.</summary>
internal static class TransferWords
{
    /// <summary>Says it.</summary>
    public static Text Say(StoredTransfer stored) => stored.Transfer.State switch
    {
        TransferState.Created when stored.NeedsApproval => new("It is above the app's limit and waits for somebody who approves it.", "超过应用限额，等待审批。"),
        TransferState.Created or TransferState.Approved => new("About to be sent.", "即将发送。"),
        TransferState.Sent => new("The channel was asked; the money may be moving. Never make another one in its place.", "已请求渠道，资金可能正在划转，切勿另建转账。"),
        TransferState.WaitPayee => new("The payee has to confirm in the wallet.", "等待收款人在钱包中确认。"),
        TransferState.Succeeded => new("Paid out.", "已付款。"),
        TransferState.Cancelled => new("Taken back before it was paid.", "付款前已撤销。"),
        TransferState.Returned => new("Paid out, and sent back by the bank.", "已付款，后被银行退回。"),
        _ => new("Not paid out, for certain.", "确认未付款。"),
    };
}

/// <summary>How a notification stands, in a sentence.</summary>
internal static class DeliveryWords
{
    /// <summary>A new cycle can be begun.</summary>
    public static bool MayResend(Delivery delivery) => delivery.State is DeliveryState.Dead or DeliveryState.Delivered || WaitsInLine(delivery);

    /// <summary>Says it.</summary>
    public static Text Say(Delivery delivery) => delivery.State switch
    {
        DeliveryState.Delivered => new("The merchant's server acknowledged it.", "商户服务器已确认。"),
        DeliveryState.Dead => new("All tries are used up, or the address is gone. Nothing more is sent unless somebody asks for it.", "重试已用尽或地址已失效，除非人工重发，否则不再发送。"),
        DeliveryState.Leased => new("It is being sent at this moment.", "正在发送。"),
        _ when WaitsInLine(delivery) => new("The merchant's server does not keep up or does not answer: it waits for its turn, and is sent sooner when the server answers.", "商户服务器处理不及时或无应答，正在排队；恢复后将提前发送。"),
        _ when delivery.Tries == 0 => new("It is about to be sent.", "即将发送。"),
        _ => new("Not acknowledged yet; it is tried again.", "尚未确认，将继续重试。"),
    };

    private static bool WaitsInLine(Delivery delivery) => delivery is { State: DeliveryState.Pending, WaitsFor.Length: > 0 };
}

/// <summary>What became of a callback, in a sentence.</summary>
internal static class CallbackWords
{
    /// <summary>Says it.</summary>
    public static Text Say(CallbackVerdict verdict) => verdict switch
    {
        CallbackVerdict.CallbackApplied => new("Genuine, and it changed the state of what it is about.", "验签通过并已更新状态。"),
        CallbackVerdict.CallbackDuplicate => new("Genuine, and it told nothing new.", "验签通过，无新信息。"),
        CallbackVerdict.CallbackConflict => new("Genuine, and its facts are not those of our order: it changed nothing.", "验签通过，但与订单信息不符，未作变更。"),
        _ => new("Not genuine, stale, or about nothing of ours: it changed nothing.", "验签失败、已过期或与本系统无关，未作变更。"),
    };
}
