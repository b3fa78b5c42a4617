using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;

namespace PayCore.ChannelSimulator;

/// <summary>What the provider puts on the wire towards one merchant: signed answers and error answers (wechat-pay-v3.md 2, 10).</summary>
internal sealed class WechatWire(SimulatorRandom random, TimeProvider time)
{
    private static readonly JsonSerializerOptions _json = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The JSON bytes of a node.</summary>
    public static byte[] Bytes(JsonNode node) => JsonSerializer.SerializeToUtf8Bytes(node, _json);

    /// <summary>The four signature headers over a body; a fault makes them wrong.</summary>
    public Dictionary<string, string> Sign(WechatMerchant merchant, byte[] body, string? faultKind)
    {
        var timestamp = time.GetUtcNow().ToUnixTimeSeconds() - (faultKind == "old_timestamp" ? 301 : 0);
        var nonce = random.Text(32);
        byte[] message = [.. Encoding.ASCII.GetBytes($"{timestamp}\n{nonce}\n"), .. body, (byte)'\n'];
        if (faultKind == "body_changed")
        {
            message[^2] ^= 1;
        }

        var signature = merchant.Sign(message);
        signature = faultKind switch
        {
            "bad_signature" => Convert.ToBase64String(Convert.FromBase64String(signature).Reverse().ToArray()),
            // A probe: the first characters of a good signature are replaced (2.3).
            "probe_signature" => "WECHATPAY/SIGNTEST/" + signature["WECHATPAY/SIGNTEST/".Length..],
            _ => signature,
        };
        return new Dictionary<string, string>
        {
            ["Wechatpay-Timestamp"] = $"{timestamp}",
            ["Wechatpay-Nonce"] = nonce,
            ["Wechatpay-Signature"] = signature,
            ["Wechatpay-Serial"] = merchant.PublicKeyId,
            ["Wechatpay-Signature-Type"] = "WECHATPAY2-SHA256-RSA2048",
        };
    }

    /// <summary>A 200 or 204, signed unless a fault says otherwise.</summary>
    public async Task SucceedAsync(HttpContext http, WechatMerchant merchant, int status, byte[] body, string? faultKind)
    {
        // A 204 may have no body, so garbage comes as a 200, as from something in between.
        Head(http, faultKind == "garbage" ? 200 : status);
        if (faultKind == "garbage")
        {
            body = Encoding.ASCII.GetBytes("<html>upstream \0 fault</html>");
        }
        else if (faultKind != "unsigned")
        {
            foreach (var (name, value) in Sign(merchant, body, faultKind))
            {
                http.Response.Headers[name] = value;
            }
        }

        if (body.Length > 0)
        {
            http.Response.ContentType = "application/json; charset=utf-8";
            http.Response.ContentLength = body.Length;
            await http.Response.Body.WriteAsync(body);
        }
    }

    /// <summary>An error answer, unsigned as the platform's 401s and gateway errors are.</summary>
    public async Task FailAsync(HttpContext http, int status, string code, string message, JsonNode? detail = null)
    {
        Head(http, status);
        var body = new JsonObject { ["code"] = code, ["message"] = message };
        if (detail is not null)
        {
            body["detail"] = detail;
        }

        http.Response.ContentType = "application/json; charset=utf-8";
        await http.Response.Body.WriteAsync(Bytes(body));
    }

    private void Head(HttpContext http, int status)
    {
        http.Response.StatusCode = status;
        http.Response.Headers["Request-ID"] = $"{random.Text(28)}-{(status < 300 ? 0 : 268435456)}";
    }
}
