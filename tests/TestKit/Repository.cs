namespace PayCore.TestKit;

/// <summary>The checkout that the tests were built in, found from where they run.</summary>
public static class Repository
{
    /// <summary>The folder that holds the solution.</summary>
    public static string Root { get; } = Find(new DirectoryInfo(AppContext.BaseDirectory));

    private static string Find(DirectoryInfo? folder) => folder switch
    {
        null => throw new InvalidOperationException($"There is no PayCore.slnx above {AppContext.BaseDirectory}."),
        _ when File.Exists(Path.Combine(folder.FullName, "PayCore.slnx")) => folder.FullName,
        _ => Find(folder.Parent),
    };
}
