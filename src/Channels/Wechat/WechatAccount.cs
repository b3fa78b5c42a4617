using System.ComponentModel;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Serialization;
using System.Text.RegularExpressions;
using PayCore.Configuration;
using PayCore.Contracts.V1;

namespace PayCore.Channels.Wechat;

/// <summary>The document <c>wechat/{account}</c>: what the merchant has from WeChat Pay (wechat-pay-v3.md 0).</summary>
public sealed record WechatAccountDocument
{
    /// <summary>False refuses new payments; queries, closes and callbacks go on.</summary>
    [Description("False refuses new payments; queries, closes and callbacks go on. Default: true.")]
    [Chinese("设为 false 则不再接受新支付；查询、关单与回调照常。默认 true。")]
    public bool Enabled { get; init; } = true;

    /// <summary>The merchant number, 8 to 10 digits.</summary>
    [Description("Merchant number (mchid), 8 to 10 digits.")]
    [Chinese("商户号。")]
    public required string MchId { get; init; }

    /// <summary>The AppID bound to the merchant number, under which every scene is that names no other.</summary>
    [Description("AppID that is bound to the merchant number.")]
    [Chinese("与商户号绑定的 AppID。")]
    public required string AppId { get; init; }

    /// <summary>The AppID of the mini program, when it is another.</summary>
    [Description("AppID of the mini program, bound to the merchant number too. Default: app_id.")]
    [Chinese("小程序 AppID（同样绑定商户号）。默认同 app_id。")]
    public string? MiniProgramAppId { get; init; }

    /// <summary>The AppID of the merchant's own phone application, when it is another.</summary>
    [Description("AppID of the phone application, bound to the merchant number too. Default: app_id.")]
    [Chinese("移动应用 AppID（同样绑定商户号）。默认同 app_id。")]
    public string? MobileAppId { get; init; }

    /// <summary>Serial number of the merchant API certificate, hexadecimal.</summary>
    [Description("Serial number of the merchant API certificate, hexadecimal.")]
    [Chinese("商户 API 证书序列号，十六进制。")]
    public required string MerchantSerialNo { get; init; }

    /// <summary>Private key of the merchant API certificate (<c>apiclient_key.pem</c>), PEM or bare base64. Secret.</summary>
    [Description("Private key of the merchant API certificate (apiclient_key.pem).")]
    [Chinese("商户 API 证书私钥（apiclient_key.pem）。")]
    [Pem]
    [Secret]
    public required string PrivateKey { get; init; }

    /// <summary>The APIv3 key, exactly 32 characters. Secret.</summary>
    [Description("APIv3 key, exactly 32 letters and digits.")]
    [Chinese("APIv3 密钥，32 位字母或数字。")]
    [Secret]
    [JsonPropertyName("api_v3_key")]
    public required string ApiV3Key { get; init; }

    /// <summary>Id of the WeChat Pay public key, <c>PUB_KEY_ID_…</c>. Absent in certificate mode.</summary>
    [Description("Id of the WeChat Pay public key, PUB_KEY_ID_ and digits. Absent in certificate mode.")]
    [Chinese("微信支付公钥 ID：PUB_KEY_ID_ 加数字。证书模式不填。")]
    public string? PublicKeyId { get; init; }

    /// <summary>The WeChat Pay public key (<c>pub_key.pem</c>). Absent in certificate mode.</summary>
    [Description("WeChat Pay public key (pub_key.pem). Absent in certificate mode.")]
    [Chinese("微信支付公钥（pub_key.pem）。证书模式不填。")]
    [Pem]
    public string? PublicKey { get; init; }

    /// <summary>
    /// Download the platform's certificates and accept their signatures. Absent: only when there is no public key. True beside a public key: both count, as
    /// a migration needs it.
    /// </summary>
    [Description("Download WeChat Pay's certificates and accept their signatures too, as a migration needs it. Default: only when there is no public key.")]
    [Chinese("同时下载并信任微信支付平台证书（迁移期间需要）。默认：没有公钥时才下载。")]
    public bool? PlatformCertificates { get; init; }

    /// <summary>The transfer scene that was granted. Absent: this account pays nobody out.</summary>
    [Description("Id of the transfer scene granted in the merchant console, such as 1005. Absent: this account pays nobody out.")]
    [Chinese("商户平台开通的转账场景 ID，如 1005。不填则此账户不能转账。")]
    public string? TransferSceneId { get; init; }

    /// <summary>What the scene wants to know of each transfer: its literal <c>info_type</c> and our text.</summary>
    [Description("What the transfer scene wants to know: each of its info types, in the console's words, with the text that is sent.")]
    [Chinese("转账场景报备信息：平台规定的信息类型与对应内容。")]
    public IReadOnlyDictionary<string, string>? TransferReportInfos { get; init; }

