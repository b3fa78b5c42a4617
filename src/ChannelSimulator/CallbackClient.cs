namespace PayCore.ChannelSimulator;

/// <summary>Sends one callback, meets a fault, and tells what came back.</summary>
internal sealed class CallbackClient(CallbackMessage message, Faults faults, TimeProvider time) : IDisposable
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

    /// <param name="order">The paid order.</param>
    /// <param name="attempt">1 for the first send, 0 for one outside the schedule.</param>
    /// <param name="stopping">Ends it without a result.</param>
    /// <returns>One send, or two by the fault <c>twice</c>.</returns>
    public async Task<CallbackSend[]> SendAsync(SimulatedOrder order, int attempt, CancellationToken stopping)
    {
        var fault = faults.Take("callback", order.OutTradeNo);
        if (fault?.Kind is FaultKinds.HoldAfterEffect or FaultKinds.EffectThenTimeout or FaultKinds.EffectThenDrop)
        {
            var send = await ExchangeAsync(order, attempt, fault.Kind, stopping);
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
                return [Sent(order, attempt, fault.Kind, error: "lost on the way")];
            case FaultKinds.Twice:
                // Both at the same moment, the way a provider's two machines would.
                return await Task.WhenAll(ExchangeAsync(order, attempt, fault.Kind, stopping), ExchangeAsync(order, attempt, fault.Kind, stopping));
            default:
                break;
        }

        return [await ExchangeAsync(order, attempt, fault?.Kind, stopping)];
    }

    public void Dispose() => _http.Dispose();

    private async Task<CallbackSend> ExchangeAsync(SimulatedOrder order, int attempt, string? fault, CancellationToken stopping)
    {
        using var limit = new CancellationTokenSource(_answerLimit, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, stopping);
        try
        {
            using var request = message.Make(order, fault);
            using var answer = await _http.SendAsync(request, both.Token);
            return fault is FaultKinds.EffectThenTimeout or FaultKinds.EffectThenDrop
                ? Sent(order, attempt, fault, error: "the answer was lost")
                : Sent(order, attempt, fault, (int)answer.StatusCode);
        }
        catch (OperationCanceledException) when (!stopping.IsCancellationRequested)
        {
            return Sent(order, attempt, fault, error: "no answer within 5 seconds");
        }
        catch (Exception e) when (e is HttpRequestException or InvalidOperationException)
        {
            return Sent(order, attempt, fault, error: e.Message);
        }
    }

    private CallbackSend Sent(SimulatedOrder order, int attempt, string? fault, int? status = null, string? error = null) => new()
    {
        MchId = order.MchId,
        OutTradeNo = order.OutTradeNo,
        NotificationId = order.Callback!.Id,
        At = time.GetUtcNow(),
        Attempt = attempt,
        HttpStatus = status,
        Error = error,
        Fault = fault,
        Delivered = status is 200 or 204,
    };
}
