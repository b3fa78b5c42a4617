namespace PayCore.PayCenter.Web;

/// <summary>
/// So many in each window of time for each key. Its memory never grows: keys share a fixed number of counters by a hash that nobody outside can compute, so
/// now and then two keys share one allowance. Lives in this process only. Safe for concurrent use.
/// </summary>
/// <param name="time">The clock.</param>
/// <param name="window">The length of a window.</param>
/// <param name="max">How many a window allows a key.</param>
internal sealed class RateLimit(TimeProvider time, TimeSpan window, int max)
{
    private const int Counters = 1 << 16;

    private readonly Lock _door = new();
    private readonly int[] _counts = new int[Counters];
    private long _window = -1;

    /// <summary>Takes one of a key's allowance; false when there is none left.</summary>
    public bool TryTake(string key)
    {
        // Strings hash with a seed of the process.
        var counter = (uint)key.GetHashCode(StringComparison.Ordinal) % Counters;
        var now = time.GetUtcNow().UtcTicks / window.Ticks;
        lock (_door)
        {
            if (now != _window)
            {
                Array.Clear(_counts);
                _window = now;
            }

            if (_counts[counter] == max)
            {
                return false;
            }

            _counts[counter]++;
            return true;
        }
    }
}
