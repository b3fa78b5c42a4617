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
    private int _calls;

    /// <summary>Money put onto cards: transfer number → minor units.</summary>
    public ConcurrentDictionary<string, long> TopUps { get; } = new();

    /// <summary>Which calls that move money do their work and then give no answer, by their number from 1.</summary>
    public Func<int, bool> LosesAnswer { get; set; } = _ => false;

    /// <summary>Which calls that move money never arrive, by their number from 1.</summary>
    public Func<int, bool> LosesCall { get; set; } = _ => false;

    /// <summary>Calls that should move money, arrived or not.</summary>
    public int Calls => _calls;

    /// <summary>Places a purchase; the same number again is the same purchase.</summary>
    public Purchase Place(string number, long amountMinor) => _book.GetOrAdd(number, n => new Purchase(n, amountMinor));

    /// <summary>A purchase, or null.</summary>
    public Purchase? Find(string number) => _book.GetValueOrDefault(number);

    /// <summary>Does what a call asks for, unless it is to be lost.</summary>
    /// <returns>Whether the caller gets an answer.</returns>
    public bool Do(Action effect)
    {
        ArgumentNullException.ThrowIfNull(effect);
        var call = Interlocked.Increment(ref _calls);
        if (LosesCall(call))
        {
            return false;
        }

        effect();
        return !LosesAnswer(call);
    }
}
