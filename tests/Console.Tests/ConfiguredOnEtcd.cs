using System.Net.Http.Json;
using Microsoft.Playwright;
using PayCore.Cashier.Tests.Support;
using PayCore.Configuration;
using PayCore.Console.Tests.Support;
using PayCore.EndToEnd.Tests.Support;
using PayCore.ServiceDefaults;
using PayCore.TestKit;
using static Microsoft.Playwright.Assertions;

namespace PayCore.Console.Tests;

/// <summary>The console on a real etcd with a master key: what it writes is sealed and seen by the roles, and never over another's change.</summary>
public sealed class ConfiguredOnEtcd(Chromium chromium)
{
    private const string Base = "/foo/bar/pay/config";

    [Fact]
    public async Task Change_IsSeenByTheRolesAndSealed_AndAConcurrentOneIsRefused()
    {
        await using var etcd = await EtcdServer.StartAsync();
        using var folder = new TemporaryFolder();
        await MasterKeys.AddAsync(folder.File("master.key"), "k1", RandomSource.System);
        await using var office = await Office.OpenAsync(
            chromium, "sqlite", "--Config:Backend=etcd", $"--Config:Etcd:Endpoints={etcd.Url}", $"--Config:Base={Base}", $"--Config:MasterKeyFile={folder.File("master.key")}",
            $"--Config:LastGoodFolder={folder.File("last")}");
        var page = await office.BrowseAsync(await office.HireAsync("ada", "admin"));
        await page.GotoAsync($"/apps/{World.AppId}");
        await Office.AliveAsync(page);
        await page.GetByRole(AriaRole.Button, new() { Name = "Disable" }).ClickAsync();
        await page.Locator(".confirm").ClickAsync();
        await Expect(page.Locator("h1 + p .chip")).ToHaveTextAsync("Disabled");
        var began = TimeProvider.System.GetTimestamp();
        while (true)
        {
            using var answer = await office.World.Merchant.PostAsJsonAsync("/v1/pay-orders", office.World.NewOrder());
            if (!answer.IsSuccessStatusCode)
            {
                break;
            }

            TimeProvider.System.GetElapsedTime(began).Should().BeLessThan(TimeSpan.FromSeconds(10));
        }

        var kept = await etcd.ControlAsync("get", $"{Base}/apps/{World.AppId}", "--print-value-only");
        kept.Should().Contain("\"enabled\": false").And.Contain("sealed:v1:k1:").And.NotContain("whsec_");

        // Somebody else writes while the page is open.
        var backend = office.Configuration;
        var document = (await backend.ReadAllAsync(CancellationToken.None)).Single(d => d.Folder == "apps" && d.Name == World.AppId);
        var members = DocumentJson.ReadMembers(World.AppId, document.Content);
        members["name"] = "Somebody else";
        (await backend.ReplaceAsync("apps", World.AppId, document.Version, DocumentJson.WriteMembers(members), CancellationToken.None)).Should().BeTrue();
        await page.GetByRole(AriaRole.Button, new() { Name = "Enable" }).ClickAsync();
        await page.Locator(".confirm").ClickAsync();
        await Expect(page.Locator(".mud-dialog .error-panel")).ToContainTextAsync("Somebody changed it");
        (await etcd.ControlAsync("get", $"{Base}/apps/{World.AppId}", "--print-value-only")).Should().Contain("Somebody else").And.Contain("\"enabled\": false");

        await page.GotoAsync("/system");
        await Office.AliveAsync(page);
        await Expect(page.Locator("main")).ToContainTextAsync("Revision");
        await office.DemandWholeAuditAsync();
    }
}
