using System.Security.Cryptography;
using System.Text.Json.Nodes;
using PayCore.CommandLine.Tests.Support;

namespace PayCore.CommandLine.Tests;

/// <summary><c>paycore account</c>: documents that the channel accepts, no secret anywhere, and the doctor's word.</summary>
public sealed class AccountTests(World world)
{
    private string Accounts => world.ConfigFolder("wechat");

    [Fact]
    public async Task Add_WithFilesForWhatIsSecret_TakesPaymentsWithinASecond()
    {
        var run = (await AddAsync("added")).Done();

        run.Error.Should().BeEmpty();
        File.GetUnixFileMode(Path.Combine(Accounts, "added")).Should().Be(UnixFileMode.UserRead | UnixFileMode.UserWrite);
        JsonNode.DeepEquals(Document("added"), Good()).Should().BeTrue();
        (await world.RunAsync("app", "create", "adds", "--merchant", "m1", "--route", "wechat.QR=added", "--out", "adds.pem")).Done();
        var order = await world.AskUntilAsync(world.KeyOf("adds", "k1", MerchantApi.MerchantKeyAlgorithm.Ed25519, "adds.pem"), 200);
        (await world.RunAsync("order", "show", order["order"]!["id"]!.GetValue<string>())).Done().Output.Should().Contain("wechat/added");
    }

    [Fact]
    public async Task Add_OfTheSameAgain_IsDoneAndOfAnother_IsRefused()
    {
        (await AddAsync("again")).Done();
        (await AddAsync("again")).Done().Output.Should().Contain("was there already, and the same");

        (await AddAsync("again", "--enabled", "false")).Refused("it is not overwritten");

        JsonNode.DeepEquals(Document("again"), Good()).Should().BeTrue();
    }

    [Fact]
    public async Task Add_FromAFileAndStandardInput_IsTheSame()
    {
        var partial = Good();
        partial.Remove("api_v3_key");
        await File.WriteAllTextAsync(world.File("partial.json"), $"// what the console shows\n{partial.ToJsonString()}");

        (await world.RunWithInputAsync($"{Secret("api_v3_key")}\n", "account", "add", "wechat", "piped", "--from", "partial.json", "--api_v3_key", "-")).Done();

        JsonNode.DeepEquals(Document("piped"), Good()).Should().BeTrue();
    }

    [Fact]
    public async Task Add_WithASecretOnTheCommandLine_WarnsAndDoesNotRepeatIt()
    {
        var run = (await AddAsync("inline", "--api_v3_key", Secret("api_v3_key"))).Done();

        run.Error.Should().Contain("--api_v3_key is a secret").And.NotContain(Secret("api_v3_key"));
        run.Output.Should().NotContain(Secret("api_v3_key"));
    }

    [Fact]
    public async Task Add_OfADocumentThatTheChannelRefuses_NamesTheFieldAndWritesNothing()
    {
        (await AddAsync("refused", "--mch_id", "12")).Refused("mch_id");
        (await AddAsync("refused", "--private_key", "@not-there")).Refused("--private_key");
        (await AddAsync("refused", "--enabled", "perhaps")).Refused("--enabled");
        (await AddAsync("refused", "--colour", "red")).Misused("--colour");
        (await AddAsync("../refused")).Refused("ACCOUNT");
        (await world.RunAsync("account", "add", "wechat", "refused", "--private_key", "-", "--api_v3_key", "-")).Refused("standard input");
        (await world.RunAsync("account", "add", "wechat", "refused", "--mch_id", "1900000001")).Refused("app_id");
        (await world.RunAsync("account", "add", "nowhere", "refused")).Misused("nowhere");

        using var own = RSA.Create();
        own.ImportFromPem(Secret("private_key"));
        await File.WriteAllTextAsync(world.File("merchants-own.pem"), own.ExportSubjectPublicKeyInfoPem());
        (await AddAsync("refused", "--public_key", "@merchants-own.pem")).Refused("merchant's own public key").Error.Should().NotContain(Secret("api_v3_key"));
        (await AddAsync("refused", "--mch_id", "12", "--lang", "zh")).Refused("文档被拒绝");

        File.Exists(Path.Combine(Accounts, "refused")).Should().BeFalse();
    }

