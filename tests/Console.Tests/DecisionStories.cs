using System.Text.Json.Nodes;
using Microsoft.Playwright;
using PayCore.Cashier.Tests.Support;
using PayCore.Console.Tests.Support;
using PayCore.Contracts.V1;
using PayCore.EndToEnd.Tests.Support;
using static Microsoft.Playwright.Assertions;

namespace PayCore.Console.Tests;

/// <summary>What is decided in the console, as the people who decide it do it: transfers, refunds that no channel can pay, roles, and the evidence they look at.</summary>
public sealed class DecisionStories(Chromium chromium)
{
    [Fact]
    public async Task Transfer_AboveTheLimit_IsAskedForByOneApprovedByAnotherAndSentOnce()
    {
        await using var office = await Office.OpenWithTransfersAsync(chromium);
        var id = await TransferAsync(office, "deposit-1");
        var page = await office.BrowseAsync(await office.HireAsync("fay", "finance"));

        await page.GotoAsync("/transfers");
        await page.Locator(".list tbody a").First.ClickAsync();
        await Expect(page).ToHaveURLAsync(new Uri(office.World.Console, $"/transfers/{id}").AbsoluteUri);
        await Office.AliveAsync(page);
        await Expect(page.Locator(".hero")).ToContainTextAsync("¥2,000.00");
        await Office.PictureAsync(page, "transfer-waits");
        await page.GetByRole(AriaRole.Button, new() { Name = "Ask for approval" }).ClickAsync();
        await Office.TypeAsync(page, "Reason", "the contract of May");
        await page.Locator(".confirm").ClickAsync();
        await Expect(page.GetByRole(AriaRole.Dialog)).ToHaveCountAsync(0);
        (await ReadTransferAsync(office, id)).Transfer.State.Should().Be(Transfer.Types.State.Created, "one person sends nothing");

        var second = await office.BrowseAsync(await office.HireAsync("fred", "finance"));
        await second.GotoAsync("/approvals");
        await Office.AliveAsync(second);
        await second.GetByRole(AriaRole.Button, new() { Name = "Approve" }).First.ClickAsync();
        await Office.TypeAsync(second, "Reason", "I read it");
        await second.Locator(".confirm").DblClickAsync();
        await Expect(second.GetByRole(AriaRole.Dialog)).ToHaveCountAsync(0);

        await page.ReloadAsync();
        await Expect(page.Locator(".hero .chip")).ToHaveTextAsync("Succeeded");
        await Expect(page.Locator(".known").Last).ToContainTextAsync("fred");
        office.World.AlipayLedger.Accounts.EffectsOf("transfer", id).Should().Be(1);
        await office.DemandWholeAuditAsync();
    }

    [Fact]
    public async Task Transfer_ThatIsRejected_IsNeverSent()
    {
        await using var office = await Office.OpenWithTransfersAsync(chromium);
        var id = await TransferAsync(office, "deposit-2");
        var page = await office.BrowseAsync(await office.HireAsync("fay", "finance"));

        await page.GotoAsync($"/transfers/{id}");
        await Office.AliveAsync(page);
        await page.GetByRole(AriaRole.Button, new() { Name = "Refuse" }).ClickAsync();
        await Office.TypeAsync(page, "Reason", "nobody knows this payee");
        await page.Locator(".confirm").ClickAsync();

        await Expect(page.Locator(".hero .chip")).ToHaveTextAsync("Cancelled");
        await Expect(page.Locator(".hero button")).ToHaveCountAsync(0);
        var entry = (await office.World.Database.ListAuditAsync(new ListAuditRequest { Subject = id, Limit = 50 })).Entries.Should().ContainSingle().Subject;
        (entry.By, entry.Action).Should().Be(("fay", "transfer.reject"));
    }

