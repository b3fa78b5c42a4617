using System.Collections.Concurrent;

namespace PayCore.Channels.GiftCard;

/// <summary>A purchase at the issuer.</summary>
public sealed class Purchase(string number, long amountMinor)
{
    /// <summary>Our attempt's number.</summary>
    public string Number { get; } = number;

    /// <summary>Minor units.</summary>
    public long AmountMinor { get; } = amountMinor;

    /// <summary>Taken from the card.</summary>
    public bool Paid { get; set; }

    /// <summary>Cannot be paid any more.</summary>
    public bool Closed { get; set; }

    /// <summary>Refund number → minor units given back.</summary>
    public ConcurrentDictionary<string, long> Refunds { get; } = new();
}

/// <summary>The issuer of the cards: what would be a provider's server far away is a book in memory here.</summary>
public sealed class GiftCardIssuer
{
    private readonly ConcurrentDictionary<string, Purchase> _book = new();

    /// <summary>Places a purchase; the same number again is the same purchase.</summary>
    public Purchase Place(string number, long amountMinor) => _book.GetOrAdd(number, n => new Purchase(n, amountMinor));

    /// <summary>A purchase, or null.</summary>
    public Purchase? Find(string number) => _book.GetValueOrDefault(number);
}
