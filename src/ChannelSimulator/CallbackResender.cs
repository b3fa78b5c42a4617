using System.Text.Json.Serialization;

namespace PayCore.ChannelSimulator;

/// <summary>
/// Which callback is sent again and how many times: of a payment, a refund or a transfer. Of an order number without merchant or application WeChat Pay's is
/// looked for first.
/// </summary>
internal sealed record CallbackResend
{
    public string? OutTradeNo { get; init; }

    public string? OutRefundNo { get; init; }

    public string? OutBillNo { get; init; }

    public string? OutRequestNo { get; init; }

    public string? OutBizNo { get; init; }

    [JsonPropertyName("mchid")]
    public string? MchId { get; init; }

    public string? AppId { get; init; }

    public int Times { get; init; } = 1;
}

/// <summary>Sends callbacks again when the control API asks for it.</summary>
internal sealed class CallbackResender(
    WechatLedger ledger, WechatDesk wechat, WechatNotifications wechatNotifications, WechatRefundNotifications refunds, WechatTransferNotifications transfers,
    AlipayLedger alipayLedger, AlipayDesk alipay, AlipayNotifications alipayNotifications, AlipayRefundNotifications alipayRefunds,
    AlipayTransferNotifications alipayTransfers, CallbackSender sender)
{
    private const int MostTimes = 1000;

    public Task<IReadOnlyList<CallbackSend>> ResendAsync(CallbackResend wish, CancellationToken cancellation)
    {
        var callback = Find(wish);
        return wish.Times is >= 1 and <= MostTimes
            ? sender.ResendAsync(callback, wish.Times, cancellation)
            : throw new ArgumentException($"times is 1 to {MostTimes}.");
    }

    private Notification Find(CallbackResend wish) => wish switch
    {
        { OutRefundNo: { } number } => refunds.Of(Known(ledger.Refunds.All, r => r.OutRefundNo == number && r.MchId == (wish.MchId ?? r.MchId))),
        { OutBillNo: { } number } => transfers.Of(Known(ledger.Transfers.All, t => t.OutBillNo == number && t.MchId == (wish.MchId ?? t.MchId))),
        { OutRequestNo: { } number } => alipayRefunds.Of(
            Known(alipayLedger.Refunds.All, r => r.OutRequestNo == number && r.OutTradeNo == (wish.OutTradeNo ?? r.OutTradeNo))),
        { OutBizNo: { } number } => alipayTransfers.Of(Known(alipayLedger.Transfers.All, t => t.OutBizNo == number && t.AppId == (wish.AppId ?? t.AppId))),
        { OutTradeNo: not null } => FindOrder(wish),
        _ => throw new ArgumentException("out_trade_no, out_refund_no, out_bill_no, out_request_no or out_biz_no is required."),
    };

    private static TEntry Known<TEntry>(IEnumerable<TEntry> entries, Func<TEntry, bool> wanted) =>
        entries.FirstOrDefault(wanted) ?? throw new KeyNotFoundException("There is no such number.");

    private Notification FindOrder(CallbackResend wish) =>
        wish.AppId is not null || (wish.MchId is null && ledger.All.All(o => o.OutTradeNo != wish.OutTradeNo))
            ? alipayNotifications.Of(alipay.Find(new AlipayReference { OutTradeNo = wish.OutTradeNo, AppId = wish.AppId }))
            : wechatNotifications.Of(wechat.Find(new WechatReference { OutTradeNo = wish.OutTradeNo, MchId = wish.MchId }));
}
