namespace PayCore.ChannelSimulator;

/// <summary>An entry of a ledger besides its orders: a refund or a transfer, as it was at one moment.</summary>
public abstract record LedgerEntry
{
    /// <summary>When its next step comes by itself; null for never.</summary>
    public DateTimeOffset? DueAt { get; init; }

    /// <summary>Its callback, once there is something to tell; null without an address.</summary>
    public CallbackState? Callback { get; init; }

    /// <summary>What names it among the entries of its kind.</summary>
    internal abstract string Key { get; }
}
