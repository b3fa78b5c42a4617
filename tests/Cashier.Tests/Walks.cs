using Microsoft.Playwright;
using PayCore.Cashier.Tests.Support;
using PayCore.ChannelSimulator;
using PayCore.Contracts.V1;
using static Microsoft.Playwright.Assertions;
using AttemptState = PayCore.Contracts.V1.Attempt.Types.State;
using OrderState = PayCore.Contracts.V1.PayOrder.Types.State;

namespace PayCore.Cashier.Tests;

/// <summary>Buyers' ways from the order to "paid", on a desk, on a phone, and inside the wallets' apps.</summary>
public sealed class Walks(Chromium chromium) : IAsyncLifetime
{
    private Till _till = null!;

    public async ValueTask InitializeAsync() => _till = await Till.OpenAsync(chromium);

    public ValueTask DisposeAsync() => _till.DisposeAsync();

    [Theory]
    [InlineData("desk", "WeChat")]
    [InlineData("phone", "WeChat")]
    [InlineData("desk", "Alipay")]
    [InlineData("phone", "Alipay")]
    public async Task Choose_AWallet_ShowsItsCodeAndThenPaidInPlace(string viewer, string wallet)
    {
        var order = await _till.OrderAsync();
        var page = await _till.OpenAsync(order.Page, Viewer.Of(viewer));
        await page.EvaluateAsync("window.sameDocument = true");
        var choice = page.GetByRole(AriaRole.Button, new PageGetByRoleOptions { Name = $"Scan with {wallet}" });
        if (!await choice.IsVisibleAsync())
        {
            await page.GetByText("Pay another way").ClickAsync();
        }

        await choice.ClickAsync();
        await Expect(Heading(page)).ToHaveTextAsync($"Scan with {wallet}");
        await page.EvaluateAsync("window.sameDocument = true");
        var code = await _till.ReadCodeAsync(page);
        code.Should().Be((await _till.NewestAttemptAsync(order)).Action.QrCodeText, "the code says what the channel said");

        _till.Pay(code!).Should().BeTrue();
        await Expect(Heading(page)).ToHaveTextAsync("Paid");
        (await page.EvaluateAsync<bool>("window.sameDocument === true")).Should().BeTrue("the news takes its place without a new page");
        await Expect(page.Locator("[data-announcer]")).ToHaveTextAsync("Paid");
        await Expect(page.Locator(".facts")).ToContainTextAsync(wallet);
        await _till.AgreeAsync(order);
    }

    [Theory]
    [InlineData("desk")]
    [InlineData("phone")]
    public async Task Choose_AlipaysPage_GoesThereAndComesBackPaid(string viewer)
    {
        var order = await _till.OrderAsync();
        var page = await _till.OpenAsync(order.Page, Viewer.Of(viewer));
        if (viewer == "desk")
        {
            await page.GetByText("Pay another way").ClickAsync();
        }

        await page.GetByRole(AriaRole.Button, new PageGetByRoleOptions { Name = "Pay on Alipay’s page" }).ClickAsync();
        await Till.ArriveAsync(page, _till.World.Simulator);
        await page.GetByRole(AriaRole.Button).First.ClickAsync();
        await Till.ArriveAsync(page, order.Page);
        await Expect(Heading(page)).ToHaveTextAsync("Paid");
        await _till.AgreeAsync(order);
    }

    [Theory]
    [InlineData("wechat", "Scan with WeChat")]
    [InlineData("alipay", "Pay on Alipay’s page")]
    public async Task InsideAWallet_ItsOwnWayStandsOutAndTheOthersAreThereToo(string viewer, string loud)
    {
        var order = await _till.OrderAsync();
        var page = await _till.OpenAsync(order.Page, Viewer.Of(viewer));
        await Expect(page.Locator(".button.primary:visible")).ToHaveTextAsync(loud);
        await page.GetByText("Pay another way").ClickAsync();
        (await page.Locator("form[action$='/attempt'] .button").AllInnerTextsAsync()).Select(t => t.Trim())
            .Should().BeEquivalentTo("Scan with WeChat", "Scan with Alipay", "Pay on Alipay’s page");
    }

