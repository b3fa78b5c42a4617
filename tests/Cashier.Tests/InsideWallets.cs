using Microsoft.Playwright;
using PayCore.Cashier.Tests.Support;
using PayCore.Contracts.V1;
using static Microsoft.Playwright.Assertions;

namespace PayCore.Cashier.Tests;

/// <summary>Where the app's routes have them: the wallet opened from a phone's browser (H5), and the wallet's payment shown inside its own app (JSAPI).</summary>
public sealed class InsideWallets(Chromium chromium) : IAsyncLifetime
{
    private Till _till = null!;

    public async ValueTask InitializeAsync() => _till = await Till.OpenAsync(chromium, insideWallets: true);

    public ValueTask DisposeAsync() => _till.DisposeAsync();

    [Theory]
    [InlineData("WeChat")]
    [InlineData("Alipay")]
    public async Task PhonesBrowser_OpensTheWalletAndIsPaid(string wallet)
    {
        var order = await _till.OrderAsync();
        var page = await _till.OpenAsync(order.Page, Viewer.Phone);
        (await ButtonsAsync(page)).Should().StartWith([$"Open WeChat", "Open Alipay"], "a phone opens a wallet; it need not scan its own screen");

        await Button(page, $"Open {wallet}").ClickAsync();
        await Till.ArriveAsync(page, _till.World.Simulator);

        await page.GetByRole(AriaRole.Button).First.ClickAsync();
        await page.GotoAsync(order.Page.AbsoluteUri);
        await Expect(Heading(page)).ToHaveTextAsync("Paid");
        (await _till.NewestAttemptAsync(order)).Scene.Should().Be(Scene.H5);
        await _till.AgreeAsync(order);
    }

    [Theory]
    [InlineData("wechat", "WeChat", "o-buyer-of-tea")]
    [InlineData("alipay", "Alipay", "2088000000000099")]
    public async Task InsideTheWallet_ItsOwnPaymentIsShownAndIsPaid(string viewer, string wallet, string buyer)
    {
        var order = await _till.OrderAsync(buyer: buyer);
        var page = await _till.OpenAsync(order.Page, Viewer.Of(viewer), TheWalletsOwn());
        await Expect(page.Locator(".button.primary:visible")).ToHaveTextAsync($"Pay with {wallet}");
        await page.Locator(".button.primary:visible").ClickAsync();
        await Expect(Heading(page)).ToHaveTextAsync($"Continue to {wallet}");

        await page.GetByRole(AriaRole.Button, new PageGetByRoleOptions { Name = "Continue" }).ClickAsync();
        await Till.ArriveAsync(page, _till.World.Simulator);
        await page.GetByRole(AriaRole.Button).First.ClickAsync();

        await page.GotoAsync(order.Page.AbsoluteUri);
        await Expect(Heading(page)).ToHaveTextAsync("Paid");
        (await _till.NewestAttemptAsync(order)).Scene.Should().Be(Scene.Jsapi);
        await _till.AgreeAsync(order);
    }

    [Theory]
    [InlineData("wechat", "Scan with WeChat")]
    [InlineData("alipay", "Scan with Alipay")]
    public async Task InsideTheWallet_TheBuyerMayPayAnotherWay(string viewer, string other)
    {
        var order = await _till.OrderAsync(buyer: viewer == "wechat" ? "o-buyer-of-tea" : "2088000000000099");
        var page = await _till.OpenAsync(order.Page, Viewer.Of(viewer));
        await page.Locator(".button.primary:visible").ClickAsync();

        await page.GetByText("Pay another way").ClickAsync();
        await Button(page, other).ClickAsync();

        await Expect(page.Locator("img.code")).ToBeVisibleAsync();
        (await _till.NewestAttemptAsync(order)).Scene.Should().Be(Scene.Qr);
    }

    [Theory]
    [InlineData("wechat")]
    [InlineData("alipay")]
    public async Task InsideTheWallet_OfABuyerWhomTheMerchantDoesNotKnow_IsNotOffered(string viewer)
    {
        var order = await _till.OrderAsync();
        var page = await _till.OpenAsync(order.Page, Viewer.Of(viewer));

        (await ButtonsAsync(page)).Should().NotContain(t => t.StartsWith("Pay with ", StringComparison.Ordinal)).And.NotBeEmpty();
    }

    /// <summary>What the wallets put into the pages that their own browsers show.</summary>
    private string TheWalletsOwn() =>
        $$"""
        const simulator = "{{_till.World.Simulator.AbsoluteUri}}";
        window.WeixinJSBridge = {
          invoke: (name, values) => {
            if (name === "getBrandWCPayRequest") location.assign(simulator + "wallet/wechat/client?" + new URLSearchParams(values));
          },
        };
        window.AlipayJSBridge = {
          call: (name, values) => {
            if (name === "tradePay") location.assign(simulator + "alipay/trade?trade_no=" + values.tradeNO);
          },
        };
        """;

    private static ILocator Heading(IPage page) => page.Locator("h1");

    private static ILocator Button(IPage page, string name) => page.GetByRole(AriaRole.Button, new PageGetByRoleOptions { Name = name });

    private static async Task<IReadOnlyList<string>> ButtonsAsync(IPage page) =>
        [.. (await page.Locator("form[action$='/attempt'] .button").AllInnerTextsAsync()).Select(t => t.Trim())];
}
