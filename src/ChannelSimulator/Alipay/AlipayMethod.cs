namespace PayCore.ChannelSimulator;

/// <summary>The methods of the gateway that are there.</summary>
internal static class AlipayMethod
{
    public const string Precreate = "alipay.trade.precreate";

    public const string PagePay = "alipay.trade.page.pay";

    public const string WapPay = "alipay.trade.wap.pay";

    public const string AppPay = "alipay.trade.app.pay";

    public const string Create = "alipay.trade.create";

    public const string Pay = "alipay.trade.pay";

    public const string Cancel = "alipay.trade.cancel";

    public const string Refund = "alipay.trade.refund";

    public const string RefundQuery = "alipay.trade.fastpay.refund.query";

    public const string Transfer = "alipay.fund.trans.uni.transfer";

    public const string TransferQuery = "alipay.fund.trans.common.query";

    public const string Balance = "alipay.fund.account.query";

    public const string Bill = "alipay.data.dataservice.bill.downloadurl.query";

    public const string Query = "alipay.trade.query";

    public const string Close = "alipay.trade.close";

    public const string CertificateDownload = "alipay.open.app.alipaycert.download";

    public static bool IsKnown(string method) => Operation(method) is not null;

    /// <summary>What a fault and the log call it.</summary>
    public static string? Operation(string? method) => method switch
    {
        Precreate => "alipay.precreate",
        PagePay => "alipay.page",
        WapPay => "alipay.wap",
        AppPay => "alipay.app",
        Create => "alipay.create",
        Pay => "alipay.pay",
        Cancel => "alipay.cancel",
        Refund => "alipay.refund",
        RefundQuery => "alipay.query_refund",
        Transfer => "alipay.transfer",
        TransferQuery => "alipay.query_transfer",
        Balance => "alipay.balance",
        Bill => "alipay.bill",
        Query => "alipay.query",
        Close => "alipay.close",
        CertificateDownload => "alipay.certificate",
        _ => null,
    };

    /// <summary>Whether the buyer's browser or app makes the call, not the merchant's server (alipay.md 1.7).</summary>
    public static bool IsPage(string? method) => method is PagePay or WapPay or AppPay;

    /// <summary>Whether it is about the merchant's own money, which needs certificates (alipay.md 8).</summary>
    public static bool IsFund(string method) => method is Transfer or TransferQuery or Balance;

    /// <summary>The merchant's number of what a call is about, from parameters that were not checked yet.</summary>
    public static string? Number(string? method, ReadOnlySpan<byte> content) => method switch
    {
        Refund or RefundQuery => RequestBody.Text(content, "out_request_no") ?? RequestBody.OutTradeNo(content),
        Transfer or TransferQuery => RequestBody.Text(content, "out_biz_no"),
        Bill => RequestBody.Text(content, "bill_date"),
        _ => RequestBody.OutTradeNo(content),
    };

    /// <summary>The member that holds the answer (alipay.md 3.1).</summary>
    public static string Node(string? method) =>
        method is not null && IsKnown(method) ? method.Replace('.', '_') + "_response" : "error_response";
}
