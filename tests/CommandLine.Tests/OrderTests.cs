using System.Text.Json.Nodes;
using Microsoft.Data.Sqlite;
using PayCore.CommandLine.Tests.Support;
using PayCore.TestKit;

namespace PayCore.CommandLine.Tests;

/// <summary><c>paycore order show</c> beside a running system: all that is recorded, and nothing is changed by looking.</summary>
public sealed class OrderTests(World world)
{
    [Fact]
    public Task Show_OnSqlite_TellsTheWholeStory() => TellsTheWholeStoryAsync(world);

    [Fact]
    public async Task Show_OnMySql_TellsTheWholeStory()
    {
        await using var mySql = new World("mysql");
        await mySql.InitializeAsync();
        await TellsTheWholeStoryAsync(mySql);
    }

    [Fact]
    public async Task Show_OfARefusedPayment_SaysWhy()
    {
        // The account's document names another key, so the provider refuses the payment for certain.
        using var other = System.Security.Cryptography.RSA.Create(2048);
        await File.WriteAllTextAsync(world.File("orders-other.pem"), other.ExportPkcs8PrivateKeyPem());
        (await world.RunAsync(
            "account", "add", "wechat", "orders-wrong", "--from", Path.Combine(world.ConfigFolder("wechat"), World.Account), "--private_key", "@orders-other.pem")).Done();
        (await world.RunAsync("app", "create", "orders-refused", "--merchant", "m1", "--route", "wechat.QR=orders-wrong")).Done();
        var key = world.KeyOf("orders-refused", "k1", MerchantApi.MerchantKeyAlgorithm.Ed25519, "orders-refused.k1.pem");
        await world.AskUntilAsync(key, 200, "refused-1");

        var run = (await world.RunAsync("order", "show", "--app", "orders-refused", "--out-trade-no", "refused-1")).Done();

        run.Output.Should().ContainAll("FAILED", "REFUSED", "SIGN_ERROR", "Notifications: none");
    }

    [Theory]
    [InlineData("order", "show", "P01M82N8J0Z4Q7D3R1K6T9V2W5XX0")]
    [InlineData("order", "show", "A01M82N8J0Z4Q7D3R1K6T9V2W5XX0")]
    [InlineData("order", "show", "--app", "demo-shop", "--out-trade-no", "nothing")]
    public async Task Show_OfAnOrderThatIsNone_IsRefused(params string[] command) => (await world.RunAsync(command)).Refused("There is no such order");

    [Theory]
    [InlineData("order", "show")]
    [InlineData("order", "show", "--app", "demo-shop")]
    [InlineData("order", "show", "--out-trade-no", "x")]
    [InlineData("order", "show", "P1", "--app", "demo-shop", "--out-trade-no", "x")]
    public async Task Show_WithoutOneName_IsMisuse(params string[] command) => (await world.RunAsync(command)).Misused("Name an order");

    [Theory]
    [InlineData("--Database:ConnectionString=nonsense")]
    [InlineData("--Database:Provider=oracle")]
    [InlineData("--Database:Provider=mysql", "--Database:ConnectionString=Server=127.0.0.1;Port=1;User ID=pay;Password=canary-secret")]
    public async Task Show_WithAWrongDatabase_SaysWhyInALine(params string[] settings)
    {
        var run = await CommandRun.RunAsync(world.Folder, ["order", "show", "P1", .. settings]);

        run.Code.Should().Be(1);
        run.Error.Trim().Split('\n').Should().ContainSingle().Which.Should().NotContain("canary-secret");
    }

    [Fact]
    public async Task Show_WithoutADatabase_MakesNone()
    {
        using var folder = new TemporaryFolder();

        (await CommandRun.RunAsync(folder.Path, ["order", "show", "P1", $"--Data={folder.File("data")}"])).Refused("There is no database");

        Directory.EnumerateFileSystemEntries(folder.Path).Should().BeEmpty();
    }

    [Fact]
    public async Task Show_OnADatabaseThatIsNotOurs_SaysSoAndMigratesNothing()
    {
        using var folder = new TemporaryFolder();
        Directory.CreateDirectory(folder.File("data"));
        var connection = $"Data Source={folder.File("data/paycore.db")}";
        await using (var other = new SqliteConnection(connection))
        {
            await other.OpenAsync();
            await using var make = new SqliteCommand("CREATE TABLE other (a INTEGER)", other);
            await make.ExecuteNonQueryAsync();
        }

        (await CommandRun.RunAsync(folder.Path, ["order", "show", "P1", $"--Data={folder.File("data")}"])).Refused("PayDatabase failed");

        await using var same = new SqliteConnection(connection);
        await same.OpenAsync();
        await using var count = new SqliteCommand("SELECT GROUP_CONCAT(name) FROM sqlite_master", same);
        (await count.ExecuteScalarAsync()).Should().Be("other");
    }

    private static async Task TellsTheWholeStoryAsync(World world)
    {
        var key = await world.CreateAppAsync("stories", "--webhook", world.WebhookUrl);
        var created = await world.AskUntilAsync(key, 200);
        var id = created["order"]!["id"]!.GetValue<string>();
        var attemptNo = created["attempt_no"]!.GetValue<string>();
        (await world.RunAsync("order", "show", id)).Done().Output.Should().ContainAll(
            "PAYING: the user may be paying", "¥12.99", "龙井茶 Longjing tea", attemptNo, "OPEN: can be paid", $"wechat/{World.Account}", "Notifications: none");

        world.Wallet.Pay(World.Account, attemptNo);
        var paid = await UntilAsync(world, id, "the merchant acknowledged");

        paid.Output.Should().ContainAll("PAID: paid", "WON", "payment.paid", world.WebhookUrl, "DELIVERED", "try 1", "HTTP 200: success", "PAYING → PAID").And.NotContain("unanswered");
        (await world.RunAsync("order", "show", attemptNo)).Done().Output.Should().Be(paid.Output, "the provider's number names the same order");
        (await world.RunAsync("order", "show", "--app", "stories", "--out-trade-no", created["order"]!["out_trade_no"]!.GetValue<string>())).Done().Output.Should().Be(paid.Output);
        (await world.RunAsync("order", "show", id, "--lang", "zh")).Done().Output.Should().ContainAll("订单", "PAID: 已支付", "商户确认于", "¥12.99");

        var json = (await world.RunAsync("order", "show", id, "--json")).Done();
        var told = JsonNode.Parse(json.Output)!;
        told["order"]!["order"]!["state"]!.GetValue<string>().Should().Be("PAID");
        told["order"]!["history"]!.AsArray().Should().HaveCountGreaterThan(3);
        told["deliveries"]![0]!["history"]![0]!["answer"]!.GetValue<string>().Should().Be("success");
        told["deliveries"]![0]!["body"]!["type"]!.GetValue<string>().Should().Be("payment.paid");
        var token = created["cashier_url"]!.GetValue<string>().Split('/')[^1];
        token.Length.Should().BeGreaterThan(30);
        (json.Output + paid.Output).Should().NotContain(token, "whoever has it may see and pay the order");
    }

    private static async Task<CommandRun> UntilAsync(World world, string id, string words)
    {
        var began = TimeProvider.System.GetTimestamp();
        while (true)
        {
            var run = (await world.RunAsync("order", "show", id)).Done();
            if (run.Output.Contains(words, StringComparison.Ordinal))
            {
                return run;
            }

            TimeProvider.System.GetElapsedTime(began).Should().BeLessThan(TimeSpan.FromSeconds(20), run.Output);
        }
    }
}
