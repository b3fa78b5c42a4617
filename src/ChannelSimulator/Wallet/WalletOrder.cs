namespace PayCore.ChannelSimulator;

/// <summary>What became of an order, for the payer.</summary>
internal enum WalletState
{
    Unpaid,
    Paid,
    Closed,
    Expired,
}

/// <summary>An order as the payer sees it, whichever provider it is with.</summary>
internal sealed record WalletOrder
{
    public required string Provider { get; init; }

    /// <summary>What the scanned QR code holds.</summary>
    public required string Code { get; init; }

    public required string OutTradeNo { get; init; }

    public required string Payee { get; init; }

    public required string Item { get; init; }

    /// <summary>The amount in fen.</summary>
    public required long Total { get; init; }

    public required WalletState State { get; init; }

    public required DateTimeOffset PlacedAt { get; init; }

    /// <summary>The provider's number of the payment, once paid.</summary>
    public string? Transaction { get; init; }

    public DateTimeOffset? PaidAt { get; init; }
}

/// <summary>What a payer can do with the orders of one provider.</summary>
internal interface IWalletDesk
{
    /// <summary>The orders that can be paid. Looking at the list scans none of them.</summary>
    IEnumerable<WalletOrder> Unpaid { get; }

    /// <summary>Scans a code; null when it is none of this provider's.</summary>
    WalletOrder? Scan(string code);

    /// <summary>Pays, unless it cannot be paid: the order then says why.</summary>
    void Pay(string code);

    void Decline(string code);
}
