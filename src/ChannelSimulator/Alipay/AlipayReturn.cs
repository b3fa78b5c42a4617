using System.Text;

namespace PayCore.ChannelSimulator;

/// <summary>Where the buyer goes after paying on the page (alipay.md 6.9): signed like a notify, without a trade status.</summary>
internal sealed class AlipayReturn(AlipayMerchants merchants, TimeProvider time)
{
    /// <summary>The address; null when the order has none.</summary>
    public string? Address(AlipayOrder order)
    {
        if (order.ReturnUrl is not { } url || merchants.Find(order.AppId) is not { } merchant)
        {
            return null;
        }

        var parameters = new AlipayParameters
        {
            ["charset"] = "utf-8",
            ["out_trade_no"] = order.OutTradeNo,
            ["method"] = (order.Scene == "wap" ? AlipayMethod.WapPay : AlipayMethod.PagePay) + ".return",
            ["total_amount"] = AlipayAmount.Text(order.Total),
            ["trade_no"] = order.TradeNo,
            ["auth_app_id"] = order.AppId,
            ["version"] = "1.0",
            ["app_id"] = order.AppId,
            ["seller_id"] = order.SellerId,
            ["timestamp"] = AlipayTime.Text(time.GetUtcNow()),
        };
        parameters["sign"] = merchant.Sign(parameters.SignedText(withSignType: false));
        parameters["sign_type"] = "RSA2";
        return url + (url.Contains('?', StringComparison.Ordinal) ? '&' : '?') + parameters.Encoded(Encoding.UTF8);
    }
}
