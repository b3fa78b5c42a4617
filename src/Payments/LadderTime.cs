namespace PayCore.Payments;

/// <summary>Times on a ladder: fixed steps after a beginning, then even ones up to an end.</summary>
internal static class LadderTime
{
    /// <summary>The first step after <paramref name="now"/>; null when the ladder has ended.</summary>
    public static DateTimeOffset? Next(DateTimeOffset begin, DateTimeOffset now, TimeSpan[] steps, params ReadOnlySpan<(TimeSpan Every, TimeSpan Until)> stretches)
    {
        var age = now - begin;
        foreach (var step in steps)
        {
            if (step > age)
            {
                return begin + step;
            }
        }

        foreach (var (every, until) in stretches)
        {
            var next = every * (Math.Floor(age / every) + 1);
            if (next <= until)
            {
                return begin + next;
            }
        }

        return null;
    }
}
