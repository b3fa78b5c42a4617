namespace PayCore.ChannelSimulator;

/// <summary>A growing list on whose future entries one can wait: nothing polls, nothing sleeps.</summary>
internal sealed class WaitList<T>
{
    private readonly Lock _lock = new();
    private readonly List<T> _entries = [];
    private readonly List<(Func<T, bool> Wanted, TaskCompletionSource<T> Waiter)> _waiters = [];

    public IReadOnlyList<T> Snapshot
    {
        get
        {
            lock (_lock)
            {
                return [.. _entries];
            }
        }
    }

    public void Add(T entry)
    {
        lock (_lock)
        {
            _entries.Add(entry);
            foreach (var (wanted, waiter) in _waiters.Where(w => w.Wanted(entry)))
            {
                waiter.TrySetResult(entry);
            }

            _waiters.RemoveAll(w => w.Waiter.Task.IsCompleted);
        }
    }

    public Task<T> WaitAsync(Func<T, bool> wanted, CancellationToken cancellation)
    {
        var waiter = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_lock)
        {
            foreach (var entry in _entries.Where(wanted))
            {
                return Task.FromResult(entry);
            }

            _waiters.Add((wanted, waiter));
        }

        return waiter.Task.WaitAsync(cancellation);
    }
}
