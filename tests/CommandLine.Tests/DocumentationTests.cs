using System.Diagnostics;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using PayCore.ChannelSimulator;
using PayCore.CommandLine.Tests.Support;
using PayCore.MerchantApi;
using PayCore.TestKit;

namespace PayCore.CommandLine.Tests;

/// <summary>docs/command-line.md, line by line as a reader would type it, beside a running system.</summary>
public sealed partial class DocumentationTests(World world)
{
    private const string OrderInTheText = "P0101M82N8J0Z4Q7D3R1K6T9V2W5X";
    private const string TransferInTheText = "T0101M82N8J0Z4Q7D3R1K6T9V2W5X";
    private const string RejectedInTheText = "T0101M82N8J0Z4Q7D3R1K6T9V2W5Y";
    private const string ItemInTheText = "X0101M82N8J0Z4Q7D3R1K6T9V2W5X";
    private const string OperatorInTheText = "ada --by";
    private const string DayInTheText = "2026-11-22";

    private static string[] Lines => [.. File.ReadLines(Path.Combine(Repository.Root, "docs", "command-line.md")).Where(l => CommandRule().IsMatch(l))];

    [Fact]
    public async Task EveryCommand_WorksInTheOrderOfTheText()
    {
        PrepareAccountFiles();
        // The day before yesterday by the provider's clock: its statement is there at any hour.
        var day = DateOnly.FromDateTime(TimeProvider.System.GetUtcNow().ToOffset(TimeSpan.FromHours(8)).Date).AddDays(-2);
        world.Bills.Plant(new BillDifference { Provider = "wechat", Merchant = World.Account, Day = day, Kind = "extra", Number = "NOBODYS1", Amount = 77 });
        var real = new Dictionary<string, string> { [DayInTheText] = $"{day:yyyy-MM-dd}" };
        var output = "";
        foreach (var line in Lines)
        {
            if (line.StartsWith("openssl", StringComparison.Ordinal))
            {
                await ShellAsync(line);
                continue;
            }

            foreach (var (text, make) in new (string, Func<Task<string>>)[]
            {
                (OrderInTheText, OrderAsync), (TransferInTheText, TransferAsync), (RejectedInTheText, TransferAsync), (ItemInTheText, () => Task.FromResult(ItemIn(output))),
                (OperatorInTheText, OperatorAsync),
            })
            {
                if (line.Contains(text, StringComparison.Ordinal) && !real.ContainsKey(text))
                {
                    real[text] = await make();
                }
            }

            // Words behind five spaces explain the line.
            var command = real.Aggregate(line.Split("     ")[0]["./paycore ".Length..], (c, r) => c.Replace(r.Key, r.Value, StringComparison.Ordinal));
            var words = WordRule().Matches(command).Select(m => m.Value.Trim('"')).ToArray();
            output = (await world.RunAsync(words)).Done().Output;
            output.Should().NotBeEmpty(line);
        }
    }

    [Fact]
    public async Task EveryCommandThatThereIs_StandsInTheText()
    {
        var text = string.Join('\n', Lines);
        foreach (var group in new[] { "app", "key", "account", "order", "transfer", "statement", "exception", "audit", "console", "certs", "config", "config key", "database" })
        {
            var help = (await world.RunAsync([.. group.Split(' '), "--help"])).Done().Output;
            var commands = help[help.IndexOf("Commands:", StringComparison.Ordinal)..].Split('\n').Skip(1).Select(l => l.Trim().Split(' ')[0]).Where(c => c.Length > 0);

            commands.Should().NotBeEmpty().And.OnlyContain(c => text.Contains($"./paycore {group} {c}", StringComparison.Ordinal));
        }
    }

    /// <summary>What the text takes for granted: the files of a merchant at the provider; here those of the demo's.</summary>
    private void PrepareAccountFiles()
    {
        var account = File.ReadAllText(Path.Combine(world.ConfigFolder("wechat"), World.Account));
        var document = JsonNode.Parse(account)!;
        File.WriteAllText(world.File("account.json"), account);
        File.WriteAllText(world.File("infos.json"), """{"岗位类型": "导购", "报酬说明": "劳务报酬"}""");
        File.WriteAllText(world.File("apiclient_key.pem"), document["private_key"]!.GetValue<string>());
        File.WriteAllText(world.File("api_v3_key"), document["api_v3_key"]!.GetValue<string>());
        File.WriteAllText(world.File("pub_key.pem"), document["public_key"]!.GetValue<string>());
    }

    /// <summary>An order of the text's app under the text's number, signed with the key of the text.</summary>
    private async Task<string> OrderAsync()
    {
        var key = world.KeyOf("tea-house", "2027", MerchantKeyAlgorithm.RsaV15Sha256, "tea-house.2027.pem");
        return (await world.AskUntilAsync(key, 200, "T20261122-1"))["order"]!["id"]!.GetValue<string>();
    }

    /// <summary>A transfer of the text's app that waits for approval.</summary>
    private async Task<string> TransferAsync()
    {
        var key = world.KeyOf("tea-house", "2027", MerchantKeyAlgorithm.RsaV15Sha256, "tea-house.2027.pem");
        return (await world.TransferUntilTakenAsync(key, 100_001))["transfer"]!["id"]!.GetValue<string>();
    }

    private async Task<string> OperatorAsync()
    {
        await world.HireAsync("ada");
        return OperatorInTheText;
    }

    private static string ItemIn(string list) => ItemRule().Match(list).Value;

    private async Task ShellAsync(string line)
    {
        var start = new ProcessStartInfo("bash", ["-c", line]) { WorkingDirectory = world.Folder, RedirectStandardError = true };
        using var process = Process.Start(start)!;
        var error = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        process.ExitCode.Should().Be(0, await error);
    }

    [GeneratedRegex("X[0-9A-Z]{28}")]
    private static partial Regex ItemRule();

    [GeneratedRegex(@"^(\./paycore|openssl) ")]
    private static partial Regex CommandRule();

    [GeneratedRegex("\"[^\"]*\"|\\S+")]
    private static partial Regex WordRule();
}
