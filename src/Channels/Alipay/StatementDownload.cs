namespace PayCore.Channels.Alipay;

/// <summary>Gets a statement's file (alipay.md 9.1): one plain GET to a checked address, no redirect, at most 64 MB, within a minute. The address lives 30 seconds.</summary>
internal sealed class StatementDownload(IHttpClientFactory clients, TimeProvider time)
{
    private const int BytesMax = 64 * 1024 * 1024;
    private static readonly TimeSpan _limit = TimeSpan.FromMinutes(1);

    /// <summary>The whole file.</summary>
    /// <exception cref="StatementException">It cannot be had.</exception>
    public async Task<byte[]> GetAsync(Uri address, CancellationToken cancellation)
    {
        using var limit = new CancellationTokenSource(_limit, time);
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellation);
        try
        {
            using var client = clients.CreateClient(AlipayWire.HttpName);
            using var answer = await client.GetAsync(address, HttpCompletionOption.ResponseHeadersRead, ended.Token);
            if ((int)answer.StatusCode != 200)
            {
                throw new StatementException($"The download has HTTP status {(int)answer.StatusCode}, not 200.");
            }

            await answer.Content.LoadIntoBufferAsync(BytesMax, ended.Token);
            return await answer.Content.ReadAsByteArrayAsync(ended.Token);
        }
        catch (HttpRequestException e) when (e.HttpRequestError == HttpRequestError.ConfigurationLimitExceeded)
        {
            throw new StatementException("The file is larger than 64 MB.");
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            throw new StatementException("The download broke.");
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            throw new StatementException("The download did not end in time.");
        }
    }
}
