using System.Collections.Frozen;
using System.Security.Cryptography;
using System.Text.RegularExpressions;
using PayCore.Configuration;
using PayCore.Contracts.V1;
using static PayCore.Channels.Alipay.AccountDefectException;

namespace PayCore.Channels.Alipay;

/// <summary>An account with its keys parsed once. Safe to share between threads. <see cref="ToString"/> shows no secret.</summary>
public sealed partial class AlipayAccount
{
    private readonly FrozenDictionary<Scene, string> _productCodes;
    private readonly RSA _privateKey;
    private readonly RSA _alipayKey;
    private int _otherSerialSeen;

    private AlipayAccount(string name, AlipayAccountDocument document, RSA privateKey, RSA alipayKey, AlipayCertificates? certificates, Uri gatewayUrl)
    {
        Name = name;
        Enabled = document.Enabled;
        AppId = document.AppId;
        SellerId = document.SellerId;
        _productCodes = ProductCodes(document).ToFrozenDictionary(p => p.Scene, p => p.Code);
        OpAppId = document.OpAppId ?? document.AppId;
        PageAction = document.PageAction;
        RefundsWithoutStatus = document.RefundsWithoutStatus;
        GatewayUrl = gatewayUrl;
        Certificates = certificates;
        _privateKey = privateKey;
        _alipayKey = alipayKey;
    }

    /// <summary>The account's name in configuration.</summary>
    public string Name { get; }

    /// <summary>New payments are taken.</summary>
    public bool Enabled { get; }

    /// <summary>The application id.</summary>
    public string AppId { get; }

    /// <summary>Who receives the money.</summary>
    public string SellerId { get; }

    /// <summary>The application in which users pay by JSAPI and MINI_PROGRAM.</summary>
    public string OpAppId { get; }

    /// <summary>How a page or H5 payment reaches the browser.</summary>
    public PageAction PageAction { get; }

    /// <summary>A refund query without a status, but with number and amount, tells of a refund that is done.</summary>
    public bool RefundsWithoutStatus { get; }

    /// <summary>Where the provider is.</summary>
    public Uri GatewayUrl { get; }

    /// <summary>Null in key mode.</summary>
    internal AlipayCertificates? Certificates { get; }

    /// <summary>The member that holds the key of Alipay.</summary>
    internal string AlipayKeyField => Certificates is null ? "alipay_public_key" : "alipay_cert";

    /// <summary>Reads and checks a document.</summary>
    /// <exception cref="InvalidDocumentException">Names the field and the reason, never a secret.</exception>
    public static AlipayAccount Parse(string name, ReadOnlyMemory<byte> content)
    {
        try
        {
            return Read(name, content);
        }
        catch (AccountDefectException defect)
        {
            throw new InvalidDocumentException(defect.Field, defect.Reason);
        }
    }

    /// <summary>The same with the defect in both languages.</summary>
    /// <exception cref="InvalidDocumentException">It is no JSON of that shape.</exception>
    /// <exception cref="AccountDefectException">A member's value is wrong.</exception>
    internal static AlipayAccount Read(string name, ReadOnlyMemory<byte> content)
    {
        var document = DocumentJson.Read<AlipayAccountDocument>(content);
        DemandForm(AppIdRule().IsMatch(document.AppId), "app_id", "is 10 to 32 digits", "应为 10 至 32 位数字");
        DemandForm(SellerIdRule().IsMatch(document.SellerId), "seller_id", "is 2088 and 12 digits, the user id of the receiving account", "应为 2088 开头的 16 位数字，即收款账号的用户号");
        DemandForm(document.OpAppId is null || AppIdRule().IsMatch(document.OpAppId), "op_app_id", "is 10 to 32 digits", "应为 10 至 32 位数字");
        foreach (var (_, field, code) in ProductCodes(document))
        {
            DemandForm(ProductCodeRule().IsMatch(code), field, "is capital letters, digits and _", "应由大写字母、数字和下划线组成");
        }

        var isAddress = Uri.TryCreate(document.GatewayUrl, UriKind.Absolute, out var gatewayUrl);
        DemandForm(
            isAddress && gatewayUrl!.Query.Length == 0 && gatewayUrl.Fragment.Length == 0 && gatewayUrl.UserInfo.Length == 0
                && (gatewayUrl.Scheme == Uri.UriSchemeHttps || (gatewayUrl.Scheme == Uri.UriSchemeHttp && gatewayUrl.IsLoopback)),
            "gateway_url", "is an https:// address without a query; http:// is accepted for loopback only", "应为不带参数的 https:// 地址；http:// 只允许本机回环地址");
        DemandOneMode(document);

        var privateKey = RsaKeys.ReadPrivate("private_key", document.PrivateKey);
        if (document.AlipayPublicKey is null)
        {
            var (certificates, certifiedKey) = AlipayCertificates.Read(document, privateKey);
            return new AlipayAccount(name, document, privateKey, certifiedKey, certificates, gatewayUrl!);
        }

        var alipayKey = RsaKeys.ReadPublic("alipay_public_key", document.AlipayPublicKey);
        Demand(
            !RsaKeys.ArePair(privateKey, alipayKey), Checks.PlatformKey, "alipay_public_key",
            "is the application's own public key; it must be Alipay's, which the console shows after the application public key was uploaded",
            "是应用公钥；此处应为支付宝公钥，上传应用公钥后由开放平台控制台显示");
        return new AlipayAccount(name, document, privateKey, alipayKey, null, gatewayUrl!);
    }

