using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Playwright;
using PayCore.Cashier.Tests.Support;
using PayCore.Configuration;
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

    [Fact]
    public async Task Certificate_ThatEndsWithinThirtyDays_IsToDo_AndOneThatLastsIsNot()
    {
        await using var office = await Office.OpenAsync(chromium, "sqlite", "--Demo:Ways=all");
        await CertifyAsync(office, "ends-tomorrow", TimeSpan.FromHours(36));
        await CertifyAsync(office, "ends-soon", TimeSpan.FromDays(29.5));
        await CertifyAsync(office, "lasts", TimeSpan.FromDays(30.5));
        var page = await office.BrowseAsync(await office.HireAsync("vera", "viewer"));

        await page.GotoAsync("/");
        await Office.AliveAsync(page);

        await Expect(page.Locator(".todo")).ToContainTextAsync("1day until a certificate of alipay/ends-tomorrow ends");
        await Expect(page.Locator(".todo")).ToContainTextAsync("29days until a certificate of alipay/ends-soon ends");
        await Expect(page.Locator(".todo")).Not.ToContainTextAsync("alipay/lasts");
        await page.Locator(".todo").GetByText("alipay/ends-soon").ClickAsync();
        await Expect(page).ToHaveURLAsync(new Uri(office.World.Console, "/accounts/alipay/ends-soon").AbsoluteUri);
        await Expect(page.GetByRole(AriaRole.Heading, new() { Level = 1 })).ToHaveTextAsync("ends-soon");
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

    /// <summary>Somebody goes elsewhere while figures are read for them, or while the chart measures itself in a browser that is gone by the next question: no error of ours.</summary>
    [Fact]
    public async Task Browser_ThatLeavesInTheMiddle_LeavesNoErrorInTheLog()
    {
        const int times = 12;
        const string leaveWhenMeasured = """
            Object.defineProperty(globalThis, "mudGetSvgBBox", {
              set: () => {},
              get: () => (element) => {
                const { x, y, width, height } = element.getBBox();
                setTimeout(() => location.replace("about:blank"));
                return { x, y, width, height };
              },
            });
            """;
        using var log = new CircuitLog();
        await using var office = await Office.OpenAsync(chromium, log, "sqlite", "--Logging:LogLevel:Microsoft.AspNetCore.Components=Debug");
        var vera = await office.HireAsync("vera", "viewer");
        for (var i = 0; i < times; i++)
        {
            var page = await office.BrowseAsync(vera);
            if (i % 2 == 0)
            {
                await page.AddInitScriptAsync(leaveWhenMeasured);
                await page.GotoAsync("/", new PageGotoOptions { WaitUntil = WaitUntilState.Commit });
                await Expect(page).ToHaveURLAsync("about:blank");
            }
            else
            {
                await page.GotoAsync("/");
                await Office.AliveAsync(page);
                await page.GetByRole(AriaRole.Link, new() { Name = "7 days" }).ClickAsync();
                await page.GotoAsync("about:blank");
            }

            await page.CloseAsync();
        }

        await Till.UntilAsync(() => Task.FromResult(log.Left >= times), "every browser has left");
        log.Errors.Should().BeEmpty();
    }

    /// <summary>An account in certificate mode, as the demo's, whose own certificate ends after so long.</summary>
    private static async Task CertifyAsync(Office office, string account, TimeSpan left)
    {
        const string certified = "2021000000000002";
        var kept = (await office.Configuration.ReadAllAsync(CancellationToken.None)).Single(d => d.Folder == "alipay" && d.Name == certified);
        var members = DocumentJson.ReadMembers(account, kept.Content);
        using var key = RSA.Create();
        key.ImportFromPem(members["private_key"]!.GetValue<string>());
        var end = office.Clock.GetUtcNow() + left;
        using var certificate = new CertificateRequest("CN=demo", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1).CreateSelfSigned(end.AddYears(-1), end);
        members["app_cert"] = certificate.ExportCertificatePem();
        await office.Configuration.WriteAsync("alipay", account, DocumentJson.WriteMembers(members), CancellationToken.None);
    }

    private async Task PayAsync()
    {
        var answer = await _office.World.CreateAsync();
        _office.World.Wallet.Pay(World.Account, answer["attempt_no"]!.GetValue<string>());
        await _office.World.UntilAsync(answer["order"]!["id"]!.GetValue<string>(), o => o.Order.State == PayOrder.Types.State.Paid);
    }
}
