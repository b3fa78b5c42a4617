using System.Text;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Time.Testing;
using PayCore.ServiceDefaults;
using PayCore.TestKit;

namespace PayCore.Configuration.Tests;

/// <summary>Sealed secrets in documents, the master keys that open them, and what is refused.</summary>
public sealed class SealedSecretsTests : IDisposable
{
    private const string Secret = "whsec_Q2FuYXJ5IHRoYXQgc2luZ3MgaW4gdGhlIG1pbmU=";
    private const string Shared = "a2FuYXJpZW52b2dlbC1pbi1kZXItZ3J1YmUtc2luZ3Q=";

    private static readonly DocumentSecrets _secrets = DocumentSecrets.Of<MerchantApp>();

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Seal_ThenOpen_GivesTheDocumentBack()
    {
        var seals = Seals(Stores.NewKey("2026"));

        var kept = seals.Seal("apps", "tea-house", App(), _secrets);

        var text = Encoding.UTF8.GetString(kept.Span);
        text.Should().NotContain(Secret).And.NotContain(Shared).And.Contain("sealed:v1:2026:").And.Contain("茶馆", "what is no secret stays readable");
        JsonNode.DeepEquals(JsonNode.Parse(seals.Open("apps", "tea-house", kept).Span), JsonNode.Parse(App().Span)).Should().BeTrue();
        MerchantApp.Parse("tea-house", seals.Open("apps", "tea-house", kept)).Webhook!.Secrets.Should().Equal(Secret, Secret);
    }

    [Fact]
    public void Seal_OfTheSameSecretTwice_LooksDifferent()
    {
        var seals = Seals(Stores.NewKey("2026"));

        var secrets = Json(seals.Seal("apps", "tea-house", App(), _secrets))["webhook"]!["secrets"]!.AsArray().Select(s => s!.GetValue<string>());

        secrets.Should().OnlyHaveUniqueItems();
    }

    [Fact]
    public void Seal_OfAChangedDocument_LeavesWhatDidNotChangeAsItWas()
    {
        var seals = Seals(Stores.NewKey("2026"));
        var before = seals.Seal("apps", "tea-house", App(), _secrets);
        var changed = Json(App());
        changed["name"] = "other";
        changed["webhook"]!["secrets"] = new JsonArray(Secret, "whsec_bmV3IHNlY3JldCBvZiB0aGUgdGVhIGhvdXNl");

        var after = Json(seals.Seal("apps", "tea-house", Bytes(changed), _secrets, before));

        after["keys"]![0]!["secret"]!.GetValue<string>().Should().Be(Json(before)["keys"]![0]!["secret"]!.GetValue<string>());
        JsonNode.DeepEquals(Json(seals.Open("apps", "tea-house", Bytes(after))), changed).Should().BeTrue();
    }

    [Fact]
    public void Seal_WithoutAMasterKey_LeavesTheDocument()
    {
        var seals = new DocumentSeals(MasterKeys.None, RandomSource.System);

        seals.Seal("apps", "tea-house", App(), _secrets).ToArray().Should().Equal(App().ToArray());
        seals.CanSeal.Should().BeFalse();
    }

    [Fact]
    public void Open_OfADocumentWithoutSeals_LeavesItByteForByte()
    {
        var document = "// comment\n{ \"a\": [1, true, null, \"x\"] }"u8.ToArray();

        Seals(Stores.NewKey("2026")).Open("apps", "a", document).ToArray().Should().Equal(document);
        Seals(Stores.NewKey("2026")).Open("apps", "a", "no JSON"u8.ToArray()).ToArray().Should().Equal("no JSON"u8.ToArray(), "its reader says what is wrong");
    }

