using System.Globalization;
using System.Text;

namespace PayCore.ChannelSimulator;

/// <summary>A body with the platform's signature headers.</summary>
internal sealed record SignedBody(byte[] Body, IReadOnlyDictionary<string, string> Headers);

/// <summary>Signs answers and callbacks (wechat-pay-v3.md 2.1 and 2.2), wrongly when a fault wants it.</summary>
internal sealed class PlatformSigner(TimeProvider time, SimulatorRandom random)
{
    public SignedBody Sign(WechatMerchant merchant, PlatformKey key, byte[] body, string? fault)
    {
        if (fault == FaultKinds.Garbage)
        {
            return new SignedBody(Encoding.UTF8.GetBytes("<html>502 Bad Gate"), new Dictionary<string, string>());
        }

        var at = time.GetUtcNow() - (fault == FaultKinds.OldTimestamp ? TimeSpan.FromMinutes(10) : TimeSpan.Zero);
        var timestamp = at.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        var nonce = random.Text(32);
        var signedBody = fault == FaultKinds.BadSignature ? [.. body, (byte)' '] : body;
        var signature = merchant.Signer(key).Sign(RsaKey.Message(signedBody, timestamp, nonce));
        var headers = new Dictionary<string, string> { ["Request-ID"] = random.Hex(16) + "-0" };
        if (fault != FaultKinds.NotSigned)
        {
            headers["Wechatpay-Timestamp"] = timestamp;
            headers["Wechatpay-Nonce"] = nonce;
            headers["Wechatpay-Signature"] = fault == FaultKinds.ProbeSignature ? "WECHATPAY/SIGNTEST/" + signature[19..] : signature;
            headers["Wechatpay-Serial"] = key.Serial;
            headers["Wechatpay-Signature-Type"] = "WECHATPAY2-SHA256-RSA2048";
        }

        return new SignedBody(fault == FaultKinds.BodyChanged ? Changed(body) : body, headers);
    }

    /// <summary>Still JSON, but not what was signed. An empty body becomes one, so that there is something to change.</summary>
    private static byte[] Changed(byte[] body)
    {
        var text = Encoding.UTF8.GetString(body);
        return Encoding.UTF8.GetBytes(text.EndsWith('}') ? text[..^1] + ",\"changed\":true}" : "{\"changed\":true}");
    }
}
