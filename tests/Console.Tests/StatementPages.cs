using Microsoft.Playwright;
using PayCore.Cashier.Tests.Support;
using PayCore.Console.Tests.Support;
using PayCore.EndToEnd.Tests.Support;
using static Microsoft.Playwright.Assertions;

namespace PayCore.Console.Tests;

/// <summary>A difference from a day's statement leads to the statement, and what else differs there.</summary>
public sealed class StatementPages(Chromium chromium)
{
    [Theory]
    [InlineData("sqlite", 1440, 900, "en", ColorScheme.Light)]
    [InlineData("mysql", 390, 844, "en", ColorScheme.Dark)]
    public async Task Difference_InTheExceptions_LeadsToItsStatementAndBack(string provider, int width, int height, string locale, ColorScheme scheme)
    {
        await using var office = await Office.OpenAsync(chromium, provider);
        var statement = await office.StatementAsync();
        statement.Differences.Should().Be(3);
        var page = await office.BrowseAsync(await office.HireAsync("vera", "viewer"), width, height, locale, scheme);

        await page.GotoAsync("/exceptions?kind=STATEMENT_AMOUNT");
        await Office.AliveAsync(page);
        await page.Locator(".list tbody a").First.ClickAsync();
        await page.GetByRole(AriaRole.Link, new() { Name = "Open the statement" }).ClickAsync();

        await Expect(page).ToHaveURLAsync(new Uri(office.World.Console, $"/statements/{statement.StatementId}").AbsoluteUri);
        await Expect(page.GetByRole(AriaRole.Heading, new() { Level = 1 })).ToContainTextAsync($"{statement.Day} · {World.Account}");
        await Expect(page.Locator(".hero .chip")).ToHaveTextAsync("Compared");
        var differences = page.Locator("#differences tbody tr");
        await Expect(differences).ToHaveCountAsync(3);
        await Expect(Row("Amount differs from the statement").Locator("td[data-name='In the statement']")).ToHaveTextAsync("¥60.80");
        await Expect(Row("Amount differs from the statement").Locator("td[data-name=Ours]")).ToHaveTextAsync("¥68.00");
        await Expect(Row("Only in the statement")).ToContainTextAsync("4200002026112900000000000778");
        await Expect(Row("Only in the statement").Locator("td[data-name=Ours]")).ToHaveTextAsync("–");
        await Expect(Row("Not in the statement").Locator("td[data-name='In the statement']")).ToHaveTextAsync("–");
        await Expect(Row("Not in the statement").Locator("td[data-name=Ours]")).ToHaveTextAsync("¥250.00");
        await Office.PictureAsync(page, $"statement-{scheme}");
        (await office.SeriousFaultsAsync(page)).Should().BeEmpty();
        (await page.EvaluateAsync<int>("document.documentElement.scrollWidth")).Should().BeLessThanOrEqualTo(width);

        await Row("Only in the statement").GetByRole(AriaRole.Link).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Heading, new() { Level = 1 })).ToContainTextAsync("Only in the statement");

        await page.GotoAsync("/statements?different=1");
        await Office.AliveAsync(page);
        await page.GetByRole(AriaRole.Link, new() { Name = statement.Day, Exact = true }).ClickAsync();
        await Expect(differences).ToHaveCountAsync(3);
        await page.GotoAsync("/statements?state=FAILED");
        await Expect(page.Locator(".empty")).ToBeVisibleAsync();

        ILocator Row(string title) => differences.Filter(new() { HasText = title });
    }

    [Fact]
    public async Task Statement_ThatThereIsNot_IsSaidInWords()
    {
        await using var office = await Office.OpenAsync(chromium);
        var page = await office.BrowseAsync(await office.HireAsync("vera", "viewer"));
        await page.GotoAsync("/statements/S1");
        await Expect(page.GetByRole(AriaRole.Heading, new() { Level = 1 })).ToHaveTextAsync("There is no such record");
    }
}
