using Microsoft.Playwright;
using PayCore.Cashier.Tests.Support;
using PayCore.TestKit;

[assembly: AssemblyFixture(typeof(Chromium))]

namespace PayCore.Cashier.Tests.Support;

/// <summary>Debian's Chromium, and two tools from npm that look at its pages: axe, and a reader of QR codes that nobody here wrote.</summary>
public sealed class Chromium : IAsyncLifetime
{
    private const string Path = "/usr/bin/chromium";
    private static readonly string[] _arguments =
    [
        "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync",
        "--hide-scrollbars",
    ];

    private static readonly string _node = System.IO.Path.Combine(Repository.Root, "tests", "Cashier.Tests", "node");

    private IPlaywright _playwright = null!;

    public IBrowser Browser { get; private set; } = null!;

    /// <summary>The source of axe-core.</summary>
    public string Axe { get; private set; } = "";

    /// <summary>The source of jsQR.</summary>
    public string JsQr { get; private set; } = "";

    public async ValueTask InitializeAsync()
    {
        File.Exists(Path).Should().BeTrue($"./test installs {Path}; on Debian: apt-get install chromium");
        await NodePackages.InstallAsync(_node);
        Axe = await File.ReadAllTextAsync(System.IO.Path.Combine(_node, "node_modules", "axe-core", "axe.min.js"));
        JsQr = await File.ReadAllTextAsync(System.IO.Path.Combine(_node, "node_modules", "jsqr", "dist", "jsQR.js"));
        _playwright = await Playwright.CreateAsync();
        Browser = await _playwright.Chromium.LaunchAsync(new BrowserTypeLaunchOptions { ExecutablePath = Path, Args = _arguments });
    }

    public async ValueTask DisposeAsync()
    {
        await Browser.DisposeAsync();
        _playwright.Dispose();
    }
}
