using Microsoft.Playwright;
using PayCore.Cashier.Tests.Support;
using PayCore.Console.Tests.Support;
using static Microsoft.Playwright.Assertions;

namespace PayCore.Console.Tests;

/// <summary>Every list and a record of each, as operators see them on a desk and on a phone.</summary>
public sealed class RecordPages(Chromium chromium)
{
    private static readonly string[] _lists = ["payments", "refunds", "transfers", "deliveries", "callbacks", "exceptions", "statements"];

    [Theory]
    [InlineData(1440, 900, "en", ColorScheme.Light)]
    [InlineData(390, 844, "en", ColorScheme.Light)]
    [InlineData(1440, 900, "zh", ColorScheme.Dark)]
    public async Task ListsAndRecords_LookLikeThemselves(int width, int height, string locale, ColorScheme scheme)
    {
        await using var office = await Office.OpenAsync(chromium);
        await office.SeedAsync(3000);
        await office.StatementAsync();
        var page = await office.BrowseAsync(await office.HireAsync("ada", "admin"), width, height, locale, scheme);
        var mark = locale == "zh" ? "-zh-dark" : "";
        var faults = new List<string>();
        foreach (var list in _lists)
        {
            await page.GotoAsync($"/{list}");
            await Office.AliveAsync(page);
            await Expect(page.Locator(".list tbody tr").First).ToBeVisibleAsync();
            await PictureAsync(page, list + mark);
            faults.AddRange((await office.SeriousFaultsAsync(page)).Select(f => $"{list}: {f}"));

            var first = await page.Locator(".list tbody tr").First.Locator("a").First.GetAttributeAsync("href");
            await page.GotoAsync(first!);
            await Office.AliveAsync(page);
            await Expect(page.Locator("h1")).ToBeVisibleAsync();
            await PictureAsync(page, $"{list}-one{mark}");
            faults.AddRange((await office.SeriousFaultsAsync(page)).Select(f => $"{first}: {f}"));
        }

        faults.Should().BeEmpty();
    }

    /// <summary>The beginning of a page: what stands below is more of the same.</summary>
    private static async Task PictureAsync(IPage page, string name)
    {
        if (Environment.GetEnvironmentVariable("PAYCORE_SCREENSHOTS") is { Length: > 0 } folder)
        {
            var size = page.ViewportSize!;
            var height = await page.EvaluateAsync<int>("() => document.documentElement.scrollHeight");
            await page.ScreenshotAsync(new PageScreenshotOptions
            {
                Path = Path.Combine(folder, $"{name}-{(size.Width < 600 ? "phone" : "desk")}.png"),
                FullPage = true,
                Clip = new Clip { X = 0, Y = 0, Width = size.Width, Height = Math.Min(height, 1500) },
            });
        }
    }
}
