using System.Globalization;
using System.Text.Json.Nodes;

namespace PayCore.ChannelSimulator;

/// <summary>The transaction object of query answers and callbacks (wechat-pay-v3.md 4.2). Members that exist once paid are left out before.</summary>
internal static class TransactionBody
{
    public static JsonObject Of(SimulatedOrder order, string? faultKind = null)
    {
        var paid = order.State == "SUCCESS";
        var total = order.Total + (faultKind == "wrong_amount" ? 1 : 0);
        var node = new JsonObject
        {
            ["appid"] = order.AppId,
            ["mchid"] = faultKind == "other_mchid" ? "1999999999" : order.MchId,
            ["out_trade_no"] = faultKind == "other_out_trade_no" ? "UNKNOWN" + order.OutTradeNo[Math.Min(7, order.OutTradeNo.Length)..] : order.OutTradeNo,
            ["trade_state"] = order.State,
            ["trade_state_desc"] = order.State switch { "SUCCESS" => "支付成功", "CLOSED" => "订单已关闭", _ => "订单未支付" },
        };
        if (paid)
        {
            node["transaction_id"] = order.TransactionId;
            node["trade_type"] = "NATIVE";
            node["bank_type"] = "OTHERS";
            node["success_time"] = ChinaTime(order.SuccessTime!.Value);
            node["payer"] = new JsonObject { ["openid"] = order.PayerOpenId };
            if (order.Attach is not null)
            {
                node["attach"] = order.Attach;
            }
        }

        node["amount"] = paid
            ? new JsonObject { ["total"] = total, ["payer_total"] = total, ["currency"] = order.Currency, ["payer_currency"] = order.Currency }
            : new JsonObject { ["total"] = total, ["currency"] = order.Currency };
        return node;
    }

    public static string ChinaTime(DateTimeOffset time) =>
        time.ToOffset(TimeSpan.FromHours(8)).ToString("yyyy-MM-dd'T'HH:mm:sszzz", CultureInfo.InvariantCulture);
}
