using System.Security.Cryptography;
using Microsoft.Extensions.DependencyInjection;
using PayCore.Cashier.Tests.Support;
using PayCore.Console.Tests.Support;
using PayCore.Contracts.V1;
using PayCore.EndToEnd.Tests.Support;
using PayCore.ServiceDefaults;
using static Microsoft.Playwright.Assertions;

namespace PayCore.Console.Tests;

/// <summary>A shop of one person, <c>Console:FourEyes=false</c>: keys of channel accounts and limits of apps change at once. What moves money needs a second person all the same.</summary>
public sealed class ShopOfOne(Chromium chromium) : IAsyncLifetime
{
    private Office _office = null!;
    private Person _ada = null!;

    public async ValueTask InitializeAsync()
    {
        _office = await Office.OpenAsync(chromium, "sqlite", "--Console:FourEyes=false");
        _ada = await _office.HireAsync("ada", "admin");
    }

    public async ValueTask DisposeAsync()
    {
        await _office.DemandWholeAuditAsync();
        await _office.DisposeAsync();
    }

    [Fact]
    public async Task Key_OfAnAccountInUse_ChangesAtOnceAndStandsInTheAuditLog()
    {
        using var key = RSA.Create(2048);
        var canary = key.ExportPkcs8PrivateKeyPem().Split('\n')[3];
        var page = await _office.BrowseAsync(_ada);
        await page.GotoAsync($"/accounts/alipay/{World.AlipayAccount}");
        await Office.AliveAsync(page);
        await Expect(page.GetByText("keys change at once")).ToBeVisibleAsync();
        await page.GetByRole(Microsoft.Playwright.AriaRole.Button, new() { Name = "Replace" }).ClickAsync();
        await page.Locator("#field-private_key").FillAsync(key.ExportPkcs8PrivateKeyPem());
        await page.Locator(".save").ClickAsync();
        await Expect(page.Locator(".versions")).ToContainTextAsync("version 2");

        var kept = (await _office.Configuration.ReadAllAsync(CancellationToken.None)).Single(d => d.Folder == "alipay" && d.Name == World.AlipayAccount);
        System.Text.Encoding.UTF8.GetString(kept.Content.Span).Should().Contain(canary);
        (await _office.Operators.ListApprovalsAsync(new ListApprovalsRequest())).Approvals.Should().BeEmpty();
        var entry = (await _office.World.Database.ListAuditAsync(new ListAuditRequest { Subject = $"alipay/{World.AlipayAccount}" })).Entries.Should().ContainSingle().Which;
        (entry.By, entry.Action).Should().Be(("ada", "config.write"));
        entry.Before.Should().NotBe(entry.After, "that the key is another one shows");
        $"{entry}".Should().NotContain(canary);
    }

    [Fact]
    public async Task Limit_OfAnApp_RisesAtOnceAndStandsInTheAuditLog()
    {
        var page = await _office.BrowseAsync(_ada);
        await page.GotoAsync($"/apps/{World.AppId}");
        await Office.AliveAsync(page);
        await Expect(page.GetByText("limits change at once")).ToBeVisibleAsync();
        await page.Locator("#set-refund-approval").FillAsync("500000");
        await page.GetByRole(Microsoft.Playwright.AriaRole.Button, new() { Name = "Save settings" }).ClickAsync();
        await Expect(page.Locator(".versions")).ToContainTextAsync("version 2");

        (await _office.Operators.ListApprovalsAsync(new ListApprovalsRequest())).Approvals.Should().BeEmpty();
        var entry = (await _office.World.Database.ListAuditAsync(new ListAuditRequest { Subject = $"apps/{World.AppId}" })).Entries.Should().ContainSingle().Which;
        (entry.By, entry.Action).Should().Be(("ada", "config.write"));
    }

    [Fact]
    public async Task Refund_AboveTheLimit_WaitsForASecondPersonAllTheSame()
    {
        const long amount = 350_000;
        var paid = await _office.PaidAsync(amount);
        await using var desk = await Desk.OfAsync(_office, _ada);

        var asked = await desk.Records.RefundAsync(
            paid.Order.Id, paid.Attempts[0].Attempt.AttemptNo, amount, "It does not play.", _office.World.App.Services.GetRequiredService<IdFactory>().NewConfirmationKey());

        asked.Value!.Approval!.State.Should().Be(Approval.Types.State.Open);
        (await _office.World.Database.ListRefundsAsync(new ListRequest { AppId = World.AppId, OrderId = paid.Order.Id, Limit = 50 })).Refunds.Should().BeEmpty();
    }
}
