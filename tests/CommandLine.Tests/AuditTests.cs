using System.Text.Json.Nodes;
using Microsoft.Data.Sqlite;
using PayCore.CommandLine.Tests.Support;
using PayCore.Contracts.V1;
using PayCore.ServiceDefaults.Ports;
using PayCore.TestKit;

namespace PayCore.CommandLine.Tests;

/// <summary>What commands change stands in the audit log, without secrets (I27).</summary>
public sealed class AuditTests(World world)
{
    [Fact]
    public async Task Change_OfAnApp_IsListedWithBeforeAndAfterAndWithoutSecrets()
    {
        var webhook = (await world.RunAsync("app", "create", "audited", "--merchant", "m1", "--alg", "hmac-sha256", "--webhook", world.WebhookUrl)).Done();
        var secrets = new[] { webhook.Value("its secret"), webhook.Value("secret") };
        (await world.RunAsync("app", "set", "audited", "--name", "茶馆")).Done();
        (await world.RunAsync("app", "disable", "audited")).Done();
        (await world.RunAsync("app", "disable", "audited")).Done();
        (await world.RunAsync("key", "add", "audited")).Done();

        var entries = await ListAsync("apps/audited");

        entries.Should().HaveCount(4, "what changed nothing is no change").And.OnlyContain(e => e.Action == "config.write" && e.By.StartsWith(Environment.UserName));
        entries[0].Before.Should().BeEmpty();
        JsonNode.Parse(entries[0].After)!["keys"]![0]!["secret"]!.GetValue<string>().Should().StartWith("(secret ");
        JsonNode.Parse(entries[1].Before)!["name"].Should().BeNull();
        JsonNode.Parse(entries[1].After)!["name"]!.GetValue<string>().Should().Be("茶馆");
        JsonNode.Parse(entries[2].After)!["enabled"]!.GetValue<bool>().Should().BeFalse();
        JsonNode.Parse(entries[3].After)!["keys"]!.AsArray().Should().HaveCount(2);
        string.Concat(entries.Select(e => e.Before + e.After)).Should().NotContainAny(secrets).And.Contain("(secret ");
    }

    [Fact]
    public async Task Change_OfAnAccount_ShowsThatASecretChangedAndNotWhich()
    {
        var document = JsonNode.Parse(File.ReadAllText(Path.Combine(world.ConfigFolder("wechat"), World.Account)))!.AsObject();
        File.WriteAllText(world.File("audited.json"), document.ToJsonString());
        (await world.RunAsync("account", "add", "wechat", "audited", "--from", "audited.json")).Done();
        var other = string.Concat(Guid.NewGuid().ToString("N"));
        File.WriteAllText(world.File("audited.key"), other);

        (await world.RunAsync("account", "set", "wechat", "audited", "--api_v3_key", "@audited.key")).Done();

        var entry = (await ListAsync("wechat/audited"))[^1];
        var (before, after) = (JsonNode.Parse(entry.Before)!, JsonNode.Parse(entry.After)!);
        after["api_v3_key"]!.GetValue<string>().Should().StartWith("(secret ").And.NotBe(before["api_v3_key"]!.GetValue<string>());
        after["private_key"]!.GetValue<string>().Should().StartWith("(secret ").And.Be(before["private_key"]!.GetValue<string>(), "it is the same as it was");
        after["mch_id"]!.GetValue<string>().Should().Be(document["mch_id"]!.GetValue<string>());
        (entry.Before + entry.After).Should().NotContainAny(other, document["api_v3_key"]!.GetValue<string>());
    }

    [Fact]
    public async Task Verify_OfALogThatWasTouched_IsRefusedAndNamesTheEntry()
    {
        using var folder = new TemporaryFolder();
        string[] settings = [$"--Data={folder.File("data")}"];
        (await CommandRun.RunAsync(folder.Path, ["audit", "verify", .. settings])).Refused("nothing was recorded here yet");
        foreach (var name in (string[])["a", "b", "c"])
        {
            (await CommandRun.RunAsync(folder.Path, ["app", "create", name, "--merchant", "m1", .. settings])).Done();
        }

        (await CommandRun.RunAsync(folder.Path, ["audit", "verify", .. settings])).Done().Output.Should().Contain("is whole: 3 entries");
        await using (var connection = new SqliteConnection($"Data Source={Directory.GetFiles(folder.Path, "*.db", SearchOption.AllDirectories).Single()}"))
        {
            await connection.OpenAsync(TestContext.Current.CancellationToken);
            await using var command = new SqliteCommand("UPDATE audit_entry SET after_text = '{}' WHERE number = 2", connection);
            (await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken)).Should().Be(1);
        }

        (await CommandRun.RunAsync(folder.Path, ["audit", "verify", .. settings])).Refused("broken at entry 2: it is not as it was written");
    }

    [Fact]
    public async Task Change_ThatCannotBeRecorded_IsNotMade()
    {
        using var folder = new TemporaryFolder();
        var nobody = $"Server=127.0.0.1;Port={FreePorts.Take(1)[0]};User ID=root;Database=none;Connection Timeout=2";

        var run = await CommandRun.RunAsync(folder.Path, ["app", "create", "a", "--merchant", "m1", $"--Data={folder.File("data")}", "--Database:Provider=mysql", $"--Database:ConnectionString={nobody}"]);

        run.Refused("apps/a is not changed, since the audit log cannot be written");
        Directory.EnumerateFiles(folder.Path, "*", SearchOption.AllDirectories).Should().BeEmpty("neither the document nor a key is left behind");
    }

    private async Task<IReadOnlyList<AuditEntry>> ListAsync(string subject) =>
        [.. (await world.RunAsync("audit", "list", subject, "--json")).Done().Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(AuditEntry.Parser.ParseJson)];
}
