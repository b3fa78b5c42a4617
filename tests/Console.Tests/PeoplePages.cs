using Microsoft.Playwright;
using PayCore.Cashier.Tests.Support;
using PayCore.Console.Tests.Support;
using PayCore.Contracts.V1;
using static Microsoft.Playwright.Assertions;

namespace PayCore.Console.Tests;

/// <summary>The pages of people, used as people use them.</summary>
public sealed class PeoplePages(Chromium chromium) : IAsyncLifetime
{
    private Office _office = null!;
    private Person _ada = null!;
    private Person _ben = null!;

    public async ValueTask InitializeAsync()
    {
        _office = await Office.OpenAsync(chromium);
        _ada = await _office.HireAsync("ada", "admin");
        _ben = await _office.HireAsync("ben", "admin");
        await _office.HireAsync("chen.finance", "finance");
    }

    public async ValueTask DisposeAsync()
    {
        await _office.DemandWholeAuditAsync();
        await _office.DisposeAsync();
    }

    [Theory]
    [InlineData(1440, 900, "en", ColorScheme.Light)]
    [InlineData(390, 844, "zh", ColorScheme.Light)]
    [InlineData(1440, 900, "zh", ColorScheme.Dark)]
    public async Task EachPage_AtEachWidth_HasNothingSeriousForAxeAndFits(int width, int height, string locale, ColorScheme scheme)
    {
        await AskAsync("T01NOWHERE", "ada");
        await _office.Operators.SaveRoleAsync(new SaveRoleRequest { Role = new OperatorRole { Name = "support", Description = "Night shift", Permissions = { "ViewHome", "ViewMoney" } }, By = "ada" });
        var page = await _office.BrowseAsync(_ben, width, height, locale, scheme);
        foreach (var path in new[] { "/operators", "/roles", "/approvals", "/audit", "/account" })
        {
            await page.GotoAsync(path);
            await Office.AliveAsync(page);
            await Office.PictureAsync(page, $"{path[1..]}-{locale}-{scheme}");
            (await _office.SeriousFaultsAsync(page)).Should().BeEmpty($"{path} at {width} in {locale}, {scheme}");
            (await page.EvaluateAsync<int>("document.documentElement.scrollWidth")).Should().BeLessThanOrEqualTo(width, path);
        }
    }

    [Fact]
    public async Task Invitation_FromTheButtonToTheFirstLogIn()
    {
        var page = await _office.BrowseAsync(_ada);
        await page.GotoAsync("/operators");
        await Office.AliveAsync(page);
        await page.GetByRole(AriaRole.Button, new() { Name = "Invite" }).ClickAsync();
        await Office.TypeAsync(page, "Name", "dora");
        await Office.TypeAsync(page, "Name that others see", "<img src=x onerror=alert(1)>");
        await page.GetByText("Sees everything but secrets").ClickAsync();
        await Office.PictureAsync(page, "invite");
        await page.GetByRole(AriaRole.Button, new() { Name = "Make the link" }).ClickAsync();
        var link = new Uri(await page.Locator(".link code").InnerTextAsync());
        await Office.PictureAsync(page, "invite-link");
        await page.GetByRole(AriaRole.Button, new() { Name = "Close" }).ClickAsync();

        // What was typed as markup is text.
        await Expect(page.GetByText("<img src=x onerror=alert(1)>")).ToBeVisibleAsync();
        (await page.Locator("img[src=x]").CountAsync()).Should().Be(0);

        var dora = await _office.BrowseAsync();
        await dora.GotoAsync(link.PathAndQuery);
        (await dora.Locator("img[src=x]").CountAsync()).Should().Be(0);
        await dora.Locator("input[name=Password]").FillAsync(Office.Password);
        await dora.Locator("input[name=Again]").FillAsync(Office.Password);
        await dora.Locator("button[type=submit]").ClickAsync();
        var secret = (await dora.Locator(".secret").InnerTextAsync()).Replace(" ", "", StringComparison.Ordinal);
        await dora.Locator("input[name=Code]").FillAsync(_office.CodeOf(secret));
        await dora.Locator("button[type=submit]").ClickAsync();
        await dora.Locator(".button.primary").ClickAsync();
        await Office.AliveAsync(dora);
        await dora.GotoAsync("/operators");
        await Office.AliveAsync(dora);
        await Expect(dora.GetByRole(AriaRole.Button, new() { Name = "Invite" })).ToHaveCountAsync(0);
    }

