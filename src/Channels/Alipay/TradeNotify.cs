namespace PayCore.Channels.Alipay;

/// <summary>What a callback says of a trade (alipay.md 6.2, 6.8); null is absent. Read it only from a form whose signature verified.</summary>
internal sealed record TradeNotify(
    string? AppId, string? SellerId, string? OutTradeNo, string? TradeNo, string? TradeStatus, string? TotalAmount, string? PaidTime, bool HasRefund, string? RefundNo, string? RefundTime)
{
    /// <summary>The trade was paid at some time, whatever its status is now.</summary>
    public bool WasPaid => PaidTime is not null || HasRefund;

    /// <summary>Money went back.</summary>
    public bool IsRefunded => HasRefund || StatusMap.IsRefunded(TradeStatus, WasPaid);

    /// <summary>Reads it.</summary>
    public static TradeNotify Of(NotifyForm form) => new(
        form.Text("app_id"),
        form.Text("seller_id"),
        form.Text("out_trade_no"),
        form.Text("trade_no"),
        form.Text("trade_status"),
        form.Text("total_amount"),
        form.Text("gmt_payment"),
        form.Text("gmt_refund") is not null || Yuan.Read(form.Text("refund_fee")) > 0,
        form.Text("out_biz_no"),
        form.Text("gmt_refund"));
}
