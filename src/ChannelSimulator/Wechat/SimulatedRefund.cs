using System.Text.Json.Serialization;

namespace PayCore.ChannelSimulator;

/// <summary>A refund at WeChat Pay, as it was at one moment (wechat-pay-v3.md 6).</summary>
public sealed record SimulatedRefund : LedgerEntry
{
    /// <summary>The merchant number.</summary>
    [JsonPropertyName("mchid")]
    public required string MchId { get; init; }

    /// <summary>The merchant's refund number: the same number is the same refund, made once.</summary>
    public required string OutRefundNo { get; init; }

    /// <summary>The provider's number of the refund.</summary>
    public required string RefundId { get; init; }

    /// <summary>The merchant's number of the order.</summary>
    public required string OutTradeNo { get; init; }

    /// <summary>The provider's number of the payment.</summary>
    public required string TransactionId { get; init; }

    /// <summary>PROCESSING, SUCCESS, CLOSED or ABNORMAL.</summary>
    public required string State { get; init; }

    /// <summary>What is refunded, in fen.</summary>
    public required long Amount { get; init; }

    /// <summary>What the order is over, in fen.</summary>
    public required long Total { get; init; }

    /// <summary>Shown to the payer.</summary>
    public string? Reason { get; init; }

    /// <summary>Where the callback goes; null for nowhere.</summary>
    public string? NotifyUrl { get; init; }

    /// <summary>When it was accepted.</summary>
    public required DateTimeOffset CreateTime { get; init; }

    /// <summary>When the payer had the money.</summary>
    public DateTimeOffset? SuccessTime { get; init; }

    /// <summary>What becomes of it when its time has come.</summary>
    public required string Outcome { get; init; }

    /// <summary>How many times it was asked for.</summary>
    public required int RequestedCount { get; init; }

    /// <summary>Digest of everything it was asked for with; a repeat must have the same.</summary>
    public required string ParameterDigest { get; init; }

    internal override string Key => KeyOf(MchId, OutRefundNo);

    internal static string KeyOf(string mchId, string outRefundNo) => mchId + "/" + outRefundNo;
}