    [Fact]
    public async Task RefundThatNoChannelCanPay_IsDecidedByTwoPeopleWithEvidence()
    {
        await using var office = await Office.OpenAsync(chromium);
        var id = await office.AbnormalRefundAsync(await office.PaidAsync(1299));
        var page = await office.BrowseAsync(await office.HireAsync("fay", "finance"));

        await page.GotoAsync("/refunds?state=ABNORMAL");
        await page.Locator(".list tbody a").First.ClickAsync();
        await Expect(page).ToHaveURLAsync(new Uri(office.World.Console, $"/refunds/{id}").AbsoluteUri);
        await Office.AliveAsync(page);
        await page.GetByRole(AriaRole.Button, new() { Name = "Decide" }).ClickAsync();
        await Expect(page.Locator(".confirm")).ToBeDisabledAsync();
        await page.GetByRole(AriaRole.Dialog).GetByRole(AriaRole.Radio).First.CheckAsync();
        await Office.TypeAsync(page, "Evidence", "The bank's letter of 12 November");
        await Office.PictureAsync(page, "refund-decision");
        (await office.SeriousFaultsAsync(page)).Should().BeEmpty();
        await page.Locator(".confirm").ClickAsync();
        await page.GetByRole(AriaRole.Dialog).GetByRole(AriaRole.Button, new() { Name = "Close" }).ClickAsync();
        await Expect(page.Locator(".hero .chip")).ToHaveTextAsync("Abnormal");

        var second = await office.BrowseAsync(await office.HireAsync("fred", "finance"));
        await second.GotoAsync("/approvals");
        await Office.AliveAsync(second);
        await Expect(second.Locator("main")).ToContainTextAsync("The bank's letter of 12 November");
        await second.GetByRole(AriaRole.Button, new() { Name = "Approve" }).First.ClickAsync();
        await Office.TypeAsync(second, "Reason", "I saw the letter");
        await second.Locator(".confirm").ClickAsync();
        await Expect(second.GetByRole(AriaRole.Dialog)).ToHaveCountAsync(0);

        await page.ReloadAsync();
        await Expect(page.Locator(".hero .chip")).ToHaveTextAsync("Succeeded");
    }

    [Fact]
    public async Task Role_MadeForNightShifts_OpensWhatItSaysAndNoMore()
    {
        await using var office = await Office.OpenAsync(chromium);
        var nina = await office.HireAsync("nina", "viewer");
        var page = await office.BrowseAsync(await office.HireAsync("ada", "admin"));

        await page.GotoAsync("/roles");
        await Office.AliveAsync(page);
        await page.GetByRole(AriaRole.Button, new() { Name = "New role" }).ClickAsync();
        await Office.TypeAsync(page, "Name", "night-shift");
        await Office.TypeAsync(page, "Description", "Looks after callbacks");
        await page.Locator(".confirm").ClickAsync();
        await Expect(page.GetByRole(AriaRole.Alert)).ToBeVisibleAsync();
        await page.GetByRole(AriaRole.Checkbox).First.CheckAsync();
        await page.GetByLabel("See callbacks").CheckAsync();
        await Office.PictureAsync(page, "role-dialog");
        await page.Locator(".confirm").ClickAsync();
        await Expect(page.Locator(".cards")).ToContainTextAsync("Looks after callbacks");

        await page.GotoAsync("/operators");
        await Office.AliveAsync(page);
        await page.GetByRole(AriaRole.Button, new() { Name = "Actions on nina" }).ClickAsync();
        await page.GetByText("Change roles", new() { Exact = true }).ClickAsync();
        await page.GetByRole(AriaRole.Dialog).GetByLabel("viewer").UncheckAsync();
        await page.GetByRole(AriaRole.Dialog).GetByLabel("night-shift").CheckAsync();
        await page.Locator(".confirm").ClickAsync();
        await Expect(page.GetByRole(AriaRole.Dialog)).ToHaveCountAsync(0);

        var hers = await office.BrowseAsync(nina);
        await hers.GotoAsync("/callbacks");
        await Expect(hers.GetByRole(AriaRole.Heading, new() { Level = 1 })).ToHaveTextAsync("Callbacks");
        await Expect(hers.Locator("a[href='/callbacks']").First).ToBeVisibleAsync();
        await Expect(hers.Locator("a[href='/payments']")).ToHaveCountAsync(0);

        await page.GotoAsync("/roles");
        await Office.AliveAsync(page);
        await page.GetByRole(AriaRole.Button, new() { Name = "Delete role night-shift" }).ClickAsync();
        await page.Locator(".confirm").ClickAsync();
        await Expect(page.GetByRole(AriaRole.Dialog)).ToContainTextAsync("has this role");
        await office.DemandWholeAuditAsync();
    }

