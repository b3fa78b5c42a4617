namespace PayCore.MerchantApi;

/// <summary>
/// Signs what an <see cref="HttpClient"/> sends: REST calls, and unary gRPC calls through a channel that uses the client or its handlers.
/// The content is buffered, so do not use it for streams. Put it inside any handler that repeats requests, so that each repeat is signed
/// anew, and switch redirects off: a signature is for one address.
/// </summary>
/// <param name="signer">Makes the signatures.</param>
public sealed class SigningHandler(RequestSigner signer) : DelegatingHandler
{
    /// <inheritdoc />
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        byte[] body = [];
        if (request.Content is { } content)
        {
            await content.LoadIntoBufferAsync(cancellationToken);
            body = await content.ReadAsByteArrayAsync(cancellationToken);
        }

        var target = request.RequestUri?.PathAndQuery ?? throw new InvalidOperationException("The request has no address.");
        var signed = signer.Sign(request.Method.Method, target, body);
        Set(request, "Content-Digest", signed.ContentDigest);
        Set(request, "Signature-Input", signed.SignatureInput);
        Set(request, "Signature", signed.Signature);
        return await base.SendAsync(request, cancellationToken);
    }

    /// <summary>Not supported: buffering the content would block the thread.</summary>
    /// <inheritdoc />
    protected override HttpResponseMessage Send(HttpRequestMessage request, CancellationToken cancellationToken) =>
        throw new NotSupportedException("Use the asynchronous calls of HttpClient; the synchronous ones are not signed.");

    private static void Set(HttpRequestMessage request, string name, string? value)
    {
        request.Headers.Remove(name);
        request.Content?.Headers.Remove(name);
        if (value is not null)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }
    }
}
