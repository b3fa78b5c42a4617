namespace PayCore.TestKit;

/// <summary>Debian's Chromium without a window: the whole of its engine, and half the work for the machine of what the browser of a desk does for a page.</summary>
public static class DebianChromium
{
    /// <summary>The package; <c>./test</c> installs it.</summary>
    public const string Package = "chromium-headless-shell";

    private const string File = "/usr/bin/chromium-headless-shell";

    /// <summary>Where it is.</summary>
    /// <exception cref="InvalidOperationException">It is not installed.</exception>
    public static string Path => System.IO.File.Exists(File) ? File : throw new InvalidOperationException($"./test installs {File}; on Debian: apt-get install {Package}");

    /// <summary>Starts it without what a test has no use for.</summary>
    public static IReadOnlyList<string> Arguments { get; } =
    [
        "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync",
        "--hide-scrollbars",
    ];
}
