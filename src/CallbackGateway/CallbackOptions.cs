namespace PayCore.CallbackGateway;

/// <summary>How many rejected callbacks are kept (section <c>Callbacks</c>). Each process of CallbackGateway has these numbers for itself.</summary>
public sealed class CallbackOptions
{
    /// <summary>Rejected callbacks of one account of a channel that are kept in a second; more are answered and not kept. Range 1–1,000, default 1.</summary>
    public int RejectedPerSecond { get; set; } = 1;

    /// <summary>So many are kept at once where fewer came before. Range 1–10,000, default 100.</summary>
    public int RejectedBurst { get; set; } = 100;
}
