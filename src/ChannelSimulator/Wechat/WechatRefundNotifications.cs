namespace PayCore.ChannelSimulator;

/// <summary>The callbacks of refunds (wechat-pay-v3.md 6.5).</summary>
internal sealed class WechatRefundNotifications(WechatLedger ledger, CallbackMessage message) : BookNotifications<SimulatedRefund>(ledger.Refunds)
{
    protected override string Provider => "wechat";

    protected override string Operation => "refund_callback";

    protected override IReadOnlyList<TimeSpan> Pauses => WechatNotification.Schedule;

    protected override string Merchant(SimulatedRefund entry) => entry.MchId;

    protected override string Number(SimulatedRefund entry) => entry.OutRefundNo;

    protected override HttpRequestMessage Make(SimulatedRefund entry, string? fault) => message.Make(
        new WechatEvent
        {
            MchId = entry.MchId,
            NotifyUrl = entry.NotifyUrl!,
            Callback = entry.Callback!,
            EventType = "REFUND." + entry.State,
            OriginalType = "refund",
            Summary = entry.State switch { "SUCCESS" => "退款成功", "CLOSED" => "退款关闭", _ => "退款异常" },
            Resource = RefundObject.Told(entry),
        },
        fault);

    protected override bool IsDelivered(int status, byte[] body) => WechatNotification.IsAccepted(status);
}
