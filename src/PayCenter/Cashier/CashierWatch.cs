using System.Runtime.CompilerServices;
using PayCore.Contracts.V1;

namespace PayCore.PayCenter.Cashier;

/// <summary>
/// Looks at orders for whoever listens to them: about once a second for each order, however many listen. Nobody listens, nobody looks. A look reads the
/// records and asks no channel.
/// </summary>
internal sealed class CashierWatch(CashierOrders orders, TimeProvider time)
{
    /// <summary>How often a listener is told.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    /// <summary>Listeners of one order: its user's devices and tabs.</summary>
    public const int ListenersOfOrderMax = 8;

    /// <summary>Listeners of all orders in this process.</summary>
    public const int ListenersMax = 5_000;

    // A little less than the interval: a timer that is early by a hair does not cost a whole turn.
    private static readonly TimeSpan _freshFor = Interval * 0.9;

    private readonly Lock _door = new();
    private readonly Dictionary<string, WatchedOrder> _watched = new(StringComparer.Ordinal);
    private int _listeners;

    /// <summary>How many listen in this process.</summary>
    public int Listeners => Volatile.Read(ref _listeners);

    /// <summary>Begins to listen to an order. Null when too many listen already: the page's polling is for them.</summary>
    public Listener? Join(string pageToken)
    {
        lock (_door)
        {
            var watched = _watched.GetValueOrDefault(pageToken) ?? new WatchedOrder(pageToken);
            if (watched.Listeners == ListenersOfOrderMax || _listeners == ListenersMax)
            {
                return null;
            }

            _watched[pageToken] = watched;
            watched.Listeners++;
            _listeners++;
            return new Listener(this, watched);
        }
    }

    private PeriodicTimer NewTicks() => new(Interval, time);

    private void Leave(WatchedOrder watched)
    {
        lock (_door)
        {
            _listeners--;
            if (--watched.Listeners == 0)
            {
                _watched.Remove(watched.PageToken);
            }
        }
    }

    /// <summary>The newest look, or a new one when that is old. Whoever waits for it may leave; the others still get it.</summary>
    private async Task<CashierOrder?> LookAsync(WatchedOrder watched, CancellationToken cancellationToken)
    {
        TaskCompletionSource<CashierOrder?>? mine = null;
        Task<CashierOrder?> newest;
        lock (watched)
        {
            if (watched.Newest is null || time.GetElapsedTime(watched.Began) >= _freshFor)
            {
                mine = new TaskCompletionSource<CashierOrder?>(TaskCreationOptions.RunContinuationsAsynchronously);
                (watched.Newest, watched.Began) = (mine.Task, time.GetTimestamp());
            }

            newest = watched.Newest;
        }

        if (mine is not null)
        {
            try
            {
                mine.SetResult((await orders.LookAsync(watched.PageToken, LookFor.News, CancellationToken.None)).Order);
            }
            catch (Exception e)
            {
                mine.SetException(e);
            }
        }

        return await newest.WaitAsync(cancellationToken);
    }

    /// <summary>Somebody who listens to one order until disposed of.</summary>
    public sealed class Listener : IDisposable
    {
        private readonly CashierWatch _watch;
        private readonly WatchedOrder _watched;

        internal Listener(CashierWatch watch, WatchedOrder watched) => (_watch, _watched) = (watch, watched);

        /// <summary>The order as it stands now and at each interval, without end. Null: nobody could answer this time.</summary>
        public async IAsyncEnumerable<CashierOrder?> LooksAsync([EnumeratorCancellation] CancellationToken cancellationToken)
        {
            using var ticks = _watch.NewTicks();
            do
            {
                yield return await _watch.LookAsync(_watched, cancellationToken);
            }
            while (await ticks.WaitForNextTickAsync(cancellationToken));
        }

        /// <inheritdoc/>
        public void Dispose() => _watch.Leave(_watched);
    }

    /// <summary>One order that somebody listens to.</summary>
    internal sealed class WatchedOrder(string pageToken)
    {
        public string PageToken { get; } = pageToken;

        public int Listeners { get; set; }

        public Task<CashierOrder?>? Newest { get; set; }

        public long Began { get; set; }
    }
}
