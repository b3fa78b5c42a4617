using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace PayCore.Channels.Wechat;

/// <summary>The four headers by which the platform signs an answer or a callback (wechat-pay-v3.md 2.1). Null: absent or not exactly one.</summary>
internal sealed record WechatSignatureHeaders(string? Timestamp, string? Nonce, string? Signature, string? Serial, string? Type);

/// <summary>
/// The platform's keys of one account by serial: public keys and certificates alike, so that both count during a migration and the message's
/// header chooses. Checks signatures; never tries "any key".
/// </summary>
public sealed class WechatKeyRing(IReadOnlyDictionary<string, RSA> keys)
{
    private const int ToleranceSeconds = 300;

    /// <summary>Why the message does not prove to come from the platform, or null when it does (wechat-pay-v3.md 2.2, in that order).</summary>
    internal string? Refuse(WechatSignatureHeaders headers, ReadOnlySpan<byte> body, DateTimeOffset now)
    {
        if (headers.Timestamp is null || headers.Nonce is null || headers.Signature is null || headers.Serial is null)
        {
            return "signature headers are missing or repeated";
        }

        if (headers.Type is not (null or "WECHATPAY2-SHA256-RSA2048"))
        {
            return "the signature type is not WECHATPAY2-SHA256-RSA2048";
        }

        if (!long.TryParse(headers.Timestamp, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds)
            || Math.Abs(now.ToUnixTimeSeconds() - seconds) >= ToleranceSeconds)
        {
            return "the timestamp is 300 seconds or more away from our clock";
        }

        if (!keys.TryGetValue(headers.Serial, out var key))
        {
            return "the serial names no key of this account";
        }

        // A probe signature often is no base64 at all; that is a failed verification like any other (2.3).
        var signature = new byte[512];
        if (!Convert.TryFromBase64String(headers.Signature, signature, out var length))
        {
            return "the signature does not verify";
        }

        var head = Encoding.UTF8.GetBytes($"{headers.Timestamp}\n{headers.Nonce}\n");
        var message = new byte[head.Length + body.Length + 1];
        head.CopyTo(message, 0);
        body.CopyTo(message.AsSpan(head.Length));
        message[^1] = (byte)'\n';
        return key.VerifyData(message, signature.AsSpan(0, length), HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1)
            ? null
            : "the signature does not verify";
    }
}