    [Fact]
    public async Task InWechat_TheCodeIsForAnotherPhone()
    {
        var order = await _till.OrderAsync();
        var page = await _till.OpenAsync(order.Page, Viewer.InWechat);
        await page.Locator(".button.primary:visible").ClickAsync();
        await Expect(page.Locator("img.code")).ToBeVisibleAsync();
        await Expect(page.GetByText("Scan this code with WeChat on another phone")).ToBeVisibleAsync();
        (await _till.ReadCodeAsync(page)).Should().Be((await _till.NewestAttemptAsync(order)).Action.QrCodeText);
    }

    [Theory]
    [InlineData("wechat")]
    [InlineData("alipay")]
    [InlineData("phone")]
    public async Task OneCode_OnTheDesk_LeadsEachScannerToItsOwnWayAndTheDeskShowsTheResult(string scanner)
    {
        var order = await _till.OrderAsync();
        var desk = await _till.OpenAsync(order.Page, Viewer.Desk);
        var address = await _till.ReadCodeAsync(desk);
        address.Should().Be(order.Page.AbsoluteUri, "the page's own address is the code for all wallets");

        var hand = await _till.OpenAsync(new Uri(address!), Viewer.Of(scanner));
        if (scanner == "wechat")
        {
            await hand.Locator(".button.primary:visible").ClickAsync();
            await Expect(Heading(desk)).ToHaveTextAsync("Scan with WeChat");
            _till.Pay((await _till.ReadCodeAsync(hand))!).Should().BeTrue();
        }
        else
        {
            await hand.GetByRole(AriaRole.Button, new PageGetByRoleOptions { Name = "Pay on Alipay’s page" }).ClickAsync();
            await Till.ArriveAsync(hand, _till.World.Simulator);
            await hand.GetByRole(AriaRole.Button).First.ClickAsync();
            await Till.ArriveAsync(hand, order.Page);
            await Expect(Heading(hand)).ToHaveTextAsync("Paid");
        }

        await Expect(Heading(desk)).ToHaveTextAsync("Paid");
        await _till.AgreeAsync(order);
    }

    [Fact]
    public async Task WithoutScripts_OrderToPaid_ByTheFirstHtmlAndItsOwnReload()
    {
        var order = await _till.OrderAsync();
        var page = await _till.OpenAsync(order.Page, Viewer.Desk with { Scripts = false });
        await page.GetByRole(AriaRole.Button, new PageGetByRoleOptions { Name = "Scan with WeChat" }).ClickAsync();
        var code = await _till.ReadCodeAsync(page);
        code.Should().Be((await _till.NewestAttemptAsync(order)).Action.QrCodeText);
        _till.Pay(code!).Should().BeTrue();
        await _till.World.UntilAsync(order.Id, o => o.Order.State == OrderState.Paid);
        await page.ReloadAsync();
        await Expect(Heading(page)).ToHaveTextAsync("Paid");
        await Expect(page.GetByRole(AriaRole.Link, new PageGetByRoleOptions { NameRegex = new("^Return to") })).ToHaveAttributeAsync("href", _till.ReturnUrl);
        await Expect(page.Locator("[data-return]")).ToBeHiddenAsync();
    }

    [Fact]
    public async Task Events_NotToBeHad_PollingFindsThePayment()
    {
        var order = await _till.OrderAsync("wechat", "QR");
        var page = await _till.OpenAsync(order.Page, Viewer.Desk);
        await page.RouteAsync("**/events", route => route.FulfillAsync(new RouteFulfillOptions { Status = 204 }));
        await page.ReloadAsync();
        await Expect(Heading(page)).ToHaveTextAsync("Scan with WeChat");
        _till.Pay((await _till.ReadCodeAsync(page))!).Should().BeTrue();
        await Expect(Heading(page)).ToHaveTextAsync("Paid", new LocatorAssertionsToHaveTextOptions { Timeout = 20_000 });
    }

