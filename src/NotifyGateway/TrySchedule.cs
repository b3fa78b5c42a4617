namespace PayCore.NotifyGateway;

/// <summary>When a delivery is tried: at once, and after each failure by a fixed list of pauses (invariants, section 4). Pure.</summary>
public static class TrySchedule
{
    private static readonly TimeSpan[] _pauses =
    [
        TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(30), TimeSpan.FromMinutes(2), TimeSpan.FromMinutes(5), TimeSpan.FromMinutes(15),
        TimeSpan.FromHours(1), TimeSpan.FromHours(2), TimeSpan.FromHours(4), TimeSpan.FromHours(8), TimeSpan.FromHours(12),
    ];

    /// <summary>Tries of one cycle: the first, and one after each pause.</summary>
    public static int TriesMax => _pauses.Length + 1;

    /// <summary>Each pause is longer or shorter by up to this share, so that what failed together does not come back together.</summary>
    public const double Jitter = 0.1;

    /// <summary>The pause after a failed try, or null after the last one of the cycle.</summary>
    /// <param name="failedTry">The number of the try that failed, from 1.</param>
    /// <param name="random">From 0 (inclusive) to 1 (exclusive): where within the jitter.</param>
    /// <param name="scale">Multiplies the pause; 1 outside tests.</param>
    public static TimeSpan? PauseAfter(int failedTry, double random, double scale)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(failedTry, 1);
        return failedTry > _pauses.Length ? null : _pauses[failedTry - 1] * (1 - Jitter + (2 * Jitter * random)) * scale;
    }
}
