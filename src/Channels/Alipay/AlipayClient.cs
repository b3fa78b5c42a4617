using Microsoft.Extensions.Logging;

namespace PayCore.Channels.Alipay;

/// <summary>How much an answer is worth (alipay.md 3.2).</summary>
internal enum AlipayResponseKind
{
    /// <summary>The platform signed exactly this node.</summary>
    Verified,

    /// <summary>No signature. Gateway errors raised before the application is known come so; it proves nothing.</summary>
    Unsigned,

    /// <summary>A signature that does not verify: forged, altered, or our key for Alipay is not the right one. It proves nothing.</summary>
    BadlySigned,

    /// <summary>Nothing left this machine.</summary>
    NothingSent,

    /// <summary>Sent, and no answer that could be read: timeout, broken connection, a status other than 200, another text.</summary>
    Unusable,
}

/// <summary>What came back from a call.</summary>
/// <param name="Kind">How much it is worth.</param>
/// <param name="Node">The signed bytes of a verified answer; otherwise empty, so that nobody reads what is not proven.</param>
/// <param name="Head">Code and texts; for words only, unless verified.</param>
/// <param name="TraceId">The platform's support id.</param>
/// <param name="Date">The platform's clock, when it said.</param>
/// <param name="Problem">For a person, when it is not verified.</param>
internal sealed record AlipayResponse(AlipayResponseKind Kind, byte[] Node, AnswerHead Head, string TraceId, DateTimeOffset? Date, string Problem)
{
    /// <summary>The call was processed. Not: "paid"; the business fields say that.</summary>
    public bool IsSuccess => Kind == AlipayResponseKind.Verified && Head.Code == AlipayClient.SuccessCode;
}

/// <summary>Calls the platform once and verifies what it answers (alipay.md 1 to 3). The whole call ends within its limit.</summary>
internal sealed class AlipayClient(AlipayWire wire, TimeProvider time, ILogger<AlipayClient> log)
{
    /// <summary>The limit of a call to a channel (invariants, section 4).</summary>
    public static readonly TimeSpan Limit = TimeSpan.FromSeconds(6);

    /// <summary>The call was processed.</summary>
    public const string SuccessCode = "10000";

    /// <summary>The user is confirming a payment by the code that he showed (4.7).</summary>
    public const string InProcessCode = "10003";

    private static readonly AnswerHead _noHead = new(null, null, null, null);

    /// <summary>Makes one call.</summary>
    /// <param name="account">Whose.</param>
    /// <param name="method">The method's name.</param>
    /// <param name="content">The business parameters as one JSON text.</param>
    /// <param name="cancellation">The caller's; none for a call that moves money.</param>
    /// <param name="notifyUrl">Where the platform calls back; empty for calls without one.</param>
    public async Task<AlipayResponse> SendAsync(
        AlipayAccount account, string method, string content, CancellationToken cancellation, string notifyUrl = "")
    {
        using var limit = new CancellationTokenSource(Limit, time);
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellation);
        var signed = SignedRequest.Create(account, method, content, time.GetUtcNow(), notifyUrl);
        var exchange = await wire.ExchangeAsync(account, method, signed, ended.Token);
        return exchange switch
        {
            { Reach: AlipayReach.NothingSent } => NoHead(AlipayResponseKind.NothingSent, exchange.Problem),
            { Reach: AlipayReach.NoAnswer } => NoHead(AlipayResponseKind.Unusable, exchange.Problem),
            { Status: not 200 } => NoHead(AlipayResponseKind.Unusable, $"the answer has HTTP status {exchange.Status}, not 200"),
            _ when AnswerEnvelope.Cut(exchange.Body, method) is { } envelope => Judge(account, method, exchange, envelope),
            _ => NoHead(AlipayResponseKind.Unusable, "the answer cannot be read"),
        };

        AlipayResponse NoHead(AlipayResponseKind kind, string problem) => new(kind, [], _noHead, exchange.TraceId, exchange.Date, problem);
    }

    private AlipayResponse Judge(AlipayAccount account, string method, AlipayExchange exchange, AnswerEnvelope envelope)
    {
        var isGood = envelope.Sign is not null && IsSignedBy(account, envelope.Node, envelope.Sign);
        var head = AlipayJson.Read<AnswerHead>(envelope.Node);
        if (head?.Code is null)
        {
            return new AlipayResponse(AlipayResponseKind.Unusable, [], _noHead, exchange.TraceId, exchange.Date, "the answer cannot be read");
        }

        if (isGood)
        {
            TellOtherSerial(account, envelope.CertificateSerial);
            return new AlipayResponse(AlipayResponseKind.Verified, envelope.Node, head, exchange.TraceId, exchange.Date, "");
        }

        var problem = envelope.Sign is null
            ? "the answer is not signed"
            : $"the answer is taken as forged: its signature does not verify with {account.AlipayKeyField}; if that is so of every answer, it is not Alipay's key "
                + "for this application and this environment";
        if (head.Code is SuccessCode or InProcessCode)
        {
            log.LogError("Alipay {Method} for account {Account} (trace_id {TraceId}) claims success, but {Problem}", method, account.Name, exchange.TraceId, problem);
        }

        var kind = envelope.Sign is null ? AlipayResponseKind.Unsigned : AlipayResponseKind.BadlySigned;
        return new AlipayResponse(kind, [], head, exchange.TraceId, exchange.Date, problem);
    }

    private static bool IsSignedBy(AlipayAccount account, byte[] node, string sign)
    {
        // Some answers were signed before their slashes were escaped (3.2); either text needs Alipay's key.
        return account.Verify(node, sign) || (WithPlainSlashes(node) is { } plain && account.Verify(plain, sign));
    }

    private static byte[]? WithPlainSlashes(byte[] node)
    {
        var plain = new byte[node.Length];
        var length = 0;
        for (var i = 0; i < node.Length; i++)
        {
            if (node[i] == '\\' && i + 1 < node.Length && node[i + 1] == '/')
            {
                continue;
            }

            plain[length++] = node[i];
        }

        return length == node.Length ? null : plain[..length];
    }

    /// <summary>On renewal of Alipay's certificate the key stays and the serial changes (2.3): the signature decides, and the serial is worth a word.</summary>
    private void TellOtherSerial(AlipayAccount account, string? serial)
    {
        if (serial is not null && account.Certificates is { } certificates && serial != certificates.AlipaySn && account.SeesOtherSerial())
        {
            log.LogWarning(
                "Alipay signs for account {Account} with certificate {Serial}; alipay_cert is {Ours}. The key is the same; take the new certificate when convenient",
                account.Name, PlainText.Clip(serial, 64), certificates.AlipaySn);
        }
    }
}