    [Theory]
    [InlineData("apps", "other", "webhook", "secrets")]
    [InlineData("wechat", "tea-house", "webhook", "secrets")]
    [InlineData("apps", "tea-house", "webhook", "url")]
    [InlineData("apps", "tea-house", "hook", "secrets")]
    public void Open_OfAValueThatWasSealedElsewhere_IsRefused(string folder, string name, string parent, string member)
    {
        var seals = Seals(Stores.NewKey("2026"));
        var value = Json(seals.Seal("apps", "tea-house", App(), _secrets))["webhook"]!["secrets"]![0]!.DeepClone();
        var open = (string f, string n, JsonNode document) => seals.Open(f, n, Bytes(document));

        open("apps", "tea-house", new JsonObject { ["webhook"] = new JsonObject { ["secrets"] = new JsonArray(value.DeepClone()) } }).Length.Should().BePositive("in its place it opens");
        var refusal = FluentActions.Invoking(() => open(folder, name, new JsonObject { [parent] = new JsonObject { [member] = value } }))
            .Should().Throw<InvalidDocumentException>().Which;
        refusal.Field.Should().Be($"{parent}.{member}");
        refusal.Message.Should().Contain("sealed for another document or member").And.NotContain(Secret);
    }

    [Fact]
    public void Open_OfAnAlteredValue_IsRefusedAtEveryCharacter()
    {
        var seals = Seals(Stores.NewKey("2026"));
        var value = Json(seals.Seal("apps", "a", "{\"secret\":\"x\"}"u8.ToArray(), _secrets))["secret"]!.GetValue<string>();

        for (var i = "sealed:v1:".Length; i < value.Length - 1; i++)
        {
            // Without the last character: it has bits that base64 does not use.
            var altered = $"{value[..i]}{(value[i] == 'B' ? 'C' : 'B')}{value[(i + 1)..]}";
            var open = () => seals.Open("apps", "a", Bytes(new JsonObject { ["secret"] = altered }));
            open.Should().Throw<InvalidDocumentException>().Which.Field.Should().Be("secret");
        }

        foreach (var none in (string[])["sealed:v1:", "sealed:v1:2026", "sealed:v1:2026:", "sealed:v1:2026:AAAA", "sealed:v1:2026:!", value[..^40]])
        {
            FluentActions.Invoking(() => seals.Open("apps", "a", Bytes(new JsonObject { ["secret"] = none }))).Should().Throw<InvalidDocumentException>();
        }
    }

    [Fact]
    public void Open_WithoutItsMasterKey_SaysWhichIsMissing()
    {
        var kept = Seals(Stores.NewKey("2026")).Seal("apps", "a", App(), _secrets);

        var open = (DocumentSeals seals) => FluentActions.Invoking(() => seals.Open("apps", "a", kept)).Should().Throw<InvalidDocumentException>().Which.Message;

        open(Seals(Stores.NewKey("2027"))).Should().Contain("keys.secret").And.Contain("master key 2026").And.Contain("not among");
        open(Seals(Stores.NewKey("2026"))).Should().Contain("another key of that name");
        open(new DocumentSeals(MasterKeys.None, RandomSource.System)).Should().Contain("no master key is set");
    }

    [Fact]
    public void Reseal_AfterANewKey_NeedsTheOldOneNoMore()
    {
        var (old, next) = (Stores.NewKey("2026"), Stores.NewKey("2027"));
        var kept = Seals(old).Seal("apps", "a", App(), _secrets);

        var resealed = Seals(old, next).Reseal("apps", "a", kept)!;

        Seals(old, next).Reseal("apps", "a", resealed).Should().BeNull("all is under the newest key");
        Encoding.UTF8.GetString(resealed).Should().Contain("sealed:v1:2027:").And.NotContain("sealed:v1:2026:");
        JsonNode.DeepEquals(Json(Seals(next).Open("apps", "a", resealed)), Json(App())).Should().BeTrue();
        FluentActions.Invoking(() => Seals(old, next).Reseal("apps", "b", kept)).Should().Throw<InvalidDocumentException>("a moved value is not made good");
    }

