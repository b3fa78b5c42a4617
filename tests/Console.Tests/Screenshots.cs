using Microsoft.Playwright;
using PayCore.Cashier.Tests.Support;
using PayCore.Console.Tests.Support;
using PayCore.PayManagerSystem.Permissions;

namespace PayCore.Console.Tests;

/// <summary>
/// The console's pictures for the documentation: every page of <see cref="ConsolePages"/> over made-up orders, on a desk and on a phone. <c>./screenshots</c> keeps them in the folder that
/// PAYCORE_SCREENSHOTS names; without it the same sights are taken and only looked at for being pictures of something.
/// </summary>
public sealed class Screenshots(Chromium chromium)
{
    private const int BytesMax = 400_000;

    private static readonly string? _folder = Environment.GetEnvironmentVariable("PAYCORE_SCREENSHOTS");

    [Fact]
    public async Task EveryPage_IsWorthShowing()
    {
        await using var office = await Office.OpenAsync(chromium);
        // Kept pictures show what a busy shop sees.
        await office.SeedAsync(string.IsNullOrEmpty(_folder) ? 1_200 : 12_000);
        var who = await office.WorkAsync();
        await ShowAsync(office, who, "desk", 1440, 900);
        await ShowAsync(office, who, "phone", 390, 844);
    }

    private static async Task ShowAsync(Office office, Person who, string viewer, int width, int height)
    {
        var page = await office.BrowseAsync(who, width, height, "en", ColorScheme.Light);
        await page.EmulateMediaAsync(new PageEmulateMediaOptions { ReducedMotion = ReducedMotion.Reduce });
        foreach (var one in ConsolePages.All)
        {
            var address = one.Route;
            if (address.Contains('{', StringComparison.Ordinal))
            {
                // A page of one thing: the first of the list that it belongs to.
                await page.GotoAsync(address[..address.IndexOf("/{", StringComparison.Ordinal)]);
                await ShownAsync(page);
                var first = page.Locator(".list tbody a").First;
                if (await first.CountAsync() == 0)
                {
                    continue;
                }

                address = (await first.GetAttributeAsync("href"))!;
            }

            await page.GotoAsync(address);
            await ShownAsync(page);
            var name = one.Route.Contains('{', StringComparison.Ordinal) ? $"{one.Route.Split('/')[1]}-one" : one.Route.Trim('/') is { Length: > 0 } path ? path.Replace('/', '-') : "home";
            var picture = await page.ScreenshotAsync(new PageScreenshotOptions
            {
                Path = string.IsNullOrEmpty(_folder) ? null : Path.Combine(_folder, $"console-{name}-{viewer}.png"),
                Scale = ScreenshotScale.Css,
            });
            picture.Length.Should().BeInRange(5_000, BytesMax, $"{address}: it shows something, and a checkout of the repository stays small");
        }
    }

    /// <summary>The page has what it is for: rows, facts, a form, or the words that there is nothing.</summary>
    private static async Task ShownAsync(IPage page)
    {
        await Office.AliveAsync(page);
        await page.WaitForFunctionAsync("() => document.querySelector('main :is(.list tbody tr, .empty, .known, .facts, form.inside, .fields)')");
        await page.WaitForFunctionAsync("() => !document.querySelector('main .chart') || document.querySelector('main .chart svg path')");
    }
}
