using System.Text;
using System.Text.Json.Nodes;

namespace PayCore.ChannelSimulator;

/// <summary>The work behind the methods of the gateway.</summary>
internal sealed class AlipayTradeMethods(AlipayLedger ledger, AlipayRefundMethods refunds, AlipayFundMethods funds, AlipayBillMethods bills, TimeProvider time)
{
    public AlipayReply Do(AlipayCall call)
    {
        var fields = new AlipayFields(call.Content);
        return call.Method switch
        {
            AlipayMethod.Precreate => Precreate(call, fields),
            AlipayMethod.PagePay => OnAPage(AlipayPayRules.Page(call, fields, time.GetUtcNow()), fields),
            AlipayMethod.WapPay or AlipayMethod.AppPay => OnAPage(AlipayPayRules.Mobile(call, fields, time.GetUtcNow()), fields),
            AlipayMethod.Create => Create(call, fields),
            AlipayMethod.Pay => Pay(call, fields),
            AlipayMethod.Cancel => Cancel(call, fields),
            AlipayMethod.Refund => refunds.Refund(call, fields),
            AlipayMethod.RefundQuery => refunds.Query(call, fields),
            AlipayMethod.Bill => bills.Address(call, fields),
            _ when AlipayMethod.IsFund(call.Method) => funds.Do(call, fields),
            AlipayMethod.Query => Query(call, fields),
            AlipayMethod.Close => Close(call, fields),
            _ => CertificateDownload(call, fields),
        };
    }

    private static AlipayReply CertificateDownload(AlipayCall call, AlipayFields fields)
    {
        var serial = fields.RequiredText("alipay_cert_sn", 32);
        var certificate = call.Merchant.Stored.AlipayCerts.FirstOrDefault(c => c.Serial == serial)
            ?? throw fields.Refused("alipay_cert_sn", "对应的证书不存在");
        return AlipayReply.Success(
            new JsonObject { ["alipay_cert_content"] = Convert.ToBase64String(Encoding.UTF8.GetBytes(certificate.Pem)) }, fields);
    }

    private AlipayReply Precreate(AlipayCall call, AlipayFields fields)
    {
        var order = ledger.Place(AlipayPayRules.Precreate(call, fields, time.GetUtcNow()));
        return AlipayReply.Success(new JsonObject { ["out_trade_no"] = order.OutTradeNo, ["qr_code"] = order.Code }, fields);
    }

    private AlipayReply OnAPage(AlipayPayRequest request, AlipayFields fields) =>
        new() { Location = ledger.Place(request).Code, Unknown = fields.Unknown };

    private AlipayReply Create(AlipayCall call, AlipayFields fields)
    {
        var (request, buyer) = AlipayPayRules.Create(call, fields, time.GetUtcNow());
        var order = ledger.PlaceTrade(request, buyer);
        return AlipayReply.Success(new JsonObject { ["out_trade_no"] = order.OutTradeNo, ["trade_no"] = order.TradeNo }, fields);
    }

    private AlipayReply Pay(AlipayCall call, AlipayFields fields)
    {
        var (request, code) = AlipayPayRules.Pay(call, fields, time.GetUtcNow());
        var order = ledger.PlaceByAuthCode(request, code);
        return order.GmtPayment is null
            ? AlipayReply.InProcess(new JsonObject { ["out_trade_no"] = order.OutTradeNo, ["trade_no"] = order.TradeNo }, fields)
            : AlipayReply.Success(AlipayTradeObject.Paid(order), fields);
    }

    private AlipayReply Cancel(AlipayCall call, AlipayFields fields)
    {
        var (tradeNo, outTradeNo) = Names(fields);
        var answer = new JsonObject { ["retry_flag"] = "N" };
        if (ledger.Cancel(call.Merchant.Pid, tradeNo, outTradeNo) is { } trade)
        {
            answer["trade_no"] = trade.TradeNo;
            answer["action"] = trade.GmtPayment is null ? "close" : "refund";
            outTradeNo = trade.OutTradeNo;
        }

        answer["out_trade_no"] = outTradeNo;
        return AlipayReply.Success(answer, fields);
    }

    private AlipayReply Query(AlipayCall call, AlipayFields fields)
    {
        var trade = Find(call, fields, ledger.FindTrade);
        fields.Array("query_options", 32);
        fields.Text("org_pid", 32);
        return AlipayReply.Success(AlipayTradeObject.Of(trade), fields);
    }

    private AlipayReply Close(AlipayCall call, AlipayFields fields)
    {
        fields.Text("operator_id", 28);
        var trade = Find(call, fields, ledger.Close);
        return AlipayReply.Success(new JsonObject { ["trade_no"] = trade.TradeNo, ["out_trade_no"] = trade.OutTradeNo }, fields);
    }

    private static AlipayOrder Find(AlipayCall call, AlipayFields fields, Func<string, string?, string?, AlipayOrder> find)
    {
        var (tradeNo, outTradeNo) = Names(fields);
        return find(call.Merchant.Pid, tradeNo, outTradeNo);
    }

    /// <summary>How a call names its trade.</summary>
    public static (string? TradeNo, string? OutTradeNo) Names(AlipayFields fields)
    {
        var (tradeNo, outTradeNo) = (fields.Text("trade_no", 64), fields.Text("out_trade_no", 64));
        return tradeNo is null && outTradeNo is null
            ? throw AlipayError.Parameter("out_trade_no", "与trade_no不能同时为空")
            : (tradeNo, outTradeNo);
    }
}
