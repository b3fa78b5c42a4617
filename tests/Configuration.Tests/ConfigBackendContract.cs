using System.Text;
using PayCore.Configuration.Etcd;
using PayCore.TestKit;

namespace PayCore.Configuration.Tests;

/// <summary>What every backend does alike. Each object stands for a process of its own on the same documents.</summary>
public abstract class ConfigBackendContract
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(30);

    /// <summary>Another process's view of the same documents.</summary>
    protected abstract Task<IConfigBackend> OpenAsync();

    [Fact]
    public async Task Read_OfNothing_IsEmpty() => (await ReadAsync(await OpenAsync())).Should().BeEmpty();

    [Fact]
    public async Task Read_AfterWrites_GivesEachDocumentByItsExactName()
    {
        var backend = await OpenAsync();
        await WriteAsync(backend, "wechat", "2088123456", "{}");
        await WriteAsync(backend, "apps", "Tea-House_1.x", "茶");
        await WriteAsync(backend, "-odd", "_name", "odd");

        var documents = await ReadAsync(await OpenAsync());

        documents.Select(d => (d.Folder, d.Name, Text(d))).Should().BeEquivalentTo(
            [("wechat", "2088123456", "{}"), ("apps", "Tea-House_1.x", "茶"), ("-odd", "_name", "odd")]);
        documents.Should().OnlyContain(d => d.Problem == null && d.Version.Length > 0);
    }

    [Fact]
    public async Task Read_OfADocumentThatIsTooLarge_RefusesThatOne()
    {
        var backend = await OpenAsync();
        await WriteAsync(backend, "apps", "large", new string('x', IConfigBackend.DocumentBytesMax + 1));
        await WriteAsync(backend, "apps", "small", "{}");

        var documents = await ReadAsync(backend);

        documents.Single(d => d.Name == "large").Problem.Should().Contain("larger than 262144 bytes");
        documents.Single(d => d.Name == "small").Problem.Should().BeNull();
    }

    [Theory]
    [InlineData("../evil", "a")]
    [InlineData("apps", "../../evil")]
    [InlineData("apps", ".hidden")]
    [InlineData(".history", "a")]
    [InlineData("apps", "")]
    public async Task Name_ThatIsNone_IsNotTouched(string folder, string name)
    {
        var backend = await OpenAsync();

        foreach (var act in (Func<Task>[])
                 [
                     () => WriteAsync(backend, folder, name, "{}"), () => ReplaceAsync(backend, folder, name, null, "{}"),
                     () => backend.DeleteAsync(folder, name, "1", CancellationToken.None), () => HistoryAsync(backend, folder, name),
                 ])
        {
            await act.Should().ThrowAsync<ArgumentException>();
        }
    }

    [Fact]
    public async Task Replace_OfTheDocumentThatWasRead_WritesIt()
    {
        var backend = await OpenAsync();

        (await ReplaceAsync(backend, "apps", "a", null, "first")).Should().BeTrue();
        (await ReplaceAsync(backend, "apps", "a", await VersionAsync(backend), "second")).Should().BeTrue();

        Text((await ReadAsync(backend)).Single()).Should().Be("second");
    }

    [Fact]
    public async Task Replace_OfADocumentThatChangedOrCameOrWent_WritesNothing()
    {
        var backend = await OpenAsync();
        (await ReplaceAsync(backend, "apps", "a", "0", "no document of that version")).Should().BeFalse();
        await WriteAsync(backend, "apps", "a", "first");
        var version = await VersionAsync(backend);
        await WriteAsync(await OpenAsync(), "apps", "a", "changed");

        (await ReplaceAsync(backend, "apps", "a", version, "mine")).Should().BeFalse();
        (await ReplaceAsync(backend, "apps", "a", null, "mine")).Should().BeFalse();
        (await backend.DeleteAsync("apps", "a", version, CancellationToken.None)).Should().BeFalse();

        Text((await ReadAsync(backend)).Single()).Should().Be("changed");
    }

    [Fact]
    public async Task Replace_ByFiftyWritersOfOneVersion_IsDoneByOne()
    {
        var backends = await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => OpenAsync()));
        await WriteAsync(backends[0], "apps", "a", "first");
        var version = await VersionAsync(backends[0]);

        var written = await Task.WhenAll(Enumerable.Range(0, 50).Select(i => ReplaceAsync(backends[i % backends.Length], "apps", "a", version, $"writer {i}")));

        written.Count(w => w).Should().Be(1);
        Text((await ReadAsync(backends[0])).Single()).Should().Be($"writer {Array.IndexOf(written, true)}");
        (await HistoryAsync(backends[0], "apps", "a")).Select(Text).Should().Equal("first");
    }

    [Fact]
    public async Task Replace_ByManyWritersAtOnce_LosesNoChange()
    {
        const int writers = 8;
        const int counts = 5;
        await WriteAsync(await OpenAsync(), "apps", "counter", "0");
        await Task.WhenAll(Enumerable.Range(0, writers).Select(_ => Task.Run(async () =>
        {
            var backend = await OpenAsync();
            for (var done = 0; done < counts;)
            {
                var document = (await ReadAsync(backend)).Single();
                var next = int.Parse(document.Content.Span, System.Globalization.CultureInfo.InvariantCulture) + 1;
                done += await ReplaceAsync(backend, "apps", "counter", document.Version, $"{next}") ? 1 : 0;
            }
        })));

        var reader = await OpenAsync();
        Text((await ReadAsync(reader)).Single()).Should().Be($"{writers * counts}");
        (await HistoryAsync(reader, "apps", "counter")).Select(Text).Should().Equal(Enumerable.Range(0, writers * counts).Select(i => $"{i}"), "each was in use once");
    }

    [Fact]
    public async Task History_OfChanges_HasEveryVersionBeforeInOrder()
    {
        var backend = await OpenAsync();
        var began = TimeProvider.System.GetUtcNow();
        foreach (var content in (string[])["one", "two", "two", "three"])
        {
            await WriteAsync(backend, "apps", "a", content);
        }

        (await ReplaceAsync(backend, "apps", "a", await VersionAsync(backend), "four")).Should().BeTrue();

        var history = await HistoryAsync(await OpenAsync(), "apps", "a");
        history.Select(v => (v.Number, Text(v))).Should().Equal((1, "one"), (2, "two"), (3, "three"));
        history.Should().OnlyContain(v => v.Until > began.AddSeconds(-2) && v.Until <= TimeProvider.System.GetUtcNow());
        (await HistoryAsync(backend, "apps", "other")).Should().BeEmpty();
        (await ReadAsync(backend)).Should().ContainSingle("earlier versions are no documents");
    }

    [Fact]
    public async Task Delete_OfADocument_KeepsItInTheHistoryAndNumbersGoOn()
    {
        var backend = await OpenAsync();
        await WriteAsync(backend, "apps", "a", "one");
        await WriteAsync(backend, "apps", "a", "two");

        (await backend.DeleteAsync("apps", "a", await VersionAsync(backend), CancellationToken.None)).Should().BeTrue();

        (await ReadAsync(backend)).Should().BeEmpty();
        (await HistoryAsync(backend, "apps", "a")).Select(v => (v.Number, Text(v))).Should().Equal((1, "one"), (2, "two"));
        (await ReplaceAsync(backend, "apps", "a", null, "three")).Should().BeTrue();
        await WriteAsync(backend, "apps", "a", "four");
        (await HistoryAsync(backend, "apps", "a")).Select(v => (v.Number, Text(v))).Should().Equal((1, "one"), (2, "two"), (3, "three"));
    }

    [Fact]
    public async Task History_OfManyChanges_KeepsTheNewestHundred()
    {
        var backend = await OpenAsync();
        for (var i = 1; i <= ConfigVersion.KeptMax + 3; i++)
        {
            await WriteAsync(backend, "apps", "a", $"{i}");
        }

        (await HistoryAsync(backend, "apps", "a")).Select(v => (v.Number, Text(v))).Should().Equal(Enumerable.Range(3, ConfigVersion.KeptMax).Select(i => (i, $"{i}")));
    }

    [Fact]
    public async Task Wait_ForAChangeByAnother_EndsWithWritesAndDeletions()
    {
        var (reader, writer) = (await OpenAsync(), await OpenAsync());
        await ReadAsync(reader);

        var wait = reader.WaitForChangeAsync(CancellationToken.None);
        await WriteAsync(writer, "apps", "a", "one");
        await wait.WaitAsync(_patience);
        Text((await ReadAsync(reader)).Single()).Should().Be("one");

        wait = reader.WaitForChangeAsync(CancellationToken.None);
        await writer.DeleteAsync("apps", "a", await VersionAsync(writer), CancellationToken.None);
        await wait.WaitAsync(_patience);
        (await ReadAsync(reader)).Should().BeEmpty();
    }

    [Fact]
    public async Task Wait_AfterAChangeSinceTheReading_EndsAtOnce()
    {
        var (reader, writer) = (await OpenAsync(), await OpenAsync());
        await WriteAsync(writer, "apps", "a", "one");
        await ReadAsync(reader);
        await WriteAsync(writer, "apps", "a", "two!");

        await reader.WaitForChangeAsync(CancellationToken.None).WaitAsync(_patience);
    }

    [Fact]
    public async Task Wait_ThatIsCancelled_EndsSo()
    {
        var reader = await OpenAsync();
        await ReadAsync(reader);
        for (var n = 0; n < 40; n++)
        {
            // Sooner or later while it begins.
            using var cancellation = new CancellationTokenSource();
            var wait = reader.WaitForChangeAsync(cancellation.Token);
            Thread.SpinWait(n * 2_000);

            await cancellation.CancelAsync();

            await FluentActions.Awaiting(() => wait).Should().ThrowAsync<OperationCanceledException>();
        }
    }

    private static Task<IReadOnlyList<ConfigDocument>> ReadAsync(IConfigBackend backend) => backend.ReadAllAsync(CancellationToken.None);

    private static Task WriteAsync(IConfigBackend backend, string folder, string name, string content) =>
        backend.WriteAsync(folder, name, Encoding.UTF8.GetBytes(content), CancellationToken.None);

    private static Task<bool> ReplaceAsync(IConfigBackend backend, string folder, string name, string? version, string content) =>
        backend.ReplaceAsync(folder, name, version, Encoding.UTF8.GetBytes(content), CancellationToken.None);

    private static Task<IReadOnlyList<ConfigVersion>> HistoryAsync(IConfigBackend backend, string folder, string name) =>
        backend.HistoryAsync(folder, name, CancellationToken.None);

    private static async Task<string> VersionAsync(IConfigBackend backend) => (await ReadAsync(backend)).Single().Version;

    private static string Text(ConfigDocument document) => Encoding.UTF8.GetString(document.Content.Span);

    private static string Text(ConfigVersion version) => Encoding.UTF8.GetString(version.Content.Span);
}

/// <summary>The contract, kept by a folder.</summary>
public sealed class FolderBackendTests : ConfigBackendContract, IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    protected override Task<IConfigBackend> OpenAsync() => Task.FromResult<IConfigBackend>(new FolderConfigBackend(_folder.File("foo/bar/pay/config"), TimeProvider.System));
}

/// <summary>The contract, kept by a real etcd.</summary>
public sealed class EtcdBackendTests : ConfigBackendContract, IDisposable
{
    private readonly string _base = $"/{Guid.NewGuid():N}/foo/bar/pay/config";
    private readonly List<EtcdConfigBackend> _opened = [];

    public void Dispose() => _opened.ForEach(b => b.Dispose());

    protected override async Task<IConfigBackend> OpenAsync()
    {
        var server = await EtcdServer.SharedAsync();
        var backend = new EtcdConfigBackend(new EtcdOptions { Endpoints = server.Url }, _base, TimeProvider.System);
        lock (_opened)
        {
            _opened.Add(backend);
        }

        return backend;
    }
}
