using PayCore.TestKit;

namespace PayCore.Architecture.Tests;

/// <summary>The product's files and assemblies.</summary>
internal static class Product
{
    public static string Root => Repository.Root;

    public static string Source => Path.Combine(Root, "src");

    /// <summary>Every assembly of ours that the host brings along.</summary>
    public static IReadOnlyList<string> Assemblies { get; } =
    [
        .. Directory.EnumerateFiles(AppContext.BaseDirectory, "*.dll")
            .Where(f => Path.GetFileName(f) is var name && (name.StartsWith("PayCore.", StringComparison.Ordinal) || name == "paycore-host.dll")
                && !name.EndsWith(".Tests.dll", StringComparison.Ordinal) && name != "PayCore.TestKit.dll"),
    ];

    public static IEnumerable<string> Projects => Directory.EnumerateFiles(Source, "*.csproj", SearchOption.AllDirectories);
}
