using System.Collections.Concurrent;
using Google.Protobuf.WellKnownTypes;
using Microsoft.Playwright;
using PayCore.Contracts.V1;
using PayCore.TestKit;

namespace PayCore.PayCenter.Tests;

/// <summary>The pages in a real browser: what scripts do, and that our own policy lets everything of ours through.</summary>
public sealed class BrowserTests : IAsyncLifetime
{
    private readonly ConcurrentQueue<string> _complaints = new();
    private PayCenterHost _host = null!;
    private IPlaywright _playwright = null!;
    private IBrowser _chromium = null!;

    private FakeGateways Gateways => _host.Gateways;

    public async ValueTask InitializeAsync()
    {
        _host = await PayCenterHost.StartAsync();
        _playwright = await Playwright.CreateAsync();
        _chromium = await _playwright.Chromium.LaunchAsync(new BrowserTypeLaunchOptions { ExecutablePath = DebianChromium.Path, Args = DebianChromium.Arguments });
    }

    public async ValueTask DisposeAsync()
    {
        if (_host is not null)
        {
            await _chromium.DisposeAsync();
            _playwright.Dispose();
            await _host.DisposeAsync();
            _complaints.Should().BeEmpty("the browser has nothing to complain of: no refused script, style or form");
        }
    }

    [Fact]
    public async Task Page_PaidElsewhere_ShowsItByItself()
    {
        var token = Gateways.Add();
        var page = await OpenAsync(token);
        await Assertions.Expect(page.GetByRole(AriaRole.Heading)).ToHaveTextAsync("Scan with WeChat");
        Gateways.Change(token, o => o.Order.State = PayOrder.Types.State.Paid);
        await Assertions.Expect(page.GetByRole(AriaRole.Heading)).ToHaveTextAsync("Paid");
    }

    [Fact]
    public async Task Page_CodeRunsOut_OffersANewOneByItselfAndADoubleClickAsksOnce()
    {
        var token = Gateways.Add(o => o.Attempt.ExpireTime = Timestamp.FromDateTimeOffset(DateTimeOffset.UtcNow.AddSeconds(4)));
        var page = await OpenAsync(token);
        await Assertions.Expect(page.Locator("[data-countdown]")).ToHaveTextAsync("0:02");
        var button = page.GetByRole(AriaRole.Button, new PageGetByRoleOptions { Name = "Get a new code" });
        await Assertions.Expect(button).ToBeVisibleAsync();
        await button.DblClickAsync();
        await Assertions.Expect(page.GetByRole(AriaRole.Heading)).ToHaveTextAsync("Scan with WeChat");
        Gateways.Asked.Select(a => a.OutAttemptNo).Distinct().Should().ContainSingle();
    }

    [Fact]
    public async Task Page_WithoutScripts_FindsThePaymentToo()
    {
        var token = Gateways.Add();
        var page = await OpenAsync(token, new BrowserNewContextOptions { JavaScriptEnabled = false });
        Gateways.Change(token, o => o.Order.State = PayOrder.Types.State.Paid);
        await Assertions.Expect(page.GetByRole(AriaRole.Heading)).ToHaveTextAsync("Paid", new LocatorAssertionsToHaveTextOptions { Timeout = 15_000 });
    }

    [Theory]
    [InlineData(390, ColorScheme.Light)]
    [InlineData(390, ColorScheme.Dark)]
    [InlineData(320, ColorScheme.Light)]
    [InlineData(1280, ColorScheme.Light)]
    public async Task Page_AnyWidth_HasLargeTargetsNoOverflowAndAWhiteCode(int width, ColorScheme scheme)
    {
        var token = Gateways.AddChoice(o =>
        {
            o.Order.Subject = new string('W', 120);
            o.Order.AmountMinor = 100_000_000_000;
            o.Attempt = Gateways.Attempt("A1", "wechat", "weixin://wxpay/bizpayurl?pr=abc");
        });
        var page = await OpenAsync(token, new BrowserNewContextOptions
        {
            ViewportSize = new ViewportSize { Width = width, Height = 844 },
            ColorScheme = scheme,
        });
        (await page.EvaluateAsync<int>("document.documentElement.scrollWidth")).Should().BeLessThanOrEqualTo(width);
        (await page.EvaluateAsync<string>("getComputedStyle(document.querySelector('.code')).backgroundColor")).Should().Be("rgb(255, 255, 255)");
        (await page.EvaluateAsync<double>("document.querySelector('.code svg').getBoundingClientRect().width")).Should().BeGreaterThanOrEqualTo(200);
        (await page.Locator(".button:visible, summary, .language").EvaluateAllAsync<string[]>("all => all.filter(e => e.getBoundingClientRect().height < 44).map(e => e.outerHTML)"))
            .Should().BeEmpty();
    }

    [Fact]
    public async Task Shop_Buy_LeadsToTheCashierAndTheOrderPage()
    {
        var folder = Directory.CreateTempSubdirectory("shop-").FullName;
        await using var api = await FakeMerchantApi.StartAsync();
        await File.WriteAllTextAsync(Path.Combine(folder, "key.pem"), api.PrivateKeyPem, TestContext.Current.CancellationToken);
        await using (var host = await PayCenterHost.StartAsync(settings: ShopPageTests.Settings(folder, api, new byte[32])))
        {
            var token = host.Gateways.Add();
            api.Answer = $$"""{"cashier_url":"{{host.Address}}pay/{{token}}"}""";
            var page = await OpenAsync(new Uri(host.Address, "/shop"));
            await page.GetByRole(AriaRole.Button, new PageGetByRoleOptions { Name = "Buy: Celadon cup" }).ClickAsync();
            await Assertions.Expect(page.GetByRole(AriaRole.Heading)).ToHaveTextAsync("Scan with WeChat");
            api.Signatures.Should().ContainSingle().Which.IsVerified.Should().BeTrue();

            await page.GotoAsync(new Uri(host.Address, "/shop/orders").AbsoluteUri);
            await page.GetByRole(AriaRole.Link, new PageGetByRoleOptions { Name = "Celadon cup" }).ClickAsync();
            await Assertions.Expect(page.GetByRole(AriaRole.Status)).ToContainTextAsync("Waiting for payment");
        }

        Directory.Delete(folder, recursive: true);
    }

    private Task<IPage> OpenAsync(string token, BrowserNewContextOptions? options = null) => OpenAsync(new Uri(_host.Address, $"/pay/{token}"), options);

    private async Task<IPage> OpenAsync(Uri address, BrowserNewContextOptions? options = null)
    {
        options ??= new BrowserNewContextOptions();
        options.Locale = "en";
        var context = await _chromium.NewContextAsync(options);
        var page = await context.NewPageAsync();
        page.Console += (_, message) =>
        {
            if (message.Type is "error" or "warning")
            {
                _complaints.Enqueue(message.Text);
            }
        };
        page.PageError += (_, error) => _complaints.Enqueue(error);
        await page.GotoAsync(address.AbsoluteUri);
        return page;
    }
}
