using System.Net;
using System.Net.Http.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;
using PayCore.Cashier.Tests.Support;
using PayCore.Configuration;
using PayCore.Console.Tests.Support;
using PayCore.Contracts.V1;
using PayCore.EndToEnd.Tests.Support;
using PayCore.MerchantApi;
using static Microsoft.Playwright.Assertions;

namespace PayCore.Console.Tests;

/// <summary>Merchants' apps as an operator makes and changes them: what is saved is in use by the next request.</summary>
public sealed class AppStories(Chromium chromium) : IAsyncLifetime
{
    private Office _office = null!;
    private Person _ada = null!;

    public async ValueTask InitializeAsync()
    {
        _office = await Office.OpenAsync(chromium);
        _ada = await _office.HireAsync("ada", "admin");
    }

    public async ValueTask DisposeAsync()
    {
        await _office.DemandWholeAuditAsync();
        await _office.DisposeAsync();
    }

    [Fact]
    public async Task App_MadeInTheConsole_SignsARealRequestAtOnce_AndRotatesItsKey()
    {
        var page = await _office.BrowseAsync(_ada);
        await page.GotoAsync("/apps");
        await Office.AliveAsync(page);
        await Expect(page.GetByText(World.AppId)).ToBeVisibleAsync();
        await Office.PictureAsync(page, "apps");
        await page.GetByRole(AriaRole.Button, new() { Name = "New app" }).ClickAsync();
        await page.Locator("#app-id").FillAsync("tea-house");
        await page.Locator("#app-merchant").FillAsync("");
        await page.Locator(".confirm").ClickAsync();
        await Expect(page.Locator(".mud-dialog .why")).ToContainTextAsync("1 to 32");
        await page.Locator("#app-merchant").FillAsync("m-tea");
        await page.Locator("#app-name").FillAsync("<b>湖畔茶纸铺</b>");
        await page.Locator("#app-url").FillAsync(_office.World.Receiver.Url);
        await Office.PictureAsync(page, "app-new");
        await page.Locator(".confirm").ClickAsync();
        await Expect(page.Locator(".once")).ToHaveCountAsync(2);
        await Office.PictureAsync(page, "app-made");
        var first = await page.Locator(".once pre").First.InnerTextAsync();
        await page.Locator(".confirm").ClickAsync();
        await Expect(page.Locator("h1")).ToHaveTextAsync("tea-house");
        (await page.ContentAsync()).Should().NotContain("PRIVATE KEY").And.NotContain("whsec_");

        await AddRouteAsync(page);
        await Office.PictureAsync(page, "app");
        (await OrderAsync(first, "k1", "TEA1")).Should().Be(HttpStatusCode.OK, "the key and the route are in use at once");

        await page.GetByRole(AriaRole.Button, new() { Name = "Add key" }).ClickAsync();
        await page.Locator(".confirm").ClickAsync();
        var second = await page.Locator(".once pre").First.InnerTextAsync();
        await page.Locator(".confirm").ClickAsync();
        await Expect(page.Locator("tr", new() { HasText = "tea-house/k2" })).ToBeVisibleAsync();
        (await OrderAsync(first, "k1", "TEA2")).Should().Be(HttpStatusCode.OK, "both count");
        (await OrderAsync(second, "k2", "TEA3")).Should().Be(HttpStatusCode.OK);

        await page.GetByRole(AriaRole.Button, new() { Name = "Retire: k1" }).ClickAsync();
        await page.GetByText("At once", new() { Exact = true }).ClickAsync();
        await page.Locator(".confirm").ClickAsync();
        await Expect(page.Locator("tr", new() { HasText = "tea-house/k1" })).ToContainTextAsync("ended");
        await UntilAsync(async () => await OrderAsync(first, "k1", "TEA4") == HttpStatusCode.Unauthorized);
        await page.GetByRole(AriaRole.Button, new() { Name = "Retire: k2" }).ClickAsync();
        await page.GetByText("At once", new() { Exact = true }).ClickAsync();
        await page.Locator(".confirm").ClickAsync();
        await Expect(page.Locator(".mud-dialog .error-panel")).ToContainTextAsync("the last key");
        await page.GetByRole(AriaRole.Button, new() { Name = "Cancel" }).ClickAsync();

        await DemandNotInAuditAsync(first.Split('\n')[1], second.Split('\n')[1]);
    }

