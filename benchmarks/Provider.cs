using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace PayCore.Bench;

/// <summary>
/// WeChat Pay's side: answers each order with one answer that was signed before, so that the provider costs next to nothing, and makes callbacks that are
/// sealed and signed before they are sent.
/// </summary>
internal sealed class Provider : IAsyncDisposable
{
    public const string MchId = "1900000001";
    private const string AppId = "wx0123456789abcdef";
    private const string PublicKeyId = "PUB_KEY_ID_0119000000012026112200000001";
    private const string ApiV3Key = "q7Zk2MvT9xLw4RbN8sYc1HdF6gJp3UaE";
    private static readonly byte[] _answer = """{"code_url":"weixin://wxpay/bizpayurl?pr=bench"}"""u8.ToArray();

    private readonly RSA _platform = RSA.Create(2048);
    private readonly RSA _merchant = RSA.Create(2048);
    private readonly WebApplication _app;
    private SignedHeaders _signed;

    private Provider(WebApplication app)
    {
        _app = app;
        _signed = Sign(_answer);
    }

    public string Url => _app.Urls.Single();

    public static async Task<Provider> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0").ConfigureKestrel(kestrel => kestrel.AddServerHeader = false);
        var provider = new Provider(builder.Build());
        provider._app.Run(provider.AnswerAsync);
        await provider._app.StartAsync();
        return provider;
    }

    /// <summary>The account's document.</summary>
    public JsonObject Document() => new()
    {
        ["mch_id"] = MchId,
        ["app_id"] = AppId,
        ["merchant_serial_no"] = "1DDE55AD98ED71D6EDD4A4A16996DE7B47773A8C",
        ["private_key"] = _merchant.ExportPkcs8PrivateKeyPem(),
        ["api_v3_key"] = ApiV3Key,
        ["public_key_id"] = PublicKeyId,
        ["public_key"] = _platform.ExportSubjectPublicKeyInfoPem(),
        ["base_url"] = Url,
    };

    /// <summary>Signs the answer anew: a signature is good for 5 minutes.</summary>
    public void Renew() => _signed = Sign(_answer);

    /// <summary>The callback that tells of a payment, whole as it goes over the wire.</summary>
    public byte[] Callback(string host, string attemptNo)
    {
        var plain = new JsonObject
        {
            ["appid"] = AppId,
            ["mchid"] = MchId,
            ["out_trade_no"] = attemptNo,
            ["transaction_id"] = $"42{attemptNo[^24..]}",
            ["trade_type"] = "NATIVE",
            ["trade_state"] = "SUCCESS",
            ["success_time"] = DateTimeOffset.UtcNow.ToString("yyyy-MM-ddTHH:mm:sszzz", System.Globalization.CultureInfo.InvariantCulture),
            ["payer"] = new JsonObject { ["openid"] = "oBench" },
            ["amount"] = new JsonObject { ["total"] = 1299, ["payer_total"] = 1299, ["currency"] = "CNY", ["payer_currency"] = "CNY" },
        };
        var body = Encoding.UTF8.GetBytes(new JsonObject
        {
            ["id"] = $"EV-{attemptNo}",
            ["create_time"] = "2026-11-22T10:00:00+08:00",
            ["resource_type"] = "encrypt-resource",
            ["event_type"] = "TRANSACTION.SUCCESS",
            ["summary"] = "paid",
            ["resource"] = Seal(plain.ToJsonString()),
        }.ToJsonString());
        var signed = Sign(body);
        return RawHttp.Request("POST", $"/callback/wechat/{MchId}", host, body,
        [
            ("Wechatpay-Timestamp", signed.Timestamp), ("Wechatpay-Nonce", signed.Nonce), ("Wechatpay-Signature", signed.Signature),
            ("Wechatpay-Serial", PublicKeyId), ("Wechatpay-Signature-Type", "WECHATPAY2-SHA256-RSA2048"),
        ]);
    }

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        _platform.Dispose();
        _merchant.Dispose();
    }

    private async Task AnswerAsync(HttpContext http)
    {
        await http.Request.Body.CopyToAsync(Stream.Null);
        var signed = _signed;
        var headers = http.Response.Headers;
        headers["Wechatpay-Timestamp"] = signed.Timestamp;
        headers["Wechatpay-Nonce"] = signed.Nonce;
        headers["Wechatpay-Signature"] = signed.Signature;
        headers["Wechatpay-Serial"] = PublicKeyId;
        headers.ContentType = "application/json";
        headers.ContentLength = _answer.Length;
        http.Response.StatusCode = (int)HttpStatusCode.OK;
        await http.Response.Body.WriteAsync(_answer);
    }

    private SignedHeaders Sign(byte[] body)
    {
        var timestamp = $"{DateTimeOffset.UtcNow.ToUnixTimeSeconds()}";
        const string Nonce = "EcF8kSs9zv0fWbXIjXqE3tZyC6n2qIlK";
        byte[] message = [.. Encoding.ASCII.GetBytes($"{timestamp}\n{Nonce}\n"), .. body, (byte)'\n'];
        return new SignedHeaders(timestamp, Nonce, Convert.ToBase64String(_platform.SignData(message, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1)));
    }

    private static JsonObject Seal(string text)
    {
        const string Nonce = "fdasflkja484";
        var plain = Encoding.UTF8.GetBytes(text);
        var data = new byte[plain.Length];
        var tag = new byte[16];
        using var aes = new AesGcm(Encoding.ASCII.GetBytes(ApiV3Key), tag.Length);
        aes.Encrypt(Encoding.ASCII.GetBytes(Nonce), plain, data, tag, "transaction"u8);
        return new JsonObject
        {
            ["algorithm"] = "AEAD_AES_256_GCM",
            ["nonce"] = Nonce,
            ["associated_data"] = "transaction",
            ["original_type"] = "transaction",
            ["ciphertext"] = Convert.ToBase64String([.. data, .. tag]),
        };
    }

    private sealed record SignedHeaders(string Timestamp, string Nonce, string Signature);
}
