using System.Globalization;
using PayCore.Contracts.V1;
using PayCore.PayManagerSystem.Web;

namespace PayCore.PayManagerSystem.Records;

/// <summary>Words of the records in plain ones.</summary>
internal static class RecordWords
{
    private const string VerdictPrefix = "CALLBACK_";

    /// <summary>Every verdict, without the prefix that the contract needs.</summary>
    public static IReadOnlyList<string> Verdicts { get; } = [.. EnumText<CallbackVerdict>.All.Select(w => w[VerdictPrefix.Length..])];

    /// <summary>The contract's word for a state.</summary>
    public static string Word<T>(T state)
        where T : struct, Enum => EnumText<T>.Show(state);

    /// <summary>A verdict's word.</summary>
    public static string Of(CallbackVerdict verdict) => EnumText<CallbackVerdict>.Show(verdict).Replace(VerdictPrefix, "", StringComparison.Ordinal);

    /// <summary>The verdict of a word; null when there is none.</summary>
    public static CallbackVerdict? Verdict(string word) => EnumText<CallbackVerdict>.Find(VerdictPrefix + word);

    /// <summary>What an exception item is about: the transfer, refund, attempt or order.</summary>
    public static string AboutOf(ExceptionItem item) => new[] { item.TransferId, item.RefundId, item.AttemptNo, item.OrderId }.FirstOrDefault(id => id.Length > 0) ?? "";

    /// <summary>What a try to tell a merchant came to.</summary>
    public static Text TryResult(DeliveryTry t)
    {
        var status = t.HttpStatus > 0 ? $" (HTTP {t.HttpStatus.ToString(CultureInfo.InvariantCulture)})" : "";
        var (english, chinese) = t.Result switch
        {
            "delivered" => ("Acknowledged", "已确认"),
            "not_acknowledged" => ("Answered, not acknowledged", "已应答但未确认"),
            "answer_too_large" => ("The answer is too long", "应答过长"),
            "gone" => ("The address is gone", "地址已失效"),
            "redirect" => ("A redirect, which is not followed", "被重定向，不予跟随"),
            "http_status" => ("Refused", "被拒绝"),
            "timeout" => ("No answer in time", "应答超时"),
            "dns" => ("The host's name is not known", "域名无法解析"),
            "connect" => ("The host cannot be reached", "无法连接"),
            "tls" => ("No valid TLS", "TLS 证书或握手无效"),
            "broken" => ("The connection broke", "连接中断"),
            "address_refused" => ("Not an address that we connect to", "地址不被允许"),
            "no_secret" => ("The app has no usable secret", "应用没有可用密钥"),
            _ => (t.Result, t.Result),
        };
        return new Text(english + status, chinese + status);
    }

    /// <summary>What moved something.</summary>
    public static Text Cause(string cause) => cause switch
    {
        "create" => new("the request was accepted", "请求已受理"),
        "answer" => new("the channel answered", "渠道已应答"),
        "callback" => new("the channel's verified callback", "渠道回调验签通过"),
        "query" => new("the channel was asked and said so", "查询渠道得知"),
        "statement" => new("the day's statement", "对账单"),
        "person" => new("a person decided", "人工处理"),
        "approve" => new("a person approved it", "人工批准"),
        "reject" => new("a person refused it", "人工拒绝"),
        "cancel" => new("the merchant took it back", "商户撤销"),
        "rule" => new("by rule", "按规则"),
        "call" => new("the channel is asked", "请求渠道"),
        _ => new(cause, cause),
    };

    /// <summary>How a user pays.</summary>
    public static Text Of(Scene scene) => scene switch
    {
        Scene.Qr => new("QR code", "扫码"),
        Scene.Page => new("desktop page", "电脑网页"),
        Scene.H5 => new("phone browser", "手机网页"),
        Scene.Jsapi => new("inside the wallet", "钱包内网页"),
        Scene.MiniProgram => new("mini program", "小程序"),
        Scene.App => new("app", "应用内"),
        Scene.Barcode => new("shown code", "付款码"),
        Scene.Cashier => new("cashier", "收银台"),
        _ => new("", ""),
    };
}
