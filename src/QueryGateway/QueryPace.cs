namespace PayCore.QueryGateway;

/// <summary>Gives out turns at an even pace, one after another, for each account on its own. A second's worth of turns that nobody took may be taken at once.</summary>
internal sealed class QueryPace(TimeProvider time)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<(string Channel, string Account), long> _next = [];

    /// <summary>Takes the next turn.</summary>
    /// <param name="account">Whose limit it is.</param>
    /// <param name="perSecond">Turns in a second; 0 or less: no limit.</param>
    /// <param name="longest">The longest that the caller waits for its turn.</param>
    /// <returns>How long to wait; null when that would be too long, and no turn was taken.</returns>
    public TimeSpan? Take((string Channel, string Account) account, double perSecond, TimeSpan longest)
    {
        if (perSecond <= 0)
        {
            return TimeSpan.Zero;
        }

        var apart = (long)(time.TimestampFrequency / perSecond);
        lock (_lock)
        {
            var now = time.GetTimestamp();
            var next = Math.Max(_next.GetValueOrDefault(account), now + apart - Math.Max(apart, time.TimestampFrequency));
            var wait = next <= now ? TimeSpan.Zero : time.GetElapsedTime(now, next);
            if (wait > longest)
            {
                return null;
            }

            _next[account] = next + apart;
            return wait;
        }
    }
}
