using System.Globalization;
using System.Text;

namespace PayCore.ChannelSimulator;

/// <summary>The messages of transfers that have ended, to the application's gateway address (alipay.md 6.10 and 8.3).</summary>
internal sealed class AlipayTransferNotifications(AlipayLedger ledger, AlipayMerchants merchants, AlipayForgery forgery, TimeProvider time)
    : BookNotifications<AlipayTransfer>(ledger.Transfers)
{
    /// <summary>2m, 10m, 10m, 1h, 2h, 6h, 15h.</summary>
    private static readonly TimeSpan[] _pauses = [.. ((int[])[2, 10, 10, 60, 120, 360, 900]).Select(m => TimeSpan.FromMinutes(m))];

    protected override string Provider => "alipay";

    protected override string Operation => "alipay.transfer_callback";

    protected override IReadOnlyList<TimeSpan> Pauses => _pauses;

    protected override string Merchant(AlipayTransfer entry) => entry.AppId;

    protected override string Number(AlipayTransfer entry) => entry.OutBizNo;

    protected override HttpRequestMessage Make(AlipayTransfer entry, string? fault)
    {
        var merchant = merchants.Find(entry.AppId) ?? throw new InvalidOperationException("The merchant is not registered.");
        var content = AlipayFundMethods.Of(entry);
        content["product_code"] = entry.ProductCode;
        content["biz_scene"] = entry.BizScene;
        content["trans_amount"] = AlipayAmount.Text(entry.Amount + (fault == FaultKinds.WrongAmount ? 1 : 0));
        content["out_biz_no"] = fault == FaultKinds.OtherOutTradeNo ? "OTHER" + entry.OutBizNo : entry.OutBizNo;
        var parameters = new AlipayParameters
        {
            ["notify_id"] = entry.Callback!.Id,
            ["utc_timestamp"] = time.GetUtcNow().ToUnixTimeMilliseconds().ToString(CultureInfo.InvariantCulture),
            ["msg_method"] = "alipay.fund.trans.order.changed",
            ["app_id"] = fault == FaultKinds.OtherAppId ? "2021999999999999" : entry.AppId,
            ["msg_type"] = "sys",
            ["version"] = "1.1",
            ["charset"] = "utf-8",
            ["biz_content"] = content.ToJsonString(SimulatorJson.Options),
            ["field_of_tomorrow"] = fault == FaultKinds.UnknownField ? "new=1&unknown" : null,
        };
        return AlipayNotifyMessage.Signed(parameters, merchant, forgery, Encoding.UTF8, fault, merchant.Registration.GatewayUrl!);
    }

    protected override bool IsDelivered(int status, byte[] body) => AlipayNotification.IsAccepted(status, body);
}
