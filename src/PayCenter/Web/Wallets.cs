namespace PayCore.PayCenter.Web;

/// <summary>The wallets' names as people know them.</summary>
internal static class Wallets
{
    private static readonly Text _wechat = new("WeChat", "微信");
    private static readonly Text _alipay = new("Alipay", "支付宝");
    private static readonly Text _any = new("your wallet", "您的钱包");

    /// <summary>The name of a <c>method</c>; one that we do not know is named as it is.</summary>
    public static string NameOf(string method, Language language) => method switch
    {
        "wechat" => _wechat.In(language),
        "alipay" => _alipay.In(language),
        "" => _any.In(language),
        _ => method,
    };

    /// <summary>The name of a wallet's badge in our styles.</summary>
    public static string BadgeOf(string method) => method is "wechat" or "alipay" ? method : "any";

    /// <summary>The <c>method</c> whose app the device is inside of; null when it is inside none that we know.</summary>
    public static string? InsideOf(Device device) => device switch
    {
        Device.InWechat => "wechat",
        Device.InAlipay => "alipay",
        _ => null,
    };
}
