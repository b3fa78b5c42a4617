using System.Security.Cryptography;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;
using PayCore.Cashier.Tests.Support;
using PayCore.ChannelSimulator;
using PayCore.Configuration;
using PayCore.Console.Tests.Support;
using PayCore.Contracts.V1;
using static Microsoft.Playwright.Assertions;

namespace PayCore.Console.Tests;

/// <summary>Channel accounts as an operator sets them up: the form of each channel, the doctor, history, and keys that change by two people.</summary>
public sealed class ChannelAccountStories(Chromium chromium) : IAsyncLifetime
{
    private const string NewAccount = "2021000000000777";

    private Office _office = null!;
    private Person _ada = null!;
    private Person _ben = null!;

    private IConfigBackend Backend => _office.World.App.Services.GetRequiredService<IConfigBackend>();

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