    [Theory]
    [InlineData("", "there is no key")]
    [InlineData("# only a comment", "there is no key")]
    [InlineData("changeme", "is not id:base64 of 32 bytes")]
    [InlineData("k1:c2hvcnQ=", "is not id:base64 of 32 bytes")]
    [InlineData("k1:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=", "is not random")]
    [InlineData("k1:Y29ycmVjdCBob3JzZSBiYXR0ZXJ5IHN0YXBsZSAxMjM=", "is not random")]
    [InlineData("k1:3q2+796tvu/erb7v3q2+796tvu/erb7v3q2+796tvu8=", "is not random")]
    [InlineData("a b:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=", "is not id:base64 of 32 bytes")]
    [InlineData("k1:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\nk1:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=", "is there twice")]
    public void MasterKey_ThatIsNone_IsRefusedAndNotRepeated(string text, string reason)
    {
        var fromText = FluentActions.Invoking(() => MasterKeys.From(new ConfigOptions { MasterKey = text.Length > 0 ? text : " " }));
        var fromFile = FluentActions.Invoking(() => MasterKeys.From(new ConfigOptions { MasterKeyFile = KeyFile(text) }));

        fromText.Should().Throw<InvalidOperationException>().Which.Message.Should().Contain("PAYCORE_MASTER_KEY").And.Contain(reason).And.NotContain("c2hvcnQ").And.NotContain("AAEC");
        fromFile.Should().Throw<InvalidOperationException>().Which.Message.Should().Contain("Config:MasterKeyFile").And.Contain(reason);
    }

    [Fact]
    public void MasterKeyFile_ThatOthersMayReadOrThatIsNotThere_IsRefused()
    {
        var file = KeyFile(Stores.NewKey("k1"));
        File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.OtherRead);

