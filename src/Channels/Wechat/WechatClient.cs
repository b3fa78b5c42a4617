using System.Diagnostics;
using System.Net.Http.Headers;
using System.Text;
using Microsoft.Extensions.Logging;
using PayCore.ServiceDefaults;

namespace PayCore.Channels.Wechat;

/// <summary>What came back from a call. A 2xx is here only when its signature verified over the raw bytes.</summary>
/// <param name="Kind">How far it got.</param>
/// <param name="Status">The HTTP status, 0 when there was none.</param>
/// <param name="Body">The raw body.</param>
/// <param name="RequestId">The platform's support id.</param>
/// <param name="Problem">For a person, when it is not an answer.</param>
internal sealed record WechatResponse(WechatResponseKind Kind, int Status, byte[] Body, string RequestId, string Problem = "");

/// <summary>How far a call got.</summary>
internal enum WechatResponseKind
{
    /// <summary>A 2xx that the platform signed, or a refusal (which it does not always sign).</summary>
    Answer,

    /// <summary>Nothing left this machine.</summary>
    NothingSent,

    /// <summary>Sent, and no usable answer: timeout, broken connection, a 2xx that does not verify.</summary>
    Unusable,
}

/// <summary>Signs, sends once, verifies. Serialises nothing itself: the bytes that are signed are the bytes that are sent.</summary>
internal sealed class WechatClient(IHttpClientFactory clients, RandomSource random, TimeProvider time, ILogger<WechatClient> log)
{
    /// <summary>The name of its HTTP client.</summary>
    public const string HttpName = "channel-wechat";

    private const int AnswerBytesMax = 1024 * 1024;
    private static readonly TimeSpan _timeout = TimeSpan.FromSeconds(6);
    private static readonly ActivitySource _traces = new("PayCore.Channels.Wechat");

    /// <summary>Makes one call.</summary>
    public async Task<WechatResponse> SendAsync(
        WechatAccount account, HttpMethod method, string pathAndQuery, byte[]? body, CancellationToken cancellation)
    {
        using var activity = _traces.StartActivity("wechat.call", ActivityKind.Client);
        using var limit = new CancellationTokenSource(_timeout, time);
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellation);
        using var request = new HttpRequestMessage(method, new Uri(account.BaseUrl, pathAndQuery));
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("application/json"));
        request.Headers.TryAddWithoutValidation("User-Agent", "PayCore/0.1");
        // Which key is to sign the answer; without it a migrating account would get the certificate's signature (2.4).
        request.Headers.TryAddWithoutValidation("Wechatpay-Serial", account.PublicKeyId);
        // What is signed is what really leaves (1.3, edge case 2).
        request.Headers.TryAddWithoutValidation("Authorization", Authorize(account, method.Method, request.RequestUri!.PathAndQuery, body));
        if (body is not null)
        {
            request.Content = new ByteArrayContent(body) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } };
        }

        WechatResponse response;
        try
        {
            response = await SendAsync(account, request, ended.Token);
        }
        catch (HttpRequestException e) when (e.HttpRequestError is HttpRequestError.ConnectionError or HttpRequestError.NameResolutionError
            or HttpRequestError.SecureConnectionError or HttpRequestError.ProxyTunnelError)
        {
            response = new WechatResponse(WechatResponseKind.NothingSent, 0, [], "", $"no connection: {e.HttpRequestError}");
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            response = new WechatResponse(WechatResponseKind.Unusable, 0, [], "", "the connection broke");
        }
        catch (OperationCanceledException)
        {
            response = new WechatResponse(WechatResponseKind.Unusable, 0, [], "", "no answer in time");
        }

        log.LogInformation(
            "WeChat Pay {Method} {Path} for {MchId}: {Kind} {Status}, Request-ID {RequestId} {Problem}",
            method, request.RequestUri.AbsolutePath, account.MchId, response.Kind, response.Status, response.RequestId, response.Problem);
        return response;
    }

    private async Task<WechatResponse> SendAsync(WechatAccount account, HttpRequestMessage request, CancellationToken cancellation)
    {
        using var client = clients.CreateClient(HttpName);
        using var answer = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellation);
        var requestId = Single(answer.Headers, "Request-ID") ?? "";
        var status = (int)answer.StatusCode;

        await using var stream = await answer.Content.ReadAsStreamAsync(cancellation);
        var buffer = new byte[AnswerBytesMax + 1];
        var length = await stream.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, cancellation);
        if (length > AnswerBytesMax)
        {
            return new WechatResponse(WechatResponseKind.Unusable, status, [], requestId, "the answer is too large");
        }

        var body = buffer.AsSpan(0, length).ToArray();
        if (status is < 200 or >= 300)
        {
            // 401 and gateway errors are not signed, so no signature is asked for; nothing is ever paid because of one (2.2).
            return new WechatResponse(WechatResponseKind.Answer, status, body, requestId);
        }

        var headers = new WechatSignatureHeaders(
            Single(answer.Headers, "Wechatpay-Timestamp"), Single(answer.Headers, "Wechatpay-Nonce"), Single(answer.Headers, "Wechatpay-Signature"),
            Single(answer.Headers, "Wechatpay-Serial"), Single(answer.Headers, "Wechatpay-Signature-Type"));
        var refusal = account.Keys.Refuse(headers, body, time.GetUtcNow());
        return refusal is null
            ? new WechatResponse(WechatResponseKind.Answer, status, body, requestId)
            : new WechatResponse(WechatResponseKind.Unusable, status, [], requestId, $"the answer is taken as forged: {refusal}");
    }

    /// <summary>The Authorization header (1.3).</summary>
    private string Authorize(WechatAccount account, string method, string target, byte[]? body)
    {
        Span<byte> random16 = stackalloc byte[16];
        random.Fill(random16);
        var nonce = Convert.ToHexString(random16);
        var timestamp = time.GetUtcNow().ToUnixTimeSeconds();
        var signature = account.Sign([.. Encoding.UTF8.GetBytes($"{method}\n{target}\n{timestamp}\n{nonce}\n"), .. body ?? [], (byte)'\n']);
        return $"WECHATPAY2-SHA256-RSA2048 mchid=\"{account.MchId}\",nonce_str=\"{nonce}\",signature=\"{signature}\",timestamp=\"{timestamp}\",serial_no=\"{account.MerchantSerialNo}\"";
    }

    private static string? Single(HttpResponseHeaders headers, string name) =>
        headers.TryGetValues(name, out var values) && values.ToList() is [var value] ? value : null;
}
