using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;

namespace PayCore.ChannelSimulator.Tests;

/// <summary>A merchant's client, written from the specification alone: it shares nothing with the product's.</summary>
internal sealed class SigningClient(Uri address, RSA merchantKey, RegisteredWechatMerchant registered, TimeProvider time) : IDisposable
{
    private readonly HttpClient _http = new(new SocketsHttpHandler { UseProxy = false }) { BaseAddress = address };

    /// <summary>The plain client, for what is not signed.</summary>
    public HttpClient Http => _http;

    public static JsonObject OrderBody(string number = "ORDER00001") => new()
    {
        ["appid"] = SimulatorHost.AppId,
        ["mchid"] = SimulatorHost.MchId,
        ["description"] = "一杯茶",
        ["out_trade_no"] = number,
        ["notify_url"] = "http://127.0.0.1:9/hook",
        ["amount"] = new JsonObject { ["total"] = 1234, ["currency"] = "CNY" },
    };

    public Task<Answer> PlaceAsync(JsonNode body) => PostAsync("/v3/pay/transactions/native", body.ToJsonString());

    public Task<Answer> PlaceAsync(string number = "ORDER00001", Uri? notify = null)
    {
        var body = OrderBody(number);
        if (notify is not null)
        {
            body["notify_url"] = notify.ToString();
        }

        return PlaceAsync(body);
    }

    public Task<Answer> QueryAsync(string number = "ORDER00001", CancellationToken cancellation = default) =>
        SendAsync(Make(HttpMethod.Get, $"/v3/pay/transactions/out-trade-no/{number}?mchid={SimulatorHost.MchId}", ""), cancellation);

    public Task<Answer> CloseAsync(string number = "ORDER00001") =>
        PostAsync($"/v3/pay/transactions/out-trade-no/{number}/close", $$"""{"mchid":"{{SimulatorHost.MchId}}"}""");

    public Task<Answer> GetAsync(string target) => SendAsync(Make(HttpMethod.Get, target, ""));

    public Task<Answer> PostAsync(string target, string body) => SendAsync(Make(HttpMethod.Post, target, body));

    /// <summary>A signed request. <paramref name="change"/> alters what is put in the header, or what is signed.</summary>
    public HttpRequestMessage Make(HttpMethod method, string target, string body, Action<Parts>? change = null)
    {
        var request = new HttpRequestMessage(method, new Uri(target, UriKind.Relative));
        var parts = new Parts
        {
            Timestamp = time.GetUtcNow().ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture),
            SignedTarget = new Uri(address, target).PathAndQuery,
            SignedBody = body,
        };
        change?.Invoke(parts);
        var message = string.Join(parts.NewLine, method.Method, parts.SignedTarget, parts.Timestamp, parts.Nonce, parts.SignedBody, "");
        var signature = merchantKey.SignData(Encoding.UTF8.GetBytes(message), HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        request.Headers.TryAddWithoutValidation(
            "Authorization",
            $"{parts.Scheme} mchid=\"{parts.MchId}\",nonce_str=\"{parts.Nonce}\",signature=\"{Convert.ToBase64String(signature)}\","
            + $"timestamp=\"{parts.Timestamp}\",serial_no=\"{parts.SerialNo}\"");
        request.Headers.TryAddWithoutValidation("Accept", "application/json");
        request.Headers.TryAddWithoutValidation("User-Agent", "test/1");
        request.Headers.TryAddWithoutValidation("Wechatpay-Serial", registered.PublicKeyId);
        if (body.Length > 0)
        {
            request.Content = new StringContent(body, Encoding.UTF8, "application/json");
        }

        return request;
    }

    public async Task<Answer> SendAsync(HttpRequestMessage request, CancellationToken cancellation = default)
    {
        using var response = await _http.SendAsync(request, cancellation);
        var body = await response.Content.ReadAsByteArrayAsync(cancellation);
        var headers = response.Headers.ToDictionary(h => h.Key, h => h.Value.Single(), StringComparer.OrdinalIgnoreCase);
        return new Answer(response.StatusCode, headers, body, PlatformCheck.Verify(headers, body, registered, time));
    }

    public void Dispose()
    {
        _http.Dispose();
        merchantKey.Dispose();
    }

    public sealed class Parts
    {
        public string Scheme { get; set; } = "WECHATPAY2-SHA256-RSA2048";

        public string MchId { get; set; } = SimulatorHost.MchId;

        public string SerialNo { get; set; } = SimulatorHost.MerchantSerialNo;

        public string Nonce { get; set; } = "593BEC0C930BF1AFEB40B4A08C8FB242";

        public string NewLine { get; set; } = "\n";

        public required string Timestamp { get; set; }

        public required string SignedTarget { get; set; }

        public required string SignedBody { get; set; }
    }
}

/// <summary>An answer and whether a merchant could believe it.</summary>
internal sealed record Answer(HttpStatusCode Status, IReadOnlyDictionary<string, string> Headers, byte[] Body, string? Distrust)
{
    public string Text => Encoding.UTF8.GetString(Body);

    public JsonNode Json => JsonNode.Parse(Body)!;

    public string? Code => (string?)Json["code"];
}

/// <summary>The merchant's check of what the platform signed (wechat-pay-v3.md 2.2).</summary>
internal static class PlatformCheck
{
    /// <returns>null when it can be believed, otherwise the first step that failed.</returns>
    public static string? Verify(IReadOnlyDictionary<string, string> headers, byte[] body, RegisteredWechatMerchant registered, TimeProvider time)
    {
        string[] names = ["Wechatpay-Timestamp", "Wechatpay-Nonce", "Wechatpay-Signature", "Wechatpay-Serial"];
        if (!names.All(headers.ContainsKey))
        {
            return "headers";
        }

        if (Math.Abs(time.GetUtcNow().ToUnixTimeSeconds() - long.Parse(headers[names[0]], CultureInfo.InvariantCulture)) >= 300)
        {
            return "clock";
        }

        if (headers[names[3]] != registered.PublicKeyId)
        {
            return "serial";
        }

        using var key = RSA.Create();
        key.ImportFromPem(registered.PublicKeyPem);
        byte[] message = [.. Encoding.UTF8.GetBytes($"{headers[names[0]]}\n{headers[names[1]]}\n"), .. body, (byte)'\n'];
        return key.VerifyData(message, Convert.FromBase64String(headers[names[2]]), HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1)
            ? null
            : "signature";
    }
}
