using System.Reflection;
using Google.Protobuf.Reflection;

namespace PayCore.PayDatabase;

/// <summary>The contract's words for its enum values, as columns hold them: <c>PAYING</c>, <c>QR</c>.</summary>
internal static class EnumText<T>
    where T : struct, Enum
{
    private static readonly Dictionary<T, string> _texts = typeof(T).GetFields(BindingFlags.Public | BindingFlags.Static)
        .ToDictionary(f => (T)f.GetValue(null)!, f => f.GetCustomAttribute<OriginalNameAttribute>()!.Name);

    private static readonly Dictionary<string, T> _values = _texts.ToDictionary(t => t.Value, t => t.Key, StringComparer.Ordinal);

    public static string Of(T value) => _texts[value];

    public static T Parse(string text) => _values[text];
}