    /// <summary>The product code that the merchant's contract has for a scene.</summary>
    internal string ProductCodeOf(Scene scene) => _productCodes[scene];

    /// <summary>Signs with the application's key: RSASSA-PKCS1-v1_5 with SHA-256, base64 (alipay.md 1.4). The same text always gives the same signature.</summary>
    internal string Sign(byte[] message) =>
        Convert.ToBase64String(_privateKey.SignData(message, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1));

    /// <summary>Whether Alipay signed these bytes.</summary>
    /// <param name="message">The bytes.</param>
    /// <param name="signature">Base64.</param>
    internal bool Verify(ReadOnlySpan<byte> message, string signature)
    {
        var bytes = new byte[_alipayKey.KeySize / 8];
        return Convert.TryFromBase64String(signature, bytes, out var length) && length == bytes.Length
            && _alipayKey.VerifyData(message, bytes, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
    }

    /// <summary>An answer named another certificate than ours. True the first time, so that it is told once.</summary>
    internal bool SeesOtherSerial() => Interlocked.Exchange(ref _otherSerialSeen, 1) == 0;

    /// <inheritdoc/>
    public override string ToString() => $"alipay/{Name}";

    private static (Scene Scene, string Field, string Code)[] ProductCodes(AlipayAccountDocument document) =>
    [
        (Scene.Qr, "qr_product_code", document.QrProductCode),
        (Scene.Page, "page_product_code", document.PageProductCode),
        (Scene.H5, "h5_product_code", document.H5ProductCode),
        (Scene.App, "app_product_code", document.AppProductCode),
        (Scene.Jsapi, "jsapi_product_code", document.JsapiProductCode),
        (Scene.MiniProgram, "jsapi_product_code", document.JsapiProductCode),
        (Scene.Barcode, "barcode_product_code", document.BarcodeProductCode),
    ];

    private static void DemandOneMode(AlipayAccountDocument document)
    {
        (string Field, string? Text)[] files =
        [
            ("app_cert", document.AppCert), ("alipay_cert", document.AlipayCert), ("alipay_root_cert", document.AlipayRootCert),
        ];
        if (document.AlipayPublicKey is not null)
        {
            var surplus = files.FirstOrDefault(f => f.Text is not null).Field;
            DemandForm(
                surplus is null, surplus ?? "", "stands beside alipay_public_key: an application has one mode, the key or the three certificates",
                "不能与 alipay_public_key 同时配置：一个应用只有一种加签方式，公钥或三个证书");
            return;
        }

        DemandForm(
            files.Any(f => f.Text is not null), "alipay_public_key", "is missing, and so are the three certificates: no answer could be verified",
            "缺失，且未配置三个证书：无法验证支付宝的应答");
        var missing = files.FirstOrDefault(f => f.Text is null).Field;
        DemandForm(
            missing is null, missing ?? "", "is missing: certificate mode needs app_cert, alipay_cert and alipay_root_cert",
            "缺失：证书方式需要 app_cert、alipay_cert 和 alipay_root_cert");
    }

    private static void DemandForm(bool holds, string field, string reason, string reasonZh) => Demand(holds, Checks.Document, field, reason, reasonZh);

    [GeneratedRegex(@"^[0-9]{10,32}\z")]
    private static partial Regex AppIdRule();

    [GeneratedRegex(@"^2088[0-9]{12}\z")]
    private static partial Regex SellerIdRule();

    [GeneratedRegex(@"^[A-Z0-9_]{1,64}\z")]
    private static partial Regex ProductCodeRule();
}