    [Fact]
    public async Task Switch_ToAnotherWallet_EndsTheFirstOneBefore()
    {
        var order = await _till.OrderAsync();
        var page = await _till.OpenAsync(order.Page, Viewer.Desk);
        await page.GetByRole(AriaRole.Button, new PageGetByRoleOptions { Name = "Scan with WeChat" }).ClickAsync();
        await Expect(Heading(page)).ToHaveTextAsync("Scan with WeChat");
        var first = await _till.ReadCodeAsync(page);
        await page.GetByText("Pay another way").ClickAsync();
        await page.GetByRole(AriaRole.Button, new PageGetByRoleOptions { Name = "Scan with Alipay" }).ClickAsync();
        await Expect(Heading(page)).ToHaveTextAsync("Scan with Alipay");
        await Expect(page.Locator(".said")).ToHaveCountAsync(0);
        _till.Pay(first!).Should().BeFalse("its code is closed at the provider");
        (await _till.World.ReadAsync(order.Id)).Attempts[0].Attempt.State.Should().Be(AttemptState.Closed);
    }

    [Fact]
    public async Task Switch_CloseNotCertain_SaysSoBeforeTheNewCodeAndTakesItBackWhenItIs()
    {
        var order = await _till.OrderAsync();
        var page = await _till.OpenAsync(order.Page, Viewer.Desk);
        await page.GetByRole(AriaRole.Button, new PageGetByRoleOptions { Name = "Scan with WeChat" }).ClickAsync();
        await Expect(Heading(page)).ToHaveTextAsync("Scan with WeChat");
        var fault = _till.World.Faults.Add(new Fault { Operation = "close", Kind = FaultKinds.Error500Before, Count = -1 });
        await page.GetByText("Pay another way").ClickAsync();
        await page.GetByRole(AriaRole.Button, new PageGetByRoleOptions { Name = "Scan with Alipay" }).ClickAsync();
        await Expect(Heading(page)).ToHaveTextAsync("Scan with Alipay");
        await Expect(page.Locator(".said")).ToContainTextAsync("Your earlier payment with WeChat could not be ended for certain.");
        fault.Fired.Should().BePositive();

        _till.World.Faults.Clear();
        var attempts = (await _till.World.ReadAsync(order.Id)).Attempts;
        await _till.World.Database.RecordAttemptClosedAsync(new RecordAttemptClosedRequest { AttemptNo = attempts[0].Attempt.AttemptNo, Cause = "close" });
        await Expect(page.Locator(".said")).ToHaveCountAsync(0);
    }

    [Fact]
    public async Task IHavePaid_NotConfirmed_HidesTheCodeUntilTheBuyerSaysOtherwise()
    {
        var order = await _till.OrderAsync("wechat", "QR");
        var page = await _till.OpenAsync(order.Page, Viewer.Phone);
        await page.GetByRole(AriaRole.Button, new PageGetByRoleOptions { Name = "I have paid" }).ClickAsync();
        await Expect(Heading(page)).ToHaveTextAsync("We are confirming your payment");
        await Expect(page.Locator(".code")).ToHaveCountAsync(0);
        await page.GetByRole(AriaRole.Link, new PageGetByRoleOptions { Name = "I have not paid yet" }).ClickAsync();
        await Expect(page.Locator(".code")).ToBeVisibleAsync();
    }

    [Fact]
    public async Task IHavePaid_CallbackLost_AsksTheChannelAndShowsPaid()
    {
        _till.World.Faults.Add(new Fault { Operation = "callback", Kind = FaultKinds.Lost, Count = -1 });
        var order = await _till.OrderAsync("wechat", "QR");
        var page = await _till.OpenAsync(order.Page, Viewer.Phone);
        _till.Pay((await _till.ReadCodeAsync(page))!).Should().BeTrue();
        await page.GetByRole(AriaRole.Button, new PageGetByRoleOptions { Name = "I have paid" }).ClickAsync();
        await Expect(Heading(page)).ToHaveTextAsync("Paid");
    }

