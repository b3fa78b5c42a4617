using System.Text;
using System.Text.Json.Nodes;

namespace PayCore.ChannelSimulator;

/// <summary>The work behind the methods of the gateway.</summary>
internal sealed class AlipayTradeMethods(AlipayLedger ledger, TimeProvider time)
{
    public AlipayReply Do(AlipayCall call)
    {
        var fields = new AlipayFields(call.Content);
        return call.Method switch
        {
            AlipayMethod.Precreate => Precreate(call, fields),
            AlipayMethod.PagePay => PagePay(call, fields),
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

    private AlipayReply PagePay(AlipayCall call, AlipayFields fields)
    {
        var order = ledger.Place(AlipayPayRules.Page(call, fields, time.GetUtcNow()));
        return new AlipayReply { Location = order.Code, Unknown = fields.Unknown };
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
        var tradeNo = fields.Text("trade_no", 64);
        var outTradeNo = fields.Text("out_trade_no", 64);
        return tradeNo is null && outTradeNo is null
            ? throw AlipayError.Parameter("out_trade_no", "与trade_no不能同时为空")
            : find(call.Merchant.Pid, tradeNo, outTradeNo);
    }
}
