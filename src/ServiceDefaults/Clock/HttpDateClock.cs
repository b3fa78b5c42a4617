namespace PayCore.ServiceDefaults.Clock;

/// <summary>
/// The clock of an HTTP server, read off the <c>Date</c> of its answer to a request without content, signature or secret. Whatever it answers will do.
/// </summary>
/// <param name="clients">Where HTTP clients come from.</param>
/// <param name="clientName">The client to use.</param>
public abstract class HttpDateClock(IHttpClientFactory clients, string clientName) : IClockSource
{
    /// <inheritdoc/>
    public abstract string Name { get; }

    /// <summary>The server; null when there is none to be asked.</summary>
    protected abstract Uri? Address { get; }

    /// <inheritdoc/>
    public async Task<DateTimeOffset?> ReadAsync(CancellationToken cancellation)
    {
        if (Address is not { } address)
        {
            return null;
        }

        using var client = clients.CreateClient(clientName);
        using var answer = await client.GetAsync(address, HttpCompletionOption.ResponseHeadersRead, cancellation);
        return answer.Headers.Date ?? throw new HttpRequestException($"The answer of {address.Host} has no Date.");
    }
}