        FluentActions.Invoking(() => MasterKeys.From(new ConfigOptions { MasterKeyFile = file })).Should().Throw<InvalidOperationException>().WithMessage("*chmod 600*");
        FluentActions.Invoking(() => MasterKeys.From(new ConfigOptions { MasterKeyFile = _folder.File("none") })).Should().Throw<InvalidOperationException>().WithMessage("*cannot be read*");
        FluentActions.Invoking(() => MasterKeys.From(new ConfigOptions { MasterKeyFile = file, MasterKey = "k" })).Should().Throw<InvalidOperationException>().WithMessage("*set one*");
        MasterKeys.From(new ConfigOptions()).NewestId.Should().BeNull();
    }

    [Fact]
    public void MasterKeyFile_BehindLinksThatLeadElsewhereLater_IsReadAnew()
    {
        // As Kubernetes mounts a secret: the file is a link through a folder that is a link.
        foreach (var (version, text) in (List<(string, string)>)[("v1", Stores.NewKey("2026")), ("v2", $"{Stores.NewKey("2026")}\n{Stores.NewKey("2027")}")])
        {
            Directory.CreateDirectory(_folder.File(version));
            File.Move(KeyFile(text), _folder.File($"{version}/master.key"));
        }

        File.SetLastWriteTimeUtc(_folder.File("v1/master.key"), DateTime.UnixEpoch);
        Directory.CreateSymbolicLink(_folder.File("data"), "v1");
        File.CreateSymbolicLink(_folder.File("mounted.key"), "data/master.key");
        var keys = MasterKeys.From(new ConfigOptions { MasterKeyFile = _folder.File("mounted.key") });
        keys.NewestId.Should().Be("2026");

        Directory.Delete(_folder.File("data"));
        Directory.CreateSymbolicLink(_folder.File("data"), "v2");

        keys.Find("2027").Should().NotBeNull();
        keys.NewestId.Should().Be("2027");
    }

    [Fact]
    public async Task Store_WithASealedDocument_OpensItAndRefusesWhatItCannotOpen()
    {
        var clock = new FakeTimeProvider();
        var file = KeyFile(Stores.NewKey("2026"));
        var seals = new DocumentSeals(MasterKeys.From(new ConfigOptions { MasterKeyFile = file }), RandomSource.System);
        var backend = new FolderConfigBackend(_folder.File("config"), clock);
        var apps = new ConfigFolder<MerchantApp>("apps", MerchantApp.Parse);
        var log = new LogText();
        await WriteAsync(backend, "tea-house", seals.Seal("apps", "tea-house", App(), _secrets));
        using var store = Stores.Of(backend, apps, clock, seals: seals, log: log);
        await store.StartingAsync(CancellationToken.None);
        apps.Find("tea-house")!.Webhook!.Secrets.Should().Equal(Secret, Secret);

        // Sealed for another document: refused whole, and the last good one stays.
        var moved = Json(App());
        moved["merchant_id"] = "other";
        await WriteAsync(backend, "tea-house", seals.Seal("apps", "elsewhere", Bytes(moved), _secrets));
        await Stores.UntilAsync(() => store.Problems.Count == 1, () => clock.Advance(TimeSpan.FromMilliseconds(500)));
        store.Problems[0].Reason.Should().StartWith("keys.secret: cannot be opened");
        apps.Find("tea-house")!.MerchantId.Should().Be("m1");

        // Sealed under a key that comes into the file later: it is found without a restart.
        var both = $"{File.ReadAllText(file)}\n{Stores.NewKey("2027")}";
        var next = new DocumentSeals(MasterKeys.From(new ConfigOptions { MasterKey = both }), RandomSource.System);
        await WriteAsync(backend, "tea-house", next.Seal("apps", "tea-house", Bytes(moved), _secrets));
        await Stores.UntilAsync(() => store.Problems is [{ Reason: var reason }] && reason.Contains("master key 2027", StringComparison.Ordinal), () => clock.Advance(TimeSpan.FromMilliseconds(500)));
        File.WriteAllText(file, both.Replace('\n', ','));
        await Stores.UntilAsync(() => store.Problems.Count == 0, () => clock.Advance(TimeSpan.FromSeconds(1)));
        apps.Find("tea-house")!.MerchantId.Should().Be("other");

        log.Text.Should().NotContainAny(Secret, Shared, both.Split(':')[^1]);
        await store.StoppedAsync(CancellationToken.None);
    }

    [Fact]
    public async Task LastGoodCopy_OfASealedDocument_IsSealed()
    {
        var seals = Seals(Stores.NewKey("2026"));
        var backend = new FolderConfigBackend(_folder.File("config"), TimeProvider.System);
        await WriteAsync(backend, "tea-house", seals.Seal("apps", "tea-house", App(), _secrets));
        using var store = Stores.Of(
            backend, new ConfigFolder<MerchantApp>("apps", MerchantApp.Parse), TimeProvider.System, new LastGoodCopy(_folder.File("last"), "/base", RandomSource.System), seals);
        await store.StartingAsync(CancellationToken.None);

        var content = Json(File.ReadAllBytes(_folder.File("last/apps.json")))["documents"]!["tea-house"]!.GetValue<string>();
        Encoding.UTF8.GetString(Convert.FromBase64String(content)).Should().Contain("sealed:v1:2026:").And.NotContain(Secret);
    }

    private static DocumentSeals Seals(params string[] keys) => new(MasterKeys.From(new ConfigOptions { MasterKey = string.Join(',', keys) }), RandomSource.System);

    private static ReadOnlyMemory<byte> App() => Encoding.UTF8.GetBytes($$"""
        {"merchant_id":"m1","name":"茶馆","keys":[{"key_id":"k1","alg":"hmac-sha256","secret":"{{Shared}}"}],"webhook":{"secrets":["{{Secret}}","{{Secret}}"] } }
        """);

    private static Task WriteAsync(FolderConfigBackend backend, string name, ReadOnlyMemory<byte> content) => backend.WriteAsync("apps", name, content, CancellationToken.None);

    private static JsonNode Json(ReadOnlyMemory<byte> document) => JsonNode.Parse(document.Span)!;

    private static ReadOnlyMemory<byte> Bytes(JsonNode document) => Encoding.UTF8.GetBytes(document.ToJsonString());

    private string KeyFile(string text)
    {
        var file = _folder.File("master.key");
        File.WriteAllText(file, text);
        File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        return file;
    }
}
