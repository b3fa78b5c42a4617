namespace PayCore.PayCenter;

/// <summary>Settings of the cashier and of the shop; section <c>PayCenter</c>.</summary>
public sealed class PayCenterOptions
{
    /// <summary>The name of the section.</summary>
    public const string Section = "PayCenter";

    /// <summary>
    /// Where browsers reach PayCenter: scheme, host and port, no path. The shop sends its customers' browsers back to it, and its forms may
    /// lead there. Default: <c>http://127.0.0.1:8080</c>.
    /// </summary>
    public Uri PublicBaseUrl { get; set; } = new("http://127.0.0.1:8080");

    /// <summary>
    /// Where the shop reaches the merchant REST API: scheme, host and port, no path. Default: <c>http://127.0.0.1:8080</c>, which serves it in
    /// the all-in-one.
    /// </summary>
    public Uri ApiBaseUrl { get; set; } = new("http://127.0.0.1:8080");

    /// <summary>
    /// The simulator's wallet page, for example <c>http://127.0.0.1:8090/wallet</c>. With it the cashier shows a marked link that pays a code
    /// without a phone. Absent (the default) in production.
    /// </summary>
    public Uri? WalletUrl { get; set; }

    /// <summary>
    /// 32 random bytes in base64, the same in every instance, so that a form that one of them showed may be sent to another. A secret. Absent (the default): each process
    /// has a key of its own, which is right for one.
    /// </summary>
    public string? FormsKey { get; set; }

    /// <summary>The demonstration shop. Absent (the default): there is no shop, only the cashier.</summary>
    public ShopOptions? Shop { get; set; }
}

/// <summary>The shop as a merchant: who it is, how it signs, how it knows our notifications.</summary>
public sealed class ShopOptions
{
    /// <summary>The shop's app, as its document <c>apps/{app_id}</c> is named. Required.</summary>
    public string AppId { get; set; } = "";

    /// <summary>The name of its key within the app: the part after the slash in <c>keyid</c>. Required.</summary>
    public string KeyId { get; set; } = "";

    /// <summary>File with the ed25519 private key that signs requests: PKCS#8 in PEM, readable by this process only. Required.</summary>
    public string PrivateKeyFile { get; set; } = "";

    /// <summary>The secret of the app's notifications, <c>whsec_…</c>. Required.</summary>
    public string WebhookSecret { get; set; } = "";

    /// <summary>
    /// The ways to pay that the shop offers besides the choice at the cashier, as the app's routes name them: <c>wechat.QR</c>, <c>alipay.PAGE</c>. None (the
    /// default) leaves <c>wechat.QR</c>.
    /// </summary>
    public IList<string> Ways { get; } = [];

    /// <summary>Folder of the shop's own records, made when it is missing. Default: <c>data/shop</c>.</summary>
    public string DataFolder { get; set; } = Path.Combine("data", "shop");
}
