namespace PayCore.PayManagerSystem.People;

/// <summary>Names a browser for a person who wants to know which of theirs it is. Decides nothing.</summary>
internal static class Browsers
{
    // In this order: each of them claims to be the ones behind it.
    private static readonly (string Mark, string Name)[] _browsers = [("Edg/", "Edge"), ("Firefox/", "Firefox"), ("Chrome/", "Chrome"), ("Safari/", "Safari")];
    private static readonly (string Mark, string Name)[] _systems =
        [("iPhone", "iPhone"), ("iPad", "iPad"), ("Android", "Android"), ("Windows", "Windows"), ("Mac OS X", "macOS"), ("Linux", "Linux")];

    /// <summary><c>Chrome, Linux</c>; what is not known as it is, shortened.</summary>
    public static string NameOf(string userAgent)
    {
        var browser = Array.Find(_browsers, b => userAgent.Contains(b.Mark, StringComparison.Ordinal)).Name;
        var system = Array.Find(_systems, s => userAgent.Contains(s.Mark, StringComparison.Ordinal)).Name;
        return (browser, system) switch
        {
            (null, null) => userAgent.Length == 0 ? "–" : userAgent[..Math.Min(userAgent.Length, 40)],
            _ => string.Join(", ", new[] { browser, system }.OfType<string>()),
        };
    }
}
