using System.Text;

namespace PayCore.Channels.Alipay;

/// <summary>
/// The parameters of one call with their signature (alipay.md 1.2 to 1.4, 1.7). What is signed is what is sent: the business text is taken as it is and never
/// serialised again. Equal parameters at an equal second give an equal request.
/// </summary>
internal sealed class SignedRequest
{
    private const string BizContent = "biz_content";

    private readonly Uri _gateway;
    private readonly SortedDictionary<string, string> _parameters;

    private SignedRequest(Uri gateway, SortedDictionary<string, string> parameters) => (_gateway, _parameters) = (gateway, parameters);

    /// <summary>The business parameters as one JSON text.</summary>
    public string Content => _parameters[BizContent];

    /// <summary>Where to post: all parameters but the business text, the signature among them.</summary>
    public Uri PostAddress => Address(_parameters.Where(p => p.Key != BizContent));

    /// <summary>The body of the post.</summary>
    public string PostBody => Pair(BizContent, Content);

    /// <summary>The whole call as the order string that the client SDK of a phone application takes unchanged.</summary>
    public string OrderString => Pairs(_parameters);

    /// <summary>The whole call as one address, for a browser.</summary>
    public Uri GetAddress => Address(_parameters);

    /// <summary>Signs a call.</summary>
    /// <param name="account">Whose.</param>
    /// <param name="method">The method's name.</param>
    /// <param name="content">The business parameters as one JSON text.</param>
    /// <param name="now">The time; sent in UTC+8.</param>
    /// <param name="notifyUrl">Where the platform calls back; empty for calls without one.</param>
    /// <param name="returnUrl">Where the browser goes afterwards; empty for none.</param>
    public static SignedRequest Create(
        AlipayAccount account, string method, string content, DateTimeOffset now, string notifyUrl = "", string returnUrl = "")
    {
        var parameters = new SortedDictionary<string, string>(StringComparer.Ordinal)
        {
            ["app_id"] = account.AppId,
            ["method"] = method,
            ["format"] = "JSON",
            ["charset"] = "utf-8",
            ["sign_type"] = "RSA2",
            ["timestamp"] = ChinaTime.Write(now),
            ["version"] = "1.0",
            [BizContent] = content,
        };
        AddUnlessEmpty("notify_url", notifyUrl);
        AddUnlessEmpty("return_url", returnUrl);
        if (account.Certificates is { } certificates)
        {
            parameters["app_cert_sn"] = certificates.AppSn;
            parameters["alipay_root_cert_sn"] = certificates.RootSn;
        }

        parameters["sign"] = account.Sign(Encoding.UTF8.GetBytes(Text(parameters)));
        return new SignedRequest(account.GatewayUrl, parameters);

        void AddUnlessEmpty(string name, string value)
        {
            if (value.Length > 0)
            {
                parameters[name] = value;
            }
        }
    }

    /// <summary>The signed text: every parameter in ordinal order of its name, its value raw. <c>sign_type</c> belongs to it, unlike in a callback.</summary>
    internal static string Text(SortedDictionary<string, string> parameters) => string.Join('&', parameters.Select(p => $"{p.Key}={p.Value}"));

    private static string Pair(string name, string value) => $"{name}={Uri.EscapeDataString(value)}";

    private Uri Address(IEnumerable<KeyValuePair<string, string>> parameters) =>
        new($"{_gateway.AbsoluteUri}?{Pairs(parameters)}");

    private static string Pairs(IEnumerable<KeyValuePair<string, string>> parameters) => string.Join('&', parameters.Select(p => Pair(p.Key, p.Value)));
}
