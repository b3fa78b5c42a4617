namespace PayCore.ChannelSimulator;

/// <summary>
/// The refunds or the transfers of a provider. Every decision is made under the one lock of the provider's ledger, so of two calls with the same number at
/// the same moment exactly one moves money.
/// </summary>
public abstract class LedgerBook<TEntry> : IDisposable
    where TEntry : LedgerEntry
{
    private readonly Dictionary<string, TEntry> _entries = [];
    private readonly WaitList<TEntry> _changes = new();
    private readonly HashSet<ITimer> _timers = [];
    private readonly LedgerJournal<TEntry> _journal;
    private readonly TimeProvider _time;
    private readonly Lock _lock;

    private protected LedgerBook(Lock gate, TimeProvider time, LedgerJournal<TEntry> journal) => (_lock, _time, _journal) = (gate, time, journal);

    /// <summary>All entries, the oldest first.</summary>
    public IReadOnlyList<TEntry> All
    {
        get
        {
            lock (_lock)
            {
                return [.. _entries.Values];
            }
        }
    }

    /// <summary>The callback of an entry is due.</summary>
    internal event Action<TEntry>? Told;

    private protected Lock Gate => _lock;

    private protected DateTimeOffset Now => _time.GetUtcNow();

    /// <summary>Waits for an entry that is like this after one of its changes; one that was like this already counts.</summary>
    public Task<TEntry> WaitAsync(Func<TEntry, bool> wanted, CancellationToken cancellationToken) => _changes.WaitAsync(wanted, cancellationToken);

    /// <summary>Ends what would have come by itself.</summary>
    public void Dispose()
    {
        lock (_lock)
        {
            foreach (var timer in _timers)
            {
                timer.Dispose();
            }

            _timers.Clear();
            _journal.Dispose();
        }

        GC.SuppressFinalize(this);
    }

    internal TEntry CallbackSent(TEntry entry, CallbackState state)
    {
        lock (_lock)
        {
            LedgerEntry current = _entries[entry.Key];
            // Of two events the later one counts; who still sends the earlier one ends here.
            return current.Callback?.Id == state.Id
                ? Change("callback", (TEntry)(current with { Callback = state }))
                : (TEntry)(current with { Callback = state with { NextAt = null } });
        }
    }

    /// <summary>What is done when the time of an entry has come.</summary>
    private protected abstract void Step(TEntry entry);

    /// <summary>Books what a change moves.</summary>
    private protected abstract void Post(TEntry? before, TEntry after, DateTimeOffset at);

    /// <summary>Reads the journal; call it at the end of the constructor.</summary>
    private protected void Load()
    {
        foreach (var line in _journal.Replay())
        {
            Keep(line.Order, line.At);
        }

        foreach (var entry in _entries.Values.ToList())
        {
            Schedule(entry);
        }
    }

    private protected TEntry? Get(string key) => _entries.GetValueOrDefault(key);

    /// <summary>Keeps a change. A step whose time has come already is made before this returns; what is returned is from before that step.</summary>
    private protected TEntry Change(string change, TEntry entry)
    {
        var before = _entries.GetValueOrDefault(entry.Key);
        _journal.Append(new LedgerJournal<TEntry>.Line(Now, change, entry));
        Keep(entry, Now);
        if (entry.DueAt != before?.DueAt)
        {
            Schedule(entry);
        }

        return entry;
    }

    private protected void Tell(TEntry entry) => Told?.Invoke(entry);

    private void Keep(TEntry entry, DateTimeOffset at)
    {
        Post(_entries.GetValueOrDefault(entry.Key), entry, at);
        _entries[entry.Key] = entry;
        _changes.Add(entry);
    }

    private void Schedule(TEntry entry)
    {
        if (entry.DueAt is not { } at)
        {
            return;
        }

        if (at <= Now)
        {
            Step(entry);
            return;
        }

        ITimer? timer = null;
        timer = _time.CreateTimer(_ => Ring(entry.Key, at, timer!), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _timers.Add(timer);
        timer.Change(at - Now, Timeout.InfiniteTimeSpan);
    }

    /// <summary>An entry that was changed in the meantime has another time, or none.</summary>
    private void Ring(string key, DateTimeOffset at, ITimer timer)
    {
        lock (_lock)
        {
            if (_timers.Remove(timer) && _entries[key] is var entry && entry.DueAt == at)
            {
                Step(entry);
            }

            timer.Dispose();
        }
    }
}
