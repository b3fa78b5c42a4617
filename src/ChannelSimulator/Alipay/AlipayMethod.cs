namespace PayCore.ChannelSimulator;

/// <summary>The methods of the gateway that are there.</summary>
internal static class AlipayMethod
{
    public const string Precreate = "alipay.trade.precreate";

    public const string PagePay = "alipay.trade.page.pay";

    public const string Query = "alipay.trade.query";

    public const string Close = "alipay.trade.close";

    public const string CertificateDownload = "alipay.open.app.alipaycert.download";

    public static bool IsKnown(string method) => Operation(method) is not null;

    /// <summary>What a fault and the log call it.</summary>
    public static string? Operation(string? method) => method switch
    {
        Precreate => "alipay.precreate",
        PagePay => "alipay.page",
        Query => "alipay.query",
        Close => "alipay.close",
        CertificateDownload => "alipay.certificate",
        _ => null,
    };

    /// <summary>The member that holds the answer (alipay.md 3.1).</summary>
    public static string Node(string? method) =>
        method is not null && IsKnown(method) ? method.Replace('.', '_') + "_response" : "error_response";
}
