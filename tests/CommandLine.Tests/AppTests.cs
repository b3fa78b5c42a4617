using System.Security.Cryptography;
using PayCore.CommandLine.Tests.Support;
using PayCore.Configuration;
using PayCore.MerchantApi;

namespace PayCore.CommandLine.Tests;

/// <summary><c>paycore app</c> beside a running system.</summary>
public sealed class AppTests(World world)
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    public static TheoryData<string> Algorithms => [.. Enum.GetValues<MerchantKeyAlgorithm>().Select(a => a.ToName())];

    [Theory]
    [MemberData(nameof(Algorithms))]
    public async Task Create_BesideARunningSystem_IsPaidByWithinASecond(string algorithm)
    {
        MerchantKeyAlgorithms.TryParse(algorithm, out var parsed).Should().BeTrue();
        var appId = $"new-{algorithm}";
        var run = await world.RunAsync(
            "app", "create", appId, "--merchant", "m1", "--route", $"wechat.QR={World.Account}", "--alg", algorithm, "--out", $"{appId}.key");

        run.Done().Value("keyid").Should().Be($"{appId}/k1");
        var order = await world.AskUntilAsync(world.KeyOf(appId, "k1", parsed, $"{appId}.key"), 200);
        order["order"]!["state"]!.GetValue<string>().Should().Be("PAYING");
    }

    [Fact]
    public async Task Create_WritesThePrivateKeyForItsOwnerOnlyAndNowhereElse()
    {
        var run = (await world.RunAsync("app", "create", "keeps-keys", "--merchant", "m1")).Done();

        var file = world.File("keeps-keys.k1.pem");
        run.Value("private key").Should().Be(file);
        File.GetUnixFileMode(file).Should().Be(OwnerOnly);
        File.GetUnixFileMode(Path.Combine(world.Apps, "keeps-keys")).Should().Be(OwnerOnly);
        var secret = File.ReadAllText(file).Split('\n')[1].Trim();
        secret.Length.Should().BeGreaterThan(40);
        (run.Output + run.Error + Document("keeps-keys")).Should().NotContain(secret);
    }

    [Fact]
    public async Task Create_WithTheMerchantsOwnPublicKey_MakesNoPrivateKey()
    {
        using var own = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        await File.WriteAllTextAsync(world.File("own.pem"), own.ExportSubjectPublicKeyInfoPem());

        (await world.RunAsync(
            "app", "create", "own-key", "--merchant", "m1", "--alg", "ecdsa-p256-sha256", "--public-key", "own.pem", "--key-id", "hsm-1", "--route", $"wechat.QR={World.Account}")).Done();

        Directory.GetFiles(world.Folder, "own-key*").Should().BeEmpty();
        await world.AskUntilAsync(SigningKey.FromPrivateKeyPem("own-key", "hsm-1", MerchantKeyAlgorithm.EcdsaP256Sha256, own.ExportPkcs8PrivateKeyPem()), 200);
    }

    [Fact]
    public async Task Create_WithAPrivateKeyAsPublicKey_IsRefusedWithoutQuotingIt()
    {
        var pair = MerchantKeyPair.CreateEd25519();
        await File.WriteAllTextAsync(world.File("private.pem"), pair.PrivateKeyPem);

        var run = (await world.RunAsync("app", "create", "mixed-up", "--merchant", "m1", "--public-key", "private.pem")).Refused("This is a private key");

        run.Error.Should().NotContain(pair.PrivateKeyPem.Split('\n')[1].Trim());
        File.Exists(Path.Combine(world.Apps, "mixed-up")).Should().BeFalse();
    }

    [Fact]
    public async Task Create_WithHmac_ShowsTheSecretOnce()
    {
        var secret = (await world.RunAsync("app", "create", "shared", "--merchant", "m1", "--alg", "hmac-sha256", "--route", $"wechat.QR={World.Account}")).Done().Value("secret");

        await world.AskUntilAsync(SigningKey.FromSecret("shared", "k1", Convert.FromBase64String(secret)), 200);
        foreach (var command in new string[][] { ["app", "show", "shared"], ["app", "list"], ["key", "list", "shared"] })
        {
            (await world.RunAsync(command)).Done().Output.Should().NotContain(secret);
        }
    }

    [Fact]
    public async Task Create_OfAnAppThatIsThere_ChangesNothing()
    {
        await world.CreateAppAsync("once");
        var before = Document("once");

        (await world.RunAsync("app", "create", "once", "--merchant", "other")).Refused("There is an app once already");

        Document("once").Should().Be(before);
        File.Exists(world.File("once.k1.pem")).Should().BeFalse();
    }

    [Fact]
    public async Task Create_OfOneAppBySeveralAtOnce_SucceedsOnceAndKeepsThatKey()
    {
        var runs = await Task.WhenAll(Enumerable.Range(0, 4).Select(i => world.RunAsync(
            "app", "create", "raced", "--merchant", $"m{i}", "--out", $"raced.{i}.pem", "--route", $"wechat.QR={World.Account}")));

        var winner = runs.Index().Should().ContainSingle(r => r.Item.Code == 0).Subject.Index;
        Directory.GetFiles(world.Folder, "raced.*").Should().Equal(world.File($"raced.{winner}.pem"));
        await world.AskUntilAsync(world.KeyOf("raced", "k1", MerchantKeyAlgorithm.Ed25519, $"raced.{winner}.pem"), 200);
    }

    [Fact]
    public async Task Create_OverAFileThatIsThere_IsRefusedAndMakesNoApp()
    {
        await File.WriteAllTextAsync(world.File("precious.pem"), "precious");

        (await world.RunAsync("app", "create", "overwriting", "--merchant", "m1", "--out", "precious.pem")).Refused("--out:");

        File.ReadAllText(world.File("precious.pem")).Should().Be("precious");
        File.Exists(Path.Combine(world.Apps, "overwriting")).Should().BeFalse();
    }

    [Theory]
    [InlineData("1", "APP_ID", "../evil", "--merchant", "m1")]
    [InlineData("1", "app_id", "a23456789012345678901234567890123", "--merchant", "m1")]
    [InlineData("1", "merchant_id", "wrong", "--merchant", "m23456789012345678901234567890123")]
    [InlineData("1", "--key-id", "wrong", "--merchant", "m1", "--key-id", "../../k")]
    [InlineData("1", "'qr' is no scene", "wrong", "--merchant", "m1", "--route", "wechat.qr=1")]
    [InlineData("1", "--route", "wrong", "--merchant", "m1", "--route", "wechat=1")]
    [InlineData("1", "weight", "wrong", "--merchant", "m1", "--route", "wechat.QR=1:-1")]
    [InlineData("1", "routes.wechat.QR", "wrong", "--merchant", "m1", "--route", "wechat.QR=1:0")]
    [InlineData("1", "--webhook", "wrong", "--merchant", "m1", "--webhook", "http://10.0.0.1/hook")]
    [InlineData("1", "--webhook", "wrong", "--merchant", "m1", "--webhook", "hook")]
    [InlineData("1", "--public-key", "wrong", "--merchant", "m1", "--public-key", "not-there.pem")]
    [InlineData("1", "--public-key", "wrong", "--merchant", "m1", "--public-key", "x", "--alg", "hmac-sha256")]
    [InlineData("2", "--alg", "wrong", "--merchant", "m1", "--alg", "none")]
    [InlineData("2", "--merchant", "wrong")]
    [InlineData("2", "--colour", "wrong", "--merchant", "m1", "--colour", "red")]
    public async Task Create_WithAWrongArgument_NamesItAndMakesNothing(string code, string words, params string[] arguments)
    {
        var run = await world.RunAsync(["app", "create", .. arguments]);

        _ = code == "2" ? run.Misused(words) : run.Refused(words);
        Directory.GetFiles(world.Apps, "wrong").Should().BeEmpty();
        Directory.GetFiles(world.Folder, "wrong*").Should().BeEmpty();
    }

    [Fact]
    public async Task Create_WithWebhookAndSeveralRoutes_WritesWhatTheRunningSystemParses()
    {
        var run = (await world.RunAsync(
            "app", "create", "whole", "--merchant", "m1", "--name", "茶馆", "--webhook", world.WebhookUrl,
            "--route", "wechat.QR=1900000001:3", "--route", "wechat.QR=not-there", "--route", "wechat.H5=1900000001")).Done();

        var app = MerchantApp.Parse("whole", await File.ReadAllBytesAsync(Path.Combine(world.Apps, "whole")));
        app.Name.Should().Be("茶馆");
        app.Routes["wechat.QR"].Select(r => (r.Account, r.Weight)).Should().Equal(("1900000001", 3), ("not-there", 1));
        app.Routes.Keys.Should().Equal("wechat.QR", "wechat.H5");
        app.Webhook!.Secrets.Should().Equal(run.Value("its secret"));
        run.Output.Should().Contain("There is no account wechat/not-there yet");
    }

    [Fact]
    public async Task Set_ChangesWhatIsGivenAndKeepsTheRest()
    {
        await world.CreateAppAsync("changing", "--webhook", world.WebhookUrl);
        var before = MerchantApp.Parse("changing", await File.ReadAllBytesAsync(Path.Combine(world.Apps, "changing")));

        var run = (await world.RunAsync("app", "set", "changing", "--name", "New", "--webhook", world.WebhookUrl + "/2", "--route", "wechat.H5=1900000001")).Done();

        var after = MerchantApp.Parse("changing", await File.ReadAllBytesAsync(Path.Combine(world.Apps, "changing")));
        (after.Name, after.Webhook!.Url).Should().Be(("New", world.WebhookUrl + "/2"));
        after.Webhook.Secrets.Should().Equal(before.Webhook!.Secrets);
        after.Routes.Keys.Should().Equal("wechat.QR", "wechat.H5");
        after.Keys.Should().Equal(before.Keys);
        run.Output.Should().NotContain("whsec_");
        (await world.RunAsync("app", "set", "nobody", "--name", "x")).Refused("There is no apps/nobody");
    }

    [Fact]
    public async Task Set_OneLimit_KeepsTheOthers()
    {
        await world.CreateAppAsync("limited");
        (await world.RunAsync("app", "set", "limited", "--refund-approval-above", "50000")).Done();
        (await world.RunAsync("app", "set", "limited", "--approval-above", "0", "--transfer-max", "900000")).Done();
        (await world.RunAsync("app", "set", "limited", "--amount-max", "7000000")).Done();

        MerchantApp.Parse("limited", await File.ReadAllBytesAsync(Path.Combine(world.Apps, "limited"))).Limits.Should().Be(
            new LimitsDocument { AmountMinorMax = 7_000_000, TransferMinorMax = 900_000, TransferApprovalAboveMinor = 0, RefundApprovalAboveMinor = 50_000 });
        (await world.RunAsync("app", "show", "limited")).Done().Value("approval").Should().Be("of transfers of more than 0 minor units, of operators' refunds of more than 50000");
    }

    [Fact]
    public async Task Disable_RefusesCallsWithinASecondUntilEnabled()
    {
        var key = await world.CreateAppAsync("switched");
        await world.AskUntilAsync(key, 200);

        (await world.RunAsync("app", "disable", "switched")).Done();
        await world.AskUntilAsync(key, 401);
        (await world.RunAsync("app", "disable", "switched")).Done().Output.Should().Contain("was already disabled");
        (await world.RunAsync("app", "show", "switched")).Done().Output.Should().Contain("DISABLED");

        (await world.RunAsync("app", "enable", "switched")).Done();
        await world.AskUntilAsync(key, 200);
    }

    [Fact]
    public async Task ShowAndList_NameWhatIsThereAndNoSecret()
    {
        await world.CreateAppAsync("shown", "--name", "茶馆", "--webhook", world.WebhookUrl);

        var show = (await world.RunAsync("app", "show", "shown")).Done();
        show.Output.Should().ContainAll("shown", "m-test", "茶馆", world.WebhookUrl, "wechat.QR", "shown/k1", "ed25519", "usable").And.NotContain("whsec_");
        (await world.RunAsync("app", "list")).Done().Output.Should().ContainAll("shown", "demo-shop").And.NotContain("whsec_");
        (await world.RunAsync("app", "show", "nobody")).Refused("There is no apps/nobody");
    }

    [Fact]
    public async Task Command_ThatIsNone_IsMisuse()
    {
        (await world.RunAsync("app", "destroy")).Misused("destroy");
        (await world.RunAsync()).Misused("command");
        (await world.RunAsync("app", "--help")).Done().Output.Should().ContainAll("create", "show", "list", "disable", "enable");
    }

    private string Document(string appId) => File.ReadAllText(Path.Combine(world.Apps, appId));
}
