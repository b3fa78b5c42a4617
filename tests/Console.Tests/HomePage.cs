using Microsoft.Playwright;
using PayCore.Cashier.Tests.Support;
using PayCore.Console.Tests.Support;
using PayCore.Contracts.V1;
using PayCore.EndToEnd.Tests.Support;
using static Microsoft.Playwright.Assertions;

namespace PayCore.Console.Tests;

/// <summary>The first page, with money coming in while somebody looks at it.</summary>
public sealed class HomePage(Chromium chromium) : IAsyncLifetime
{
    private Office _office = null!;
    private Person _ada = null!;

    public async ValueTask InitializeAsync()
    {
        _office = await Office.OpenAsync(chromium);
        _ada = await _office.HireAsync("ada", "viewer");
    }

    public ValueTask DisposeAsync() => _office.DisposeAsync();

    [Fact]
    public async Task Payment_WhileThePageIsOpen_ComesInByItself()
    {
        var page = await _office.BrowseAsync(_ada);
        await page.GotoAsync("/");
        await Office.AliveAsync(page);
        await Expect(Figure(page, "Payments")).ToHaveTextAsync("0");
        await Expect(page.GetByText("Nothing waits for a person")).ToBeVisibleAsync();

        await PayAsync();

        await Expect(Figure(page, "Payments")).ToHaveTextAsync("1", new() { Timeout = 40_000 });
        await Expect(Figure(page, "Paid")).ToHaveTextAsync("¥12.99");
        await Expect(page.Locator(".steps li").Filter(new() { HasText = "Paid" })).ToContainTextAsync("100.0 %");
        await Expect(page.GetByRole(AriaRole.Link, new() { Name = "wechat" })).ToBeVisibleAsync();
    }

    [Theory]
    [InlineData(1440, 900, "en", ColorScheme.Light)]
    [InlineData(390, 844, "zh", ColorScheme.Dark)]
    public async Task EachPeriod_AtEachWidth_HasNothingSeriousForAxeAndFits(int width, int height, string locale, ColorScheme scheme)
    {
        await PayAsync();
        var page = await _office.BrowseAsync(_ada, width, height, locale, scheme);
        foreach (var period in new[] { "day", "week", "month" })
        {
            await page.GotoAsync($"/?period={period}");
            await Office.AliveAsync(page);
            await Expect(page.Locator(".figure .value").First).ToHaveTextAsync("¥12.99");
            await page.Locator(".as-table summary").ClickAsync();
            await Office.PictureAsync(page, $"home-{period}-{locale}");
            (await _office.SeriousFaultsAsync(page)).Should().BeEmpty($"{period} at {width} in {locale}, {scheme}");
            (await page.EvaluateAsync<int>("document.documentElement.scrollWidth")).Should().BeLessThanOrEqualTo(width, period);
        }
    }

    private static ILocator Figure(IPage page, string title) =>
        page.Locator(".figure").Filter(new() { Has = page.GetByRole(AriaRole.Heading, new() { Name = title, Exact = true }) }).Locator(".value");

    private async Task PayAsync()
    {
        var answer = await _office.World.CreateAsync();
        _office.World.Wallet.Pay(World.Account, answer["attempt_no"]!.GetValue<string>());
        await _office.World.UntilAsync(answer["order"]!["id"]!.GetValue<string>(), o => o.Order.State == PayOrder.Types.State.Paid);
    }
}
