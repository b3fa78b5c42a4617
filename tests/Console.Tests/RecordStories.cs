using System.Net;
using System.Text.Json.Nodes;
using Microsoft.Playwright;
using PayCore.Cashier.Tests.Support;
using PayCore.ChannelSimulator;
using PayCore.Console.Tests.Support;
using PayCore.Contracts.V1;
using PayCore.EndToEnd.Tests.Support;
using static Microsoft.Playwright.Assertions;
using OrderState = PayCore.Contracts.V1.PayOrder.Types.State;

namespace PayCore.Console.Tests;

/// <summary>What operators do with payments, notifications, exceptions and lists, as they do it.</summary>
public sealed class RecordStories(Chromium chromium) : IAsyncLifetime
{
    private const string Markup = "<img src=x onerror=\"document.title='owned'\">";

    private Office _office = null!;

    public async ValueTask InitializeAsync() => _office = await Office.OpenAsync(chromium);

    public async ValueTask DisposeAsync()
    {
        await _office.DemandWholeAuditAsync();
        await _office.DisposeAsync();
    }

    [Fact]
    public async Task PaidOrder_FoundByTheMerchantsNumber_TellsItsStoryAndIsRefundedInPart()
    {
        var (orderId, _) = await PaidAsync(_office.World.NewOrder("shoes-1"));
        await _office.World.UntilReceivedAsync(1);
        var page = await _office.BrowseAsync(await _office.HireAsync("fay", "finance"));

        await page.GotoAsync("/");
        await Office.AliveAsync(page);
        await page.GetByRole(AriaRole.Searchbox).FillAsync("shoes-1");
        await page.GetByRole(AriaRole.Searchbox).PressAsync("Enter");

        await Expect(page).ToHaveURLAsync(new Uri(_office.World.Console, $"/payments/{orderId}").AbsoluteUri);
        await Expect(page.Locator(".hero")).ToContainTextAsync("¥12.99");
        await Expect(page.Locator(".hero")).ToContainTextAsync("Paid");
        await Expect(page.Locator(".story").First).ToContainTextAsync("The merchant asked for ¥12.99 under its number shoes-1.");
        await Office.AliveAsync(page);
        await Office.PictureAsync(page, "payment-story");
        await page.GetByRole(AriaRole.Button, new() { Name = "Refund" }).ClickAsync();
        await Office.TypeAsync(page, "Amount (CNY)", "2.50");
        await Office.TypeAsync(page, "Reason", "one shoe was missing");
        await Office.PictureAsync(page, "refund-dialog");
        (await _office.SeriousFaultsAsync(page)).Should().BeEmpty();
        await page.Locator(".confirm").DblClickAsync();
        await Expect(page.GetByRole(AriaRole.Dialog)).ToContainTextAsync("R01");
        await page.GetByRole(AriaRole.Dialog).GetByRole(AriaRole.Button, new() { Name = "Close" }).ClickAsync();
        await Expect(page.Locator("#refunds")).ToContainTextAsync("¥2.50");

        var refunds = (await _office.World.Database.ReadTimelineAsync(new ReadTimelineRequest { OrderId = orderId })).Refunds;
        refunds.Should().ContainSingle("a second press gives nothing back twice").Which.Refund.AmountMinor.Should().Be(250);
        var entry = (await AuditAsync(refunds[0].Refund.Id)).Should().ContainSingle().Subject;
        (entry.By, entry.Action).Should().Be(("fay", "refund.create"));
    }

    [Fact]
    public async Task Refund_AboveTheLimit_WaitsForASecondPersonAndIsGivenOnce()
    {
        var order = _office.World.NewOrder("piano");
        order["amount_minor"] = 350_000;
        var (orderId, _) = await PaidAsync(order);
        var page = await _office.BrowseAsync(await _office.HireAsync("fay", "finance"));

        await page.GotoAsync($"/payments/{orderId}");
        await Office.AliveAsync(page);
        await page.GetByRole(AriaRole.Button, new() { Name = "Refund" }).ClickAsync();
        await Office.TypeAsync(page, "Reason", "it does not play");
        await page.Locator(".confirm").ClickAsync();
        await Expect(page.GetByRole(AriaRole.Dialog)).ToContainTextAsync("another operator has to approve it");
        (await _office.World.Database.ReadTimelineAsync(new ReadTimelineRequest { OrderId = orderId })).Refunds.Should().BeEmpty();

        var second = await _office.BrowseAsync(await _office.HireAsync("fred", "finance"));
        await second.GotoAsync("/approvals");
        await Office.AliveAsync(second);
        await second.GetByRole(AriaRole.Button, new() { Name = "Approve" }).First.ClickAsync();
        await Office.TypeAsync(second, "Reason", "looked at it");
        await second.Locator(".confirm").ClickAsync();
        await Expect(second.GetByRole(AriaRole.Dialog)).ToHaveCountAsync(0);
        (await _office.World.Database.ReadTimelineAsync(new ReadTimelineRequest { OrderId = orderId })).Refunds
            .Should().ContainSingle().Which.Refund.AmountMinor.Should().Be(350_000);
    }

