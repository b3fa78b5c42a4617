using Microsoft.Playwright;
using PayCore.Cashier.Tests.Support;
using PayCore.Console.Tests.Support;
using PayCore.TestKit;
using static Microsoft.Playwright.Assertions;

namespace PayCore.Console.Tests;

/// <summary>The files of exported lists: how long they may be, and what becomes of them when a process ends.</summary>
public sealed class ExportFiles(Chromium chromium)
{
    [Fact]
    public async Task Export_OfMoreRowsThanAFileMayHave_IsCutThereAndSaysSo()
    {
        // Neither a page nor two.
        const int most = 250;
        await using var office = await Office.OpenAsync(chromium, "sqlite", $"--Console:ExportRowsMax={most}");
        await office.SeedAsync(600);
        var page = await office.BrowseAsync(await office.HireAsync("olga", "operator"));

        await ExportAsync(page, "/payments");

        await Expect(page.Locator(".list tbody .chip")).ToHaveTextAsync("Done, cut at the limit");
        await Expect(page.Locator(".list td[data-name=Rows]")).ToHaveTextAsync($"{most}");
        var download = await page.RunAndWaitForDownloadAsync(() => page.GetByText("Download", new() { Exact = true }).Last.ClickAsync());
        (await File.ReadAllLinesAsync(await download.PathAsync())).Should().HaveCount(1 + most, "the headings and so many rows");

        await ExportAsync(page, "/refunds");
        await Expect(page.Locator(".list tbody tr").First.Locator(".chip")).ToHaveTextAsync("Done", new() { Timeout = 20_000 });
    }

    /// <summary>A process that was killed leaves its files, and nobody can get at them any more; one beside this one, in the same folder, still has its own.</summary>
    [Fact]
    public async Task FilesLeftBehind_AreGoneAtTheNextStart_ThoseOfALivingProcessStay_AndAnEndLeavesNone()
    {
        using var folder = new TemporaryFolder();
        var killed = Leave("killed");
        var alive = Leave("alive");
        await using var held = new FileStream($"{Path.GetDirectoryName(alive)}.lock", FileMode.Open, FileAccess.ReadWrite, FileShare.None);

        await using (var office = await Office.OpenAsync(chromium, "sqlite", $"--Console:ExportFolder={folder.Path}"))
        {
            await Till.UntilAsync(() => Task.FromResult(!Directory.Exists(Path.GetDirectoryName(killed))), "what was left behind is removed");
            var page = await office.BrowseAsync(await office.HireAsync("olga", "operator"));
            await ExportAsync(page, "/payments");
            await Expect(page.Locator(".list tbody .chip")).ToHaveTextAsync("Done");
            Directory.GetFiles(folder.Path, "*.csv", SearchOption.AllDirectories).Should().HaveCount(2).And.Contain(alive);
        }

        Directory.GetFiles(folder.Path, "*", SearchOption.AllDirectories).Should().BeEquivalentTo(alive, held.Name);

        string Leave(string process)
        {
            Directory.CreateDirectory(Path.Combine(folder.Path, process));
            File.WriteAllText(Path.Combine(folder.Path, $"{process}.lock"), "");
            var file = Path.Combine(folder.Path, process, "list.csv");
            File.WriteAllText(file, "somebody's payments");
            return file;
        }
    }

    private static async Task ExportAsync(IPage page, string list)
    {
        await page.GotoAsync(list);
        await Office.AliveAsync(page);
        await page.GetByRole(AriaRole.Button, new() { Name = "Export CSV" }).ClickAsync();
        await page.Locator(".confirm").ClickAsync();
        await Expect(page.GetByRole(AriaRole.Heading, new() { Level = 1 })).ToHaveTextAsync("Exports");
    }
}