    [Fact]
    public async Task Disabled_WhileAPageIsOpen_EndsThePage()
    {
        var chen = await _office.HireAsync("dee", "viewer");
        var theirs = await _office.BrowseAsync(chen);
        await theirs.GotoAsync("/audit");
        await Office.AliveAsync(theirs);
        var page = await _office.BrowseAsync(_ada);
        await page.GotoAsync("/operators");
        await Office.AliveAsync(page);
        await page.GetByRole(AriaRole.Button, new() { Name = "Actions on dee" }).ClickAsync();
        await page.GetByText("Disable", new() { Exact = true }).ClickAsync();
        await page.Locator(".confirm").ClickAsync();

        await Expect(theirs).ToHaveURLAsync(new System.Text.RegularExpressions.Regex("/login"), new() { Timeout = 20_000 });
    }

    [Fact]
    public async Task Approval_ByAnotherPerson_IsDoneOnce()
    {
        var asked = await AskAsync("T01NOWHERE", "ada");
        var own = await _office.BrowseAsync(_ada);
        await own.GotoAsync("/approvals");
        await Office.AliveAsync(own);
        await Expect(own.GetByText("Another person decides")).ToBeVisibleAsync();
        await Expect(own.GetByRole(AriaRole.Button, new() { Name = "Approve" })).ToHaveCountAsync(0);

        var page = await _office.BrowseAsync(_ben);
        await page.GotoAsync("/approvals");
        await Office.AliveAsync(page);
        await page.GetByRole(AriaRole.Button, new() { Name = "Approve" }).ClickAsync();
        await Expect(page.Locator(".confirm")).ToBeDisabledAsync();
        await Office.TypeAsync(page, "Reason", "The invoice is right.");
        await Office.PictureAsync(page, "approve");
        await page.Locator(".confirm").ClickAsync();
        await Expect(page.Locator(".empty")).ToBeVisibleAsync();

        var decided = await _office.Operators.ReadApprovalAsync(new ReadApprovalRequest { ApprovalId = asked.ApprovalId });
        decided.DecidedBy.Should().Be("ben");
        decided.State.Should().Be(Approval.Types.State.Failed, "there is no such transfer, and that was found out by trying");
    }

    [Fact]
    public async Task AuditLog_ShowsTheDifferenceAndVerifies()
    {
        var page = await _office.BrowseAsync(_ada);
        await page.GotoAsync("/audit");
        await Office.AliveAsync(page);
        await page.GetByRole(AriaRole.Button, new() { Name = "Difference" }).First.ClickAsync();
        await Expect(page.Locator(".diff")).ToBeVisibleAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Verify the chain" }).ClickAsync();
        await Expect(page.Locator(".verdict")).ToContainTextAsync("The chain is whole");
        await Office.PictureAsync(page, "audit-verified");
        await page.GetByLabel("By").FillAsync("nobody-of-this-name");
        await page.GetByRole(AriaRole.Button, new() { Name = "Filter" }).ClickAsync();
        await Expect(page.Locator(".empty")).ToBeVisibleAsync();
    }

    [Fact]
    public async Task Password_ChangedOnTheAccountPage_OpensTheNextLogIn()
    {
        var page = await _office.BrowseAsync(_ada);
        await page.GotoAsync("/account");
        await Office.AliveAsync(page);
        await page.GetByLabel("Present password").FillAsync(Office.Password);
        await page.GetByLabel("New password").FillAsync("a-brand-new-kettle-77");
        await page.GetByLabel("Password once more").FillAsync("a-brand-new-kettle-77");
        await page.Locator("button[type=submit]", new() { HasText = "Change password" }).ClickAsync();
        await Expect(page.GetByText("Your password is changed")).ToBeVisibleAsync();
    }

