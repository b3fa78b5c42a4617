using System.Text.Json.Nodes;
using PayCore.CommandLine.Tests.Support;
using PayCore.Contracts.V1;
using PayCore.ServiceDefaults.Ports;
using PayCore.TestKit;

namespace PayCore.CommandLine.Tests;

/// <summary><c>paycore config</c>, and the other commands, on documents in a folder and in a real etcd, plain and sealed.</summary>
public sealed class ConfigTests(World world) : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private string[] _settings = [];

    public static TheoryData<string> Backends => ["folder", "etcd"];

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(Backends))]
    public async Task Documents_OnEveryBackend_AreMadeChangedRolledBackAndDeleted(string backend)
    {
        await UseAsync(backend);
        var created = (await RunAsync("app", "create", "tea-house", "--merchant", "m1", "--alg", "hmac-sha256", "--webhook", "https://shop.example.com/hook")).Done();
        string[] secrets = [created.Value("secret"), created.Value("its secret")];
        File.WriteAllText(_folder.File("account.json"), Account().ToJsonString());
        (await RunAsync("account", "add", "wechat", "2088123456", "--from", "account.json")).Done();
        (await RunAsync("account", "show", "wechat", "2088123456")).Done().Value("mch_id").Should().Be(World.Account);

        var list = (await RunAsync("config", "list")).Done().Output;
        list.Split('\n')[..2].Select(l => l.Split(' ')[0]).Should().Equal("apps/tea-house", "wechat/2088123456");
        list.Should().Contain("secrets plain");
        (await RunAsync("config", "get", "apps/tea-house")).Done().Output.Should().Contain("\"(secret)\"").And.NotContainAny(secrets);
        (await RunAsync("config", "get", "apps/tea-house", "--reveal")).Done().Output.Should().ContainAll(secrets);
        (await RunAsync("config", "get", "wechat/2088123456")).Done().Output.Should().Contain(World.Account).And.NotContain(Account()["api_v3_key"]!.GetValue<string>());

        (await RunAsync("app", "disable", "tea-house")).Done();
        (await RunAsync("config", "history", "apps/tea-house")).Done().Output.Should().MatchRegex(@"1  until 20.*\n +2  in use");
        (await RunAsync("config", "rollback", "apps/tea-house", "1")).Done();
        JsonNode.Parse((await RunAsync("config", "get", "apps/tea-house", "--reveal")).Done().Output)!["enabled"]!.GetValue<bool>().Should().BeTrue();
        JsonNode.Parse((await RunAsync("config", "get", "apps/tea-house", "--version", "2")).Done().Output)!["enabled"]!.GetValue<bool>().Should().BeFalse();
        (await RunAsync("config", "rollback", "apps/tea-house", "7")).Refused("has no version 7");

        (await RunAsync("config", "delete", "apps/tea-house")).Done();
        (await RunAsync("config", "get", "apps/tea-house")).Refused("There is no apps/tea-house");
        (await RunAsync("config", "history", "apps/tea-house")).Done().Output.Should().Contain("3  until").And.Contain("deleted");
        (await RunAsync("config", "rollback", "apps/tea-house", "3")).Done().Output.Should().Contain("is new");
        (await RunAsync("config", "validate")).Done().Output.Should().Contain("✓ apps/tea-house").And.Contain("✓ wechat/2088123456");

        var entries = await AuditAsync("apps/tea-house");
        entries.Select(e => e.Action).Should().Equal("config.write", "config.write", "config.rollback", "config.delete", "config.rollback");
        entries[3].After.Should().BeEmpty();
        string.Concat(entries.Select(e => e.Before + e.After)).Should().NotContainAny(secrets);
    }

    [Fact]
    public async Task Documents_UnderAMasterKey_AreSealedForAllCommandsAndSealedAnewByRotation()
    {
        await UseAsync("folder");
        var plain = (await RunAsync("app", "create", "tea-house", "--merchant", "m1", "--alg", "hmac-sha256", "--webhook", "https://shop.example.com/hook")).Done();
        string[] secrets = [plain.Value("secret"), plain.Value("its secret")];
        (await RunAsync("config", "seal")).Refused("There is no master key");
        (await RunAsync("config", "key", "new", "--id", "2026", "--out", "master.key")).Done();
        File.GetUnixFileMode(_folder.File("master.key")).Should().Be(UnixFileMode.UserRead | UnixFileMode.UserWrite);
        var withoutKey = _settings;
        _settings = [.. _settings, "--Config:MasterKeyFile=master.key"];

        (await RunAsync("config", "seal")).Done().Output.Should().Contain("apps/tea-house is sealed");
        Kept("apps", "tea-house").Should().Contain("sealed:v1:2026:").And.NotContainAny(secrets);
        (await RunAsync("config", "seal")).Done().Output.Should().Contain("has no secret that is not sealed");
        (await RunAsync("config", "get", "apps/tea-house")).Done().Output.Should().Contain("sealed:v1:2026:");
        (await RunAsync("config", "get", "apps/tea-house", "--reveal")).Done().Output.Should().ContainAll(secrets);

        // The other commands need not know of it, and what they do not change stays sealed as it was.
        var sealedSecret = JsonNode.Parse(Kept("apps", "tea-house"))!["keys"]![0]!["secret"]!.GetValue<string>();
        (await RunAsync("app", "set", "tea-house", "--name", "茶馆")).Done();
        (await RunAsync("key", "add", "tea-house", "--alg", "hmac-sha256")).Done();
        (await RunAsync("key", "list", "tea-house")).Done().Output.Should().Contain("tea-house/k2");
        var keys = JsonNode.Parse(Kept("apps", "tea-house"))!["keys"]!;
        keys[0]!["secret"]!.GetValue<string>().Should().Be(sealedSecret);
        keys[1]!["secret"]!.GetValue<string>().Should().StartWith("sealed:v1:2026:");
        File.WriteAllText(_folder.File("account.json"), Account().ToJsonString());
        (await RunAsync("account", "add", "wechat", "1900000001", "--from", "account.json")).Done();
        Kept("wechat", "1900000001").Should().Contain("sealed:v1:2026:").And.NotContain("PRIVATE KEY");
        (await RunAsync("account", "disable", "wechat", "1900000001")).Done();
        (await RunAsync("account", "show", "wechat", "1900000001")).Done().Value("private_key").Should().Be("set");
        (await RunAsync("config", "validate")).Done();

        // Elsewhere it is worth nothing.
        File.WriteAllText(_folder.File("moved.json"), Kept("apps", "tea-house"));
        (await RunAsync("config", "set", "apps/other", "moved.json")).Refused("keys.secret: cannot be opened: it was sealed for another document");
        var withKey = _settings;
        _settings = withoutKey;
        (await RunAsync("app", "show", "tea-house")).Refused("master key 2026, and no master key is set");
        (await RunAsync("config", "validate", "apps/tea-house")).Code.Should().Be(1);
        _settings = withKey;

        // As it is given to a process that is not root: read by its group, and by a link.
        File.SetUnixFileMode(_folder.File("master.key"), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead);
        File.CreateSymbolicLink(_folder.File("link.key"), "master.key");
        (await RunAsync("config", "key", "new", "--id", "2027", "--out", "link.key")).Done();
        new FileInfo(_folder.File("link.key")).LinkTarget.Should().Be("master.key");
        File.GetUnixFileMode(_folder.File("master.key")).Should().Be(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead, "a file that is there stays the same one");
        (await RunAsync("config", "key", "new", "--id", "2027")).Code.Should().Be(1);
        (await RunAsync("config", "reseal")).Done().Output.Should().Contain("apps/tea-house is sealed anew").And.Contain("wechat/1900000001 is sealed anew");
        File.WriteAllLines(_folder.File("master.key"), File.ReadAllLines(_folder.File("master.key")).Where(l => !l.StartsWith("2026:", StringComparison.Ordinal)));
        (await RunAsync("config", "get", "apps/tea-house", "--reveal")).Done().Output.Should().ContainAll(secrets);
        (await RunAsync("config", "rollback", "apps/tea-house", "2")).Refused("master key 2026, which is not among");

        var entries = await AuditAsync("apps/tea-house");
        entries.Select(e => e.Action).Should().Equal("config.write", "config.seal", "config.write", "config.write", "config.reseal");
        entries[1].After.Should().Be(entries[1].Before, "no secret changed");
        string.Concat(entries.Select(e => e.Before + e.After)).Should().NotContainAny(secrets);
    }

    [Fact]
    public async Task Tree_FromAFolderToEtcdAndBack_IsTheSame()
    {
        await UseAsync("folder");
        (await RunAsync("app", "create", "tea-house", "--merchant", "m1", "--webhook", "https://shop.example.com/hook")).Done();
        File.WriteAllText(_folder.File("account.json"), Account().ToJsonString());
        (await RunAsync("account", "add", "wechat", "2088123456", "--from", "account.json")).Done();
        var secret = Account()["api_v3_key"]!.GetValue<string>();

        var hidden = (await RunAsync("config", "export", "hidden")).Done();
        hidden.Error.Should().Contain("secrets that are not sealed");
        File.ReadAllText(_folder.File("hidden/wechat/2088123456")).Should().NotContain(secret);
        (await RunAsync("config", "export", "hidden")).Refused("is not overwritten");
        (await RunAsync("config", "key", "new", "--id", "k1", "--out", "master.key")).Done();
        (await RunAsync("config", "export", "sealed", "--Config:MasterKeyFile=master.key")).Done().Error.Should().BeEmpty();
        File.ReadAllText(_folder.File("sealed/wechat/2088123456")).Should().Contain("sealed:v1:k1:").And.NotContain(secret);
        File.GetUnixFileMode(_folder.File("sealed/wechat/2088123456")).Should().Be(UnixFileMode.UserRead | UnixFileMode.UserWrite);

        await UseAsync("etcd");
        (await RunAsync("config", "import", "hidden")).Refused("wechat/2088123456: ");
        (await RunAsync("config", "list")).Done().Output.Should().BeEmpty("none is written when one is refused");
        _settings = [.. _settings, "--Config:MasterKeyFile=master.key"];
        (await RunAsync("config", "import", "sealed")).Done().Output.Should().Contain("apps/tea-house is new").And.Contain("wechat/2088123456 is new");
        (await RunAsync("config", "import", "sealed")).Done().Output.Should().Contain("apps/tea-house is so already");
        (await RunAsync("account", "show", "wechat", "2088123456")).Done().Value("api_v3_key").Should().Be("set");
        (await RunAsync("config", "export", "back", "--reveal")).Done();
        JsonNode.DeepEquals(JsonNode.Parse(File.ReadAllText(_folder.File("back/wechat/2088123456"))), Account()).Should().BeTrue();
        JsonNode.DeepEquals(JsonNode.Parse(File.ReadAllText(_folder.File("back/apps/tea-house"))), JsonNode.Parse(Kept("apps", "tea-house"))).Should().BeTrue();
    }

    [Fact]
    public async Task Set_OfWhatTheSystemWouldRefuse_NamesTheReasonAndWritesNothing()
    {
        await UseAsync("folder");
        foreach (var (document, content, reason) in (List<(string, string, string)>)
                 [
                     ("apps/a", """{"merchant_id":"m1"}""", "keys"),
                     ("apps/a", "no JSON", "apps/a: $"),
                     ("apps/a", $$"""{"merchant_id":"{{new string('x', 300_000)}}","keys":[]}""", "larger than 262144 bytes"),
                     ("apps/a", """{"merchant_id":"m1","keys":[],"webhook":{"secrets":["(secret)"]}}""", "webhook.secrets"),
                     ("wechat/a", """{"mch_id":"1"}""", "app_id"),
                     ("nowhere/a", "{}", "There is no folder nowhere. There is: apps, wechat, alipay"),
                 ])
        {
            (await RunWithInputAsync(content, "config", "set", document, "-")).Refused(reason);
        }

        (await RunAsync("config", "set", "apps", "x")).Misused("is not FOLDER/NAME");
        (await RunAsync("config", "get", "apps/../a")).Misused("is not FOLDER/NAME");
        (await RunAsync("config", "history", "apps/a")).Refused("there never was");
        (await RunAsync("config", "delete", "apps/a")).Refused("There is no apps/a");
        Directory.Exists(_folder.File("data")).Should().BeFalse("nothing was written, neither a document nor an audit entry");
        (await RunWithInputAsync("""{"merchant_id":"m1","keys":[]}""", "config", "set", "apps/a", "-")).Done().Output.Should().Contain("is new");
    }

    [Fact]
    public async Task Settings_ThatAreWrong_RefuseTheCommandWithTheReason()
    {
        await UseAsync("folder");
        File.WriteAllText(_folder.File("weak.key"), "k1:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=");
        File.SetUnixFileMode(_folder.File("weak.key"), UnixFileMode.UserRead | UnixFileMode.UserWrite);

        (await RunAsync("config", "list", "--Config:MasterKeyFile=weak.key")).Refused("is not random");
        (await RunAsync("config", "list", "--Config:Backend=consul")).Refused("is folder or etcd");
        (await RunAsync("config", "list", "--Config:Backend=etcd", $"--Config:Etcd:Endpoints=http://127.0.0.1:{FreePorts.Take(1)[0]}")).Refused("does not serve");
    }

    private JsonObject Account() => JsonNode.Parse(File.ReadAllText(Path.Combine(world.ConfigFolder("wechat"), World.Account)))!.AsObject();

    private string Kept(string folder, string name) => File.ReadAllText(_folder.File(Path.Combine("data", "config", "paycore", "config", folder, name)));

    private async Task UseAsync(string backend) => _settings =
    [
        $"--Data={_folder.File("data")}",
        .. backend == "folder" ? [] : (string[])["--Config:Backend=etcd", $"--Config:Etcd:Endpoints={(await EtcdServer.SharedAsync()).Url}", $"--Config:Base=/{Guid.NewGuid():N}/foo/bar/pay/config"],
    ];

    private Task<CommandRun> RunAsync(params string[] command) => CommandRun.RunAsync(_folder.Path, [.. command, .. _settings]);

    private Task<CommandRun> RunWithInputAsync(string input, params string[] command) => CommandRun.StartAsync(_folder.Path, [.. command, .. _settings], input);

    private async Task<IReadOnlyList<AuditEntry>> AuditAsync(string subject) =>
        [.. (await RunAsync("audit", "list", subject, "--json")).Done().Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(AuditEntry.Parser.ParseJson)];
}
