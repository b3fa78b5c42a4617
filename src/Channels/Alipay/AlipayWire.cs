using System.Diagnostics;
using System.Net.Http.Headers;
using System.Text;
using Microsoft.Extensions.Logging;

namespace PayCore.Channels.Alipay;

/// <summary>How far a call got.</summary>
internal enum AlipayReach
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
/// <param name="Body">The raw body.</param>
/// <param name="TraceId">The platform's support id, or empty.</param>
/// <param name="Date">The platform's clock when it answered; null when it did not say.</param>
/// <param name="Problem">For a person, when there is no answer.</param>
internal sealed record AlipayExchange(AlipayReach Reach, int Status, byte[] Body, string TraceId, DateTimeOffset? Date, string Problem);

/// <summary>One HTTP exchange with the platform: sends a signed request once, reads at most 1 MB. No retry, no redirect. Logs no parameter: one of them is the signature.</summary>
internal sealed class AlipayWire(IHttpClientFactory clients, ILogger<AlipayWire> log)
{
    /// <summary>The name of its HTTP client.</summary>
    public const string HttpName = "channel-alipay";

    private const int AnswerBytesMax = 1024 * 1024;
    private const int TraceIdCharsMax = 128;
    private static readonly ActivitySource _traces = new("PayCore.Channels.Alipay");

    /// <summary>Makes the exchange. The token is its limit; there is no other.</summary>
    public async Task<AlipayExchange> ExchangeAsync(AlipayAccount account, string method, SignedRequest signed, CancellationToken limit)
    {
        using var activity = _traces.StartActivity("alipay.call", ActivityKind.Client);
        using var request = new HttpRequestMessage(HttpMethod.Post, signed.PostAddress);
        request.Headers.TryAddWithoutValidation("User-Agent", "PayCore/0.1");
        request.Content = new ByteArrayContent(Encoding.ASCII.GetBytes(signed.PostBody))
        {
            Headers = { ContentType = MediaTypeHeaderValue.Parse("application/x-www-form-urlencoded;charset=utf-8") },
        };

        AlipayExchange exchange;
        try
        {
            exchange = await ExchangeAsync(request, limit);
        }
        catch (HttpRequestException e) when (e.HttpRequestError is HttpRequestError.ConnectionError or HttpRequestError.NameResolutionError
            or HttpRequestError.SecureConnectionError)
        {
            exchange = None(AlipayReach.NothingSent, $"no connection ({e.HttpRequestError})");
        }
        catch (HttpRequestException e) when (e.HttpRequestError == HttpRequestError.ConfigurationLimitExceeded)
        {
            exchange = None(AlipayReach.NoAnswer, "the answer is larger than 1 MB");
        }
        catch (OperationCanceledException e) when (e.InnerException is TimeoutException && !limit.IsCancellationRequested)
        {
            // SocketsHttpHandler tells of its ConnectTimeout in this way; the client has no timeout of its own.
            exchange = None(AlipayReach.NothingSent, "no connection in time");
        }
        catch (OperationCanceledException)
        {
            exchange = None(AlipayReach.NoAnswer, "no answer in time");
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            exchange = None(AlipayReach.NoAnswer, "the connection broke");
        }

        activity?.SetTag("alipay.method", method);
        activity?.SetTag("http.response.status_code", exchange.Status);
        activity?.SetTag("alipay.trace_id", exchange.TraceId);
        activity?.SetStatus(exchange.Reach == AlipayReach.Answered ? ActivityStatusCode.Unset : ActivityStatusCode.Error, exchange.Problem);
        log.LogInformation(
            "Alipay {Method} for account {Account}: {Reach}, status {Status}, trace_id {TraceId} {Problem}",
            method, account.Name, exchange.Reach, exchange.Status, exchange.TraceId, exchange.Problem);
        return exchange;
    }

    private async Task<AlipayExchange> ExchangeAsync(HttpRequestMessage request, CancellationToken limit)
    {
        using var client = clients.CreateClient(HttpName);
        using var answer = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, limit);
        await answer.Content.LoadIntoBufferAsync(AnswerBytesMax, limit);
        var traceId = answer.Headers.TryGetValues("trace_id", out var ids) ? PlainText.Clip(ids.First(), TraceIdCharsMax) : "";
        var body = await answer.Content.ReadAsByteArrayAsync(limit);
        return new AlipayExchange(AlipayReach.Answered, (int)answer.StatusCode, body, traceId, answer.Headers.Date, "");
    }

    private static AlipayExchange None(AlipayReach reach, string problem) => new(reach, 0, [], "", null, problem);
}
