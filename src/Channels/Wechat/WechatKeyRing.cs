using System.Collections.Frozen;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace PayCore.Channels.Wechat;

/// <summary>The headers by which the platform signs an answer or a callback (wechat-pay-v3.md 2.1). Null: absent or not exactly one.</summary>
/// <param name="Timestamp">Unix seconds.</param>
/// <param name="Nonce">Random text.</param>
/// <param name="Signature">Base64.</param>
/// <param name="Serial">Which key signed.</param>
/// <param name="Type">The algorithm; null stands for RSA, empty for a repeated header.</param>
internal sealed record WechatSignatureHeaders(string? Timestamp, string? Nonce, string? Signature, string? Serial, string? Type)
{
    /// <summary>At least one of them is there: the message claims to be signed.</summary>
    public bool Any => Timestamp is not null || Nonce is not null || Signature is not null || Serial is not null;

    /// <summary>Reads them; a header that is repeated counts as missing, for nobody can say which one was meant.</summary>
    /// <param name="values">All values of the header of that name.</param>
    public static WechatSignatureHeaders Read(Func<string, IReadOnlyList<string>> values)
    {
        var type = values("Wechatpay-Signature-Type");
        return new WechatSignatureHeaders(
            Single("Wechatpay-Timestamp"), Single("Wechatpay-Nonce"), Single("Wechatpay-Signature"), Single("Wechatpay-Serial"),
            type.Count switch { 0 => null, 1 => type[0], _ => "" });

        string? Single(string name) => values(name) is [{ Length: > 0 } value] ? value : null;
    }
}

/// <summary>What a check of a signature found, in the order of the checks (wechat-pay-v3.md 2.2).</summary>
internal enum SignatureCheck
{
    /// <summary>The platform signed exactly these bytes, just now.</summary>
    Good,

    /// <summary>One of the four headers is missing or repeated.</summary>
    HeadersMissing,

    /// <summary>An algorithm other than RSA with SHA-256.</summary>
    WrongType,

    /// <summary>300 seconds or more away from our clock.</summary>
    Stale,

    /// <summary>No key of this account has that serial. In certificate mode the certificates may have changed.</summary>
    UnknownSerial,

    /// <summary>Anything else: altered, another's key, or a probe (2.3).</summary>
    Wrong,
}

/// <summary>One key of the platform.</summary>
/// <param name="Serial">A certificate's serial number, or <c>PUB_KEY_ID_…</c>.</param>
/// <param name="Key">The public key.</param>
/// <param name="NotAfter">When its certificate ends; a public key does not end.</param>
internal sealed record WechatPlatformKey(string Serial, RSA Key, DateTimeOffset NotAfter)
{
    private const int OaepSha1Bytes = 42;

    /// <summary>Longest text that can be sealed, in bytes of UTF-8, with a key of 2048 bits.</summary>
    public const int SealedBytesMax = (2048 / 8) - OaepSha1Bytes;

    /// <summary>Encrypts a field that only the platform may read: RSAES-OAEP with SHA-1, base64 (wechat-pay-v3.md 9).</summary>
    public string Seal(string text) => Convert.ToBase64String(Key.Encrypt(Encoding.UTF8.GetBytes(text), RSAEncryptionPadding.OaepSHA1));
}

/// <summary>
/// The platform's keys of one account by serial (wechat-pay-v3.md 2.4): public keys of the document and downloaded certificates alike, so that both count
/// during a migration and a rotation, and the message's header chooses. It never tries "any key". Safe for concurrent use.
/// </summary>
internal sealed class WechatKeyRing(IEnumerable<WechatPlatformKey> publicKeys)
{
    private const int ToleranceSeconds = 300;

    private readonly IReadOnlyList<WechatPlatformKey> _publicKeys = [.. publicKeys];
    private volatile FrozenDictionary<string, WechatPlatformKey> _keys = publicKeys.ToFrozenDictionary(k => k.Serial, StringComparer.Ordinal);

    /// <summary>Any message can be verified at all.</summary>
    public bool HasKey(DateTimeOffset now) => _keys.Values.Any(k => now < k.NotAfter);

    /// <summary>The key for encrypting fields: the document's public key, otherwise the certificate that ends last (wechat-pay-v3.md 2.5); null when there is none.</summary>
    public WechatPlatformKey? ForSealing(DateTimeOffset now) => _keys.Values.Where(k => now < k.NotAfter).MaxBy(k => k.NotAfter);

    /// <summary>When the last of the platform's certificates ends; null when there is none.</summary>
    public DateTimeOffset? CertificatesUntil => _keys.Values.Except(_publicKeys).Select(k => (DateTimeOffset?)k.NotAfter).Max();

    /// <summary>The serials in use, for logs.</summary>
    public IEnumerable<string> Serials => _keys.Keys.Order(StringComparer.Ordinal);

    /// <summary>Takes the certificates as the platform lists them now; those it lists no more are gone. Public keys stay.</summary>
    public void Replace(IEnumerable<WechatPlatformKey> certificates) =>
        _keys = _publicKeys.Concat(certificates).DistinctBy(k => k.Serial, StringComparer.Ordinal).ToFrozenDictionary(k => k.Serial, StringComparer.Ordinal);

    /// <summary>Whether the platform signed these raw bytes.</summary>
    public SignatureCheck Check(WechatSignatureHeaders headers, ReadOnlySpan<byte> body, DateTimeOffset now)
    {
        if (headers is not { Timestamp: { } timestamp, Nonce: { } nonce, Signature: { } signature, Serial: { } serial })
        {
            return SignatureCheck.HeadersMissing;
        }

        if (headers.Type is not (null or "WECHATPAY2-SHA256-RSA2048"))
        {
            return SignatureCheck.WrongType;
        }

        if (!long.TryParse(timestamp, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds)
            || Math.Abs((decimal)now.ToUnixTimeSeconds() - seconds) >= ToleranceSeconds)
        {
            return SignatureCheck.Stale;
        }

        if (!_keys.TryGetValue(serial, out var key) || now >= key.NotAfter)
        {
            return SignatureCheck.UnknownSerial;
        }

        // A probe signature often is no base64 of a usable length; that is a failed verification like any other (2.3).
        var bytes = new byte[key.Key.KeySize / 8];
        if (!Convert.TryFromBase64String(signature, bytes, out var length) || length != bytes.Length)
        {
            return SignatureCheck.Wrong;
        }

        byte[] message = [.. Encoding.UTF8.GetBytes($"{timestamp}\n{nonce}\n"), .. body, (byte)'\n'];
        return key.Key.VerifyData(message, bytes, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1) ? SignatureCheck.Good : SignatureCheck.Wrong;
    }

    /// <summary>The finding in words, without a secret and without a part of the message.</summary>
    public static string Explain(SignatureCheck check) => check switch
    {
        SignatureCheck.Good => "the signature is good",
        SignatureCheck.HeadersMissing => "a signature header is missing or repeated",
        SignatureCheck.WrongType => "the signature type is not WECHATPAY2-SHA256-RSA2048",
        SignatureCheck.Stale => "the timestamp is 300 seconds or more away from our clock",
        SignatureCheck.UnknownSerial => "the serial names no key of this account",
        _ => "the signature does not verify",
    };
}
