using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;
using PayCore.Cashier.Tests.Support;
using PayCore.ChannelSimulator;
using PayCore.Configuration;
using PayCore.Console.Tests.Support;
using PayCore.Contracts.V1;
using PayCore.EndToEnd.Tests.Support;
using static Microsoft.Playwright.Assertions;

namespace PayCore.Console.Tests;

/// <summary>Channel accounts as an operator sets them up: the form of each channel, the doctor, history, and keys that change by two people.</summary>
public sealed class ChannelAccountStories(Chromium chromium) : IAsyncLifetime
{
    private const string NewAccount = "2021000000000777";

    private Office _office = null!;
    private Person _ada = null!;
    private Person _ben = null!;

    private IConfigBackend Backend => _office.Configuration;

    public async ValueTask InitializeAsync()
    {
        _office = await Office.OpenAsync(chromium);
        _ada = await _office.HireAsync("ada", "admin");
        _ben = await _office.HireAsync("ben", "admin");
    }

    public async ValueTask DisposeAsync()
    {
        await _office.DemandWholeAuditAsync();
        await _office.DisposeAsync();
    }

    [Fact]
    public async Task Account_AddedByTheForm_FirstWithAWrongField_ThenRight()
    {
        using var key = RSA.Create(2048);
        var platform = RegisterAlipay(key);
        var page = await _office.BrowseAsync(_ada);
        await page.GotoAsync("/accounts");
        await Office.AliveAsync(page);
        await Office.PictureAsync(page, "accounts");
        await page.GetByRole(AriaRole.Link, new() { Name = "Add to alipay" }).ClickAsync();
        await Expect(page.Locator("#account-name")).ToBeVisibleAsync();
        await page.Locator("#account-name").FillAsync(NewAccount);
        await page.Locator("#field-app_id").FillAsync(NewAccount);
        await page.Locator("#field-seller_id").FillAsync("1234");
        await page.Locator(".more summary").ClickAsync();
        await page.Locator("#field-gateway_url").FillAsync($"{_office.World.Simulator}gateway.do");
        await page.Locator("#field-private_key").FillAsync(key.ExportPkcs8PrivateKeyPem());
        await page.Locator("#field-alipay_public_key").FillAsync(platform.AlipayPublicKey!);
        await page.Locator(".save").ClickAsync();
        await Expect(page.Locator("#field-seller_id-why")).ToContainTextAsync("2088 and 12 digits");
        await Office.PictureAsync(page, "account-wrong");

        await page.Locator("#field-seller_id").FillAsync($"2088{NewAccount[^12..]}");
        await page.Locator(".save").ClickAsync();
        await Expect(page).ToHaveURLAsync(new System.Text.RegularExpressions.Regex($"/accounts/alipay/{NewAccount}"));
        await Expect(page.Locator(".kept code").First).ToHaveTextAsync(KeyMaterial.Read(key.ExportPkcs8PrivateKeyPem())!.Fingerprint);
        await page.GetByRole(AriaRole.Button, new() { Name = "Examine now" }).ClickAsync();
        await Expect(page.Locator(".findings")).ToContainTextAsync("Signed query");
        await Office.PictureAsync(page, "account");
        await DemandNoSecretAsync(page, key);
    }

    /// <summary>Two keys that do not belong together: the doctor says so to each operator in their own words.</summary>
    [Fact]
    public async Task Doctor_FindsASwappedKey_AndSaysSoInBothLanguages()
    {
        using var other = RSA.Create(2048);
        await ChangeDocumentAsync("wechat", World.Account, members => members["private_key"] = other.ExportPkcs8PrivateKeyPem());
        var page = await _office.BrowseAsync(_ada);
        await page.GotoAsync($"/accounts/wechat/{World.Account}");
        await Office.AliveAsync(page);
        await page.GetByRole(AriaRole.Button, new() { Name = "Examine now" }).ClickAsync();
        await Expect(page.Locator(".findings [aria-label=Wrong]").First).ToBeVisibleAsync();
        await Expect(page.Locator(".findings")).ToContainTextAsync("private_key");
        await Office.PictureAsync(page, "doctor-wrong");

        var chinese = await _office.BrowseAsync(_ben, 390, 844, "zh");
        await chinese.GotoAsync("/accounts");
        await Office.AliveAsync(chinese);
        await Expect(chinese.Locator("tr", new() { HasText = World.Account })).ToContainTextAsync("项错误");
        await Office.PictureAsync(chinese, "accounts-zh");
        await chinese.GotoAsync($"/accounts/wechat/{World.Account}");
        await Office.AliveAsync(chinese);
        await Expect(chinese.Locator(".findings [aria-label=错误]").First).ToBeVisibleAsync();
        await Expect(chinese.Locator(".findings")).ToContainTextAsync("私钥");
        await Office.PictureAsync(chinese, "account-zh");
        await DemandNoSecretAsync(chinese, other);
    }

