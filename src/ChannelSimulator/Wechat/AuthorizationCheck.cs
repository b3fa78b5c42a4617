using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace PayCore.ChannelSimulator;

/// <summary>Verifies the merchant's signature (wechat-pay-v3.md 1.3). Whatever is wrong, the answer is 401 SIGN_ERROR.</summary>
internal sealed partial class AuthorizationCheck(WechatMerchants merchants, TimeProvider time)
{
    private const string Scheme = "WECHATPAY2-SHA256-RSA2048 ";

    public WechatMerchant Verify(WechatCall call)
    {
        if (call.Authorization is not { } header || !header.StartsWith(Scheme, StringComparison.Ordinal))
        {
            throw Refused(call, "", "", "Authorization", "the scheme is not WECHATPAY2-SHA256-RSA2048");
        }

        var pairs = Pairs(call, header[Scheme.Length..]);
        var (timestamp, nonce) = (pairs["timestamp"], pairs["nonce_str"]);
        if (nonce.Length is 0 or > 32 || !nonce.All(char.IsAsciiLetterOrDigit))
        {
            throw Refused(call, timestamp, nonce, "nonce_str", "not 1 to 32 letters and digits");
        }

        if (!long.TryParse(timestamp, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds)
            || Math.Abs((decimal)time.GetUtcNow().ToUnixTimeSeconds() - seconds) > 300)
        {
            throw Refused(call, timestamp, nonce, "timestamp", "not within five minutes of the platform's clock");
        }

        if (merchants.Find(pairs["mchid"]) is not { } merchant || merchant.Registration.MerchantSerialNo != pairs["serial_no"])
        {
            throw Refused(call, timestamp, nonce, "serial_no", "no such certificate of this merchant");
        }

        var signature = new byte[pairs["signature"].Length];
        var message = RsaKey.Message(call.Body, call.Method, call.Target, timestamp, nonce);
        return Convert.TryFromBase64String(pairs["signature"], signature, out var length)
            && !pairs["signature"].Any(char.IsWhiteSpace)
            && merchant.MerchantKey.Verify(message, signature.AsSpan(0, length))
                ? merchant
                : throw Refused(call, timestamp, nonce, "signature", "sign not match");
    }

    private static Dictionary<string, string> Pairs(WechatCall call, string text)
    {
        string[] names = ["mchid", "nonce_str", "signature", "timestamp", "serial_no"];
        var matches = text.Split(',').Select(p => Pair().Match(p)).ToList();
        return matches.All(m => m.Success) && matches.Select(m => m.Groups[1].Value).Order().SequenceEqual(names.Order())
            ? matches.ToDictionary(m => m.Groups[1].Value, m => m.Groups[2].Value)
            : throw Refused(call, "", "", "Authorization", "not the five pairs mchid, nonce_str, signature, timestamp, serial_no");
    }

    private static WechatError Refused(WechatCall call, string timestamp, string nonce, string field, string issue)
    {
        // The text that was to be signed, cut short: the hint that the platform gives (wechat-pay-v3.md 1.3).
        var message = Encoding.UTF8.GetString(RsaKey.Message(call.Body, call.Method, call.Target, timestamp, nonce));
        return new WechatError(401, "SIGN_ERROR", "签名错误", new
        {
            Field = field,
            Location = "authorization",
            Detail = new { Issue = issue },
            SignInformation = new
            {
                call.Method,
                Url = call.Target,
                TruncatedSignMessage = message.Length <= 200 ? message : message[..200],
                SignMessageLength = Encoding.UTF8.GetByteCount(message),
            },
        });
    }

    [GeneratedRegex("""\A\s?([a-z_]+)="([^"]*)"\z""")]
    private static partial Regex Pair();
}
