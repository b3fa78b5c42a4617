using Microsoft.Playwright;
using PayCore.Cashier.Tests.Support;
using PayCore.TestKit;

[assembly: AssemblyFixture(typeof(Chromium))]

namespace PayCore.Cashier.Tests.Support;

/// <summary>Debian's Chromium, and two tools from npm that look at its pages: axe, and a reader of QR codes that nobody here wrote.</summary>
public sealed class Chromium : IAsyncLifetime
{
    private static readonly string _node = Path.Combine(Repository.Root, "tests", "Cashier.Tests", "node");

    private IPlaywright _playwright = null!;

    public IBrowser Browser { get; private set; } = null!;

    /// <summary>The source of axe-core.</summary>
    public string Axe { get; private set; } = "";

    /// <summary>The source of jsQR.</summary>
    public string JsQr { get; private set; } = "";

    public async ValueTask InitializeAsync()
    {
        await NodePackages.InstallAsync(_node);
        Axe = await File.ReadAllTextAsync(Path.Combine(_node, "node_modules", "axe-core", "axe.min.js"));
        JsQr = await File.ReadAllTextAsync(Path.Combine(_node, "node_modules", "jsqr", "dist", "jsQR.js"));
        _playwright = await Playwright.CreateAsync();
        Browser = await _playwright.Chromium.LaunchAsync(new BrowserTypeLaunchOptions { ExecutablePath = DebianChromium.Path, Args = DebianChromium.Arguments });
    }

    public async ValueTask DisposeAsync()
    {
        await Browser.DisposeAsync();
        _playwright.Dispose();
    }
}
