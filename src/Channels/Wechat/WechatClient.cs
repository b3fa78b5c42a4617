namespace PayCore.Channels.Wechat;

/// <summary>How much an answer is worth.</summary>
internal enum WechatResponseKind
{
    /// <summary>A 2xx that the platform signed, or a refusal, which it does not always sign.</summary>
    Answer,

    /// <summary>Nothing left this machine.</summary>
    NothingSent,

    /// <summary>Sent, and no usable answer: timeout, broken connection, an answer that does not verify.</summary>
    Unusable,
}

/// <summary>What came back from a call. A 2xx is an <see cref="WechatResponseKind.Answer"/> only when its signature verified over the raw bytes.</summary>
/// <param name="Kind">How much it is worth.</param>
/// <param name="Status">The HTTP status, 0 when there was none.</param>
/// <param name="Body">The raw body of an answer; otherwise empty, so that nobody reads what is not proven.</param>
/// <param name="RequestId">The platform's support id.</param>
/// <param name="Problem">For a person, when it is not an answer.</param>
/// <param name="IsSigned">An answer whose signature verified; a refusal may be one without.</param>
internal sealed record WechatResponse(WechatResponseKind Kind, int Status, byte[] Body, string RequestId, string Problem, bool IsSigned = false)
{
    /// <summary>The code for a reply when the body has none.</summary>
    public string Code => Kind switch
    {
        WechatResponseKind.NothingSent => "NOT_SENT",
        WechatResponseKind.Unusable => "NO_USABLE_ANSWER",
        _ => $"HTTP_{Status}",
    };
}

/// <summary>Calls the platform once and verifies what it answers (wechat-pay-v3.md 1 and 2). The whole call ends within its limit.</summary>
internal sealed class WechatClient(WechatWire wire, PlatformCertificates certificates, TimeProvider time)
{
    /// <summary>The limit of a call to a channel (invariants, section 4).</summary>
    public static readonly TimeSpan Limit = TimeSpan.FromSeconds(6);

    /// <summary>Makes one call.</summary>
    /// <param name="account">Whose.</param>
    /// <param name="method">The HTTP method.</param>
    /// <param name="pathAndQuery">Percent-encoded.</param>
    /// <param name="body">The exact bytes, or null.</param>
    /// <param name="cancellation">The caller's; none for a call that moves money.</param>
    /// <param name="sealedFor">Serial of the platform's key for which the body holds an encrypted field.</param>
    public async Task<WechatResponse> SendAsync(
        WechatAccount account, HttpMethod method, string pathAndQuery, byte[]? body, CancellationToken cancellation, string? sealedFor = null)
    {
        using var limit = new CancellationTokenSource(Limit, time);
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellation);
        if (!account.Keys.HasKey(time.GetUtcNow()) && !await certificates.RefreshAsync(account, ended.Token))
        {
            // An answer that cannot be verified is worth nothing: do not ask.
            return new WechatResponse(WechatResponseKind.NothingSent, 0, [], "", "the platform's certificates could not be downloaded");
        }

        var exchange = await wire.ExchangeAsync(account, method, pathAndQuery, body, ended.Token, sealedFor);
        switch (exchange.Reach)
        {
            case WechatReach.NothingSent:
                return new WechatResponse(WechatResponseKind.NothingSent, 0, [], "", exchange.Problem);
            case WechatReach.NoAnswer:
                return new WechatResponse(WechatResponseKind.Unusable, exchange.Status, [], exchange.RequestId, exchange.Problem);
        }

        var isError = exchange.Status >= 400;
        if (isError && !exchange.Headers.Any)
        {
            // 401 and gateway errors are not signed, so no signature is asked for; nothing is ever paid because of one (2.2).
            return new WechatResponse(WechatResponseKind.Answer, exchange.Status, exchange.Body, exchange.RequestId, "");
        }

        var check = await CheckAsync(account, exchange, ended.Token);
        return check == SignatureCheck.Good
            ? new WechatResponse(WechatResponseKind.Answer, exchange.Status, exchange.Body, exchange.RequestId, "", IsSigned: true)
            : new WechatResponse(
                WechatResponseKind.Unusable, exchange.Status, [], exchange.RequestId, $"the answer is taken as forged: {WechatKeyRing.Explain(check)}");
    }

    /// <summary>The platform's key for which a field of a body is encrypted (wechat-pay-v3.md 9); null when there is none to be had, and then nothing was sent.</summary>
    public async Task<WechatPlatformKey?> FindSealingKeyAsync(WechatAccount account, CancellationToken cancellation)
    {
        var key = account.Keys.ForSealing(time.GetUtcNow());
        return key is null && await certificates.RefreshAsync(account, cancellation) ? account.Keys.ForSealing(time.GetUtcNow()) : key;
    }

    private async Task<SignatureCheck> CheckAsync(WechatAccount account, WechatExchange exchange, CancellationToken cancellation)
    {
        var check = account.Keys.Check(exchange.Headers, exchange.Body, time.GetUtcNow());
        if (check == SignatureCheck.UnknownSerial && await certificates.RefreshAsync(account, cancellation))
        {
            check = account.Keys.Check(exchange.Headers, exchange.Body, time.GetUtcNow());
        }

        return check;
    }
}