    [Fact]
    public async Task OpenOrder_IsClosedWithAReason()
    {
        var (orderId, _) = await OpenAsync(_office.World.NewOrder());
        var page = await _office.BrowseAsync(await _office.HireAsync("olga", "operator"));

        await page.GotoAsync($"/payments/{orderId}");
        await Office.AliveAsync(page);
        await Office.PictureAsync(page, "payment-open");
        await page.GetByRole(AriaRole.Button, new() { Name = "Close", Exact = true }).ClickAsync();
        await Office.TypeAsync(page, "Reason", "the user asked for it");
        await page.Locator(".confirm").ClickAsync();
        await Expect(page.Locator(".hero .chip")).ToHaveTextAsync("Closed");

        var entry = (await AuditAsync(orderId)).Should().ContainSingle().Subject;
        (entry.By, entry.Action).Should().Be(("olga", "payment.close"));
        entry.After.Should().Contain("the user asked for it");
    }

    [Fact]
    public async Task PaidButNobodyTold_IsFoundByAskingNow()
    {
        _office.World.Faults.Add(new Fault { Operation = "callback", Kind = FaultKinds.Lost, Count = -1 });
        var (orderId, attemptNo) = await OpenAsync(_office.World.NewOrder());
        _office.World.Wallet.Pay(World.Account, attemptNo);
        var page = await _office.BrowseAsync(await _office.HireAsync("olga", "operator"));

        await page.GotoAsync($"/payments/{orderId}");
        await Office.AliveAsync(page);
        await page.GetByRole(AriaRole.Button, new() { Name = "Query now" }).ClickAsync();
        await Office.TypeAsync(page, "Reason", "the user says that it is paid");
        await page.Locator(".confirm").ClickAsync();
        await Expect(page.Locator(".hero .chip")).ToHaveTextAsync("Paid");

        (await AuditAsync(orderId)).Should().ContainSingle().Which.Action.Should().Be("payment.query");
    }

    [Fact]
    public async Task Notification_IsSentOnceMore()
    {
        await PaidAsync(_office.World.NewOrder());
        await _office.World.UntilReceivedAsync(1);
        var page = await _office.BrowseAsync(await _office.HireAsync("olga", "operator"));

        await page.GotoAsync("/deliveries");
        await page.Locator(".list tbody a").First.ClickAsync();
        await Expect(page.Locator(".hero .chip")).ToHaveTextAsync("Delivered");
        await Office.AliveAsync(page);
        await page.GetByRole(AriaRole.Button, new() { Name = "Resend" }).ClickAsync();
        await Office.TypeAsync(page, "Reason", "the merchant lost its database");
        await page.Locator(".confirm").ClickAsync();

        await _office.World.UntilReceivedAsync(2);
        _office.World.Receiver.All.Select(r => r.Json.GetProperty("type").GetString()).Should().Equal("payment.paid", "payment.paid");
    }

    [Fact]
    public async Task Notifications_OfAList_AreCountedAndSentOnceMore()
    {
        await PaidAsync(_office.World.NewOrder());
        await PaidAsync(_office.World.NewOrder());
        await _office.World.UntilReceivedAsync(2);
        var page = await _office.BrowseAsync(await _office.HireAsync("olga", "operator"));

        await page.GotoAsync("/deliveries?state=DELIVERED");
        await Office.AliveAsync(page);
        await page.GetByRole(AriaRole.Button, new() { Name = "Resend these" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Dialog).Locator("strong")).ToHaveTextAsync("2");
        await Office.TypeAsync(page, "Reason", "their server was down");
        await page.Locator(".confirm").ClickAsync();

        await _office.World.UntilReceivedAsync(4);
    }