    /// <summary>What the payee reads of the reason: one of the scene's fixed phrases. Absent: the scene's own.</summary>
    [Description("What the payee reads of the reason, one of the scene's fixed phrases. Absent: the scene's own.")]
    [Chinese("收款用户看到的转账原因（场景规定的用语）。不填用场景默认。")]
    public string? TransferPerception { get; init; }

    /// <summary>The store for which payment codes are charged. Absent: this account takes none.</summary>
    [Description("Store for which payment codes are charged (BARCODE). Absent: switched off, for WeChat Pay grants API v3 payment codes to few merchants.")]
    [Chinese("付款码收款的门店。不填则不启用（微信支付仅对少数商户开放）。")]
    public string? BarcodeStoreId { get; init; }

    /// <summary>Where the provider is. Default: the primary host; the simulator takes its place in tests and demos.</summary>
    [Description("Where WeChat Pay is. Default: https://api.mch.weixin.qq.com; the simulator takes its place in tests.")]
    [Chinese("微信支付地址。默认 https://api.mch.weixin.qq.com；测试时为模拟器。")]
    public string BaseUrl { get; init; } = "https://api.mch.weixin.qq.com";

    /// <summary>No member: two of them are secrets.</summary>
    public override string ToString() => nameof(WechatAccountDocument);
}

/// <summary>
/// An account with its keys parsed once. Safe to share between threads; only its ring of the platform's keys changes. <see cref="ToString"/> shows no secret.
/// </summary>
public sealed partial class WechatAccount
{
    /// <summary>The only algorithm of sealed content (wechat-pay-v3.md 5.3).</summary>
    internal const string SealAlgorithm = "AEAD_AES_256_GCM";

    private const int RsaBitsMin = 2048;
    private const int DistinctCharsMin = 8;
    private const int InfoTypeCharsMax = 15;
    private const int InfoContentCharsMax = 32;

    private readonly RSA _privateKey;
    private readonly byte[] _apiV3Key;
    private readonly RSA? _publicKey;

    private WechatAccount(string name, WechatAccountDocument document, RSA privateKey, RSA? publicKey, Uri baseUrl)
    {
        Name = name;
        Enabled = document.Enabled;
        MchId = document.MchId;
        AppId = document.AppId;
        MiniProgramAppId = document.MiniProgramAppId ?? document.AppId;
        MobileAppId = document.MobileAppId ?? document.AppId;
        AppIds = [.. new[] { AppId, MiniProgramAppId, MobileAppId }.Distinct(StringComparer.Ordinal)];
        TransferSceneId = document.TransferSceneId;
        TransferReportInfos = document.TransferReportInfos ?? new Dictionary<string, string>();
        TransferPerception = document.TransferPerception;
        BarcodeStoreId = document.BarcodeStoreId;
        MerchantSerialNo = document.MerchantSerialNo;
        PublicKeyId = document.PublicKeyId;
        BaseUrl = baseUrl;
        UsesCertificates = document.PlatformCertificates ?? publicKey is null;
        _privateKey = privateKey;
        _publicKey = publicKey;
        _apiV3Key = Encoding.ASCII.GetBytes(document.ApiV3Key);
        Keys = NewKeyRing();
    }

    /// <summary>The account's name in configuration.</summary>
    public string Name { get; }

    /// <summary>New payments are taken.</summary>
    public bool Enabled { get; }

    /// <summary>The merchant number.</summary>
    public string MchId { get; }

    /// <summary>The AppID by which the account is known.</summary>
    public string AppId { get; }

    /// <summary>Every AppID of the account.</summary>
    public IReadOnlyList<string> AppIds { get; }

    /// <summary>The transfer scene; null when this account pays nobody out.</summary>
    public string? TransferSceneId { get; }

    /// <summary>What the transfer scene wants to know, by info type.</summary>
    public IReadOnlyDictionary<string, string> TransferReportInfos { get; }

    /// <summary>The phrase that a payee reads; null leaves it to the scene.</summary>
    public string? TransferPerception { get; }

    /// <summary>The store of payment codes; null when this account takes none.</summary>
    public string? BarcodeStoreId { get; }

    /// <summary>Which key of ours signs.</summary>
    public string MerchantSerialNo { get; }

    /// <summary>Which key of theirs is asked to sign answers; null leaves it to them (certificate mode).</summary>
    public string? PublicKeyId { get; }

    /// <summary>The platform's certificates are downloaded and count.</summary>
    public bool UsesCertificates { get; }

    /// <summary>Where the provider is.</summary>
    public Uri BaseUrl { get; }

    private string MiniProgramAppId { get; }

    private string MobileAppId { get; }

    /// <summary>The keys that may sign towards us.</summary>
    internal WechatKeyRing Keys { get; }

