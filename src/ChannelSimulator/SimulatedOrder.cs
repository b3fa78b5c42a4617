using System.Text.Json.Serialization;

namespace PayCore.ChannelSimulator;

/// <summary>An order at the provider, as it was at one moment.</summary>
public sealed record SimulatedOrder
{
    /// <summary>The merchant's order number.</summary>
    public required string OutTradeNo { get; init; }

    /// <summary>The merchant number.</summary>
    [JsonPropertyName("mchid")]
    public required string MchId { get; init; }

    /// <summary>The AppID it was placed with.</summary>
    [JsonPropertyName("appid")]
    public required string AppId { get; init; }

    /// <summary>native, jsapi (also for mini programs), app, h5 or codepay.</summary>
    public string Scene { get; init; } = "native";

    /// <summary>NOTPAY, SUCCESS, REFUND or CLOSED; of a payment code also USERPAYING, PAYERROR and REVOKED.</summary>
    public required string State { get; init; }

    /// <summary>The amount in fen.</summary>
    public required long Total { get; init; }

    /// <summary>The currency, always CNY.</summary>
    public required string Currency { get; init; }

    /// <summary>What the payer is shown.</summary>
    public required string Description { get; init; }

    /// <summary>Returned to the merchant once paid.</summary>
    public string? Attach { get; init; }

    /// <summary>The scene's device, returned if it was sent.</summary>
    public string? DeviceId { get; init; }

    /// <summary>What the payer pays by now: the content of the QR code, or the prepay_id. Each placing replaces it.</summary>
    public required string CodeUrl { get; init; }

    /// <summary>When that was made; it works for two hours, of H5 for five minutes.</summary>
    public required DateTimeOffset CodeMadeAt { get; init; }

    /// <summary>Where the callback goes; null for a payment code, which has none.</summary>
    public string? NotifyUrl { get; init; }

    /// <summary>The only one who can pay it; null when anybody can.</summary>
    public string? OpenId { get; init; }

    /// <summary>The last moment the payer can pay.</summary>
    public DateTimeOffset? TimeExpire { get; init; }

    /// <summary>When it was placed first.</summary>
    public required DateTimeOffset PlacedAt { get; init; }

    /// <summary>How many times it was placed.</summary>
    public required int PlacedCount { get; init; }

    /// <summary>Digest of everything it was placed with; a later placing must have the same.</summary>
    public required string ParameterDigest { get; init; }

    /// <summary>The provider's number of the payment, once paid.</summary>
    public string? TransactionId { get; init; }

    /// <summary>When it was paid.</summary>
    public DateTimeOffset? SuccessTime { get; init; }

    /// <summary>Who paid.</summary>
    public string? PayerOpenId { get; init; }

    /// <summary>How many times a payer looked at it and declined.</summary>
    public int DeclinedCount { get; init; }

    /// <summary>The callback of the payment, once paid.</summary>
    public CallbackState? Callback { get; init; }

    /// <summary>Whether the merchant has the payment, refunded or not.</summary>
    internal bool IsPaid => State is "SUCCESS" or "REFUND";
}

/// <summary>How far the callback of a payment has come.</summary>
public sealed record CallbackState
{
    /// <summary>The id of the notification, the same on every send.</summary>
    public required string Id { get; init; }

    /// <summary>When the notification was made.</summary>
    public required DateTimeOffset CreateTime { get; init; }

    /// <summary>How many of the scheduled sends were made.</summary>
    public required int Attempts { get; init; }

    /// <summary>When the next one is due; null when it was delivered or given up.</summary>
    public DateTimeOffset? NextAt { get; init; }

    /// <summary>Whether the provider counts it as delivered, see <see cref="CallbackSend.Delivered"/>.</summary>
    public bool Delivered { get; init; }

    /// <summary>One that is due now.</summary>
    internal static CallbackState New(string id, DateTimeOffset now) => new() { Id = id, CreateTime = now, Attempts = 0, NextAt = now };
}

/// <summary>Counts and sums over the ledger.</summary>
public sealed record LedgerTotals
{
    /// <summary>How many orders there are.</summary>
    public required int Orders { get; init; }

    /// <summary>How many wait for payment.</summary>
    public required int NotPaid { get; init; }

    /// <summary>How many are paid, refunded or not.</summary>
    public required int Paid { get; init; }

    /// <summary>How many are closed.</summary>
    public required int Closed { get; init; }

    /// <summary>The sum of the paid ones in fen, refunded or not.</summary>
    public required long PaidTotal { get; init; }

    /// <summary>What went back to payers, in fen, by refunds and by reversed payments.</summary>
    public long RefundedTotal { get; init; }

    /// <summary>What was paid out by transfers that ended well, in fen.</summary>
    public long TransferredTotal { get; init; }
}
