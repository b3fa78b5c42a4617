namespace PayCore.ChannelSimulator;

/// <summary>Sends one callback, meets a fault, and tells what came back.</summary>
internal sealed class CallbackClient(Faults faults, TimeProvider time) : IDisposable
{
    private static readonly TimeSpan _answerLimit = TimeSpan.FromSeconds(5);

    // A redirect is an answer like any other that is not 200 or 204, and a provider knows nothing of the caller's traces.
    private readonly HttpClient _http = new(new SocketsHttpHandler
    {
        AllowAutoRedirect = false,
        UseCookies = false,
        UseProxy = false,
        ActivityHeadersPropagator = null,
        PooledConnectionLifetime = TimeSpan.FromMinutes(2),
    })
    {
        Timeout = Timeout.InfiniteTimeSpan,
    };

    /// <param name="callback">What is sent.</param>
    /// <param name="attempt">1 for the first send, 0 for one outside the schedule.</param>
    /// <param name="stopping">Ends it without a result.</param>
    /// <returns>One send, or two by a fault that repeats it or puts another before it.</returns>
    public async Task<CallbackSend[]> SendAsync(Notification callback, int attempt, CancellationToken stopping)
    {
        var fault = faults.Take(callback.Operation, callback.OutTradeNo);
        if (fault?.Kind is FaultKinds.HoldAfterEffect or FaultKinds.EffectThenTimeout or FaultKinds.EffectThenDrop)
        {
            var send = await ExchangeAsync(callback, attempt, fault.Kind, stopping);
            fault.Fire();
            await (fault.Kind == FaultKinds.HoldAfterEffect ? fault.Released.WaitAsync(stopping) : Task.CompletedTask);
            return [send];
        }

        // Begun before it is told, so that a test's clock can be advanced as soon as the fault has fired.
        var late = fault?.Kind == FaultKinds.Late ? Task.Delay(fault.Delay, time, stopping) : Task.CompletedTask;
        fault?.Fire();
        switch (fault?.Kind)
        {
            case FaultKinds.Late:
                await late;
                break;
            case FaultKinds.Hold:
                await fault.Released.WaitAsync(stopping);
                break;
            case FaultKinds.Lost:
                return [Sent(callback, attempt, fault.Kind, error: "lost on the way")];
            case FaultKinds.Twice:
                // Both at the same moment, the way a provider's two machines would.
                return await Task.WhenAll(ExchangeAsync(callback, attempt, fault.Kind, stopping), ExchangeAsync(callback, attempt, fault.Kind, stopping));
            default:
                break;
        }

        return callback.Before(fault?.Kind) is { } other
            ? [await ExchangeAsync(other, attempt, fault!.Kind, stopping), await ExchangeAsync(callback, attempt, null, stopping)]
            : [await ExchangeAsync(callback, attempt, fault?.Kind, stopping)];
    }

    public void Dispose() => _http.Dispose();

    private async Task<CallbackSend> ExchangeAsync(Notification callback, int attempt, string? fault, CancellationToken stopping)
    {
        using var limit = new CancellationTokenSource(_answerLimit, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, stopping);
        try
        {
            using var request = callback.Make(fault);
            using var answer = await _http.SendAsync(request, both.Token);
            return fault is FaultKinds.EffectThenTimeout or FaultKinds.EffectThenDrop
                ? Sent(callback, attempt, fault, error: "the answer was lost")
                : Sent(callback, attempt, fault, (int)answer.StatusCode, await answer.Content.ReadAsByteArrayAsync(both.Token));
        }
        catch (OperationCanceledException) when (!stopping.IsCancellationRequested)
        {
            return Sent(callback, attempt, fault, error: "no answer within 5 seconds");
        }
        catch (Exception e) when (e is HttpRequestException or InvalidOperationException)
        {
            return Sent(callback, attempt, fault, error: e.Message);
        }
    }

    private CallbackSend Sent(Notification callback, int attempt, string? fault, int? status = null, byte[]? body = null, string? error = null) => new()
    {
        Provider = callback.Provider,
        MchId = callback.Merchant,
        Operation = callback.Operation,
        OutTradeNo = callback.OutTradeNo,
        NotificationId = callback.State.Id,
        At = time.GetUtcNow(),
        Attempt = attempt,
        HttpStatus = status,
        Error = error,
        Fault = fault,
        Delivered = status is { } code && callback.IsDelivered(code, body!),
    };
}
