namespace PayCore.ChannelSimulator;

/// <summary>The callbacks of transfers (wechat-pay-v3.md 7.7).</summary>
internal sealed class WechatTransferNotifications(WechatLedger ledger, CallbackMessage message) : BookNotifications<SimulatedTransfer>(ledger.Transfers)
{
    protected override string Provider => "wechat";

    protected override string Operation => "transfer_callback";

    protected override IReadOnlyList<TimeSpan> Pauses => WechatNotification.Schedule;

    protected override string Merchant(SimulatedTransfer entry) => entry.MchId;

    protected override string Number(SimulatedTransfer entry) => entry.OutBillNo;

    protected override HttpRequestMessage Make(SimulatedTransfer entry, string? fault) => message.Make(
        new WechatEvent
        {
            MchId = entry.MchId,
            NotifyUrl = entry.NotifyUrl!,
            Callback = entry.Callback!,
            EventType = "MCHTRANSFER.BILL.FINISHED",
            OriginalType = "mch_payment",
            Summary = "商家转账单据终态通知",
            Resource = TransferObject.Told(entry),
        },
        fault);

    protected override bool IsDelivered(int status, byte[] body) => WechatNotification.IsAccepted(status);
}