    /// <summary>What a channel sent, and what somebody sent who is none: both are there as they came, and the number of one finds all that hangs on it.</summary>
    [Fact]
    public async Task Callbacks_RealAndForged_AreShownWithTheirVerdictAndBody()
    {
        await using var office = await Office.OpenAsync(chromium);
        var paid = await office.PaidAsync(1299);
        var forged = new StringContent("""{"id":"forged <b>bold</b>"}""", System.Text.Encoding.UTF8, "application/json");
        (await office.World.Anonymous.PostAsync($"/callback/wechat/{World.Account}", forged)).IsSuccessStatusCode.Should().BeFalse();
        var page = await office.BrowseAsync(await office.HireAsync("olga", "operator"));

        await page.GotoAsync("/callbacks?verdict=REJECTED");
        await page.Locator(".list tbody a").First.ClickAsync();
        await Expect(page.Locator(".hero .chip")).ToHaveTextAsync("Rejected");
        await Expect(page.Locator("main")).ToContainTextAsync("forged <b>bold</b>");
        await Office.PictureAsync(page, "callback-forged");

        await page.GotoAsync("/callbacks?verdict=APPLIED");
        await page.Locator(".list tbody a").First.ClickAsync();
        await Expect(page.Locator(".hero .chip")).ToHaveTextAsync("Applied");
        await page.Locator($".known a[href='/search?q={paid.Order.Id}']").ClickAsync();
        await Expect(page).ToHaveURLAsync(new Uri(office.World.Console, $"/payments/{paid.Order.Id}").AbsoluteUri);
    }

    /// <summary>The same number in two tables: nobody is led to the wrong one.</summary>
    [Fact]
    public async Task Number_ThatBelongsToSeveral_ListsThemAll()
    {
        await using var office = await Office.OpenAsync(chromium);
        var paid = await office.PaidAsync(1299);
        var number = paid.Order.OutTradeNo;
        (await office.World.Merchant.PostTextAsync("/v1/refunds", new JsonObject { ["out_refund_no"] = number, ["order_id"] = paid.Order.Id, ["amount_minor"] = 100 }.ToJsonString()))
            .Json["refund"].Should().NotBeNull();
        var page = await office.BrowseAsync(await office.HireAsync("vera", "viewer"));

        await page.GotoAsync($"/search?q={number}");
        await Expect(page.Locator(".list tbody tr")).ToHaveCountAsync(2);
        await page.GetByRole(AriaRole.Link, new() { Name = "Refund", Exact = true }).ClickAsync();
        await Expect(page).ToHaveURLAsync(new System.Text.RegularExpressions.Regex("/refunds/R"));
    }

    private static async Task<string> TransferAsync(Office office, string number)
    {
        var request = new JsonObject
        {
            ["out_transfer_no"] = number,
            ["amount_minor"] = 200_000,
            ["method"] = "alipay",
            ["payee"] = new JsonObject { ["kind"] = "USER_ID", ["id"] = "2088000000000007" },
            ["title"] = "退还押金",
        };
        var answer = await office.World.Merchant.PostTextAsync("/v1/transfers", request.ToJsonString());
        answer.Json["transfer"]!["state"]!.GetValue<string>().Should().Be("CREATED", answer.Text);
        return answer.Json["transfer"]!["id"]!.GetValue<string>();
    }

    private static async Task<StoredTransfer> ReadTransferAsync(Office office, string id) => await office.World.Database.ReadTransferAsync(new ReadTransferRequest { TransferId = id });
}
