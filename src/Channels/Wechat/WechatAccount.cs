using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Serialization;
using System.Text.RegularExpressions;
using PayCore.Configuration;

namespace PayCore.Channels.Wechat;

/// <summary>The document <c>wechat/{account}</c>: what the merchant has from WeChat Pay (wechat-pay-v3.md 0).</summary>
public sealed record WechatAccountDocument
{
    /// <summary>False refuses new payments; queries, closes and callbacks go on.</summary>
    public bool Enabled { get; init; } = true;

    /// <summary>The merchant number, 8 to 10 digits.</summary>
    public required string MchId { get; init; }

    /// <summary>The AppID bound to the merchant number.</summary>
    public required string AppId { get; init; }

    /// <summary>Serial number of the merchant API certificate, hexadecimal.</summary>
    public required string MerchantSerialNo { get; init; }

    /// <summary>Private key of the merchant API certificate (<c>apiclient_key.pem</c>), PEM or bare base64. Secret.</summary>
    public required string PrivateKey { get; init; }

    /// <summary>The APIv3 key, exactly 32 characters. Secret.</summary>
    [JsonPropertyName("api_v3_key")]
    public required string ApiV3Key { get; init; }

    /// <summary>Id of the WeChat Pay public key, <c>PUB_KEY_ID_…</c>.</summary>
    public required string PublicKeyId { get; init; }

    /// <summary>The WeChat Pay public key (<c>pub_key.pem</c>).</summary>
    public required string PublicKey { get; init; }

    /// <summary>Where the provider is. Default: the primary host; the simulator takes its place in tests and demos.</summary>
    public string BaseUrl { get; init; } = "https://api.mch.weixin.qq.com";
}

/// <summary>An account with its keys parsed once. Immutable, safe to share between threads; <see cref="ToString"/> shows no secret.</summary>
public sealed partial class WechatAccount
{
    private const int RsaBitsMin = 2048;

    private readonly RSA _privateKey;
    private readonly byte[] _apiV3Key;

    private WechatAccount(string name, WechatAccountDocument document, RSA privateKey, byte[] apiV3Key, Uri baseUrl, WechatKeyRing keys)
    {
        Name = name;
        Enabled = document.Enabled;
        MchId = document.MchId;
        AppId = document.AppId;
        MerchantSerialNo = document.MerchantSerialNo;
        PublicKeyId = document.PublicKeyId;
        BaseUrl = baseUrl;
        Keys = keys;
        _privateKey = privateKey;
        _apiV3Key = apiV3Key;
    }

    /// <summary>The account's name in configuration.</summary>
    public string Name { get; }

    /// <summary>New payments are taken.</summary>
    public bool Enabled { get; }

    /// <summary>The merchant number.</summary>
    public string MchId { get; }

    /// <summary>The AppID.</summary>
    public string AppId { get; }

    /// <summary>Which key of ours signs.</summary>
    public string MerchantSerialNo { get; }

    /// <summary>Which key of theirs is asked to sign answers.</summary>
    public string PublicKeyId { get; }

    /// <summary>Where the provider is.</summary>
    public Uri BaseUrl { get; }

    /// <summary>The keys that may sign towards us.</summary>
    public WechatKeyRing Keys { get; }

    /// <summary>Reads and checks a document.</summary>
    /// <exception cref="InvalidDocumentException">Names the field and the reason, never a secret.</exception>
    public static WechatAccount Parse(string name, ReadOnlyMemory<byte> content)
    {
        var document = DocumentJson.Read<WechatAccountDocument>(content);
        Demand(MchIdRule().IsMatch(document.MchId), "mch_id", "is 8 to 10 digits");
        Demand(AppIdRule().IsMatch(document.AppId), "app_id", "is wx and 16 letters or digits");
        Demand(SerialRule().IsMatch(document.MerchantSerialNo), "merchant_serial_no", "is the certificate's serial number in hexadecimal, usually 40 characters");
        Demand(ApiV3KeyRule().IsMatch(document.ApiV3Key), "api_v3_key", "is exactly 32 letters and digits");
        Demand(document.ApiV3Key.Distinct().Count() >= 8, "api_v3_key", "is not random; set a real one");
        Demand(PublicKeyIdRule().IsMatch(document.PublicKeyId), "public_key_id", "is PUB_KEY_ID_ and digits");
        var isAddress = Uri.TryCreate(document.BaseUrl, UriKind.Absolute, out var baseUrl);
        Demand(
            isAddress && baseUrl!.AbsolutePath == "/" && baseUrl.UserInfo.Length == 0 && (baseUrl.Scheme == "https" || (baseUrl.Scheme == "http" && baseUrl.IsLoopback)),
            "base_url", "is https:// and a host; http:// is accepted for loopback only");

        var privateKey = ReadKey("private_key", document.PrivateKey, isPrivate: true);
        var publicKey = ReadKey("public_key", document.PublicKey, isPrivate: false);
        Demand(
            !privateKey.ExportSubjectPublicKeyInfo().AsSpan().SequenceEqual(publicKey.ExportSubjectPublicKeyInfo()),
            "public_key", "is the merchant's own public key; it must be the one of WeChat Pay (pub_key.pem of the merchant console)");
        return new WechatAccount(
            name, document, privateKey, Encoding.ASCII.GetBytes(document.ApiV3Key), baseUrl!,
            new WechatKeyRing(new Dictionary<string, RSA>(StringComparer.Ordinal) { [document.PublicKeyId] = publicKey }));
    }

    /// <summary>Signs with the merchant's key: RSASSA-PKCS1-v1_5 with SHA-256, base64 (wechat-pay-v3.md 1.3).</summary>
    internal string Sign(byte[] message) =>
        Convert.ToBase64String(_privateKey.SignData(message, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1));

    /// <summary>Opens AEAD_AES_256_GCM with the APIv3 key (wechat-pay-v3.md 5.3), or answers null.</summary>
    internal byte[]? Open(byte[] nonce, byte[] sealedBytes, byte[] associatedData)
    {
        const int tagLength = 16;
        if (nonce.Length != 12 || sealedBytes.Length < tagLength)
        {
            return null;
        }

        var plain = new byte[sealedBytes.Length - tagLength];
        using var aes = new AesGcm(_apiV3Key, tagLength);
        try
        {
            aes.Decrypt(nonce, sealedBytes.AsSpan(0, plain.Length), sealedBytes.AsSpan(plain.Length), plain, associatedData);
            return plain;
        }
        catch (AuthenticationTagMismatchException)
        {
            return null;
        }
    }

    /// <inheritdoc/>
    public override string ToString() => $"wechat/{Name} (mch_id {MchId})";

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

    [GeneratedRegex(@"^[0-9A-Fa-f]{8,64}\z")]
    private static partial Regex SerialRule();

    [GeneratedRegex(@"^[0-9A-Za-z]{32}\z")]
    private static partial Regex ApiV3KeyRule();

    [GeneratedRegex(@"^PUB_KEY_ID_[0-9]{1,64}\z")]
    private static partial Regex PublicKeyIdRule();
}
