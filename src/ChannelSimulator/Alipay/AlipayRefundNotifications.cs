namespace PayCore.ChannelSimulator;

/// <summary>The notifies of refunds: those of the payment, with what was refunded (alipay.md 6.8).</summary>
internal sealed class AlipayRefundNotifications(AlipayLedger ledger, AlipayNotifyMessage message) : BookNotifications<AlipayRefund>(ledger.Refunds)
{
    protected override string Provider => "alipay";

    protected override string Operation => "alipay.refund_callback";

    protected override IReadOnlyList<TimeSpan> Pauses => AlipayNotification.Schedule;

    protected override string Merchant(AlipayRefund entry) => entry.AppId;

    protected override string Number(AlipayRefund entry) => entry.OutRequestNo;

    protected override HttpRequestMessage Make(AlipayRefund entry, string? fault)
    {
        var trade = ledger.FindTrade(entry.Pid, entry.TradeNo, null);
        var status = entry.RefundedSoFar == entry.Total ? "TRADE_CLOSED" : "TRADE_SUCCESS";
        return message.Make(trade with { TradeStatus = status, Callback = entry.Callback }, fault, entry);
    }

    protected override bool IsDelivered(int status, byte[] body) => AlipayNotification.IsAccepted(status, body);
}
