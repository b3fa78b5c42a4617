using System.Text.Json.Nodes;

namespace PayCore.ChannelSimulator;

/// <summary>A refund as it stands on the wire.</summary>
internal static class RefundObject
{
    private const string Received = "支付用户零钱";

    /// <summary>In answers (wechat-pay-v3.md 6.2).</summary>
    public static JsonObject Of(SimulatedRefund refund)
    {
        var answer = new JsonObject
        {
            ["refund_id"] = refund.RefundId,
            ["out_refund_no"] = refund.OutRefundNo,
            ["transaction_id"] = refund.TransactionId,
            ["out_trade_no"] = refund.OutTradeNo,
            ["channel"] = "ORIGINAL",
            ["user_received_account"] = Received,
            ["create_time"] = WireTime.Text(refund.CreateTime),
            ["status"] = refund.State,
            ["funds_account"] = "AVAILABLE",
            ["amount"] = new JsonObject
            {
                ["total"] = refund.Total,
                ["refund"] = refund.Amount,
                ["from"] = new JsonArray(),
                ["payer_total"] = refund.Total,
                ["payer_refund"] = refund.Amount,
                ["settlement_refund"] = refund.Amount,
                ["settlement_total"] = refund.Total,
                ["discount_refund"] = 0,
                ["currency"] = "CNY",
                ["refund_fee"] = 0,
            },
            ["promotion_detail"] = new JsonArray(),
        };
        if (refund.SuccessTime is { } at)
        {
            answer["success_time"] = WireTime.Text(at);
        }

        return answer;
    }

    /// <summary>In a callback (wechat-pay-v3.md 6.5): another name of the status, no currency.</summary>
    public static JsonObject Told(SimulatedRefund refund)
    {
        var told = new JsonObject
        {
            ["mchid"] = refund.MchId,
            ["transaction_id"] = refund.TransactionId,
            ["out_trade_no"] = refund.OutTradeNo,
            ["refund_id"] = refund.RefundId,
            ["out_refund_no"] = refund.OutRefundNo,
            ["refund_status"] = refund.State,
            ["user_received_account"] = Received,
            ["amount"] = new JsonObject
            {
                ["total"] = refund.Total,
                ["refund"] = refund.Amount,
                ["payer_total"] = refund.Total,
                ["payer_refund"] = refund.Amount,
            },
        };
        if (refund.SuccessTime is { } at)
        {
            told["success_time"] = WireTime.Text(at);
        }

        return told;
    }
}
