using Microsoft.Playwright;
using PayCore.Cashier.Tests.Support;
using PayCore.Console.Tests.Support;
using static Microsoft.Playwright.Assertions;

namespace PayCore.Console.Tests;

/// <summary>From the first start to Home, as the first operator does it.</summary>
public sealed class FirstStart(Chromium chromium)
{
    [Theory]
    [InlineData(1440, 900, "en", ColorScheme.Light)]
    [InlineData(390, 844, "zh", ColorScheme.Dark)]
    public async Task FirstOperator_ByTheLink_GetsPasswordAuthenticatorAndHome(int width, int height, string locale, ColorScheme scheme)
    {
        await using var office = await Office.OpenAsync(chromium);
        var page = await office.BrowseAsync(null, width, height, locale, scheme);
        var link = (await office.SetupLinkAsync())!;

        await page.GotoAsync(new Uri(office.World.Console, link.PathAndQuery).AbsoluteUri);
        await Office.PictureAsync(page, "setup");
        (await office.SeriousFaultsAsync(page)).Should().BeEmpty();
        await page.Locator("input[name=Name]").FillAsync("ada");
        await page.Locator("input[name=DisplayName]").FillAsync("Ada Lin");
        await page.Locator("input[name=Password]").FillAsync("password1234");
        await page.Locator("input[name=Again]").FillAsync("password1234");
        await page.Locator("button[type=submit]").ClickAsync();
        await Expect(page.GetByRole(AriaRole.Alert)).ToBeVisibleAsync();
        await Office.PictureAsync(page, "setup-refused");
        await page.Locator("input[name=Password]").FillAsync(Office.Password);
        await page.Locator("input[name=Again]").FillAsync(Office.Password);
        await page.Locator("button[type=submit]").ClickAsync();

        var secret = (await page.Locator(".secret").InnerTextAsync()).Replace(" ", "", StringComparison.Ordinal);
        await Office.PictureAsync(page, "enrol");
        (await office.SeriousFaultsAsync(page)).Should().BeEmpty();
        await page.Locator("input[name=Code]").FillAsync("000000");
        await page.Locator("button[type=submit]").ClickAsync();
        await Expect(page.GetByRole(AriaRole.Alert)).ToBeVisibleAsync();
        (await page.Locator(".secret").InnerTextAsync()).Replace(" ", "", StringComparison.Ordinal).Should().Be(secret, "a wrong code changes no secret");
        await page.Locator("input[name=Code]").FillAsync(office.CodeOf(secret));
        await page.Locator("button[type=submit]").ClickAsync();

        await Expect(page.Locator(".codes li")).ToHaveCountAsync(10);
        await Office.PictureAsync(page, "recovery");
        (await office.SeriousFaultsAsync(page)).Should().BeEmpty();
        await page.Locator(".button.primary").ClickAsync();
        await Office.AliveAsync(page);
        await Expect(page.GetByRole(AriaRole.Heading, new() { Level = 1 })).ToHaveTextAsync(locale == "zh" ? "首页" : "Home");
        await Office.PictureAsync(page, "home");
        (await office.SeriousFaultsAsync(page)).Should().BeEmpty();

        (await office.SetupLinkAsync()).Should().BeNull("there is an operator");
        var stranger = await office.BrowseAsync(null, width, height, "en");
        await stranger.GotoAsync(link.PathAndQuery);
        await Expect(stranger.GetByRole(AriaRole.Heading, new() { Level = 1 })).ToHaveTextAsync("This link opens nothing");
        await Office.PictureAsync(stranger, "setup-dead");
        await stranger.GotoAsync("/");
        await Expect(stranger).ToHaveURLAsync(new System.Text.RegularExpressions.Regex("/login\\?back="));
        await Office.PictureAsync(stranger, "login");
        (await office.SeriousFaultsAsync(stranger)).Should().BeEmpty();
        await office.DemandWholeAuditAsync();
    }
}
