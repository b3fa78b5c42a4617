namespace PayCore.Host.Demonstration;

/// <summary>How the merchant and the provider know each other's keys.</summary>
internal enum DemoKeyMode
{
    /// <summary>Each has the other's public key.</summary>
    PublicKey,

    /// <summary>The keys come in certificates.</summary>
    Certificate,

    /// <summary>From certificate to public key: the provider signs with either, and says which.</summary>
    Migration,
}

/// <summary>A way to pay of the demo merchant, and the channel account behind it.</summary>
/// <param name="Name">As the demo prints it.</param>
/// <param name="Method">The wallet's name in the app's routes.</param>
/// <param name="Scene">How the buyer pays.</param>
/// <param name="Channel">The channel.</param>
/// <param name="Account">Its account.</param>
/// <param name="KeyMode">The account's key mode.</param>
internal sealed record DemoWay(string Name, string Method, string Scene, string Channel, string Account, DemoKeyMode KeyMode)
{
    /// <summary>What a shop offers: each wallet by its own name.</summary>
    public static IReadOnlyList<DemoWay> Usual { get; } =
    [
        new("wechat QR public-key", "wechat", "QR", "wechat", "1900000001", DemoKeyMode.PublicKey),
        new("alipay QR key mode", "alipay", "QR", "alipay", "2021000000000001", DemoKeyMode.PublicKey),
        new("alipay page", "alipay", "PAGE", "alipay", "2021000000000001", DemoKeyMode.PublicKey),
    ];

    /// <summary>Besides, a way for each key mode that a merchant may have. The names of the methods exist for the demo alone.</summary>
    public static IReadOnlyList<DemoWay> All { get; } =
    [
        Usual[0],
        new("wechat QR platform-certificate", "wechatcertificate", "QR", "wechat", "1900000002", DemoKeyMode.Certificate),
        new("wechat QR during migration", "wechatmigration", "QR", "wechat", "1900000003", DemoKeyMode.Migration),
        Usual[1],
        new("alipay QR certificate mode", "alipaycertificate", "QR", "alipay", "2021000000000002", DemoKeyMode.Certificate),
        Usual[2],
    ];

    /// <summary>The route's key, and the way's name in the shop.</summary>
    public string Route => $"{Method}.{Scene}";
}
