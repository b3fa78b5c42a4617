using System.Text.Json.Nodes;

namespace PayCore.ChannelSimulator;

/// <summary>Refunding and asking about it (alipay.md 7.1 and 7.3).</summary>
internal sealed class AlipayRefundMethods(AlipayLedger ledger)
{
    public AlipayReply Refund(AlipayCall call, AlipayFields fields)
    {
        var (tradeNo, outTradeNo) = AlipayTradeMethods.Names(fields);
        var amount = fields.RequiredAmount("refund_amount");
        var number = fields.Text("out_request_no", 64);
        var reason = fields.Text("refund_reason", 256);
        fields.Array("query_options", 32);
        foreach (var name in (string[])["goods_detail", "refund_goods_detail", "refund_royalty_parameters", "operator_id", "store_id", "terminal_id"])
        {
            fields.Skip(name);
        }

        var trade = ledger.FindTrade(call.Merchant.Pid, tradeNo, outTradeNo);
        var (refund, moved) = ledger.Refunds.Make(trade, call.Merchant.AppId, number, amount, reason);
        var answer = new JsonObject
        {
            ["trade_no"] = trade.TradeNo,
            ["out_trade_no"] = trade.OutTradeNo,
            ["buyer_logon_id"] = AlipayTradeObject.LogonId(trade),
            ["buyer_user_id"] = trade.BuyerId,
            // It says whether this call moved money, and the fee is the sum over the trade.
            ["fund_change"] = moved ? "Y" : "N",
            ["refund_fee"] = AlipayAmount.Text(ledger.Refunds.Refunded(trade.TradeNo!)),
        };
        if (refund.GmtRefund is { } at)
        {
            answer["gmt_refund_pay"] = AlipayTime.Text(at);
        }

        return AlipayReply.Success(answer, fields);
    }

    /// <summary>Of a refund that is unknown or not done the answer is a success with nothing in it.</summary>
    public AlipayReply Query(AlipayCall call, AlipayFields fields)
    {
        var (tradeNo, outTradeNo) = AlipayTradeMethods.Names(fields);
        var number = fields.RequiredText("out_request_no", 64);
        var wanted = fields.Array("query_options", 32).Select(o => o.ToString()).ToList();
        var trade = ledger.FindTrade(call.Merchant.Pid, tradeNo, outTradeNo);
        if (ledger.Refunds.OfTrade(trade, number) is not { State: "SUCCESS" } refund)
        {
            return AlipayReply.Success([], fields);
        }

        var answer = new JsonObject
        {
            ["trade_no"] = trade.TradeNo,
            ["out_trade_no"] = trade.OutTradeNo,
            ["out_request_no"] = refund.OutRequestNo,
            ["total_amount"] = AlipayAmount.Text(trade.Total),
            ["refund_amount"] = AlipayAmount.Text(refund.Amount),
            ["refund_status"] = "REFUND_SUCCESS",
        };
        if (refund.Reason is { } reason)
        {
            answer["refund_reason"] = reason;
        }

        if (wanted.Contains("gmt_refund_pay"))
        {
            answer["gmt_refund_pay"] = AlipayTime.Text(refund.GmtRefund!.Value);
        }

        return AlipayReply.Success(answer, fields);
    }
}
