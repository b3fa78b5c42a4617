using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json.Nodes;

namespace PayCore.ChannelSimulator.Tests;

/// <summary>A merchant's client, written from the specification alone: it shares nothing with the product's.</summary>
internal sealed class SigningClient(Uri address, RSA merchantKey, RegisteredWechatMerchant registered, TimeProvider time) : IDisposable
{
    private readonly HttpClient _http = new(new SocketsHttpHandler { UseProxy = false }) { BaseAddress = address };

    /// <summary>The plain client, for what is not signed.</summary>
    public HttpClient Http => _http;

    /// <summary>The platform's keys by serial, PEM of the public halves.</summary>
    public Dictionary<string, string> Trusted { get; } = new() { [registered.PublicKeyId] = registered.PublicKeyPem };

    /// <summary>The key that requests name; null for none.</summary>
    public string? NamedKey { get; set; } = registered.PublicKeyId;

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

    public static JsonObject RefundBody(string refund = "REFUND1", string order = "ORDER00001", long amount = 100, Uri? notify = null)
    {
        var body = new JsonObject
        {
            ["out_trade_no"] = order,
            ["out_refund_no"] = refund,
            ["amount"] = new JsonObject { ["refund"] = amount, ["total"] = 1234, ["currency"] = "CNY" },
        };
        if (notify is not null)
        {
            body["notify_url"] = notify.ToString();
        }

        return body;
    }

    public Task<Answer> RefundAsync(JsonNode body) => PostAsync("/v3/refund/domestic/refunds", body.ToJsonString());

    public Task<Answer> QueryRefundAsync(string number = "REFUND1") => GetAsync("/v3/refund/domestic/refunds/" + Uri.EscapeDataString(number));

    public static JsonObject TransferBody(string number = "TRANSFER1", long amount = 500, Uri? notify = null)
    {
        var body = new JsonObject
        {
            ["appid"] = SimulatorHost.AppId,
            ["out_bill_no"] = number,
            ["transfer_scene_id"] = "1000",
            ["openid"] = "oPayee",
            ["transfer_amount"] = amount,
            ["transfer_remark"] = "奖金",
            ["transfer_scene_report_infos"] = new JsonArray(
                new JsonObject { ["info_type"] = "活动名称", ["info_content"] = "新会员" }, new JsonObject { ["info_type"] = "奖励说明", ["info_content"] = "红包" }),
        };
        if (notify is not null)
        {
            body["notify_url"] = notify.ToString();
        }

        return body;
    }

    public Task<Answer> TransferAsync(JsonNode body) => PostAsync("/v3/fund-app/mch-transfer/transfer-bills", body.ToJsonString());

    public Task<Answer> QueryTransferAsync(string number = "TRANSFER1") => GetAsync("/v3/fund-app/mch-transfer/transfer-bills/out-bill-no/" + number);

    public Task<Answer> CancelTransferAsync(string number = "TRANSFER1") =>
        PostAsync($"/v3/fund-app/mch-transfer/transfer-bills/out-bill-no/{number}/cancel", "");

    /// <summary>Places and pays an order of 1234 fen.</summary>
    public async Task PayAsync(SimulatorHost host, string number = "ORDER00001")
    {
        await PlaceAsync(number);
        await host.Ledger.PayAsync(SimulatorHost.MchId, number);
    }

    /// <summary>A signature of the merchant's over lines, for calls on the client's side (wechat-pay-v3.md 3.4).</summary>
    public string Sign(params string[] lines) => Convert.ToBase64String(merchantKey.SignData(
        Encoding.UTF8.GetBytes(string.Concat(lines.Select(l => l + "\n"))), HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1));

    /// <summary>A text for the platform's eyes (wechat-pay-v3.md 9).</summary>
    public string Encrypt(string text)
    {
        using var key = RSA.Create();
        key.ImportFromPem(Trusted[NamedKey!]);
        return Convert.ToBase64String(key.Encrypt(Encoding.UTF8.GetBytes(text), RSAEncryptionPadding.OaepSHA1));
    }

    public string Decrypt(string ciphertext) => Encoding.UTF8.GetString(merchantKey.Decrypt(Convert.FromBase64String(ciphertext), RSAEncryptionPadding.OaepSHA1));

    /// <summary>Downloads the platform's certificates and trusts them, and no others, beside the public key (wechat-pay-v3.md 2.5).</summary>
    public async Task<(Answer Answer, IReadOnlyList<X509Certificate2> Certificates)> DownloadCertificatesAsync()
    {
        var answer = await GetAsync("/v3/certificates");
        List<X509Certificate2> certificates = [];
        Trusted.Keys.Except([registered.PublicKeyId]).ToList().ForEach(serial => Trusted.Remove(serial));
        foreach (var entry in answer.Json["data"]!.AsArray())
        {
            var certificate = X509Certificate2.CreateFromPem(Encoding.UTF8.GetString(SealedContent.Open(entry!["encrypt_certificate"]!)));
            certificate.SerialNumber.Should().Be((string)entry["serial_no"]!);
            certificates.Add(certificate);
            Trusted[certificate.SerialNumber] = certificate.GetRSAPublicKey()!.ExportSubjectPublicKeyInfoPem();
        }

        // A hen and its egg: the list is signed by what it brings.
        return (answer with { Distrust = PlatformCheck.Verify(answer.Headers, answer.Body, Trusted, time) }, certificates);
    }

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
        if (NamedKey is not null)
        {
            request.Headers.TryAddWithoutValidation("Wechatpay-Serial", NamedKey);
        }

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
        return new Answer(response.StatusCode, headers, body, PlatformCheck.Verify(headers, body, Trusted, time));
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
    public static string? Verify(IReadOnlyDictionary<string, string> headers, byte[] body, IReadOnlyDictionary<string, string> trusted, TimeProvider time)
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

        if (!trusted.TryGetValue(headers[names[3]], out var pem))
        {
            return "serial";
        }

        using var key = RSA.Create();
        key.ImportFromPem(pem);
        byte[] message = [.. Encoding.UTF8.GetBytes($"{headers[names[0]]}\n{headers[names[1]]}\n"), .. body, (byte)'\n'];
        return key.VerifyData(message, Convert.FromBase64String(headers[names[2]]), HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1)
            ? null
            : "signature";
    }
}

/// <summary>What the platform seals with the APIv3 key (wechat-pay-v3.md 5.3).</summary>
internal static class SealedContent
{
    /// <summary>Opens it; throws when it was sealed with another key.</summary>
    public static byte[] Open(JsonNode content)
    {
        var raw = Convert.FromBase64String((string)content["ciphertext"]!);
        var plain = new byte[raw.Length - 16];
        using var aes = new AesGcm(Encoding.UTF8.GetBytes(SimulatorHost.ApiV3Key), 16);
        aes.Decrypt(
            Encoding.UTF8.GetBytes((string)content["nonce"]!), raw.AsSpan(0, plain.Length), raw.AsSpan(plain.Length), plain,
            Encoding.UTF8.GetBytes((string)content["associated_data"]!));
        return plain;
    }
}
