using System.Text.Json.Nodes;

namespace PayCore.ChannelSimulator;

/// <summary>The trade as it stands in the answer of a query (alipay.md 5.1).</summary>
internal static class AlipayTradeObject
{
    public static JsonObject Of(AlipayOrder order)
    {
        var paid = order.GmtPayment is null ? "0.00" : AlipayAmount.Text(order.Total);
        var trade = new JsonObject
        {
            ["trade_no"] = order.TradeNo,
            ["out_trade_no"] = order.OutTradeNo,
            ["buyer_logon_id"] = LogonId(order),
            ["buyer_user_id"] = order.BuyerId,
            ["buyer_user_type"] = "PRIVATE",
            ["trade_status"] = order.TradeStatus,
            ["total_amount"] = AlipayAmount.Text(order.Total),
            ["buyer_pay_amount"] = paid,
            ["receipt_amount"] = paid,
            ["invoice_amount"] = paid,
            ["point_amount"] = "0.00",
        };
        if (order.GmtPayment is { } at)
        {
            trade["send_pay_date"] = AlipayTime.Text(at);
            trade["fund_bill_list"] = new JsonArray(new JsonObject { ["fund_channel"] = "ALIPAYACCOUNT", ["amount"] = paid });
        }

        if (order.PassbackParams is { } passback)
        {
            trade["passback_params"] = passback;
        }

        return trade;
    }

    /// <summary>The answer to a payment by code (alipay.md 4.7).</summary>
    public static JsonObject Paid(AlipayOrder order)
    {
        var answer = Of(order);
        answer.Remove("trade_status");
        answer.Remove("buyer_user_type");
        answer.Remove("send_pay_date");
        answer["gmt_payment"] = AlipayTime.Text(order.GmtPayment!.Value);
        return answer;
    }

    /// <summary>The buyer's account as merchants may see it.</summary>
    public static string LogonId(AlipayOrder order) => string.Concat(order.BuyerId.AsSpan(0, Math.Min(3, order.BuyerId!.Length)), "***@example.com");
}
