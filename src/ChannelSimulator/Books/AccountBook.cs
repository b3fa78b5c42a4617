namespace PayCore.ChannelSimulator;

/// <summary>One movement on a merchant's account at the provider.</summary>
public sealed record AccountEntry
{
    /// <summary>When it was booked.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>The merchant: WeChat Pay's mchid, Alipay's pid.</summary>
    public required string Merchant { get; init; }

    /// <summary>BASIC or OPERATION at WeChat Pay, ACCTRANS_ACCOUNT at Alipay.</summary>
    public required string Account { get; init; }

    /// <summary>payment, refund, refund_returned, reversal, transfer, transfer_returned or adjustment.</summary>
    public required string Kind { get; init; }

    /// <summary>The merchant's number of what moved it.</summary>
    public required string Number { get; init; }

    /// <summary>In fen; negative for what leaves the account.</summary>
    public required long Amount { get; init; }
}

/// <summary>
/// The merchants' accounts. Nothing is looked up by number here: money that moved twice stands here twice, whatever the other books believe.
/// </summary>
public sealed class AccountBook : IDisposable
{
    private readonly Lock _lock = new();
    private readonly List<AccountEntry> _entries = [];
    private readonly Dictionary<(string Merchant, string Account), long> _balances = [];
    private readonly Func<string, long> _opening;
    private readonly LedgerJournal<AccountEntry> _adjustments;
    private readonly TimeProvider _time;

    /// <param name="time">The clock.</param>
    /// <param name="adjustments">Keeps what was set by hand; the rest is booked again by the journals of what moved it.</param>
    /// <param name="opening">What an account holds in the beginning, in fen.</param>
    internal AccountBook(TimeProvider time, LedgerJournal<AccountEntry> adjustments, Func<string, long> opening)
    {
        (_time, _adjustments, _opening) = (time, adjustments, opening);
        foreach (var line in _adjustments.Replay())
        {
            Post(line.Order);
        }
    }

    /// <summary>Every movement, in the order of booking.</summary>
    public IReadOnlyList<AccountEntry> Entries
    {
        get
        {
            lock (_lock)
            {
                return [.. _entries];
            }
        }
    }

    /// <summary>What the account holds, in fen.</summary>
    public long Balance(string merchant, string account)
    {
        lock (_lock)
        {
            return _balances.TryGetValue((merchant, account), out var balance) ? balance : _opening(account);
        }
    }

    /// <summary>Sets what the account holds, in fen.</summary>
    public void SetBalance(string merchant, string account, long balance)
    {
        lock (_lock)
        {
            var now = _time.GetUtcNow();
            var entry = new AccountEntry
            {
                At = now,
                Merchant = merchant,
                Account = account,
                Kind = "adjustment",
                Number = "",
                Amount = balance - Balance(merchant, account),
            };
            _adjustments.Append(new LedgerJournal<AccountEntry>.Line(now, "adjusted", entry));
            Post(entry);
        }
    }

    /// <summary>How often money was moved for a number in this way. More than once is money moved twice.</summary>
    public int EffectsOf(string kind, string number) => Entries.Count(e => e.Kind == kind && e.Number == number);

    /// <summary>The sum of what was moved in these ways, in fen, of one merchant or of all; negative for what left.</summary>
    public long Sum(string? merchant, params string[] kinds) =>
        Entries.Where(e => (merchant is null || e.Merchant == merchant) && kinds.Contains(e.Kind)).Sum(e => e.Amount);

    /// <inheritdoc />
    public void Dispose() => _adjustments.Dispose();

    internal void Post(AccountEntry entry)
    {
        lock (_lock)
        {
            _entries.Add(entry);
            _balances[(entry.Merchant, entry.Account)] = Balance(entry.Merchant, entry.Account) + entry.Amount;
        }
    }
}
