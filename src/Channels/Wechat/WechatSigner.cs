using System.Text;
using PayCore.Contracts.V1;
using PayCore.ServiceDefaults;

namespace PayCore.Channels.Wechat;

/// <summary>
/// Makes the <c>Authorization</c> header of a request (wechat-pay-v3.md 1.3), and signs what the payer's client is given (3.4). It signs bytes and knows no
/// message: what is given here is what must be sent.
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
        var (timestamp, nonce) = Fresh();
        var signature = account.Sign(Message(method, target, timestamp, nonce, body));
        return $"{Scheme} mchid=\"{account.MchId}\",nonce_str=\"{nonce}\",signature=\"{signature}\",timestamp=\"{timestamp}\",serial_no=\"{account.MerchantSerialNo}\"";
    }

    /// <summary>What the payer's client passes to WeChat unchanged, in the names of its own SDK; signed, so that nobody can change it on the way.</summary>
    /// <param name="account">Whose key signs.</param>
    /// <param name="scene">JSAPI, MINI_PROGRAM or APP.</param>
    /// <param name="prepayId">The platform's token of the order.</param>
    public ClientParameters ClientCall(WechatAccount account, Scene scene, string prepayId)
    {
        var (timestamp, nonce) = Fresh();
        var appId = account.AppIdOf(scene);
        var isApp = scene == Scene.App;
        var package = $"prepay_id={prepayId}";
        var signature = account.Sign(Encoding.UTF8.GetBytes($"{appId}\n{timestamp}\n{nonce}\n{(isApp ? prepayId : package)}\n"));
        var call = new ClientParameters { Values = { ["timeStamp"] = $"{timestamp}", ["nonceStr"] = nonce } };
        if (scene != Scene.MiniProgram)
        {
            call.Values["appId"] = appId;
        }

        call.Values.Add(isApp
            ? new Dictionary<string, string> { ["partnerId"] = account.MchId, ["prepayId"] = prepayId, ["packageValue"] = "Sign=WXPay", ["sign"] = signature }
            : new Dictionary<string, string> { ["package"] = package, ["signType"] = "RSA", ["paySign"] = signature });
        return call;
    }

    /// <summary>Five lines, each ended by one LF, the last one too.</summary>
    internal static byte[] Message(string method, string target, long timestamp, string nonce, ReadOnlySpan<byte> body) =>
        [.. Encoding.UTF8.GetBytes($"{method}\n{target}\n{timestamp}\n{nonce}\n"), .. body, (byte)'\n'];

    private (long Timestamp, string Nonce) Fresh()
    {
        Span<byte> nonce = stackalloc byte[16];
        random.Fill(nonce);
        return (time.GetUtcNow().ToUnixTimeSeconds(), Convert.ToHexString(nonce));
    }
}