    [Fact]
    public async Task Set_ChangesWhatIsGivenAndRefusesWhatTheChannelRefuses()
    {
        (await AddAsync("set")).Done();

        (await world.RunAsync("account", "set", "wechat", "set", "--platform_certificates", "true")).Done();
        Document("set")["platform_certificates"]!.GetValue<bool>().Should().BeTrue();
        (await world.RunAsync("account", "set", "wechat", "set", "--platform_certificates", "")).Done();
        JsonNode.DeepEquals(Document("set"), Good()).Should().BeTrue();
        (await world.RunAsync("account", "set", "wechat", "set", "--platform_certificates", "")).Done().Output.Should().Contain("nothing was changed");

        (await world.RunAsync("account", "set", "wechat", "set", "--public_key", "")).Refused("public_key");
        (await world.RunAsync("account", "set", "wechat", "nobody", "--mch_id", "1900000001")).Refused("There is no wechat/nobody");
        JsonNode.DeepEquals(Document("set"), Good()).Should().BeTrue();
    }

    [Fact]
    public async Task ShowAndList_SayOfSecretsOnlyThatTheyAreSet()
    {
        (await AddAsync("shown")).Done();

        var show = (await world.RunAsync("account", "show", "wechat", "shown")).Done();
        show.Value("mch_id").Should().Be(World.Account);
        (show.Value("private_key"), show.Value("api_v3_key"), show.Value("platform_certificates")).Should().Be(("set", "set", "-"));
        var list = (await world.RunAsync("account", "list")).Done();
        list.Output.Should().Contain("wechat/shown");
        foreach (var text in new[] { show.Output, list.Output })
        {
            text.Should().NotContain(Secret("api_v3_key")).And.NotContain(Secret("private_key").Split('\n')[1]).And.NotContain("PRIVATE KEY");
        }
    }

    [Fact]
    public async Task Disable_TakesNoNewPaymentsUntilEnabled()
    {
        (await AddAsync("switched")).Done();

        (await world.RunAsync("account", "disable", "wechat", "switched")).Done();
        Document("switched")["enabled"]!.GetValue<bool>().Should().BeFalse();
        (await world.RunAsync("account", "disable", "wechat", "switched")).Done().Output.Should().Contain("was already disabled");
        (await world.RunAsync("account", "check", "wechat", "switched")).Done().Output.Should().Contain("! document (enabled)");

        (await world.RunAsync("account", "enable", "wechat", "switched")).Done();
        Document("switched")["enabled"]!.GetValue<bool>().Should().BeTrue();
    }

    [Fact]
    public async Task Check_OfARightAccount_IsGoodButForTheLocalCallbackAddress()
    {
        var run = (await world.RunAsync("account", "check", "wechat", World.Account)).Done();

        run.Output.Should().ContainAll("✓ document", "! callback_address", "✓ clock", "✓ key_pair", "✓ platform_key", "✓ signed_query").And.NotContain("✗").And.NotContain("\e[");
        (await world.RunAsync("account", "check", "wechat", World.Account, "--Public:CallbackBaseUrl=https://pay.example.com")).Done()
            .Output.Should().Contain("✓ callback_address: WeChat Pay calls back https://pay.example.com/callback/wechat/1900000001");
    }

    [Theory]
    [InlineData("wechat", "1900000002", "✓ certificate: 1 platform certificate(s)")]
    [InlineData("wechat", "1900000003", "api_v3_key is proven")]
    [InlineData("alipay", "2021000000000001", "✓ platform_key")]
    [InlineData("alipay", "2021000000000002", "✓ certificate")]
    public async Task Check_OfEachChannelAndKeyMode_IsGood(string channel, string account, string words)
    {
        var run = (await world.RunAsync("account", "check", channel, account)).Done();

        run.Output.Should().ContainAll("✓ document", "✓ signed_query", words).And.NotContain("✗");
    }

    [Theory]
    [InlineData("2021000000000001")]
    [InlineData("2021000000000002")]
    public async Task AnotherChannel_NeedsNothingHere(string account)
    {
        var copy = $"copy-{account}";

        (await world.RunAsync("account", "add", "alipay", copy, "--from", Path.Combine(world.ConfigFolder("alipay"), account), "--page_action", "form")).Done();
        (await world.RunAsync("account", "set", "alipay", copy, "--seller_id", "2089")).Refused("seller_id");
        (await world.RunAsync("account", "add", "alipay", "--help")).Done().Output.Should().ContainAll("--private_key <@FILE|->", "--seller_id", "--gateway_url");

        var show = (await world.RunAsync("account", "show", "alipay", copy)).Done();
        (show.Value("page_action"), show.Value("private_key")).Should().Be(("form", "set"));
    }

