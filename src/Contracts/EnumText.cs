using System.Reflection;
using Google.Protobuf.Reflection;

namespace PayCore.Contracts.V1;

/// <summary>The contract's words for its enum values, as columns and pages hold them: <c>PAYING</c>, <c>QR</c>.</summary>
public static class EnumText<T>
    where T : struct, Enum
{
    private static readonly Dictionary<T, string> _texts = typeof(T).GetFields(BindingFlags.Public | BindingFlags.Static)
        .ToDictionary(f => (T)f.GetValue(null)!, f => f.GetCustomAttribute<OriginalNameAttribute>()!.Name);

    private static readonly Dictionary<string, T> _values = _texts.ToDictionary(t => t.Value, t => t.Key, StringComparer.Ordinal);

#pragma warning disable CA1000 // The words are kept for each enum, and a caller names the enum.
    /// <summary>The word of a value.</summary>
    public static string Of(T value) => _texts[value];

    /// <summary>The value of a word; throws for one that is none.</summary>
    public static T Parse(string text) => _values[text];

    /// <summary>The word to show; a value that a newer service sent is its number.</summary>
    public static string Show(T value) => _texts.GetValueOrDefault(value) ?? $"{value:D}";

    /// <summary>The value of a word; null when there is none.</summary>
    public static T? Find(string text) => _values.TryGetValue(text, out var value) ? value : null;

    /// <summary>All words but the one for none, in the order of their numbers.</summary>
    public static IReadOnlyList<string> All { get; } = [.. _texts.OrderBy(t => Convert.ToInt32(t.Key, null)).Where(t => Convert.ToInt32(t.Key, null) != 0).Select(t => t.Value)];
#pragma warning restore CA1000
}
