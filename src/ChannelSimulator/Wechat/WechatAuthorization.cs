using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace PayCore.ChannelSimulator;

/// <summary>
/// Checks a merchant's <c>Authorization</c> as the provider does (wechat-pay-v3.md 1.3): scheme, five fields, known merchant and serial, clock within
/// 300 seconds, the exact bytes of request target and body.
/// </summary>
internal sealed partial class WechatAuthorization(WechatMerchants merchants, TimeProvider time)
{
    private const string Scheme = "WECHATPAY2-SHA256-RSA2048 ";

    /// <summary>The merchant that signed, or why it is refused, with the message that was expected to be signed.</summary>
    public (WechatMerchant? Merchant, string? Issue, string Message) Check(string? header, string method, string target, byte[] body)
    {
        if (header is null || !header.StartsWith(Scheme, StringComparison.Ordinal))
        {
            return (null, "Authorization has no WECHATPAY2-SHA256-RSA2048", "");
        }

        var fields = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var part in header[Scheme.Length..].Split(','))
        {
            var match = Field().Match(part);
            if (!match.Success || !fields.TryAdd(match.Groups[1].Value, match.Groups[2].Value))
            {
                return (null, "Authorization is malformed", "");
            }
        }

        if (fields.Count != 5 || !fields.TryGetValue("mchid", out var mchId) || !fields.TryGetValue("serial_no", out var serial)
            || !fields.TryGetValue("nonce_str", out var nonce) || !fields.TryGetValue("timestamp", out var timestamp)
            || !fields.TryGetValue("signature", out var signature))
        {
            return (null, "Authorization needs mchid, serial_no, nonce_str, timestamp and signature", "");
        }

        var message = $"{method}\n{target}\n{timestamp}\n{nonce}\n{Encoding.UTF8.GetString(body)}\n";
        if (!long.TryParse(timestamp, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds)
            || Math.Abs(time.GetUtcNow().ToUnixTimeSeconds() - seconds) > 300)
        {
            return (null, "timestamp is too far from the platform's clock", message);
        }

        if (nonce.Length is 0 or > 32)
        {
            return (null, "nonce_str has 1 to 32 characters", message);
        }

        var merchant = merchants.Find(mchId);
        if (merchant is null || !string.Equals(merchant.Registration.MerchantSerialNo, serial, StringComparison.OrdinalIgnoreCase))
        {
            return (null, "mchid and serial_no do not belong together", message);
        }

        byte[] bytes = [.. Encoding.UTF8.GetBytes($"{method}\n{target}\n{timestamp}\n{nonce}\n"), .. body, (byte)'\n'];
        var raw = new byte[signature.Length];
        var isBase64 = Convert.TryFromBase64String(signature, raw, out var length);
        return isBase64 && merchant.Verifies(bytes, raw[..length]) ? (merchant, null, message) : (null, "sign not match", message);
    }

    [GeneratedRegex("^\\s*([a-z_]+)=\"([^\"]*)\"\\s*\\z")]
    private static partial Regex Field();
}
