using Microsoft.Playwright;
using PayCore.Cashier.Tests.Support;

namespace PayCore.Cashier.Tests;

/// <summary>Each page as everybody can use it: axe finds nothing serious, in both languages and both colour schemes; nothing overflows; targets are large.</summary>
public sealed class Accessibility(Chromium chromium) : IAsyncLifetime
{
    private Till _till = null!;

    public static TheoryData<string> Sights => [.. Support.Sights.Names];

    public async ValueTask InitializeAsync() => _till = await Till.OpenAsync(chromium);

    public ValueTask DisposeAsync() => _till.DisposeAsync();

    [Theory]
    [MemberData(nameof(Sights))]
    public async Task EachSight_HasNothingSeriousForAxeAndFitsAnyWidth(string sight)
    {
        var viewer = Viewer.Phone with { Scheme = ColorScheme.Light };
        var page = await _till.SeeAsync(sight, viewer);
        foreach (var (width, locale, scheme) in new[]
        {
            (390, "en", ColorScheme.Light), (390, "zh", ColorScheme.Dark), (1280, "zh", ColorScheme.Light), (1280, "en", ColorScheme.Dark), (320, "en", ColorScheme.Light),
        })
        {
            await page.SetViewportSizeAsync(width, 844);
            await page.EmulateMediaAsync(new PageEmulateMediaOptions { ColorScheme = scheme, ReducedMotion = ReducedMotion.Reduce });
            await page.GotoAsync($"{page.Url.Split('?')[0]}?lang={locale}{(page.Url.Contains("processing", StringComparison.Ordinal) ? "&said=processing" : "")}");
            foreach (var summary in await page.Locator("summary").AllAsync())
            {
                await summary.ClickAsync();
            }

            (await page.EvaluateAsync<string>("document.documentElement.lang")).Should().StartWith(locale);
            (await _till.SeriousFaultsAsync(page)).Should().BeEmpty($"{sight} at {width} in {locale}, {scheme}");
            (await page.EvaluateAsync<int>("document.documentElement.scrollWidth")).Should().BeLessThanOrEqualTo(width);
            // All at once: a page that waits for something moves on by itself.
            (await page.Locator(".button:visible, summary:visible, .language:visible, .link:visible, input:visible:not([type=radio])")
                .EvaluateAllAsync<string[]>("all => all.filter(e => e.getBoundingClientRect().height < 44).map(e => e.outerHTML)")).Should().BeEmpty();
        }
    }

    [Fact]
    public async Task Keyboard_FromTheFirstTabToTheCode_NeedsNoMouse()
    {
        var order = await _till.OrderAsync();
        var page = await _till.OpenAsync(order.Page, Viewer.Desk);
        await page.Keyboard.PressAsync("Tab");
        (await page.EvaluateAsync<string>("document.activeElement.className")).Should().Be("language");
        await page.Keyboard.PressAsync("Tab");
        (await page.EvaluateAsync<string>("document.activeElement.innerText")).Should().Contain("Scan with");
        (await page.EvaluateAsync<string>("getComputedStyle(document.activeElement).outlineStyle")).Should().Be("solid", "one sees where one is");
        await page.Keyboard.PressAsync("Enter");
        await Assertions.Expect(page.Locator(".code:visible").First).ToBeVisibleAsync();
    }

    [Theory]
    [InlineData(ColorScheme.Light)]
    [InlineData(ColorScheme.Dark)]
    public async Task Code_InEitherScheme_IsReadFromThePicture(ColorScheme scheme)
    {
        var order = await _till.OrderAsync("wechat", "QR");
        foreach (var viewer in new[] { Viewer.Desk, Viewer.Phone })
        {
            var page = await _till.OpenAsync(order.Page, viewer with { Scheme = scheme });
            (await _till.ReadCodeAsync(page)).Should().Be((await _till.NewestAttemptAsync(order)).Action.QrCodeText);
            (await _till.ReadCodeAsync(page, page.Locator("body"))).Should().Be((await _till.NewestAttemptAsync(order)).Action.QrCodeText, "as a reader sees the whole page");
        }
    }

    [Fact]
    public async Task ReducedMotion_NothingMoves()
    {
        var order = await _till.OrderAsync("wechat", "QR");
        var page = await _till.OpenAsync(order.Page, Viewer.Phone);
        await page.EmulateMediaAsync(new PageEmulateMediaOptions { ReducedMotion = ReducedMotion.Reduce });
        (await page.EvaluateAsync<int>("document.getAnimations().length")).Should().Be(0);
    }
}
