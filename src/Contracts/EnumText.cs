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
#pragma warning restore CA1000
}