    /// <summary>Reads and checks a document.</summary>
    /// <exception cref="InvalidDocumentException">Names the field and the reason, never a secret.</exception>
    public static WechatAccount Parse(string name, ReadOnlyMemory<byte> content)
    {
        var document = DocumentJson.Read<WechatAccountDocument>(content);
        Demand(MchIdRule().IsMatch(document.MchId), "mch_id", "is 8 to 10 digits");
        Demand(AppIdRule().IsMatch(document.AppId), "app_id", "is wx and 16 letters or digits");
        Demand(document.MiniProgramAppId is not { } miniProgram || AppIdRule().IsMatch(miniProgram), "mini_program_app_id", "is wx and 16 letters or digits");
        Demand(document.MobileAppId is not { } mobile || AppIdRule().IsMatch(mobile), "mobile_app_id", "is wx and 16 letters or digits");
        Demand(SerialRule().IsMatch(document.MerchantSerialNo), "merchant_serial_no", "is the certificate's serial number in hexadecimal, usually 40 characters");
        Demand(ApiV3KeyRule().IsMatch(document.ApiV3Key), "api_v3_key", "is exactly 32 letters and digits");
        Demand(document.ApiV3Key.Distinct().Count() >= DistinctCharsMin, "api_v3_key", "is not random; set a real one");
        Demand(!IsPattern(document.ApiV3Key), "api_v3_key", "is a pattern, not random; set a real one");
        var hasPublicKey = document.PublicKey is not null;
        Demand(hasPublicKey || document.PublicKeyId is null, "public_key", "is missing beside public_key_id");
        Demand(hasPublicKey || document.PlatformCertificates is not false, "public_key", "is missing, and platform_certificates is false: no answer could be verified");
        Demand(!hasPublicKey || document.PublicKeyId is not null, "public_key_id", "is missing beside public_key");
        Demand(!hasPublicKey || PublicKeyIdRule().IsMatch(document.PublicKeyId!), "public_key_id", "is PUB_KEY_ID_ and digits");
        DemandTransfers(document);
        Demand(document.BarcodeStoreId is not { } store || StoreRule().IsMatch(store), "barcode_store_id", "is 1 to 32 characters without spaces");
        var isAddress = Uri.TryCreate(document.BaseUrl, UriKind.Absolute, out var baseUrl);
        Demand(
            isAddress && baseUrl!.PathAndQuery == "/" && baseUrl.Fragment.Length == 0 && baseUrl.UserInfo.Length == 0
                && (baseUrl.Scheme == Uri.UriSchemeHttps || (baseUrl.Scheme == Uri.UriSchemeHttp && baseUrl.IsLoopback)),
            "base_url", "is https:// and a host; http:// is accepted for loopback only");

        var privateKey = ReadKey("private_key", document.PrivateKey, isPrivate: true);
        var publicKey = hasPublicKey ? ReadKey("public_key", document.PublicKey!, isPrivate: false) : null;
        Demand(
            publicKey is null || !privateKey.ExportSubjectPublicKeyInfo().AsSpan().SequenceEqual(publicKey.ExportSubjectPublicKeyInfo()),
            "public_key", "is the merchant's own public key; it must be the one of WeChat Pay (pub_key.pem of the merchant console)");
        return new WechatAccount(name, document, privateKey, publicKey, baseUrl!);
    }

    /// <summary>The AppID of a scene: a user's open id is good under that one alone.</summary>
    internal string AppIdOf(Scene scene) => scene switch { Scene.MiniProgram => MiniProgramAppId, Scene.App => MobileAppId, _ => AppId };

    /// <summary>A ring with what the document holds and no certificates.</summary>
    internal WechatKeyRing NewKeyRing() =>
        new(_publicKey is null ? [] : [new WechatPlatformKey(PublicKeyId!, _publicKey, DateTimeOffset.MaxValue)]);

    /// <summary>Signs with the merchant's key: RSASSA-PKCS1-v1_5 with SHA-256, base64 (wechat-pay-v3.md 1.3).</summary>
    internal string Sign(byte[] message) =>
        Convert.ToBase64String(_privateKey.SignData(message, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1));

    /// <summary>Opens AEAD_AES_256_GCM with the APIv3 key (wechat-pay-v3.md 5.3), or answers null.</summary>
    /// <param name="nonce">Raw text of 12 bytes.</param>
    /// <param name="ciphertext">Base64; the last 16 bytes are the tag.</param>
    /// <param name="associatedData">Text; absent stands for empty.</param>
    internal byte[]? Open(string? nonce, string? ciphertext, string? associatedData)
    {
        const int nonceLength = 12;
        const int tagLength = 16;
        var nonceBytes = Encoding.UTF8.GetBytes(nonce ?? "");
        try
        {
            var bytes = Convert.FromBase64String(ciphertext ?? "");
            if (nonceBytes.Length != nonceLength || bytes.Length < tagLength)
            {
                return null;
            }

            var plain = new byte[bytes.Length - tagLength];
            using var aes = new AesGcm(_apiV3Key, tagLength);
            aes.Decrypt(nonceBytes, bytes.AsSpan(0, plain.Length), bytes.AsSpan(plain.Length), plain, Encoding.UTF8.GetBytes(associatedData ?? ""));
            return plain;
        }
        catch (Exception e) when (e is AuthenticationTagMismatchException or FormatException)
        {
            return null;
        }
    }