    [Fact]
    public async Task TestEvent_ReachesTheAppsAddress()
    {
        var page = await _office.BrowseAsync(await _office.HireAsync("olga", "operator"));

        await page.GotoAsync("/deliveries");
        await Office.AliveAsync(page);
        await page.GetByRole(AriaRole.Button, new() { Name = "Test event" }).ClickAsync();
        await Office.TypeAsync(page, "App", World.AppId);
        await page.Locator(".confirm").ClickAsync();
        await Expect(page.GetByRole(AriaRole.Dialog).GetByRole(AriaRole.Status)).ToContainTextAsync("Acknowledged (HTTP 200)");
        await Office.PictureAsync(page, "test-event");

        var told = _office.World.Receiver.All.Should().ContainSingle().Subject;
        _office.World.Receiver.Verifies(told).Should().BeTrue();
        told.Json.GetProperty("type").GetString().Should().Be("test");
        (await AuditAsync($"apps/{World.AppId}")).Should().ContainSingle().Which.Action.Should().Be("delivery.test");
    }

    [Fact]
    public async Task Exception_IsSettledWithANote()
    {
        await _office.SeedAsync(2000);
        var page = await _office.BrowseAsync(await _office.HireAsync("olga", "operator"));

        await page.GotoAsync("/exceptions?standing=OPEN");
        await page.Locator(".list tbody a").First.ClickAsync();
        await Expect(page.Locator(".advice")).ToBeVisibleAsync();
        await Office.AliveAsync(page);
        await Office.PictureAsync(page, "exception-open");
        await page.GetByRole(AriaRole.Button, new() { Name = "Settle" }).ClickAsync();
        await page.GetByLabel("Repaired").CheckAsync();
        await Office.TypeAsync(page, "Note", "the provider says that it was theirs");
        await Office.PictureAsync(page, "settle-dialog");
        await page.Locator(".confirm").ClickAsync();

        await Expect(page.Locator(".hero .chip")).ToHaveTextAsync("Settled");
        await Expect(page.Locator(".known").First).ToContainTextAsync("the provider says that it was theirs");
        (await AuditAsync(new Uri(page.Url).Segments[^1])).Should().ContainSingle().Which.Action.Should().Be("exception.resolve");
    }

    [Fact]
    public async Task Export_OfAFilteredList_IsItsOwnersFile()
    {
        await _office.SeedAsync(1500);
        var bad = _office.World.NewOrder("evil-1");
        bad["subject"] = "=HYPERLINK(\"https://evil.example\")";
        await OpenAsync(bad);
        var olga = await _office.HireAsync("olga", "operator");
        var page = await _office.BrowseAsync(olga);

        await page.GotoAsync("/payments?state=PAYING");
        await Office.AliveAsync(page);
        await page.GetByRole(AriaRole.Button, new() { Name = "Export CSV" }).ClickAsync();
        await page.Locator(".confirm").ClickAsync();
        await Expect(page.GetByRole(AriaRole.Heading, new() { Level = 1 })).ToHaveTextAsync("Exports");
        await Expect(page.Locator(".chip.good")).ToHaveTextAsync("Done");
        await Office.PictureAsync(page, "exports");
        var download = await page.RunAndWaitForDownloadAsync(() => page.GetByText("Download", new() { Exact = true }).Last.ClickAsync());

        var bytes = await File.ReadAllBytesAsync(await download.PathAsync());
        bytes.Take(3).Should().Equal(0xEF, 0xBB, 0xBF);
        var lines = await File.ReadAllLinesAsync(await download.PathAsync());
        lines[0].Should().StartWith("\"Payment\",\"State\",\"Amount\",\"Amount (Currency)\"");
        lines.Skip(1).Should().OnlyContain(l => l.Contains("\"PAYING\"", StringComparison.Ordinal));
        lines.Should().Contain(l => l.Contains("\"'=HYPERLINK(\"\"https://evil.example\"\")\"", StringComparison.Ordinal));
        (await AuditAsync("payments")).Should().ContainSingle().Which.Action.Should().Be("list.export");

        var address = await page.Locator("a[download]").GetAttributeAsync("href");
        using var other = await ClientAsync(await _office.HireAsync("oscar", "operator"));
        (await other.GetAsync(address)).StatusCode.Should().Be(HttpStatusCode.NotFound);
        using var viewer = await ClientAsync(await _office.HireAsync("vera", "viewer"));
        (await viewer.GetAsync(address)).StatusCode.Should().Be(HttpStatusCode.Forbidden);
    }

