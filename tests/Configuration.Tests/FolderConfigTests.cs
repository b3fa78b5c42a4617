using Microsoft.Extensions.Time.Testing;
using PayCore.TestKit;

namespace PayCore.Configuration.Tests;

public sealed class FolderConfigTests : IDisposable
{
    private const string Good = """{"merchant_id":"m1","keys":[]}""";

    private readonly TemporaryFolder _folder = new();
    private readonly FakeTimeProvider _clock = new();
    private readonly ConfigFolder<MerchantApp> _apps = new("apps", MerchantApp.Parse);

    private string Base => _folder.File("foo/bar/pay/config");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Document_InTheDesignsLayout_IsFoundByItsExactName()
    {
        await WriteAsync("wechat", "2088123456", "{}");
        await WriteAsync("apps", "app1", Good);

        await StartedAsync();

        File.Exists(Path.Combine(Base, "wechat", "2088123456")).Should().BeTrue();
        _apps.Find("app1")!.MerchantId.Should().Be("m1");
        _apps.Find("APP1").Should().BeNull();
        _apps.All.Should().ContainSingle();
    }

    [Fact]
    public async Task Document_Changed_IsSeenWithinASecond()
    {
        await WriteAsync("apps", "app1", Good);
        using var store = await StartedAsync();

        await WriteAsync("apps", "app1", Good.Replace("m1", "changed", StringComparison.Ordinal));
        await UntilAsync(() => _apps.Find("app1")!.MerchantId == "changed");

        await store.StoppedAsync(CancellationToken.None);
    }

    [Fact]
    public async Task Document_MadeInvalid_IsRefusedWholeAndTheLastGoodOneStays()
    {
        await WriteAsync("apps", "app1", Good);
        using var store = await StartedAsync();

        await WriteAsync("apps", "app1", """{"merchant_id":"other","keys":[],"colour":"red"}""");
        await UntilAsync(() => store.Problems.Count == 1);

        _apps.Find("app1")!.MerchantId.Should().Be("m1");
        store.Problems[0].Reason.Should().Contain("colour");
        await WriteAsync("apps", "app1", Good.Replace("m1", "m2", StringComparison.Ordinal));
        await UntilAsync(() => store.Problems.Count == 0 && _apps.Find("app1")!.MerchantId == "m2");
    }

    [Fact]
    public async Task Document_ThatBreaksItsReader_IsRefusedAndTheOthersStay()
    {
        var folder = new ConfigFolder<MerchantApp>("apps", (name, content) => name == "bad" ? throw new InvalidOperationException("secret") : MerchantApp.Parse(name, content));
        await WriteAsync("apps", "bad", Good);
        await WriteAsync("apps", "good", Good);
        using var store = Stores.Of(new FolderConfigBackend(Base, _clock), folder, _clock);

        await store.ReadAsync(CancellationToken.None);

        folder.Find("good").Should().NotBeNull();
        store.Problems.Should().ContainSingle().Which.Reason.Should().NotContain("secret");
    }

    [Fact]
    public async Task Document_Removed_IsGone()
    {
        await WriteAsync("apps", "app1", Good);
        using var store = await StartedAsync();

        File.Delete(Path.Combine(Base, "apps", "app1"));

        await UntilAsync(() => _apps.Find("app1") is null);
    }

    [Fact]
    public async Task File_ThatOthersMayRead_IsRefused()
    {
        await WriteAsync("apps", "app1", Good);
        File.SetUnixFileMode(Path.Combine(Base, "apps", "app1"), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead);

        using var store = await StartedAsync();

        _apps.Find("app1").Should().BeNull();
        store.Problems.Should().ContainSingle().Which.Reason.Should().Contain("chmod 600");
    }

    [Fact]
    public async Task File_WrittenByUs_IsForItsOwnerOnly()
    {
        await WriteAsync("apps", "app1", Good);
        await WriteAsync("apps", "app1", "{}");

        Directory.EnumerateFiles(Base, "*", SearchOption.AllDirectories).Should().HaveCount(3, "the document, its history and the lock")
            .And.OnlyContain(f => File.GetUnixFileMode(f) == (UnixFileMode.UserRead | UnixFileMode.UserWrite));
    }

