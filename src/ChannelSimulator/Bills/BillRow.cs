namespace PayCore.ChannelSimulator;

/// <summary>One line of a bill, before its provider writes it.</summary>
internal sealed record BillRow
{
    /// <summary>When it happened; its day decides in which bill it stands.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>When the order was made.</summary>
    public required DateTimeOffset Created { get; init; }

    public required string OutTradeNo { get; init; }

    /// <summary>The provider's number of the payment.</summary>
    public required string Transaction { get; init; }

    /// <summary>The merchant's number of the refund; null for a payment.</summary>
    public string? OutRefundNo { get; init; }

    /// <summary>The provider's number of the refund.</summary>
    public string? RefundId { get; init; }

    /// <summary>When the payer had the refund.</summary>
    public DateTimeOffset? RefundedAt { get; init; }

    /// <summary>In fen, always positive.</summary>
    public required long Amount { get; init; }

    /// <summary>SUCCESS for a payment, REVOKED for one taken back; of a refund how far it had come.</summary>
    public required string State { get; init; }

    public string Scene { get; init; } = "native";

    public string Payer { get; init; } = "";

    public string Item { get; init; } = "";

    public string Attach { get; init; } = "";

    public bool IsRefund => OutRefundNo is not null;

    /// <summary>The merchant's number of the row.</summary>
    public string Number => OutRefundNo ?? OutTradeNo;
}
