using System.Diagnostics;
using System.Net.Http.Headers;
using Microsoft.Extensions.Logging;

namespace PayCore.Channels.Wechat;

/// <summary>How far a call got.</summary>
internal enum WechatReach
{
    /// <summary>Nothing left this machine.</summary>
    NothingSent,

    /// <summary>Sent, and no whole answer: timeout, broken connection, too large.</summary>
    NoAnswer,

    /// <summary>A whole answer; nothing is verified yet.</summary>
    Answered,
}

/// <summary>What one HTTP exchange brought, raw.</summary>
/// <param name="Reach">How far it got.</param>
/// <param name="Status">The HTTP status, 0 when there was none.</param>
/// <param name="Headers">The answer's signature headers.</param>
/// <param name="Body">Its raw body.</param>
/// <param name="RequestId">The platform's support id, or empty.</param>
/// <param name="Problem">For a person, when there is no answer.</param>
/// <param name="Date">The answer's HTTP date: the platform's clock in whole seconds, not proven.</param>
internal sealed record WechatExchange(
    WechatReach Reach, int Status, WechatSignatureHeaders Headers, byte[] Body, string RequestId, string Problem, DateTimeOffset? Date = null);

/// <summary>
/// One HTTP exchange with the platform: signs, sends once, reads at most 1 MB, or what a caller who expects a file allows. No retry, no redirect. Serialises
/// nothing: the bytes that are signed are the bytes that are sent (wechat-pay-v3.md 1.3, edge case 3).
/// </summary>
internal sealed class WechatWire(IHttpClientFactory clients, WechatSigner signer, ILogger<WechatWire> log)
{
    /// <summary>The name of its HTTP client.</summary>
    public const string HttpName = "channel-wechat";

    private const int MegaByte = 1024 * 1024;
    private const int RequestIdCharsMax = 128;
    private static readonly ActivitySource _traces = new("PayCore.Channels.Wechat");
    private static readonly WechatSignatureHeaders _unsigned = new(null, null, null, null, null);

    /// <summary>Makes the exchange. The token is its limit; there is no other.</summary>
    /// <param name="account">Whose.</param>
    /// <param name="method">The HTTP method.</param>
    /// <param name="pathAndQuery">Percent-encoded.</param>
    /// <param name="body">The exact bytes, or null.</param>
    /// <param name="limit">Ends it.</param>
    /// <param name="sealedFor">Serial of the platform's key for which the body holds an encrypted field.</param>
    /// <param name="megaBytesMax">How large an answer may be.</param>
    public async Task<WechatExchange> ExchangeAsync(
        WechatAccount account, HttpMethod method, string pathAndQuery, byte[]? body, CancellationToken limit, string? sealedFor = null, int megaBytesMax = 1)
    {
        using var activity = _traces.StartActivity("wechat.call", ActivityKind.Client);
        using var request = new HttpRequestMessage(method, new Uri(account.BaseUrl, pathAndQuery));
        // What is signed is what really leaves, percent-encoding included (1.3, edge case 2).
        var authorization = signer.Authorize(account, method.Method, request.RequestUri!.PathAndQuery, body);
        request.Headers.TryAddWithoutValidation("Authorization", authorization);
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("application/json"));
        request.Headers.TryAddWithoutValidation("User-Agent", "PayCore/0.1");
        if ((sealedFor ?? account.PublicKeyId) is { } serial)
        {
            // Which key is to sign the answer; without it a migrating merchant would get the certificate's signature (2.4). And which key opens the fields (9).
            request.Headers.TryAddWithoutValidation("Wechatpay-Serial", serial);
        }

        if (body is not null)
        {
            request.Content = new ByteArrayContent(body) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } };
        }

        WechatExchange exchange;
        try
        {
            exchange = await ExchangeAsync(request, megaBytesMax, limit);
        }
        catch (HttpRequestException e) when (e.HttpRequestError is HttpRequestError.ConnectionError or HttpRequestError.NameResolutionError
            or HttpRequestError.SecureConnectionError)
        {
            exchange = None(WechatReach.NothingSent, $"no connection ({e.HttpRequestError})");
        }
        catch (OperationCanceledException e) when (e.InnerException is TimeoutException && !limit.IsCancellationRequested)
        {
            // SocketsHttpHandler tells of its ConnectTimeout in this way; the client has no timeout of its own.
            exchange = None(WechatReach.NothingSent, "no connection in time");
        }
        catch (OperationCanceledException)
        {
            exchange = None(WechatReach.NoAnswer, "no answer in time");
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            exchange = None(WechatReach.NoAnswer, "the connection broke");
        }

        activity?.SetTag("http.request.method", method.Method);
        activity?.SetTag("http.response.status_code", exchange.Status);
        activity?.SetTag("wechat.request_id", exchange.RequestId);
        activity?.SetStatus(exchange.Reach == WechatReach.Answered ? ActivityStatusCode.Unset : ActivityStatusCode.Error, exchange.Problem);
        log.LogInformation(
            "WeChat Pay {Method} {Path} for account {Account}: {Reach}, status {Status}, Request-ID {RequestId} {Problem}",
            method, request.RequestUri.AbsolutePath, account.Name, exchange.Reach, exchange.Status, exchange.RequestId, exchange.Problem);
        return exchange;
    }

    private async Task<WechatExchange> ExchangeAsync(HttpRequestMessage request, int megaBytesMax, CancellationToken limit)
    {
        using var client = clients.CreateClient(HttpName);
        using var answer = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, limit);
        var headers = WechatSignatureHeaders.Read(name => answer.Headers.TryGetValues(name, out var values) ? [.. values] : []);
        var requestId = answer.Headers.TryGetValues("Request-ID", out var ids) ? PlainText.Clip(ids.First(), RequestIdCharsMax) : "";

        await using var stream = await answer.Content.ReadAsStreamAsync(limit);
        using var body = new MemoryStream();
        var chunk = new byte[16 * 1024];
        int length;
        while ((length = await stream.ReadAsync(chunk, limit)) > 0)
        {
            if (body.Length + length > megaBytesMax * (long)MegaByte)
            {
                return new WechatExchange(WechatReach.NoAnswer, (int)answer.StatusCode, headers, [], requestId, $"the answer is larger than {megaBytesMax} MB", answer.Headers.Date);
            }

            body.Write(chunk, 0, length);
        }

        return new WechatExchange(WechatReach.Answered, (int)answer.StatusCode, headers, body.ToArray(), requestId, "", answer.Headers.Date);
    }

    private static WechatExchange None(WechatReach reach, string problem) => new(reach, 0, _unsigned, [], "", problem);
}
