using System.Text;
using PayCore.ServiceDefaults;

namespace PayCore.Channels.Wechat;

/// <summary>
/// Makes the <c>Authorization</c> header of a request (wechat-pay-v3.md 1.3). It signs bytes and knows no message: what is given here is what must be sent.
/// </summary>
internal sealed class WechatSigner(RandomSource random, TimeProvider time)
{
    private const string Scheme = "WECHATPAY2-SHA256-RSA2048";

    /// <summary>The header's value, with a fresh nonce and timestamp.</summary>
    /// <param name="account">Whose key signs.</param>
    /// <param name="method">Upper case.</param>
    /// <param name="target">Path and query exactly as they leave.</param>
    /// <param name="body">The exact bytes sent; empty when there is no body.</param>
    public string Authorize(WechatAccount account, string method, string target, ReadOnlySpan<byte> body)
    {
        Span<byte> nonceBytes = stackalloc byte[16];
        random.Fill(nonceBytes);
        var nonce = Convert.ToHexString(nonceBytes);
        var timestamp = time.GetUtcNow().ToUnixTimeSeconds();
        var signature = account.Sign(Message(method, target, timestamp, nonce, body));
        return $"{Scheme} mchid=\"{account.MchId}\",nonce_str=\"{nonce}\",signature=\"{signature}\",timestamp=\"{timestamp}\",serial_no=\"{account.MerchantSerialNo}\"";
    }

    /// <summary>Five lines, each ended by one LF, the last one too.</summary>
    internal static byte[] Message(string method, string target, long timestamp, string nonce, ReadOnlySpan<byte> body) =>
        [.. Encoding.UTF8.GetBytes($"{method}\n{target}\n{timestamp}\n{nonce}\n"), .. body, (byte)'\n'];
}
