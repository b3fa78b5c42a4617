using System.Collections.Concurrent;
using Microsoft.Playwright;
using PayCore.EndToEnd.Tests.Support;
using PayCore.TestKit;
using OrderState = PayCore.Contracts.V1.PayOrder.Types.State;

namespace PayCore.EndToEnd.Tests;

/// <summary>What a stranger does after ./run: opens the shop, buys, pays in the simulated wallet, and sees "Paid". In a real browser, on a desk and in a hand.</summary>
public sealed class InABrowser
{
    [Theory]
    [InlineData(1280, 900)]
    [InlineData(390, 844)]
    public async Task Stranger_BuysAndPays_SeesPaidAndTheShopKnowsIt(int width, int height)
    {
        await using var world = await World.StartAsync("sqlite");
        using var playwright = await Playwright.CreateAsync();
        await using var chromium = await playwright.Chromium.LaunchAsync(new BrowserTypeLaunchOptions { ExecutablePath = DebianChromium.Path, Args = DebianChromium.Arguments });
        await using var context = await chromium.NewContextAsync(
            new BrowserNewContextOptions { Locale = "en", ViewportSize = new ViewportSize { Width = width, Height = height } });
        var complaints = new ConcurrentQueue<string>();
        var page = await context.NewPageAsync();
        page.Console += (_, message) =>
        {
            if (message.Type is "error" or "warning")
            {
                complaints.Enqueue(message.Text);
            }
        };

        await page.GotoAsync(new Uri(world.Web, "/shop").AbsoluteUri);
        await ShootAsync(page, width, "shop");
        await page.GetByRole(AriaRole.Button).Filter(new LocatorFilterOptions { HasText = "Buy" }).First.ClickAsync();
        await Assertions.Expect(page.GetByRole(AriaRole.Heading).First).ToContainTextAsync("Scan with WeChat");
        await ShootAsync(page, width, "cashier");

        var wallet = await context.RunAndWaitForPageAsync(() => page.GetByRole(AriaRole.Link, new PageGetByRoleOptions { NameRegex = new("simulat", System.Text.RegularExpressions.RegexOptions.IgnoreCase) }).First.ClickAsync());
        await Assertions.Expect(wallet.GetByRole(AriaRole.Button).First).ToContainTextAsync("Pay");
        await ShootAsync(wallet, width, "wallet");
        await wallet.GetByRole(AriaRole.Button).First.ClickAsync();
        await Assertions.Expect(wallet.GetByText("Payment successful")).ToBeVisibleAsync();
        await ShootAsync(wallet, width, "wallet-paid");
        await Assertions.Expect(page.GetByRole(AriaRole.Heading).First).ToContainTextAsync("Paid", new LocatorAssertionsToContainTextOptions { Timeout = 15_000 });
        await ShootAsync(page, width, "paid");
        await page.GotoAsync(new Uri(world.Web, "/shop/orders").AbsoluteUri);
        await Assertions.Expect(page.GetByText("Paid", new PageGetByTextOptions { Exact = true }).First).ToBeVisibleAsync();
        world.Ledger.All.Should().ContainSingle().Which.State.Should().Be("SUCCESS");
        var order = await world.Database.ReadOrderAsync(new Contracts.V1.ReadOrderRequest { AttemptNo = world.Ledger.All[0].OutTradeNo });
        order.Order.State.Should().Be(OrderState.Paid);
        complaints.Should().BeEmpty();
    }

    /// <summary>With PAYCORE_SCREENSHOTS set to a folder, keeps a picture of the page for a person to look at.</summary>
    private static async Task ShootAsync(IPage page, int width, string name)
    {
        if (Environment.GetEnvironmentVariable("PAYCORE_SCREENSHOTS") is { Length: > 0 } folder)
        {
            await page.ScreenshotAsync(new PageScreenshotOptions { Path = Path.Combine(folder, $"{name}-{width}.png"), FullPage = true });
        }
    }
}
