using System.Globalization;
using Microsoft.Extensions.Options;

namespace PayCore.ServiceDefaults.Clock;

/// <summary>
/// Knows how far this process's clock is from the others that it can read. Expiry, signatures and the order of events stand on the clock, so a process whose
/// clock is off serves no money until it is right again.
/// </summary>
public sealed class ClockGuard(IOptions<ClockOptions> options)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, TimeSpan> _skews = new(StringComparer.Ordinal);
    private readonly HashSet<string> _read = new(StringComparer.Ordinal);
    private volatile string? _problem;

    /// <summary>What is wrong, for an operator: which clock, how far and in which direction; null when nothing is known to be wrong.</summary>
    public string? Problem => _problem;

    /// <summary>Records how far ours is ahead of another clock, negative when it is behind; null when there is no such clock any more.</summary>
    public void Record(string name, TimeSpan? ahead)
    {
        lock (_lock)
        {
            _read.Add(name);
            _skews.Remove(name);
            if (ahead is { } skew)
            {
                _skews[name] = skew;
            }

            var worst = _skews.OrderByDescending(s => s.Value.Duration()).FirstOrDefault();
            _problem = worst.Value.Duration() > options.Value.Tolerance ? Explain(worst.Key, worst.Value) : null;
        }
    }

    /// <summary>Whether that clock was read, ever.</summary>
    public bool HasRead(string name)
    {
        lock (_lock)
        {
            return _read.Contains(name);
        }
    }

    /// <summary>How far ours is ahead of each other clock, as read last.</summary>
    public IReadOnlyDictionary<string, TimeSpan> Skews()
    {
        lock (_lock)
        {
            return new Dictionary<string, TimeSpan>(_skews);
        }
    }

    private static string Explain(string name, TimeSpan ahead) => string.Create(
        CultureInfo.InvariantCulture,
        $"This machine's clock is {ahead.Duration().TotalSeconds:0} s {(ahead > TimeSpan.Zero ? "ahead of" : "behind")} that of {name}. Correct it (NTP); no money is served until then.");
}