    [Fact]
    public async Task Weight_ChangedAndRolledBack_IsUsedWithinASecond()
    {
        const string second = "1900000009";
        var backend = _office.Configuration;
        var first = (await backend.ReadAllAsync(CancellationToken.None)).Single(d => d.Folder == "wechat" && d.Name == World.Account);
        await backend.WriteAsync("wechat", second, first.Content, CancellationToken.None);
        var page = await _office.BrowseAsync(_ada);
        await page.GotoAsync($"/apps/{World.AppId}");
        await Office.AliveAsync(page);
        await page.GetByRole(AriaRole.Button, new() { Name = "Add account: wechat.QR" }).ClickAsync();
        var route = page.GetByRole(AriaRole.Group, new() { Name = "wechat.QR" });
        await route.Locator("select").Nth(1).SelectOptionAsync($"wechat/{second}");
        await route.Locator("input").Nth(1).FillAsync("3");
        await route.Locator("input").Nth(0).FillAsync("1");
        await route.Locator("input").Nth(0).PressAsync("Tab");
        await Expect(route.Locator(".share b").Nth(1)).ToHaveTextAsync("75 %");
        await route.Locator("input").Nth(0).FillAsync("0");
        await page.Locator(".save-routes").ClickAsync();
        await Expect(page.Locator(".versions")).ToContainTextAsync("version 2");
        await Office.PictureAsync(page, "app-routes");
        await UntilAsync(async () => await AccountOfNewOrderAsync() == second);

        await page.GetByRole(AriaRole.Button, new() { Name = "Compare with now: version 1" }).ClickAsync();
        await Expect(page.Locator(".diff .came").First).ToBeVisibleAsync();
        await Office.PictureAsync(page, "app-history");
        (await page.ContentAsync()).Should().NotContain(_office.World.Receiver.Secret);
        await page.GetByRole(AriaRole.Button, new() { Name = "Roll back: version 1" }).ClickAsync();
        await page.Locator(".confirm").ClickAsync();
        await Expect(page.Locator(".versions")).ToContainTextAsync("version 3");
        await UntilAsync(async () => await AccountOfNewOrderAsync() == World.Account);
        await DemandNotInAuditAsync(_office.World.Receiver.Secret);
    }

    [Fact]
    public async Task Limits_AreSavedEachAsItIs()
    {
        var page = await _office.BrowseAsync(_ada);
        await page.GotoAsync($"/apps/{World.AppId}");
        await Office.AliveAsync(page);
        await page.Locator("#set-refund-approval").FillAsync("-1");
        await page.GetByRole(AriaRole.Button, new() { Name = "Save settings" }).ClickAsync();
        await Expect(page.Locator(".field.wrong", new() { Has = page.Locator("#set-refund-approval") })).ToContainTextAsync("0 or more");
        await page.Locator("#set-refund-approval").FillAsync("50000");
        await page.GetByRole(AriaRole.Button, new() { Name = "Save settings" }).ClickAsync();
        await Expect(page.Locator(".versions")).ToContainTextAsync("version 2");
        await page.Locator("#set-amount").FillAsync("7000000");
        await page.GetByRole(AriaRole.Button, new() { Name = "Save settings" }).ClickAsync();
        await Expect(page.Locator(".versions")).ToContainTextAsync("version 3");

        var kept = (await _office.Configuration.ReadAllAsync(CancellationToken.None)).Single(d => d.Folder == AppDocument.Folder && d.Name == World.AppId);
        MerchantApp.Parse(World.AppId, kept.Content).Limits.Should().Be(new LimitsDocument { AmountMinorMax = 7_000_000, RefundApprovalAboveMinor = 50_000 });
    }

    /// <summary>Who may act alone below a limit does not raise it alone; taking it down is one person's.</summary>
    [Fact]
    public async Task Limit_Raised_WaitsForAnotherPerson_AndSoDoesTheWayBack()
    {
        var ben = await _office.HireAsync("ben", "finance");
        var page = await _office.BrowseAsync(_ada);
        await page.GotoAsync($"/apps/{World.AppId}");
        await Office.AliveAsync(page);
        await page.Locator("#set-refund-approval").FillAsync("500000");
        await page.GetByRole(AriaRole.Button, new() { Name = "Save settings" }).ClickAsync();
        await Office.TypeAsync(page, "Reason", "The season begins.");
        await Office.PictureAsync(page, "limit-change");
        await page.Locator(".confirm").ClickAsync();
        await Expect(page.GetByText("It waits for another person's approval.").First).ToBeVisibleAsync();
        (await LimitsAsync()).Should().Be(new LimitsDocument(), "nothing is written yet");
        var approval = (await _office.Operators.ListApprovalsAsync(new ListApprovalsRequest { OpenOnly = true })).Approvals.Single();
        approval.Summary.Should().Contain("refund_approval_above_minor 100000 → 500000");
        approval.ToString().Should().NotContain(_office.World.Receiver.Secret);

        var second = await _office.BrowseAsync(ben);
        await second.GotoAsync("/approvals");
        await Office.AliveAsync(second);
        await second.GetByRole(AriaRole.Button, new() { Name = "Difference" }).ClickAsync();
        await Expect(second.Locator(".diff .came").First).ToContainTextAsync("500000");
        await Office.PictureAsync(second, "limit-approval");
        await second.GetByRole(AriaRole.Button, new() { Name = "Approve" }).ClickAsync();
        await Office.TypeAsync(second, "Reason", "Talked about it.");
        await second.Locator(".confirm").ClickAsync();
        await Expect(second.Locator(".empty")).ToBeVisibleAsync();
        (await _office.Operators.ReadApprovalAsync(new ReadApprovalRequest { ApprovalId = approval.ApprovalId })).State.Should().Be(Approval.Types.State.Executed);
        (await LimitsAsync()).Should().Be(new LimitsDocument { RefundApprovalAboveMinor = 500_000 });

        await page.ReloadAsync();
        await Office.AliveAsync(page);
        await page.Locator("#set-refund-approval").FillAsync("50000");
        await page.GetByRole(AriaRole.Button, new() { Name = "Save settings" }).ClickAsync();
        await Expect(page.Locator(".versions")).ToContainTextAsync("version 3");
        await page.GetByRole(AriaRole.Button, new() { Name = "Roll back: version 2" }).ClickAsync();
        await page.Locator(".confirm").ClickAsync();
        await Office.TypeAsync(page, "Reason", "It was right before.");
        await page.Locator(".confirm").ClickAsync();
        await Expect(page.GetByText("It waits for another person's approval.").First).ToBeVisibleAsync();
        (await LimitsAsync()).Should().Be(new LimitsDocument { RefundApprovalAboveMinor = 50_000 });
        await DemandNotInAuditAsync(_office.World.Receiver.Secret);
    }

