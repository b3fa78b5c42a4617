using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Security.Authentication;
using Microsoft.Extensions.Options;
using PayCore.Contracts.V1;
using PayCore.MerchantApi;
using PayCore.OutboundAddresses;

namespace PayCore.NotifyGateway;

/// <summary>
/// Makes one signed POST to a merchant and reads the answer: no redirect, cookie, proxy or repeat, and a connection of its own, so that the address
/// is resolved and checked for every try. Whatever goes wrong is an answer, not an exception.
/// </summary>
internal sealed class WebhookSender(IHttpClientFactory clients, AddressGuard addresses, IOptions<NotifyOptions> options, TimeProvider time)
{
    /// <summary>The name of the HTTP client, for hosts and tests that configure its handler.</summary>
    public const string HttpClientName = "PayCore.NotifyGateway";

    private static readonly ProductInfoHeaderValue _userAgent = new("PayCore", null);
    private static readonly MediaTypeHeaderValue _json = new("application/json");

    /// <summary>Sends a delivery once.</summary>
    /// <param name="delivery">Its address and body.</param>
    /// <param name="headers">The signature of this try.</param>
    /// <param name="cancellation">Ends the try; the only reason for which this throws.</param>
    public async Task<TryAnswer> SendAsync(Delivery delivery, WebhookHeaders headers, CancellationToken cancellation)
    {
        if (addresses.CheckUrl(delivery.Url) is not null)
        {
            return new TryAnswer { Failure = TryResults.AddressRefused };
        }

        using var limit = new CancellationTokenSource(options.Value.TryTimeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellation);
        using var client = clients.CreateClient(HttpClientName);
        client.Timeout = Timeout.InfiniteTimeSpan;
        using var request = RequestFor(delivery, headers);
        try
        {
            using var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, either.Token);
            return await ReadAsync(response, cancellation, either.Token);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return new TryAnswer { Failure = TryResults.Timeout };
        }
        catch (HttpRequestException e)
        {
            return new TryAnswer { Failure = WordFor(e) };
        }
    }

    private static HttpRequestMessage RequestFor(Delivery delivery, WebhookHeaders headers)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, delivery.Url) { Content = new ReadOnlyMemoryContent(delivery.Body.Memory) };
        request.Content.Headers.ContentType = _json;
        request.Headers.UserAgent.Add(_userAgent);
        request.Headers.ConnectionClose = true;
        request.Headers.Add(WebhookHeaders.IdName, headers.Id);
        request.Headers.Add(WebhookHeaders.TimestampName, headers.Timestamp);
        request.Headers.Add(WebhookHeaders.SignatureName, headers.Signature);
        return request;
    }

    private async Task<TryAnswer> ReadAsync(HttpResponseMessage response, CancellationToken given, CancellationToken either)
    {
        var answer = new TryAnswer { Status = (int)response.StatusCode, RetryAt = RetryAt(response.Headers.RetryAfter) };
        var body = new byte[options.Value.AnswerBytesMax + 1];
        var length = 0;
        try
        {
            await using var stream = await response.Content.ReadAsStreamAsync(either);
            length = await stream.ReadAtLeastAsync(body, body.Length, throwOnEndOfStream: false, either);
            if (length == body.Length)
            {
                length--;
                answer = answer with { Failure = TryResults.AnswerTooLarge };
            }
        }
        catch (OperationCanceledException) when (!given.IsCancellationRequested)
        {
            answer = answer with { Failure = TryResults.Timeout };
        }
        catch (Exception e) when (e is IOException or HttpRequestException)
        {
            answer = answer with { Failure = TryResults.Broken };
        }

        return answer with { Body = body.AsMemory(0, length) };
    }

    private DateTimeOffset? RetryAt(RetryConditionHeaderValue? header) => header switch
    {
        { Delta: { } delta } when delta >= TimeSpan.Zero => time.GetUtcNow() + delta,
        { Date: { } date } => date,
        _ => null,
    };

    private static string WordFor(HttpRequestException e)
    {
        for (Exception? cause = e; cause is not null; cause = cause.InnerException)
        {
            switch (cause)
            {
                case AddressRefusedException:
                    return TryResults.AddressRefused;
                case AuthenticationException:
                    return TryResults.Tls;
                case SocketException { SocketErrorCode: SocketError.HostNotFound or SocketError.TryAgain or SocketError.NoData or SocketError.NoRecovery }:
                    return TryResults.Dns;
            }
        }

        return e.HttpRequestError switch
        {
            HttpRequestError.NameResolutionError => TryResults.Dns,
            HttpRequestError.ConnectionError => TryResults.Connect,
            HttpRequestError.SecureConnectionError => TryResults.Tls,
            HttpRequestError.ConfigurationLimitExceeded => TryResults.AnswerTooLarge,
            _ => TryResults.Broken,
        };
    }
}