    [Fact]
    public async Task Keys_OfAnAccountInUse_ChangeByTwoPeople_AndOnce()
    {
        using var key = RSA.Create(2048);
        var before = await DocumentAsync("alipay", World.AlipayAccount);
        var page = await _office.BrowseAsync(_ada);
        await page.GotoAsync($"/accounts/alipay/{World.AlipayAccount}");
        await Office.AliveAsync(page);
        await page.GetByRole(AriaRole.Button, new() { Name = "Replace" }).ClickAsync();
        await page.Locator("#field-private_key").FillAsync(key.ExportPkcs8PrivateKeyPem());
        await page.Locator(".save").ClickAsync();
        await Office.TypeAsync(page, "Reason", "The yearly change of keys.");
        await Office.PictureAsync(page, "key-change");
        await page.Locator(".confirm").ClickAsync();
        await Expect(page.GetByText("It waits for another person's approval.").First).ToBeVisibleAsync();
        (await DocumentAsync("alipay", World.AlipayAccount)).Should().Be(before, "nothing is written yet");
        var approval = (await _office.Operators.ListApprovalsAsync(new ListApprovalsRequest { OpenOnly = true })).Approvals.Single();
        approval.Action.Should().NotContain(key.ExportPkcs8PrivateKeyPem().Split('\n')[3]);

        var second = await _office.BrowseAsync(_ben);
        await second.GotoAsync("/approvals");
        await Office.AliveAsync(second);
        await second.GetByRole(AriaRole.Button, new() { Name = "Difference" }).ClickAsync();
        await Expect(second.Locator(".diff .came").First).ToBeVisibleAsync();
        await Office.PictureAsync(second, "key-approval");
        await second.GetByRole(AriaRole.Button, new() { Name = "Approve" }).ClickAsync();
        await Office.TypeAsync(second, "Reason", "Compared the fingerprint by telephone.");
        await second.Locator(".confirm").ClickAsync();
        await Expect(second.Locator(".empty")).ToBeVisibleAsync();
        (await _office.Operators.ReadApprovalAsync(new ReadApprovalRequest { ApprovalId = approval.ApprovalId })).State.Should().Be(Approval.Types.State.Executed);
        (await DocumentAsync("alipay", World.AlipayAccount)).Should().Contain(key.ExportPkcs8PrivateKeyPem().Split('\n')[3]);
        (await Backend.HistoryAsync("alipay", World.AlipayAccount, CancellationToken.None)).Should().HaveCount(1, "it is written once");
        await DemandNoSecretAsync(second, key);

        // Back to the old key needs two people as well, and so does the way round by switching off.
        await page.ReloadAsync();
        await Office.AliveAsync(page);
        await page.GetByRole(AriaRole.Button, new() { Name = "Roll back: version 1" }).ClickAsync();
        await page.Locator(".confirm").ClickAsync();
        await Office.TypeAsync(page, "Reason", "The provider does not know the new key.");
        await page.Locator(".confirm").ClickAsync();
        await Expect(page.GetByText("It waits for another person's approval.").First).ToBeVisibleAsync();
        (await _office.Operators.ListApprovalsAsync(new ListApprovalsRequest { OpenOnly = true })).Approvals.Should().ContainSingle();
    }

    [Fact]
    public async Task Account_SwitchedOffAndOn_ChangedAndRolledBack()
    {
        var page = await _office.BrowseAsync(_ada);
        await page.GotoAsync($"/accounts/alipay/{World.AlipayAccount}");
        await Office.AliveAsync(page);
        await page.GetByRole(AriaRole.Button, new() { Name = "Disable" }).ClickAsync();
        await page.Locator(".confirm").ClickAsync();
        await Expect(page.Locator("h1 + p .chip")).ToHaveTextAsync("Disabled");
        await page.GetByRole(AriaRole.Button, new() { Name = "Enable" }).ClickAsync();
        await page.Locator(".confirm").ClickAsync();
        await Expect(page.Locator("h1 + p .chip")).ToHaveTextAsync("Enabled");
        await page.Locator(".more summary").ClickAsync();
        await page.Locator("#field-qr_product_code").FillAsync("QR_CODE_OFFLINE");
        await page.Locator(".save").ClickAsync();
        await Expect(page.Locator("#field-qr_product_code")).ToHaveValueAsync("QR_CODE_OFFLINE");
        await Expect(page.Locator(".versions")).ToContainTextAsync("version 4");
        (await DocumentAsync("alipay", World.AlipayAccount)).Should().Contain("QR_CODE_OFFLINE");
        await page.GetByRole(AriaRole.Button, new() { Name = "Compare with now: version 3" }).ClickAsync();
        await Expect(page.Locator(".diff .came").Last).ToContainTextAsync("QR_CODE_OFFLINE");
        await Office.PictureAsync(page, "account-history");
        await page.GetByRole(AriaRole.Button, new() { Name = "Roll back: version 1" }).ClickAsync();
        await page.Locator(".confirm").ClickAsync();
        await Expect(page.Locator(".versions")).ToContainTextAsync("version 5");
        (await DocumentAsync("alipay", World.AlipayAccount)).Should().NotContain("QR_CODE_OFFLINE");
    }

