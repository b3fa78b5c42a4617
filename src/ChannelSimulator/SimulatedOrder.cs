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

    /// <summary>NOTPAY, SUCCESS or CLOSED.</summary>
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

    /// <summary>The content of the QR code that works now; each placing replaces it.</summary>
    public required string CodeUrl { get; init; }

    /// <summary>When that code was made; it works for two hours.</summary>
    public required DateTimeOffset CodeMadeAt { get; init; }

    /// <summary>Where the callback goes.</summary>
    public required string NotifyUrl { get; init; }

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
}

/// <summary>Counts and sums over the ledger.</summary>
public sealed record LedgerTotals
{
    /// <summary>How many orders there are.</summary>
    public required int Orders { get; init; }

    /// <summary>How many wait for payment.</summary>
    public required int NotPaid { get; init; }

    /// <summary>How many are paid.</summary>
    public required int Paid { get; init; }

    /// <summary>How many are closed.</summary>
    public required int Closed { get; init; }

    /// <summary>The sum of the paid ones in fen.</summary>
    public required long PaidTotal { get; init; }
}
