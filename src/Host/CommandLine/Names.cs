using System.Reflection;
using Google.Protobuf.Reflection;

namespace PayCore.Host.CommandLine;

/// <summary>The contract's words for its enum values: <c>PAYING</c>, <c>QR</c>.</summary>
internal static class Names
{
    /// <summary>The word.</summary>
    public static string Of<T>(T value)
        where T : struct, Enum => Word(typeof(T).GetField(value.ToString())!);

    /// <summary>All words.</summary>
    public static IEnumerable<string> All<T>()
        where T : struct, Enum => typeof(T).GetFields(BindingFlags.Public | BindingFlags.Static).Select(Word);

    private static string Word(FieldInfo field) => field.GetCustomAttribute<OriginalNameAttribute>()!.Name;
}
