using System.Reflection;
using Google.Protobuf.Reflection;

namespace PayCore.PayManagerSystem.Records;

/// <summary>The contract's words for its enum values, as addresses and files have them: <c>PAYING</c>, <c>QR</c>.</summary>
internal static class ContractWord<T>
    where T : struct, Enum
{
    private static readonly Dictionary<T, string> _words = typeof(T).GetFields(BindingFlags.Public | BindingFlags.Static)
        .ToDictionary(f => (T)f.GetValue(null)!, f => f.GetCustomAttribute<OriginalNameAttribute>()!.Name);

    private static readonly Dictionary<string, T> _values = _words.ToDictionary(w => w.Value, w => w.Key, StringComparer.Ordinal);

    /// <summary>All words but the one for none.</summary>
    public static IReadOnlyList<string> All { get; } = [.. _words.OrderBy(w => Convert.ToInt32(w.Key, null)).Where(w => Convert.ToInt32(w.Key, null) != 0).Select(w => w.Value)];

    /// <summary>The word; a value that a newer service sent is its number.</summary>
    public static string Of(T value) => _words.GetValueOrDefault(value) ?? $"{value:D}";

    /// <summary>The value of a word; null when there is none.</summary>
    public static T? Find(string word) => _values.TryGetValue(word, out var value) ? value : null;
}
