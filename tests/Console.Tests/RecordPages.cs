using Microsoft.Playwright;
using PayCore.Cashier.Tests.Support;
using PayCore.Console.Tests.Support;
using static Microsoft.Playwright.Assertions;

namespace PayCore.Console.Tests;

/// <summary>Every list and a record of each, as operators see them on a desk and on a phone.</summary>
public sealed class RecordPages(Chromium chromium)
{
    private static readonly string[] _lists = ["payments", "refunds", "transfers", "deliveries", "callbacks", "exceptions"];

    [Theory]
    [InlineData(1440, 900, "en", ColorScheme.Light)]
    [InlineData(390, 844, "en", ColorScheme.Light)]
    [InlineData(1440, 900, "zh", ColorScheme.Dark)]
    public async Task ListsAndRecords_LookLikeThemselves(int width, int height, string locale, ColorScheme scheme)
    {
        await using var office = await Office.OpenAsync(chromium);
        await office.SeedAsync(3000);
        var page = await office.BrowseAsync(await office.HireAsync("ada", "admin"), width, height, locale, scheme);
        var mark = locale == "zh" ? "-zh-dark" : "";
        foreach (var list in _lists)
        {
            await page.GotoAsync($"/{list}");
            await Office.AliveAsync(page);
            await Expect(page.Locator(".list tbody tr").First).ToBeVisibleAsync();
            await Office.PictureAsync(page, list + mark);
            (await office.SeriousFaultsAsync(page)).Should().BeEmpty(list);

            var first = await page.Locator(".list tbody tr").First.Locator("a").First.GetAttributeAsync("href");
            await page.GotoAsync(first!);
            await Office.AliveAsync(page);
            await Expect(page.Locator("h1")).ToBeVisibleAsync();
            await Office.PictureAsync(page, $"{list}-one{mark}");
            (await office.SeriousFaultsAsync(page)).Should().BeEmpty(first);
        }
    }
}
