using Microsoft.Extensions.Time.Testing;

namespace PayCore.EndToEnd.Tests.Support;

/// <summary>A clock of the test's own.</summary>
public static class Clocks
{
    /// <summary>Lets the clock run second by second until something holds. Each second gets a little real time for the work that it makes due.</summary>
    /// <returns>How many seconds it took; the most allowed when it never held.</returns>
    public static async Task<int> PassAsync(this FakeTimeProvider clock, int secondsMax, Func<Task<bool>> holds)
    {
        for (var seconds = 0; seconds < secondsMax; seconds++)
        {
            if (await holds())
            {
                return seconds;
            }

            clock.Advance(TimeSpan.FromSeconds(1));
            await Task.Delay(15);
        }

        return secondsMax;
    }
}
