using System.Text.Json.Nodes;

namespace PayCore.ChannelSimulator;

/// <summary>The methods that move money out or ask about it (alipay.md 8). Their codes have no prefix.</summary>
internal sealed class AlipayFundMethods(AlipayLedger ledger)
{
    public AlipayReply Do(AlipayCall call, AlipayFields fields)
    {
        try
        {
            return call.Method switch
            {
                AlipayMethod.Transfer => Transfer(call, fields),
                AlipayMethod.TransferQuery => Query(call, fields),
                _ => Balance(call, fields),
            };
        }
        catch (AlipayError refusal) when (refusal.SubCode == "ACQ.INVALID_PARAMETER")
        {
            throw AlipayError.Business("INVALID_PARAMETER", refusal.Message);
        }
    }

    private AlipayReply Transfer(AlipayCall call, AlipayFields fields)
    {
        var transfer = ledger.Transfers.Make(AlipayTransferRequest.Read(call, fields));
        return AlipayReply.Success(
            new JsonObject
            {
                ["out_biz_no"] = transfer.OutBizNo,
                ["order_id"] = transfer.OrderId,
                ["pay_fund_order_id"] = transfer.PayFundOrderId,
                ["status"] = transfer.State,
                ["trans_date"] = AlipayTime.Text(transfer.PayDate ?? transfer.CreateTime),
            },
            fields);
    }

    /// <summary>Of several numbers the provider's win (alipay.md 8.2).</summary>
    private AlipayReply Query(AlipayCall call, AlipayFields fields)
    {
        var (fund, order, number) = (fields.Text("pay_fund_order_id", 64), fields.Text("order_id", 64), fields.Text("out_biz_no", 64));
        if (fund is null && order is null)
        {
            number ??= fields.RequiredText("out_biz_no", 64);
            fields.RequiredText("product_code", 64);
            fields.RequiredText("biz_scene", 64);
        }

        fields.Skip("product_code");
        fields.Skip("biz_scene");
        var transfer = ledger.Transfers.Query(
            call.Merchant.Pid, t => fund is not null ? t.PayFundOrderId == fund : order is not null ? t.OrderId == order : t.OutBizNo == number);
        return AlipayReply.Success(Of(transfer), fields);
    }

    private AlipayReply Balance(AlipayCall call, AlipayFields fields)
    {
        if (fields.Text("alipay_user_id", 64) != call.Merchant.Pid)
        {
            throw fields.Refused("alipay_user_id", "不是商户自己的账户");
        }

        fields.Choice("account_type", AlipayLedger.Account);
        return AlipayReply.Success(
            new JsonObject
            {
                ["available_amount"] = AlipayAmount.Text(ledger.Accounts.Balance(call.Merchant.Pid, AlipayLedger.Account)),
                ["freeze_amount"] = "0.00",
            },
            fields);
    }

    /// <summary>The transfer as it stands in the answer of a query and in a message (alipay.md 8.2 and 8.3).</summary>
    public static JsonObject Of(AlipayTransfer transfer)
    {
        var answer = new JsonObject
        {
            ["order_id"] = transfer.OrderId,
            ["pay_fund_order_id"] = transfer.PayFundOrderId,
            ["out_biz_no"] = transfer.OutBizNo,
            ["status"] = transfer.State,
        };
        if (transfer.State == "SUCCESS")
        {
            answer["trans_amount"] = AlipayAmount.Text(transfer.Amount);
            answer["order_fee"] = "0.00";
        }

        if (transfer.PayDate is { } at)
        {
            answer["pay_date"] = AlipayTime.Text(at);
        }

        if (transfer.ErrorCode is { } code)
        {
            answer["error_code"] = code;
            answer["fail_reason"] = "转账失败";
        }

        if (transfer.PassbackParams is { } passback)
        {
            answer["passback_params"] = passback;
        }

        return answer;
    }
}
