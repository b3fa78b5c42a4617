using PayCore.Configuration;
using DeliveryState = PayCore.Contracts.V1.Delivery.Types.State;

namespace PayCore.NotifyGateway;

/// <summary>What a try came to: the closed list of words that is stored with it and counted.</summary>
public static class TryResults
{
    /// <summary>The merchant acknowledged.</summary>
    public const string Delivered = "delivered";

    /// <summary>2xx, but the body is not <c>success</c>.</summary>
    public const string NotAcknowledged = "not_acknowledged";

    /// <summary>2xx, but the body is longer than what is read.</summary>
    public const string AnswerTooLarge = "answer_too_large";

    /// <summary>410: the endpoint is gone, and the delivery dead.</summary>
    public const string Gone = "gone";

    /// <summary>A redirect, which is not followed.</summary>
    public const string Redirect = "redirect";

    /// <summary>Any other status.</summary>
    public const string HttpStatus = "http_status";

    /// <summary>No complete answer in time.</summary>
    public const string Timeout = "timeout";

    /// <summary>The host's name cannot be resolved.</summary>
    public const string Dns = "dns";

    /// <summary>The host cannot be reached.</summary>
    public const string Connect = "connect";

    /// <summary>The TLS handshake failed, or the certificate is not valid.</summary>
    public const string Tls = "tls";

    /// <summary>The connection broke, or what came back is not HTTP.</summary>
    public const string Broken = "broken";

    /// <summary>The address is not one that we connect to. Nothing was sent.</summary>
    public const string AddressRefused = "address_refused";

    /// <summary>The app is not known or has no usable secret. Nothing was sent.</summary>
    public const string NoSecret = "no_secret";
}

/// <summary>What came back from one try.</summary>
public sealed record TryAnswer
{
    /// <summary>Why there is no complete answer, a word of <see cref="TryResults"/>; null when there is one.</summary>
    public string? Failure { get; init; }

    /// <summary>The HTTP status; 0 when there was none.</summary>
    public int Status { get; init; }

    /// <summary>What was read of the body.</summary>
    public ReadOnlyMemory<byte> Body { get; init; }

    /// <summary>When the merchant wants to be asked again; null when it does not say.</summary>
    public DateTimeOffset? RetryAt { get; init; }
}

/// <summary>What follows a try.</summary>
/// <param name="Next">DELIVERED, PENDING or DEAD.</param>
/// <param name="Due">With PENDING: not before.</param>
/// <param name="Result">A word of <see cref="TryResults"/>.</param>
public sealed record TryOutcome(DeliveryState Next, DateTimeOffset? Due, string Result);

/// <summary>Decides what an answer means. Pure.</summary>
public static class TryRules
{
    /// <summary>Decides what follows a try.</summary>
    /// <param name="answer">What came back.</param>
    /// <param name="ack">What counts as delivered for this app.</param>
    /// <param name="number">The number of the try within its cycle, from 1.</param>
    /// <param name="now">When the try ended.</param>
    /// <param name="random">From 0 to 1: where within the jitter.</param>
    /// <param name="options">The scale of the schedule and the longest <c>Retry-After</c>.</param>
    public static TryOutcome Decide(TryAnswer answer, AckRule ack, int number, DateTimeOffset now, double random, NotifyOptions options)
    {
        ArgumentNullException.ThrowIfNull(answer);
        ArgumentNullException.ThrowIfNull(options);
        var result = ResultOf(answer, ack);
        if (result == TryResults.Delivered)
        {
            return new TryOutcome(DeliveryState.Delivered, null, result);
        }

        if (result == TryResults.Gone || TrySchedule.PauseAfter(number, random, options.ScheduleScale) is not { } pause)
        {
            return new TryOutcome(DeliveryState.Dead, null, result);
        }

        var due = now + pause;
        if (answer is { Status: 429 or 503, RetryAt: { } wanted })
        {
            // Later than the schedule when the merchant asks for it, never earlier.
            var latest = now + options.RetryAfterMax;
            wanted = wanted < latest ? wanted : latest;
            due = wanted > due ? wanted : due;
        }

        return new TryOutcome(DeliveryState.Pending, due, result);
    }

    private static string ResultOf(TryAnswer answer, AckRule ack) => answer switch
    {
        { Status: 410 } => TryResults.Gone,
        // The status is the whole acknowledgement: what became of the body does not matter.
        { Status: >= 200 and <= 299 } when ack == AckRule.Status => TryResults.Delivered,
        { Status: >= 300 and <= 399 } => TryResults.Redirect,
        { Status: > 0 and (< 200 or > 299) } => TryResults.HttpStatus,
        { Failure: { } failure } => failure,
        _ => IsSuccess(answer.Body.Span) ? TryResults.Delivered : TryResults.NotAcknowledged,
    };

    private static bool IsSuccess(ReadOnlySpan<byte> body) => body.Trim(" \t\r\n"u8).SequenceEqual("success"u8);
}