    [Fact]
    public async Task WebhookSecret_Rotated_BothSign_ThenOne()
    {
        var apps = _office.World.App.Services.GetRequiredService<IConfigDocuments<MerchantApp>>();
        var page = await _office.BrowseAsync(_ada);
        await page.GotoAsync($"/apps/{World.AppId}");
        await Office.AliveAsync(page);
        await page.GetByRole(AriaRole.Button, new() { Name = "New secret" }).ClickAsync();
        var secret = await page.Locator(".once pre").InnerTextAsync();
        secret.Should().StartWith("whsec_");
        await page.Locator(".confirm").ClickAsync();
        await Expect(page.Locator(".secrets li")).ToHaveCountAsync(2);
        await UntilAsync(() => Task.FromResult(apps.Find(World.AppId)!.Webhook!.Secrets.SequenceEqual([_office.World.Receiver.Secret, secret])));
        await page.Locator(".secrets button").First.ClickAsync();
        await page.Locator(".confirm").ClickAsync();
        await Expect(page.Locator(".secrets li")).ToHaveCountAsync(1);
        await UntilAsync(() => Task.FromResult(apps.Find(World.AppId)!.Webhook!.Secrets.SequenceEqual([secret])));
        (await page.ContentAsync()).Should().NotContain("whsec_");
        await DemandNotInAuditAsync(secret, _office.World.Receiver.Secret);
    }

    private async Task<LimitsDocument> LimitsAsync() =>
        MerchantApp.Parse(World.AppId, (await _office.Configuration.ReadAllAsync(CancellationToken.None)).Single(d => d.Folder == AppDocument.Folder && d.Name == World.AppId).Content).Limits;

    private static async Task AddRouteAsync(IPage page)
    {
        await page.GetByLabel("Method").SelectOptionAsync("wechat");
        await page.GetByLabel("Scene").SelectOptionAsync("QR");
        await page.GetByRole(AriaRole.Button, new() { Name = "Add route" }).ClickAsync();
        await page.GetByLabel("wechat.QR: Account").SelectOptionAsync($"wechat/{World.Account}");
        await page.Locator(".save-routes").ClickAsync();
        await Expect(page.Locator(".versions")).ToContainTextAsync("version 2");
    }

    private async Task<HttpStatusCode> OrderAsync(string privateKeyPem, string keyId, string number)
    {
        var key = new MerchantKeyPair(privateKeyPem, "");
        using var client = _office.World.Client("tea-house", key, keyId);
        // A change is in use within a second.
        var began = TimeProvider.System.GetTimestamp();
        while (true)
        {
            using var answer = await client.PostAsJsonAsync("/v1/pay-orders", _office.World.NewOrder(number));
            if (answer.IsSuccessStatusCode || TimeProvider.System.GetElapsedTime(began) > TimeSpan.FromSeconds(3))
            {
                return answer.StatusCode;
            }

            await Task.Delay(100);
        }
    }

    private async Task<string> AccountOfNewOrderAsync()
    {
        var order = await _office.World.CreateAsync();
        return (await _office.World.ReadAsync((string)order["order"]!["id"]!)).Attempts[^1].Account;
    }

    private static async Task UntilAsync(Func<Task<bool>> holds)
    {
        var began = TimeProvider.System.GetTimestamp();
        while (!await holds())
        {
            TimeProvider.System.GetElapsedTime(began).Should().BeLessThan(TimeSpan.FromSeconds(20));
            await Task.Delay(50);
        }
    }

    private async Task DemandNotInAuditAsync(params string[] canaries)
    {
        var audit = string.Join('\n', (await _office.World.Database.ListAuditAsync(new ListAuditRequest { Limit = 200 })).Entries.Select(e => e.ToString()));
        audit.Should().Contain("config.write");
        foreach (var canary in canaries)
        {
            audit.Should().NotContain(canary);
        }
    }
}