    [Fact]
    public async Task Return_WithTheChannelsWordsInTheAddress_ProvesNothing()
    {
        var order = await _till.OrderAsync("alipay", "PAGE");
        var attempt = await _till.NewestAttemptAsync(order);
        var page = await _till.OpenAsync(
            new Uri($"{order.Page}/return?out_trade_no={attempt.AttemptNo}&trade_status=TRADE_SUCCESS&total_amount=38.00&sign=AAAA"), Viewer.Phone);
        await Expect(Heading(page)).ToHaveTextAsync("We are confirming your payment");
        (await _till.World.ReadAsync(order.Id)).Order.State.Should().Be(OrderState.Paying);
        page.Url.Should().NotContain("sign=");
    }

    [Fact]
    public async Task Paid_TheBrowserGoesBackToTheShopOnceUnlessTheBuyerStays()
    {
        var order = await _till.OrderAsync("wechat", "QR");
        var page = await _till.OpenAsync(order.Page, Viewer.Phone);
        _till.Pay((await _till.ReadCodeAsync(page))!).Should().BeTrue();
        await Expect(Heading(page)).ToHaveTextAsync("Paid");
        await Expect(page.Locator("[data-return]")).ToContainTextAsync("You go back in");
        await Expect(page).ToHaveURLAsync(_till.ReturnUrl);
        await page.GoBackAsync();
        await Expect(Heading(page)).ToHaveTextAsync("Paid");
        await Expect(page.Locator("[data-return]")).ToBeHiddenAsync();

        var other = await _till.OpenAsync(order.Page, Viewer.Phone);
        await other.GetByRole(AriaRole.Button, new PageGetByRoleOptions { Name = "Stay here" }).ClickAsync();
        await Expect(other.Locator("[data-return]")).ToBeHiddenAsync();
        await other.WaitForTimeoutAsync(6_000);
        other.Url.Should().Be(order.Page.AbsoluteUri);
    }

    [Fact]
    public async Task Expiry_Passes_MarksTheLastQuarterThenSaysThatItIsOver()
    {
        var order = await _till.OrderAsync("wechat", "QR");
        var page = await _till.OpenAsync(order.Page, Viewer.Phone);
        await Expect(page.Locator(".countdown.late")).ToHaveCountAsync(0);
        _till.Clock.Add(TimeSpan.FromMinutes(25));
        await page.ReloadAsync();
        await Expect(page.Locator(".countdown.late")).ToBeVisibleAsync();
        // A look of the monitor that is under way while the clock leaps is not answered in time: the next one is half a minute later.
        _till.Clock.Add(TimeSpan.FromMinutes(6));
        for (var leaps = 0; leaps < 10 && await Heading(page).TextContentAsync() != "This order has expired"; leaps++)
        {
            await page.WaitForTimeoutAsync(2_000);
            _till.Clock.Add(TimeSpan.FromSeconds(30));
        }

        await Expect(Heading(page)).ToHaveTextAsync("This order has expired");
        await Expect(page.Locator(".button.primary")).ToHaveAttributeAsync("href", _till.ReturnUrl);
        await _till.AgreeAsync(order);
    }

    [Fact]
    public async Task NewCode_OfAnOrderWhoseCodeEnded_IsGivenInPlace()
    {
        var order = await _till.OrderAsync();
        var page = await _till.OpenAsync(order.Page, Viewer.Desk);
        await page.GetByRole(AriaRole.Button, new PageGetByRoleOptions { Name = "Scan with WeChat" }).ClickAsync();
        await Expect(Heading(page)).ToHaveTextAsync("Scan with WeChat");
        var attempt = await _till.NewestAttemptAsync(order);
        await _till.World.Database.RecordAttemptClosedAsync(new RecordAttemptClosedRequest { AttemptNo = attempt.AttemptNo, Cause = "close" });
        await Expect(Heading(page)).ToHaveTextAsync("This code is no longer valid");
        await page.GetByRole(AriaRole.Button, new PageGetByRoleOptions { Name = "Get a new code" }).ClickAsync();
        await Expect(Heading(page)).ToHaveTextAsync("Scan with WeChat");
        (await _till.ReadCodeAsync(page)).Should().NotBe(attempt.Action.QrCodeText).And.NotBeNull();
    }

