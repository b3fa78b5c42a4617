namespace PayCore.ChannelSimulator;

/// <summary>A refund at Alipay, as it was at one moment (alipay.md 7).</summary>
public sealed record AlipayRefund : LedgerEntry
{
    /// <summary>The merchant.</summary>
    public required string Pid { get; init; }

    /// <summary>The application that asked for it.</summary>
    public required string AppId { get; init; }

    /// <summary>The merchant's number of the order.</summary>
    public required string OutTradeNo { get; init; }

    /// <summary>The provider's number of the trade.</summary>
    public required string TradeNo { get; init; }

    /// <summary>What names the refund within its trade.</summary>
    public required string OutRequestNo { get; init; }

    /// <summary>PROCESSING, SUCCESS or FAIL. On the wire only success shows.</summary>
    public required string State { get; init; }

    /// <summary>What is refunded, in fen.</summary>
    public required long Amount { get; init; }

    /// <summary>What the order is over, in fen.</summary>
    public required long Total { get; init; }

    /// <summary>What was refunded of the trade when this one was done, itself included, in fen.</summary>
    public long RefundedSoFar { get; init; }

    /// <summary>Shown to the buyer.</summary>
    public string? Reason { get; init; }

    /// <summary>When it was asked for first.</summary>
    public required DateTimeOffset CreateTime { get; init; }

    /// <summary>When the money moved.</summary>
    public DateTimeOffset? GmtRefund { get; init; }

    /// <summary>What becomes of it when its time has come.</summary>
    public required string Outcome { get; init; }

    /// <summary>How many times it was asked for.</summary>
    public required int RequestedCount { get; init; }

    internal override string Key => KeyOf(TradeNo, OutRequestNo);

    internal static string KeyOf(string tradeNo, string outRequestNo) => tradeNo + "/" + outRequestNo;
}
