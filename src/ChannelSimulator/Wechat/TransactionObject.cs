using System.Text.Json.Nodes;

namespace PayCore.ChannelSimulator;

/// <summary>The transaction as it stands in the answer of a query and in a decrypted callback (wechat-pay-v3.md 4.2).</summary>
internal static class TransactionObject
{
    public static JsonObject Of(SimulatedOrder order)
    {
        var amount = new JsonObject { ["total"] = order.Total, ["currency"] = order.Currency };
        var transaction = new JsonObject
        {
            ["appid"] = order.AppId,
            ["mchid"] = order.MchId,
            ["out_trade_no"] = order.OutTradeNo,
            ["trade_state"] = order.State,
            ["trade_state_desc"] = order.State switch
            {
                "SUCCESS" => "支付成功",
                "REFUND" => "订单发生过退款",
                "CLOSED" => "订单已关闭",
                "REVOKED" => "订单已撤销",
                "USERPAYING" => "需要用户输入支付密码",
                "PAYERROR" => "支付失败",
                _ => "订单未支付",
            },
            ["amount"] = amount,
        };
        if (order.SuccessTime is not null)
        {
            amount["payer_total"] = order.Total;
            amount["payer_currency"] = order.Currency;
            transaction["transaction_id"] = order.TransactionId;
            transaction["trade_type"] = TradeType(order.Scene);
            transaction["bank_type"] = "OTHERS";
            transaction["attach"] = order.Attach ?? "";
            transaction["success_time"] = WireTime.Text(order.SuccessTime.Value);
            transaction["payer"] = new JsonObject { ["openid"] = order.PayerOpenId };
        }

        if (order.DeviceId is not null)
        {
            transaction["scene_info"] = new JsonObject { ["device_id"] = order.DeviceId };
        }

        return transaction;
    }

    /// <summary>What a scene is called once paid (wechat-pay-v3.md 3.1).</summary>
    public static string TradeType(string scene) => scene switch { "h5" => "MWEB", "codepay" => "MICROPAY", _ => scene.ToUpperInvariant() };
}
