namespace PayCore.PayGateway;

/// <summary>Settings of the pay path (section <c>Pay</c>).</summary>
public sealed class PayOptions
{
    /// <summary>Expiry of an order that names none. Default 30 minutes, range 5 minutes to 7 days.</summary>
    public TimeSpan DefaultExpiry { get; set; } = TimeSpan.FromMinutes(30);

    /// <summary>
    /// A call without usable answer is made once more, under the same number, when it ended within this time of the request. Default 1.5 s,
    /// so that both fit into the merchant's 10 s.
    /// </summary>
    public TimeSpan RepeatWithin { get; set; } = TimeSpan.FromSeconds(1.5);
}