    [Fact]
    public async Task Account_ChangedBySomebodyElseMeanwhile_IsNotOverwritten()
    {
        var page = await _office.BrowseAsync(_ada);
        await page.GotoAsync($"/accounts/alipay/{World.AlipayAccount}");
        await Office.AliveAsync(page);
        await page.Locator(".more summary").ClickAsync();
        await ChangeDocumentAsync("alipay", World.AlipayAccount, members => members["page_product_code"] = "SOMEBODY_ELSE");
        await page.Locator("#field-qr_product_code").FillAsync("QR_CODE_OFFLINE");
        await page.Locator(".save").ClickAsync();
        await Expect(page.Locator(".error-panel")).ToContainTextAsync("Somebody changed it");
        (await DocumentAsync("alipay", World.AlipayAccount)).Should().Contain("SOMEBODY_ELSE").And.NotContain("QR_CODE_OFFLINE");
    }

    [Theory]
    [InlineData(1440, 900, "en", ColorScheme.Light)]
    [InlineData(390, 844, "zh", ColorScheme.Light)]
    [InlineData(1440, 900, "zh", ColorScheme.Dark)]
    public async Task EachPage_AtEachWidth_HasNothingSeriousForAxeAndFits(int width, int height, string locale, ColorScheme scheme)
    {
        await ChangeDocumentAsync("wechat", World.Account, members => members["mch_id"] = "12");
        var page = await _office.BrowseAsync(_ada, width, height, locale, scheme);
        foreach (var (path, sign) in new[]
        {
            ("/accounts", "table"), ("/accounts/alipay", ".save"), ($"/accounts/alipay/{World.AlipayAccount}", ".save"), ($"/accounts/wechat/{World.Account}", ".error-panel"),
            ("/apps", "table"), ($"/apps/{World.AppId}", ".save-routes"), ("/system", "table"),
        })
        {
            await page.GotoAsync(path);
            await Office.AliveAsync(page);
            await Expect(page.Locator(sign).First).ToBeVisibleAsync();
            await Office.PictureAsync(page, $"{path[1..].Replace('/', '-')}-{locale}-{scheme}");
            (await _office.SeriousFaultsAsync(page)).Should().BeEmpty($"{path} at {width} in {locale}, {scheme}");
            (await page.EvaluateAsync<int>("document.documentElement.scrollWidth")).Should().BeLessThanOrEqualTo(width, path);
        }
    }

    [Fact]
    public async Task System_ShowsProcessesChannelsAndRefusedDocuments_AndHomeLeadsThere()
    {
        await ChangeDocumentAsync("wechat", World.Account, members => members["mch_id"] = "12");
        var page = await _office.BrowseAsync(_ada);
        await page.GotoAsync("/system");
        await Office.AliveAsync(page);
        await Expect(page.Locator("table.list")).ToContainTextAsync("all roles");
        await Expect(page.Locator("dl.facts").First).ToContainTextAsync("alipay");
        // A process says every 20 seconds how it does.
        await Expect(page.GetByRole(AriaRole.Link, new() { Name = $"wechat/{World.Account}" })).ToBeVisibleAsync(new() { Timeout = 60_000 });
        await Office.PictureAsync(page, "system");
        await page.GotoAsync("/");
        await Office.AliveAsync(page);
        await Expect(page.GetByRole(AriaRole.Link, new() { Name = "Configuration document refused" })).ToBeVisibleAsync(new() { Timeout = 60_000 });
        await Office.PictureAsync(page, "home-todo");
    }

    private async Task<string> DocumentAsync(string channel, string account) =>
        System.Text.Encoding.UTF8.GetString((await Backend.ReadAllAsync(CancellationToken.None)).Single(d => d.Folder == channel && d.Name == account).Content.Span);

    private async Task ChangeDocumentAsync(string channel, string account, System.Action<JsonObject> change)
    {
        var kept = (await Backend.ReadAllAsync(CancellationToken.None)).Single(d => d.Folder == channel && d.Name == account);
        var members = DocumentJson.ReadMembers(account, kept.Content);
        change(members);
        (await Backend.ReplaceAsync(channel, account, kept.Version, DocumentJson.WriteMembers(members), CancellationToken.None)).Should().BeTrue();
    }

    private RegisteredAlipayMerchant RegisterAlipay(RSA key) => _office.World.App.Services.GetRequiredService<AlipayMerchants>().Register(new AlipayMerchantRegistration
    {
        AppId = NewAccount, Pid = $"2088{NewAccount[^12..]}", Name = "湖畔茶纸铺", AppPublicKey = key.ExportSubjectPublicKeyInfoPem(), Mode = "key",
    });

    /// <summary>Not in the page, nor in the audit log.</summary>
    private async Task DemandNoSecretAsync(IPage page, params RSA[] keys)
    {
        var audit = string.Join('\n', (await _office.World.Database.ListAuditAsync(new ListAuditRequest { Limit = 200 })).Entries.Select(e => e.ToString()));
        foreach (var key in keys)
        {
            var canary = key.ExportPkcs8PrivateKeyPem().Split('\n')[3];
            (await page.ContentAsync()).Should().NotContain(canary);
            audit.Should().NotContain(canary);
        }
    }
}