    [Fact]
    public async Task Replace_OfADocumentThatCannotBeRead_WritesNothing()
    {
        await WriteAsync("apps", "app1", Good);
        File.SetUnixFileMode(Path.Combine(Base, "apps", "app1"), UnixFileMode.UserRead | UnixFileMode.OtherRead);

        (await new FolderConfigBackend(Base, _clock).ReplaceAsync("apps", "app1", null, default, CancellationToken.None)).Should().BeFalse();
    }

    [Theory]
    [InlineData("""{"keys":[]}""", "merchant_id")]
    [InlineData("""{"merchant_id":"","keys":[]}""", "merchant_id")]
    [InlineData("""{"merchant_id":"m","keys":[],"keys":[]}""", "keys")]
    [InlineData("""{"merchant_id":"m","keys":null}""", "keys")]
    [InlineData("""{"merchant_id":"m","keys":[],"webhook":{"secrets":[]}}""", "webhook.secrets")]
    [InlineData("""{"merchant_id":"m","keys":[],"webhook":{"secrets":["whsec_c2hvcnQ="]}}""", "webhook.secrets")]
    [InlineData("""{"merchant_id":"m","keys":[],"webhook":{"secrets":["no secret at all"]}}""", "webhook.secrets")]
    [InlineData("""{"merchant_id":"m","keys":[{"key_id":"k","alg":"none","public_key":"x"}]}""", "keys[0].alg")]
    [InlineData("""{"merchant_id":"m","keys":[{"key_id":"k","alg":"ed25519","public_key":"x"}]}""", "keys[0]")]
    [InlineData("""{"merchant_id":"m","keys":[{"key_id":"k","alg":"hmac-sha256","secret":"c2hvcnQ="}]}""", "keys[0]")]
    [InlineData("""{"merchant_id":"m","keys":[],"routes":{"wechat":[{"account":"a"}]}}""", "routes.wechat")]
    [InlineData("""{"merchant_id":"m","keys":[],"routes":{"wechat.QR":[{"account":"a","weight":-1}]}}""", "routes.wechat.QR")]
    [InlineData("""{"merchant_id":"m","keys":[],"routes":{"wechat.QR":[]}}""", "routes.wechat.QR")]
    [InlineData("not json", "$")]
    public void App_WithAWrongField_NamesIt(string json, string name)
    {
        var parse = () => MerchantApp.Parse("app1", System.Text.Encoding.UTF8.GetBytes(json));

        parse.Should().Throw<InvalidDocumentException>().Which.Message.Should().Contain(name);
    }

    [Fact]
    public void App_WithANameThatNoOrderCanHold_IsRefused()
    {
        var parse = (int length) => FluentActions.Invoking(() => MerchantApp.Parse(new string('a', length), System.Text.Encoding.UTF8.GetBytes(Good)));

        parse(32).Should().NotThrow();
        parse(33).Should().Throw<InvalidDocumentException>().Which.Field.Should().Be("app_id");
    }

    [Fact]
    public void App_WithASecretInTheWrongPlace_DoesNotRepeatIt()
    {
        var parse = () => MerchantApp.Parse("app1", """{"merchant_id":"m","keys":"canary-secret"}"""u8.ToArray());

        parse.Should().Throw<InvalidDocumentException>().Which.Message.Should().NotContain("canary-secret");
    }

    private Task WriteAsync(string folder, string name, string json) =>
        new FolderConfigBackend(Base, _clock).WriteAsync(folder, name, System.Text.Encoding.UTF8.GetBytes(json), CancellationToken.None);

    private async Task<ConfigStore> StartedAsync()
    {
        var store = Stores.Of(new FolderConfigBackend(Base, _clock), _apps, _clock);
        await store.StartingAsync(CancellationToken.None);
        return store;
    }

    // The store looks twice a second by its clock; the test moves that clock and yields to the looking.
    private async Task UntilAsync(Func<bool> holds)
    {
        for (var i = 0; i < 2000 && !holds(); i++)
        {
            _clock.Advance(TimeSpan.FromMilliseconds(500));
            await Task.Delay(1);
        }

        holds().Should().BeTrue();
    }
}