    [Fact]
    public async Task Check_OfAWrongAccount_FailsInTheLanguageOfThePerson()
    {
        using var other = RSA.Create(2048);
        await File.WriteAllTextAsync(world.File("other.pem"), other.ExportPkcs8PrivateKeyPem());
        (await AddAsync("other-key", "--private_key", "@other.pem")).Done();

        var english = await world.RunAsync("account", "check", "wechat", "other-key");
        var chinese = await world.RunAsync("account", "check", "wechat", "other-key", "--lang", "zh");
        var json = await world.RunAsync("account", "check", "wechat", "other-key", "--json");

        english.Code.Should().Be(1);
        english.Output.Should().Contain("✗ key_pair (private_key): WeChat Pay does not accept our signature");
        chinese.Code.Should().Be(1);
        chinese.Output.Should().Contain("✗ key_pair (private_key): 微信支付不接受我们的签名");
        json.Code.Should().Be(1);
        var finding = JsonNode.Parse(json.Output)!.AsArray().Should().ContainSingle(f => f!["level"]!.GetValue<string>() == "FAILURE").Subject!;
        finding["check"]!.GetValue<string>().Should().Be("key_pair");
        finding["text_zh"]!.GetValue<string>().Should().Contain("SIGN_ERROR");
    }

    [Theory]
    [InlineData("zh_CN.UTF-8", "文档完整")]
    [InlineData("en_US.UTF-8", "The document is complete")]
    public async Task Check_SpeaksTheLanguageOfTheEnvironment(string language, string words)
    {
        var run = await CommandRun.StartAsync(
            world.Folder, ["account", "check", "wechat", World.Account, $"--Data={world.File("data")}"], language: language);

        run.Done().Output.Should().Contain(words);
    }

    [Fact]
    public async Task Check_OfADocumentThatIsRefused_SaysWhy()
    {
        (await AddAsync("spoilt")).Done();
        var spoilt = Document("spoilt");
        spoilt["mch_id"] = "12";
        File.WriteAllText(Path.Combine(Accounts, "spoilt"), spoilt.ToJsonString());

        var run = await world.RunAsync("account", "check", "wechat", "spoilt");

        run.Code.Should().Be(1);
        run.Output.Should().Contain("✗ document (mch_id)");
        File.SetUnixFileMode(Path.Combine(Accounts, "spoilt"), UnixFileMode.UserRead | UnixFileMode.OtherRead);
        (await world.RunAsync("account", "check", "wechat", "spoilt")).Refused("chmod 600");
        (await world.RunAsync("account", "list")).Done().Output.Should().Contain("chmod 600");
    }

    [Theory]
    [InlineData("check")]
    [InlineData("show")]
    [InlineData("disable")]
    [InlineData("enable")]
    public async Task Command_AboutWhatIsNotThere_NamesWhatIs(string command)
    {
        (await world.RunAsync("account", command, "wechat", "nobody")).Refused("There is no wechat/nobody").Error.Should().Contain(World.Account);
        (await world.RunAsync("account", command, "nowhere", "nobody")).Refused("There is: wechat, alipay");
    }

    /// <summary>Adds an account of what the demo merchant has, changed by more options.</summary>
    private async Task<CommandRun> AddAsync(string account, params string[] more)
    {
        var options = new Dictionary<string, string>();
        foreach (var (name, value) in Good().Where(m => m.Key != "enabled"))
        {
            options[$"--{name}"] = value!.GetValue<string>();
            if (name is "private_key" or "api_v3_key" or "public_key")
            {
                await File.WriteAllTextAsync(world.File($"{account.Replace('/', '_')}.{name}"), $"{value.GetValue<string>()}\n");
                options[$"--{name}"] = $"@{account.Replace('/', '_')}.{name}";
            }
        }

        options["--enabled"] = "true";
        for (var i = 0; i < more.Length; i += 2)
        {
            options[more[i]] = more[i + 1];
        }

        return await world.RunAsync(["account", "add", "wechat", account, .. options.SelectMany(o => new[] { o.Key, o.Value })]);
    }

    private string Secret(string field) => Good()[field]!.GetValue<string>().Trim();

    /// <summary>The demo merchant's document; a PEM file's last line break is nothing.</summary>
    private JsonObject Good()
    {
        var document = Document(World.Account);
        foreach (var key in new[] { "private_key", "public_key" })
        {
            document[key] = document[key]!.GetValue<string>().Trim();
        }

        return document;
    }

    private JsonObject Document(string account) => JsonNode.Parse(File.ReadAllText(Path.Combine(Accounts, account)))!.AsObject();
}
