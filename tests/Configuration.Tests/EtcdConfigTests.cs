using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.Extensions.Time.Testing;
using PayCore.Configuration.Etcd;
using PayCore.ServiceDefaults;
using PayCore.ServiceDefaults.Ports;
using PayCore.TestKit;

namespace PayCore.Configuration.Tests;

/// <summary>Configuration in a real etcd that stops, starts, forgets, hangs, asks for certificates and passwords.</summary>
public sealed class EtcdConfigTests : IAsyncLifetime
{
    private const string Base = "/foo/bar/pay/config";
    private const string App = $"{Base}/apps/tea-house";
    private const string Password = "canary-Kx83hfkWq02mz";

    private readonly TemporaryFolder _folder = new();
    private readonly ConfigFolder<MerchantApp> _apps = new("apps", MerchantApp.Parse);
    private readonly FakeTimeProvider _clock = new(TimeProvider.System.GetUtcNow());
    private readonly LogText _log = new();
    private readonly List<IDisposable> _disposables = [];
    private readonly List<EtcdServer> _servers = [];

    private string? Merchant => _apps.Find("tea-house")?.MerchantId;

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        _disposables.ForEach(d => d.Dispose());
        foreach (var server in _servers)
        {
            await server.DisposeAsync();
        }

        _folder.Dispose();
    }

    [Fact]
    public async Task Documents_StandAtTheKeysOfTheDesign()
    {
        var server = await StartEtcdAsync();
        using var backend = Open(server.Url);
        await backend.WriteAsync("wechat", "2088123456", "{}"u8.ToArray(), CancellationToken.None);
        await backend.WriteAsync("apps", "tea-house", Stores.App("m1"), CancellationToken.None);
        await backend.WriteAsync("apps", "tea-house", Stores.App("m2"), CancellationToken.None);

        (await server.ControlAsync("get", $"{Base}/wechat/2088123456", "--print-value-only")).Should().Be("{}");
        var keys = (await server.ControlAsync("get", "", "--prefix", "--keys-only")).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        keys.Should().HaveCount(3).And.Contain([$"{Base}/wechat/2088123456", App]).And.ContainSingle(k => k.StartsWith($"{Base}/.history/apps/tea-house/00000001-"));

        await server.ControlAsync("put", $"{Base}/alipay/2021000000000001", "{}");
        await server.ControlAsync("put", $"{Base}/alipay/deeper/2021", "{}");
        await server.ControlAsync("put", $"{Base}/alone", "{}");
        await server.ControlAsync("put", $"{Base}2/alipay/2021", "{}");
        (await backend.ReadAllAsync(CancellationToken.None)).Select(d => $"{d.Folder}/{d.Name}").Should().Equal("alipay/2021000000000001", "apps/tea-house", "wechat/2088123456");
    }

    [Fact]
    public async Task Documents_MoreThanAPage_AreAllRead()
    {
        var server = await StartEtcdAsync();
        using var backend = Open(server.Url);
        await Task.WhenAll(Enumerable.Range(0, 250).Select(i => backend.WriteAsync("wechat", $"{i}", Encoding.UTF8.GetBytes($"{i}"), CancellationToken.None)));

        (await backend.ReadAllAsync(CancellationToken.None)).Select(d => d.Name).Should().OnlyHaveUniqueItems().And.HaveCount(250);
    }

    [Fact]
    public async Task Change_IsSeenByAllInstancesWithinASecond()
    {
        var server = await StartEtcdAsync();
        using var writer = Open(server.Url);
        var instances = Enumerable.Range(0, 4).Select(_ => new ConfigFolder<MerchantApp>("apps", MerchantApp.Parse)).ToList();
        foreach (var folder in instances)
        {
            await StartAsync(Keep(Stores.Of(Keep(Open(server.Url)), folder, TimeProvider.System)));
        }

        var took = new List<TimeSpan>();
        foreach (var merchant in (string[])["m1", "m2", "m3", "m4", "m5"])
        {
            var began = TimeProvider.System.GetTimestamp();
            await writer.WriteAsync("apps", "tea-house", Stores.App(merchant), CancellationToken.None);
            await Stores.UntilAsync(() => instances.TrueForAll(f => f.Find("tea-house")?.MerchantId == merchant));
            took.Add(TimeProvider.System.GetElapsedTime(began));
        }

        TestContext.Current.TestOutputHelper?.WriteLine(string.Join(", ", took.Select(t => $"{t.TotalMilliseconds:0} ms")));
        took.Order().ElementAt(2).Should().BeLessThan(TimeSpan.FromSeconds(1));
    }

    [Fact]
    public async Task Store_WhoseEtcdStops_RunsOnAndCatchesUp()
    {
        var server = await StartEtcdAsync();
        await server.ControlAsync("put", App, """{"merchant_id":"m1","keys":[]}""");
        var store = await StartAsync(Keep(Stores.Of(Keep(Open(server.Url)), _apps, TimeProvider.System, log: _log)));
        store.Freshness.Trouble.Should().BeNull();

        await server.StopAsync();
        await Stores.UntilAsync(() => store.Freshness.Trouble is not null);
        Merchant.Should().Be("m1");
        store.Freshness.Trouble.Should().Contain(server.Url);
        store.Freshness.AsOf.Should().BeBefore(TimeProvider.System.GetUtcNow());

        await server.StartAgainAsync();
        await server.ControlAsync("put", App, """{"merchant_id":"m2","keys":[]}""");
        await Stores.UntilAsync(() => Merchant == "m2" && store.Freshness.Trouble is null);
        await server.ControlAsync("put", App, """{"merchant_id":"m3","keys":[]}""");
        await Stores.UntilAsync(() => Merchant == "m3");
        _log.Text.Split('\n').Count(l => l.Contains("could not be read", StringComparison.Ordinal)).Should().Be(1, "one line, however long it lasts");
        _log.Text.Should().Contain("answers again");
    }

    [Fact]
    public async Task Store_ThatMissedChangesWhichEtcdForgot_ReadsAllAnew()
    {
        var server = await StartEtcdAsync();
        await server.ControlAsync("put", App, """{"merchant_id":"m1","keys":[]}""");
        await server.ControlAsync("put", $"{Base}/apps/gone", """{"merchant_id":"m1","keys":[]}""");
        var store = await StartAsync(Keep(Stores.Of(Keep(Open(server.Url, _clock)), _apps, _clock)));
        await server.StopAsync();
        await Stores.UntilAsync(() => store.Freshness.Trouble is not null);

        await server.StartAgainAsync();
        await server.ControlAsync("put", App, """{"merchant_id":"m2","keys":[]}""");
        await server.ControlAsync("del", $"{Base}/apps/gone");
        await CompactAsync(server);

        // The clock stood still: only now it looks again.
        Merchant.Should().Be("m1");
        await Stores.UntilAsync(() => Merchant == "m2", () => _clock.Advance(TimeSpan.FromMilliseconds(20)));
        _apps.Find("gone").Should().BeNull();
        await server.ControlAsync("put", App, """{"merchant_id":"m3","keys":[]}""");
        await Stores.UntilAsync(() => Merchant == "m3");
    }

    [Fact]
    public async Task Wait_FromARevisionThatEtcdForgot_EndsAtOnce()
    {
        var server = await StartEtcdAsync();
        using var backend = Open(server.Url);
        await backend.ReadAllAsync(CancellationToken.None);
        await server.ControlAsync("put", "/somewhere/else", "1");
        await server.ControlAsync("put", "/somewhere/else", "2");
        await CompactAsync(server);

        await backend.WaitForChangeAsync(CancellationToken.None).WaitAsync(TimeSpan.FromSeconds(30));
    }

    [Fact]
    public async Task Wait_WhenItsMemberFails_GoesOnAtTheNextFromTheLastRevision()
    {
        var server = await StartEtcdAsync();
        using var line = new Line(new Uri(server.Url).Port);
        using var backend = Open($"{line.Url},{server.Url}");
        await backend.ReadAllAsync(CancellationToken.None);
        var wait = backend.WaitForChangeAsync(CancellationToken.None);
        await Stores.UntilAsync(() => line.Passed > 0);

        line.Cut();
        await server.ControlAsync("put", App, "{}");

        await wait.WaitAsync(TimeSpan.FromSeconds(30));
        (await backend.ReadAllAsync(CancellationToken.None)).Should().ContainSingle();
    }

    [Fact]
    public async Task Write_WhoseAnswerIsLost_IsNotSentAgain()
    {
        var server = await StartEtcdAsync();
        using var line = new Line(new Uri(server.Url).Port);
        using var backend = Open($"{line.Url},{server.Url}", _clock);
        await backend.WriteAsync("apps", "tea-house", "first"u8.ToArray(), CancellationToken.None);
        var version = (await backend.ReadAllAsync(CancellationToken.None)).Single().Version;

        line.LoseAnswersTo("second"u8.ToArray());
        var write = backend.ReplaceAsync("apps", "tea-house", version, "second"u8.ToArray(), CancellationToken.None);
        while (await server.ControlAsync("get", App, "--print-value-only") != "second")
        {
            write.IsCompleted.Should().BeFalse();
        }

        _clock.Advance(TimeSpan.FromSeconds(6));
        await FluentActions.Awaiting(() => write).Should().ThrowAsync<ConfigUnavailableException>();
        (await backend.HistoryAsync("apps", "tea-house", CancellationToken.None)).Should().ContainSingle("it was made once");
    }

    [Fact]
    public async Task Start_WithEtcdAway_TakesTheLastGoodCopyAndCatchesUp()
    {
        var server = await StartEtcdAsync();
        await server.ControlAsync("put", App, """{"merchant_id":"m1","keys":[]}""");
        var first = await StartAsync(Stores.Of(Keep(Open(server.Url, _clock)), _apps, _clock, Copy()));
        await first.StoppedAsync(CancellationToken.None);
        first.Dispose();
        File.GetUnixFileMode(_folder.File("last/apps.json")).Should().Be(UnixFileMode.UserRead | UnixFileMode.UserWrite);
        await server.StopAsync();
        _clock.Advance(TimeSpan.FromHours(3));

        var apps = new ConfigFolder<MerchantApp>("apps", MerchantApp.Parse);
        var store = await StartAsync(Keep(Stores.Of(Keep(Open(server.Url, _clock)), apps, _clock, Copy(), log: _log)));

        apps.Find("tea-house")!.MerchantId.Should().Be("m1");
        (_clock.GetUtcNow() - store.Freshness.AsOf).Should().BeCloseTo(TimeSpan.FromHours(3), TimeSpan.FromMinutes(1));
        store.Freshness.Trouble.Should().Contain(server.Url);
        _log.Text.Should().Contain("Started from the last good copy").And.Contain("03:00:0");
        await server.StartAgainAsync();
        await server.ControlAsync("put", App, """{"merchant_id":"m2","keys":[]}""");
        await Stores.UntilAsync(() => apps.Find("tea-house")!.MerchantId == "m2", () => _clock.Advance(TimeSpan.FromMilliseconds(20)));
        store.Freshness.Trouble.Should().BeNull();
    }

    [Fact]
    public async Task Start_WithEtcdAwayAndNoCopy_IsRefusedAndSaysSo()
    {
        var url = $"http://127.0.0.1:{FreePorts.Take(1)[0]}";
        var start = () => StartAsync(Stores.Of(Keep(Open(url)), _apps, TimeProvider.System, Copy()));

        (await start.Should().ThrowAsync<InvalidOperationException>()).Which.Message.Should().Contain(url).And.Contain("no last good copy").And.Contain(_folder.File("last"));
    }

    [Theory]
    [InlineData("no JSON")]
    [InlineData("""{"base":"/another/base","as_of":"2026-11-22T08:00:00Z","documents":{}}""")]
    public async Task Start_WithEtcdAwayAndACopyThatIsNone_IsRefused(string content)
    {
        Directory.CreateDirectory(_folder.File("last"));
        File.WriteAllText(_folder.File("last/apps.json"), content);
        File.SetUnixFileMode(_folder.File("last/apps.json"), UnixFileMode.UserRead | UnixFileMode.UserWrite);
        var start = () => StartAsync(Stores.Of(Keep(Open($"http://127.0.0.1:{FreePorts.Take(1)[0]}")), _apps, TimeProvider.System, Copy()));

        (await start.Should().ThrowAsync<InvalidOperationException>()).Which.Message.Should().Contain("no last good copy");
    }

    [Fact]
    public async Task Start_WithAnEtcdThatNeverAnswers_IsBounded()
    {
        using var silent = new TcpListener(IPAddress.Loopback, 0);
        silent.Start();
        var start = StartAsync(Stores.Of(Keep(Open($"http://127.0.0.1:{((IPEndPoint)silent.LocalEndpoint).Port}", _clock)), _apps, _clock, Copy()));

        await Stores.UntilAsync(() => start.IsCompleted, () => _clock.Advance(TimeSpan.FromMilliseconds(20)));

        await FluentActions.Awaiting(() => start).Should().ThrowAsync<InvalidOperationException>();
    }

    [Fact]
    public async Task Restart_AfterADocumentBecameInvalid_KeepsTheLastGoodOne()
    {
        var server = await StartEtcdAsync();
        await server.ControlAsync("put", App, """{"merchant_id":"m1","keys":[]}""");
        var first = await StartAsync(Stores.Of(Keep(Open(server.Url)), _apps, TimeProvider.System, Copy()));
        await server.ControlAsync("put", App, """{"merchant_id":"m2"}""");
        await Stores.UntilAsync(() => first.Problems.Count == 1);
        await first.StoppedAsync(CancellationToken.None);
        first.Dispose();

        var apps = new ConfigFolder<MerchantApp>("apps", MerchantApp.Parse);
        var store = await StartAsync(Keep(Stores.Of(Keep(Open(server.Url)), apps, TimeProvider.System, Copy(), log: _log)));

        apps.Find("tea-house")!.MerchantId.Should().Be("m1");
        _log.Text.Should().NotContain("last good copy").And.NotContain("answers again", "etcd was there");
        store.Problems.Should().ContainSingle().Which.Reason.Should().Contain("keys");
        await server.ControlAsync("del", App);
        await Stores.UntilAsync(() => apps.Find("tea-house") is null && store.Problems.Count == 0);
    }

    [Fact]
    public async Task Tls_NeedsTheRightAuthorityAndOurCertificate()
    {
        var tls = new TlsFiles(_folder.Path);
        var server = await StartEtcdAsync(tls);
        using var backend = Open(server.Url, options: o => (o.CaFile, o.CertFile, o.KeyFile) = (tls.Ca, tls.ClientCert, tls.ClientKey));
        await backend.WriteAsync("apps", "tea-house", Stores.App("m1"), CancellationToken.None);
        (await backend.ReadAllAsync(CancellationToken.None)).Should().ContainSingle();

        var other = new TlsFiles(Directory.CreateDirectory(_folder.File("other")).FullName);
        foreach (var wrong in (Action<EtcdOptions>[])
                 [
                     o => o.CaFile = tls.Ca,
                     o => (o.CaFile, o.CertFile, o.KeyFile) = (other.Ca, tls.ClientCert, tls.ClientKey),
                     o => (o.CertFile, o.KeyFile) = (tls.ClientCert, tls.ClientKey),
                     o => (o.CaFile, o.CertFile, o.KeyFile) = (tls.Ca, other.ClientCert, other.ClientKey),
                 ])
        {
            using var refused = Open(server.Url, options: wrong);
            await FluentActions.Awaiting(() => refused.ReadAllAsync(CancellationToken.None)).Should().ThrowAsync<ConfigUnavailableException>();
        }

        // Another authority in the same file needs no restart.
        var ca = _folder.File("changing-ca.pem");
        File.Copy(other.Ca, ca);
        using var changing = Open(server.Url, options: o => (o.CaFile, o.CertFile, o.KeyFile) = (ca, tls.ClientCert, tls.ClientKey));
        await FluentActions.Awaiting(() => changing.ReadAllAsync(CancellationToken.None)).Should().ThrowAsync<ConfigUnavailableException>();
        File.Copy(tls.Ca, ca, overwrite: true);
        (await changing.ReadAllAsync(CancellationToken.None)).Should().ContainSingle();
    }

    [Theory]
    [InlineData("", null, null, null, "Config:Etcd:Endpoints")]
    [InlineData("etcd:2379", null, null, null, "Config:Etcd:Endpoints")]
    [InlineData("http://paycore:password@etcd:2379", null, null, null, "Config:Etcd:Endpoints")]
    [InlineData("https://etcd:2379", "not-there.pem", null, null, "Config:Etcd:CaFile")]
    [InlineData("https://etcd:2379", null, "cert.pem", null, "Config:Etcd:KeyFile")]
    [InlineData("https://etcd:2379", null, "not-there.pem", "not-there.key", "Config:Etcd:CertFile")]
    public void Setting_ThatIsWrong_IsNamed(string endpoints, string? ca, string? cert, string? key, string name)
    {
        var open = () => new EtcdConfigBackend(new EtcdOptions { Endpoints = endpoints, CaFile = ca, CertFile = cert, KeyFile = key }, Base, TimeProvider.System);

        open.Should().Throw<InvalidOperationException>().Which.Message.Should().Contain(name).And.NotContain("password");
    }

    [Fact]
    public async Task User_WithPassword_ReadsWritesAndWatchesItsKeysAlsoAfterItsTokenEnded()
    {
        var server = await StartEtcdAsync();
        await EnableUsersAsync(server);
        var store = await StartAsync(Keep(Stores.Of(Keep(Open(server.Url, options: Known)), _apps, TimeProvider.System, log: _log)));
        using var writer = Open(server.Url, options: Known);
        await writer.WriteAsync("apps", "tea-house", Stores.App("m1"), CancellationToken.None);
        await Stores.UntilAsync(() => Merchant == "m1");

        // With its restart the server forgets the tokens that it gave.
        await server.StopAsync();
        await Stores.UntilAsync(() => store.Freshness.Trouble is not null);
        await server.StartAgainAsync();
        var version = (await writer.ReadAllAsync(CancellationToken.None)).Single().Version;
        (await writer.ReplaceAsync("apps", "tea-house", version, Stores.App("m2"), CancellationToken.None)).Should().BeTrue();
        await Stores.UntilAsync(() => Merchant == "m2");

        // A change of the users makes the token of old, and the call goes again with a new one.
        await server.ControlAsync("--user", "root:root-password", "user", "add", "another:secret");
        await writer.WriteAsync("apps", "tea-house", Stores.App("m3"), CancellationToken.None);
        await Stores.UntilAsync(() => Merchant == "m3");

        _log.Text.Should().NotContain(Password);
    }

    [Fact]
    public async Task User_WhoIsWrongOrMayNot_IsRefusedWithTheReasonAndWithoutThePassword()
    {
        var server = await StartEtcdAsync();
        await EnableUsersAsync(server);
        foreach (var (options, configBase, reason) in (List<(Action<EtcdOptions>, string, string)>)
                 [
                     (o => (o.User, o.Password) = ("paycore", $"{Password}x"), Base, "authentication failed"),
                     (o => { }, Base, "user name is empty"),
                     (Known, "/elsewhere", "permission denied"),
                 ])
        {
            using var backend = Open(server.Url, options: options, configBase: configBase);
            foreach (var act in (Func<Task>[])
                     [
                         () => backend.ReadAllAsync(CancellationToken.None), () => backend.WriteAsync("apps", "a", "{}"u8.ToArray(), CancellationToken.None),
                         () => backend.WaitForChangeAsync(CancellationToken.None),
                     ])
            {
                (await act.Should().ThrowAsync<ConfigUnavailableException>()).Which.ToString().Should().Contain("etcd at").And.NotContain(Password);
            }

            (await FluentActions.Awaiting(() => backend.ReadAllAsync(CancellationToken.None)).Should().ThrowAsync<ConfigUnavailableException>()).WithMessage($"*{reason}*");
        }
    }

    private static void Known(EtcdOptions options) => (options.User, options.Password) = ("paycore", Password);

    private static async Task EnableUsersAsync(EtcdServer server)
    {
        await server.ControlAsync("user", "add", "root:root-password");
        await server.ControlAsync("user", "grant-role", "root", "root");
        await server.ControlAsync("user", "add", $"paycore:{Password}");
        await server.ControlAsync("role", "add", "paycore");
        await server.ControlAsync("role", "grant-permission", "paycore", "readwrite", $"{Base}/", "--prefix=true");
        await server.ControlAsync("user", "grant-role", "paycore", "paycore");
        await server.ControlAsync("auth", "enable");
    }

    /// <summary>Has etcd forget everything before now.</summary>
    private static async Task CompactAsync(EtcdServer server)
    {
        var revision = System.Text.Json.Nodes.JsonNode.Parse(await server.ControlAsync("get", "x", "-w", "json"))!["header"]!["revision"]!.GetValue<long>();
        await server.ControlAsync("compaction", $"{revision}");
    }

    private async Task<EtcdServer> StartEtcdAsync(TlsFiles? tls = null)
    {
        var server = await EtcdServer.StartAsync(tls);
        _servers.Add(server);
        return server;
    }

    private LastGoodCopy Copy() => new(_folder.File("last"), Base, RandomSource.System);

    private static EtcdConfigBackend Open(string endpoints, TimeProvider? time = null, Action<EtcdOptions>? options = null, string configBase = Base)
    {
        var made = new EtcdOptions { Endpoints = endpoints };
        options?.Invoke(made);
        return new EtcdConfigBackend(made, configBase, time ?? TimeProvider.System);
    }

    private T Keep<T>(T it)
        where T : IDisposable
    {
        // The last one first: a store before its backend.
        _disposables.Insert(0, it);
        return it;
    }

    private static async Task<ConfigStore> StartAsync(ConfigStore store)
    {
        await store.StartingAsync(CancellationToken.None);
        return store;
    }

    /// <summary>A line to a server that can be cut, or lose the answers.</summary>
    private sealed class Line : IDisposable
    {
        private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
        private readonly List<TcpClient> _ends = [];
        private readonly int _port;
        private byte[]? _words;
        private volatile bool _areAnswersLost;
        private long _passed;

        public Line(int port)
        {
            _port = port;
            _listener.Start();
            _ = AcceptAsync();
        }

        public string Url => $"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}";

        public long Passed => Interlocked.Read(ref _passed);

        /// <summary>Breaks what is connected, and takes no more.</summary>
        public void Cut()
        {
            _listener.Stop();
            lock (_ends)
            {
                _ends.ForEach(e => e.Dispose());
            }
        }

        /// <summary>What the server answers once these words went to it is lost.</summary>
        public void LoseAnswersTo(byte[] words) => Volatile.Write(ref _words, words);

        public void Dispose() => Cut();

        private async Task AcceptAsync()
        {
            try
            {
                while (true)
                {
                    var (client, server) = (await _listener.AcceptTcpClientAsync(), new TcpClient());
                    lock (_ends)
                    {
                        _ends.AddRange([client, server]);
                    }

                    await server.ConnectAsync(IPAddress.Loopback, _port);
                    _ = CopyAsync(client.GetStream(), server.GetStream(), isAnswer: false);
                    _ = CopyAsync(server.GetStream(), client.GetStream(), isAnswer: true);
                }
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException or InvalidOperationException)
            {
                // Cut.
            }
        }

        private async Task CopyAsync(NetworkStream from, NetworkStream to, bool isAnswer)
        {
            try
            {
                var buffer = new byte[64 * 1024];
                while (await from.ReadAsync(buffer) is var count and > 0)
                {
                    if (isAnswer && _areAnswersLost)
                    {
                        continue;
                    }

                    _areAnswersLost |= !isAnswer && Volatile.Read(ref _words) is { } words && buffer.AsSpan(0, count).IndexOf(words) >= 0;
                    Interlocked.Add(ref _passed, count);
                    await to.WriteAsync(buffer.AsMemory(0, count));
                }
            }
            catch (Exception e) when (e is IOException or ObjectDisposedException)
            {
                // Cut.
            }
        }
    }
}