    [Theory]
    [InlineData("desk")]
    [InlineData("phone")]
    public async Task StaticStoreCode_AmountTyped_BecomesAnOrderThatIsPaid(string viewer)
    {
        var address = new Uri(_till.World.Web, $"/store/{EndToEnd.Tests.Support.World.AppId}/{Till.Store}");
        var printed = await _till.OpenAsync(new Uri("about:blank"), Viewer.Desk);
        await printed.SetContentAsync($"<div style=\"width: 300px\">{await _till.World.Anonymous.GetStringAsync($"{address}/code.svg")}</div>");
        (await _till.ReadCodeAsync(printed, printed.Locator("svg"))).Should().Be(address.AbsoluteUri);

        var page = await _till.OpenAsync(address, Viewer.Of(viewer));
        await page.GetByLabel("Amount").FillAsync("12.80");
        await page.GetByRole(AriaRole.Button, new PageGetByRoleOptions { Name = "Continue" }).ClickAsync();
        await Expect(Heading(page)).ToHaveTextAsync("How would you like to pay?");
        await Expect(page.Locator(".amount")).ToHaveTextAsync("¥12.80");
        await Expect(page.Locator(".subject")).ToHaveTextAsync("Tea and paper, till 1");
        var choice = page.GetByRole(AriaRole.Button, new PageGetByRoleOptions { Name = "Scan with WeChat" });
        await choice.ClickAsync();
        await Expect(Heading(page)).ToHaveTextAsync("Scan with WeChat");
        _till.Pay((await _till.ReadCodeAsync(page))!).Should().BeTrue();
        await Expect(Heading(page)).ToHaveTextAsync("Paid");
        await _till.World.UntilReceivedAsync(1);
        var told = _till.World.Receiver.All[0].Json.GetProperty("data");
        told.GetProperty("out_trade_no").GetString().Should().MatchRegex($"^store-{Till.Store}-[0-9A-Z]{{26}}$");
        told.GetProperty("amount_minor").GetInt64().Should().Be(1280);
    }

    [Theory]
    [InlineData("desk")]
    [InlineData("phone")]
    public async Task Shop_BuyAndPay_IsPaidInItsListByAVerifiedNotification(string viewer)
    {
        var page = await _till.OpenAsync(new Uri(_till.World.Web, "/shop"), Viewer.Of(viewer));
        await page.GetByLabel("Let me choose the wallet").CheckAsync();
        await page.GetByRole(AriaRole.Button, new PageGetByRoleOptions { Name = "Buy: Celadon cup" }).ClickAsync();
        await Expect(Heading(page)).ToHaveTextAsync("How would you like to pay?");
        await page.GetByRole(AriaRole.Button, new PageGetByRoleOptions { Name = "Scan with WeChat" }).ClickAsync();
        await Expect(Heading(page)).ToHaveTextAsync("Scan with WeChat");
        _till.Pay((await _till.ReadCodeAsync(page))!).Should().BeTrue();
        await Till.ArriveAsync(page, new Uri(_till.World.Web, "/shop/orders/"));
        await Expect(page.GetByRole(AriaRole.Status)).ToContainTextAsync("Paid");
        await page.GotoAsync(new Uri(_till.World.Web, "/shop/orders").AbsoluteUri);
        await Expect(page.Locator(".orders .state")).ToHaveTextAsync("Paid");
    }

    private static ILocator Heading(IPage page) => page.Locator("h1");
}