    [Fact]
    public async Task Password_Forgotten_IsResetByALinkThatAnotherMakes()
    {
        var ben = await _office.BrowseAsync(_ben);
        await ben.GotoAsync("/audit");
        await Office.AliveAsync(ben);
        var page = await _office.BrowseAsync(_ada);
        await page.GotoAsync("/operators");
        await Office.AliveAsync(page);
        await page.GetByRole(AriaRole.Button, new() { Name = "Actions on ben" }).ClickAsync();
        await page.GetByText("Reset password", new() { Exact = true }).ClickAsync();
        await Office.PictureAsync(page, "reset-password");
        await page.Locator(".confirm").ClickAsync();
        var link = new Uri(await page.Locator(".link code").InnerTextAsync());
        await Expect(ben).ToHaveURLAsync(new System.Text.RegularExpressions.Regex("/login"), new() { Timeout = 20_000 });

        var back = await _office.BrowseAsync();
        await back.GotoAsync("/login");
        await back.Locator("input[name=Name]").FillAsync("ben");
        await back.Locator("input[name=Password]").FillAsync(Office.Password);
        await back.Locator("button[type=submit]").ClickAsync();
        await Expect(back.Locator("[role=alert]")).ToBeVisibleAsync();
        await back.GotoAsync(link.PathAndQuery);
        await Expect(back.GetByRole(AriaRole.Heading, new() { Level = 1 })).ToContainTextAsync("A new password for ben");
        await Office.PictureAsync(back, "new-password");
        await back.Locator("input[name=Password]").FillAsync("a-brand-new-kettle-77");
        await back.Locator("input[name=Again]").FillAsync("a-brand-new-kettle-77");
        await back.Locator("button[type=submit]").ClickAsync();
        // The link alone lets nobody in.
        await Expect(back).ToHaveURLAsync(new System.Text.RegularExpressions.Regex("/login/code"));
        await back.Locator("input[name=Code]").FillAsync(_office.CodeOf(_ben.Secret));
        await back.Locator("button[type=submit]").ClickAsync();
        await Office.AliveAsync(back);
        await back.GotoAsync(link.PathAndQuery);
        await Expect(back.GetByRole(AriaRole.Heading, new() { Level = 1 })).ToContainTextAsync("This link opens nothing");
    }

    [Fact]
    public async Task Session_EndedOnTheAccountPage_EndsThatOneAndNoOther()
    {
        var (mine, other, third) = (await _office.BrowseAsync(_ada), await _office.BrowseAsync(_ada), await _office.BrowseAsync(_ada));
        foreach (var one in new[] { other, third })
        {
            await one.GotoAsync("/audit");
            await Office.AliveAsync(one);
        }

        await mine.GotoAsync("/account");
        await Office.AliveAsync(mine);
        var ends = mine.GetByRole(AriaRole.Button, new() { Name = "End", Exact = true });
        await Expect(ends).ToHaveCountAsync(2);
        // Newest first: the third one.
        await ends.First.ClickAsync();
        await Expect(ends).ToHaveCountAsync(1);

        await Expect(third).ToHaveURLAsync(new System.Text.RegularExpressions.Regex("/login"), new() { Timeout = 20_000 });
        await other.ReloadAsync();
        await Office.AliveAsync(other);
    }

    [Fact]
    public async Task RecoveryCodes_MadeAnew_TakeACodeAndOpenTheNextLogIn()
    {
        var page = await _office.BrowseAsync(_ada);
        await page.GotoAsync("/account");
        await Office.AliveAsync(page);
        await page.GetByRole(AriaRole.Button, new() { Name = "New recovery codes" }).ClickAsync();
        await Office.TypeAsync(page, "Six digits", "000000");
        await page.Locator(".confirm").ClickAsync();
        await Expect(page.GetByRole(AriaRole.Alert)).ToBeVisibleAsync();
        _office.Clock.Add(TimeSpan.FromMinutes(2));
        await page.GetByLabel("Six digits").FillAsync(_office.CodeOf(_ada.Secret));
        await page.Locator(".confirm").ClickAsync();
        await Expect(page.Locator(".codes li")).ToHaveCountAsync(10);
        await Office.PictureAsync(page, "recovery-renewed");
        var code = await page.Locator(".codes li").First.InnerTextAsync();

        var next = await _office.BrowseAsync();
        await next.GotoAsync("/login");
        await next.GetByLabel("Name").FillAsync("ada");
        await next.GetByLabel("Password").FillAsync(Office.Password);
        await next.Locator("button[type=submit]").ClickAsync();
        await next.Locator("input[name=Code]").FillAsync(code);
        await next.Locator("button[type=submit]").ClickAsync();
        await Office.AliveAsync(next);
    }

    private async Task<Approval> AskAsync(string transfer, string by) => await _office.Operators.RequestApprovalAsync(new RequestApprovalRequest
    {
        Approval = new Approval
        {
            Kind = Approval.Types.Kind.Transfer,
            Subject = transfer,
            Summary = "Pay the October invoice of 湖畔茶纸铺",
            Action = "{}",
            AmountMinor = 1_250_000,
            Currency = "CNY",
            RequestedBy = by,
            RequestReason = "Above the limit of ¥10,000",
        },
    });
}
