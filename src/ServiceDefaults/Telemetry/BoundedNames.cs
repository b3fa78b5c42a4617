using System.Collections.Concurrent;

namespace PayCore.ServiceDefaults.Telemetry;

/// <summary>Keeps a label of a metric from growing without end: the first names are shown as they are, all others as <c>other</c>.</summary>
/// <param name="max">How many names are shown. Two that come at the same instant may make it one more.</param>
public sealed class BoundedNames(int max)
{
    private readonly ConcurrentDictionary<string, string> _shown = new(StringComparer.Ordinal);

    /// <summary>The name to show; <c>none</c> for an empty one.</summary>
    public string Of(string name) => name switch
    {
        null or "" => "none",
        _ when _shown.TryGetValue(name, out var shown) => shown,
        _ when _shown.Count >= max => "other",
        _ => _shown.GetOrAdd(name, name),
    };
}