    /// <inheritdoc/>
    public override string ToString() => $"wechat/{Name}";

    /// <summary>A shorter text repeated, or a run up or down such as 0123456789abcdef….</summary>
    private static bool IsPattern(string secret)
    {
        var isRepeated = Enumerable.Range(1, secret.Length / 2).Any(period => !secret.Where((c, i) => i >= period && c != secret[i - period]).Any());
        var runs = secret.Zip(secret.Skip(1), (a, b) => Math.Abs(a - b)).Count(step => step == 1);
        return isRepeated || runs > secret.Length * 3 / 4;
    }

    private static RSA ReadKey(string field, string text, bool isPrivate)
    {
        var rsa = RSA.Create();
        try
        {
            var trimmed = text.Trim();
            if (trimmed.StartsWith("-----", StringComparison.Ordinal))
            {
                Demand(trimmed.Contains("PRIVATE KEY", StringComparison.Ordinal) == isPrivate, field, isPrivate ? "is no private key" : "is a private key, which must not be here");
                rsa.ImportFromPem(trimmed);
            }
            else if (isPrivate)
            {
                ImportBarePrivateKey(rsa, Convert.FromBase64String(trimmed));
            }
            else
            {
                rsa.ImportSubjectPublicKeyInfo(Convert.FromBase64String(trimmed), out _);
            }
        }
        catch (Exception e) when (e is CryptographicException or FormatException or ArgumentException)
        {
            // The exception's own message could quote the key.
            throw new InvalidDocumentException(field, "is no readable RSA key (PEM, or base64 of its DER)");
        }

        Demand(rsa.KeySize >= RsaBitsMin, field, $"has {rsa.KeySize} bits; at least {RsaBitsMin} are needed");
        return rsa;
    }

    private static void ImportBarePrivateKey(RSA rsa, byte[] der)
    {
        try
        {
            rsa.ImportPkcs8PrivateKey(der, out _);
        }
        catch (CryptographicException)
        {
            rsa.ImportRSAPrivateKey(der, out _);
        }
    }

    /// <summary>Every scene wants to know something, so a scene without it could only be refused (wechat-pay-v3.md 7.1).</summary>
    private static void DemandTransfers(WechatAccountDocument document)
    {
        const string infos = "transfer_report_infos";
        Demand(document.TransferSceneId is not { } scene || SceneIdRule().IsMatch(scene), "transfer_scene_id", "is the scene's number");
        Demand(document.TransferSceneId is null || document.TransferReportInfos is { Count: > 0 }, infos, "is missing beside transfer_scene_id");
        Demand(document.TransferSceneId is not null || document.TransferReportInfos is null, "transfer_scene_id", $"is missing beside {infos}");
        Demand(
            document.TransferReportInfos?.All(i => IsText(i.Key, InfoTypeCharsMax) && IsText(i.Value, InfoContentCharsMax)) ?? true,
            infos, "has types of at most 15 and texts of at most 32 characters");
        Demand(document.TransferPerception is not { } perception || IsText(perception, InfoContentCharsMax), "transfer_perception", "is one of the scene's phrases");
    }

    private static bool IsText(string text, int charsMax) => text.Length > 0 && WechatRules.IsText(text, charsMax);

    private static void Demand(bool holds, string field, string reason)
    {
        if (!holds)
        {
            throw new InvalidDocumentException(field, reason);
        }
    }

    [GeneratedRegex(@"^[0-9]{8,10}\z")]
    private static partial Regex MchIdRule();

    [GeneratedRegex(@"^wx[0-9A-Za-z]{16}\z")]
    private static partial Regex AppIdRule();

    [GeneratedRegex(@"^[0-9]{1,36}\z")]
    private static partial Regex SceneIdRule();

    [GeneratedRegex(@"^[!-~]{1,32}\z")]
    private static partial Regex StoreRule();

    [GeneratedRegex(@"^[0-9A-Fa-f]{8,64}\z")]
    private static partial Regex SerialRule();

    [GeneratedRegex(@"^[0-9A-Za-z]{32}\z")]
    private static partial Regex ApiV3KeyRule();

    [GeneratedRegex(@"^PUB_KEY_ID_[0-9]{1,64}\z")]
    private static partial Regex PublicKeyIdRule();
}