    [Fact]
    public async Task List_IsInWhatTheServerSendsFirst_AndItsPagesAreLinks()
    {
        await _office.SeedAsync(1500);
        using var client = await ClientAsync(await _office.HireAsync("vera", "viewer"));

        var first = await client.GetStringAsync("/payments?state=PAID&app=grocery");
        first.Should().Contain("rel=\"next\"").And.Contain("/payments/P01");
        (await client.GetStringAsync("/payments?from=yesterday")).Should().Contain("That is no day");
        (await client.GetStringAsync("/payments?state=NONSENSE")).Should().Contain("asks for something that there is not");

        var page = await _office.BrowseAsync(await _office.HireAsync("vic", "viewer"));
        await page.GotoAsync("/payments?state=PAID&app=grocery");
        await Office.AliveAsync(page);
        var top = await page.Locator(".list tbody a").First.InnerTextAsync();
        await page.GetByRole(AriaRole.Link, new() { Name = "Next page" }).ClickAsync();
        await Expect(page.Locator(".list tbody a").First).Not.ToHaveTextAsync(top);
        page.Url.Should().Contain("older=");
        await page.GetByRole(AriaRole.Link, new() { Name = "Previous page" }).ClickAsync();
        await Expect(page.Locator(".list tbody a").First).ToHaveTextAsync(top);

        await page.Locator(".columns summary").ClickAsync();
        await page.GetByRole(AriaRole.Checkbox, new() { Name = "Channel number" }).ClickAsync();
        await Expect(page.Locator(".list thead")).ToContainTextAsync("Channel number");
        await page.GetByText("Saved views").ClickAsync();
        await page.GetByLabel("Name of this view").FillAsync("Groceries");
        await page.GetByRole(AriaRole.Button, new() { Name = "Save" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Link, new() { Name = "Groceries", Exact = true })).ToBeVisibleAsync();
        await page.GotoAsync("/payments");
        await Office.AliveAsync(page);
        await page.GetByText("Saved views").ClickAsync();
        await page.GetByRole(AriaRole.Link, new() { Name = "Groceries", Exact = true }).ClickAsync();
        await Expect(page).ToHaveURLAsync(new System.Text.RegularExpressions.Regex("app=grocery"));
    }

    [Fact]
    public async Task Viewer_SeesNoActions_AndStoredMarkupIsInert()
    {
        var order = _office.World.NewOrder("markup-1");
        order["subject"] = Markup;
        order["attach"] = Markup;
        var (orderId, _) = await PaidAsync(order);
        await _office.World.UntilReceivedAsync(1);
        var page = await _office.BrowseAsync(await _office.HireAsync("vera", "viewer"));

        foreach (var address in new[] { "/payments", $"/payments/{orderId}", "/deliveries" })
        {
            await page.GotoAsync(address);
            await Office.AliveAsync(page);
            (await page.Locator("main img").CountAsync()).Should().Be(0, address);
            (await page.TitleAsync()).Should().NotBe("owned");
        }

        await page.GotoAsync($"/payments/{orderId}");
        await Expect(page.Locator(".known").First).ToContainTextAsync(Markup);
        await Expect(page.Locator(".hero button")).ToHaveCountAsync(0);
    }

    private async Task<(string OrderId, string AttemptNo)> OpenAsync(JsonObject order)
    {
        var answer = await _office.World.CreateAsync(order);
        return (answer["order"]!["id"]!.GetValue<string>(), answer["attempt_no"]!.GetValue<string>());
    }

    private async Task<(string OrderId, string AttemptNo)> PaidAsync(JsonObject order)
    {
        var open = await OpenAsync(order);
        _office.World.Wallet.Pay(World.Account, open.AttemptNo);
        await _office.World.UntilAsync(open.OrderId, o => o.Order.State == OrderState.Paid);
        return open;
    }

    private async Task<IReadOnlyList<AuditEntry>> AuditAsync(string subject) =>
        (await _office.World.Database.ListAuditAsync(new ListAuditRequest { Subject = subject, Limit = 50 })).Entries;

    private async Task<HttpClient> ClientAsync(Person person)
    {
        var client = new HttpClient(new HttpClientHandler { AllowAutoRedirect = false, UseCookies = false }) { BaseAddress = _office.World.Console };
        client.DefaultRequestHeaders.Add("Accept", "text/html");
        client.DefaultRequestHeaders.Add("Cookie", $"paycore-console={await _office.SessionOfAsync(person)}");
        return client;
    }
}
