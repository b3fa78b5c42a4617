using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Nodes;
using PayCore.Configuration;
using PayCore.EndToEnd.Tests.Support;
using PayCore.Host.Cluster;
using PayCore.Host.Demonstration;
using PayCore.Host.Demonstration.Tour;
using PayCore.MerchantApi;
using PayCore.TestKit;
using DatabaseClient = PayCore.Contracts.V1.PayDatabase.PayDatabaseClient;

namespace PayCore.Cluster.Tests.Support;

/// <summary>One cluster for all tests that need one, one after the other.</summary>
[CollectionDefinition(nameof(TestCluster))]
public sealed class ClusterCollection : ICollectionFixture<TestCluster>;

/// <summary>The cluster, started once by its own command for all tests, with a merchant of the tests' own. Stopping it must leave no process behind.</summary>
public sealed class TestCluster : IAsyncLifetime
{
    public const string AppId = "cluster-test";

    private readonly TemporaryFolder _folder = new();
    private readonly MerchantKeyPair _key = MerchantKeyPair.CreateEd25519();
    private MerchantReceiver? _receiver;
    private ClusterPlan? _plan;
    private ClusterClient? _client;
    private DemoSite? _site;

    /// <summary>The cluster's folder.</summary>
    public string Folder => _folder.File("cluster");

    public MerchantReceiver Receiver => _receiver!;

    public DatabaseClient Database => _site!.Database;

    /// <summary>Signs as <see cref="AppId"/>, to the cluster's one address.</summary>
    public HttpClient Merchant { get; private set; } = new();

    /// <summary>The providers' control API.</summary>
    public HttpClient Provider { get; } = new();

    public IConfigBackend Documents => _client!.Documents;

    internal ClusterPlan Plan => _plan!;

    internal DemoClock Clock => _client!.Clock;

    internal ComparedSystem Compared => new(Database, Merchant, AppId, Receiver, new Uri(Plan.Simulator), Clock);

    /// <summary>Processes as the supervisor has them now.</summary>
    internal IReadOnlyList<PartState> Parts => ClusterState.Read(Folder)!.Parts;

    public async ValueTask InitializeAsync()
    {
        _receiver = await MerchantReceiver.StartAsync();
        var (code, output) = await RunAsync("up", $"--Outbound:AllowPrivateAddresses:2={Receiver.Authority}");
        code.Should().Be(0, output);

        _plan = new ClusterPlan(ClusterLayout.Open(Folder, starting: false), []);
        _client = new ClusterClient(_plan);
        _site = _client.NewSite();
        Merchant = MerchantAt(_plan.Web);
        Provider.BaseAddress = new Uri(_plan.Simulator);
        await WriteAppAsync(new Dictionary<string, string>());
    }

    public async ValueTask DisposeAsync()
    {
        var processes = ClusterState.Read(Folder) is { } state ? state.Parts.Select(p => p.Process).Append(state.Supervisor).OfType<ProcessMark>().ToList() : [];
        var (code, output) = await RunAsync("down");
        code.Should().Be(0, output);
        processes.Where(p => p.IsAlive).Should().BeEmpty("down leaves nothing behind");
        Directory.Exists(Path.Combine(Folder, "mariadb")).Should().BeTrue("the data are kept");
        (code, output) = await RunAsync("down", "--wipe");
        code.Should().Be(0, output);
        Directory.Exists(Folder).Should().BeFalse("they are removed when somebody says so");

        Merchant.Dispose();
        Provider.Dispose();
        _site?.Dispose();
        if (_client is not null)
        {
            await _client.DisposeAsync();
        }

        await Receiver.DisposeAsync();
        _folder.Dispose();
    }

    /// <summary>A command of <c>./cluster</c> on this cluster.</summary>
    public async Task<(int Code, string Output)> RunAsync(string command, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(Path.Combine(Repository.Root, "cluster"), [command, $"--Data={Folder}", .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        var said = await Task.WhenAll(process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync();
        return (process.ExitCode, string.Concat(said));
    }

    /// <summary>A client that signs as the tests' app, to an address of the cluster.</summary>
    public HttpClient MerchantAt(string address)
    {
        var key = SigningKey.FromPrivateKeyPem(AppId, "k1", MerchantKeyAlgorithm.Ed25519, _key.PrivateKeyPem);
        var signer = new RequestSigner(key, Clock, () => Guid.NewGuid().ToString("N"));
        return new HttpClient(new SigningHandler(signer) { InnerHandler = new SocketsHttpHandler() }) { BaseAddress = new Uri(address) };
    }

    /// <summary>Writes the app's document; routes may be other than usual.</summary>
    public Task WriteAppAsync(Dictionary<string, string> otherRoutes)
    {
        var routes = new Dictionary<string, string>(otherRoutes);
        routes.TryAdd("wechat.QR", TourAccounts.Wechat);
        routes.TryAdd("alipay.QR", TourAccounts.Alipay);
        routes.TryAdd("wechat.TRANSFER", TourAccounts.Wechat);
        routes.TryAdd("alipay.TRANSFER", TourAccounts.AlipayOut);
        return Documents.WriteAsync("apps", AppId, JsonSerializer.SerializeToUtf8Bytes(new MerchantApp
        {
            MerchantId = "cluster",
            Keys = [new AppKeyDocument { KeyId = "k1", Alg = "ed25519", PublicKey = _key.PublicKeyPem }],
            Webhook = new WebhookDocument { Url = Receiver.Url, Secrets = [Receiver.Secret] },
            Routes = routes.ToDictionary(r => r.Key, IReadOnlyList<RouteDocument> (r) => [new RouteDocument { Account = r.Value }]),
        }, DocumentJson.Options), CancellationToken.None);
    }

    /// <summary>Looks until something holds, for at most a time of the machine's clock.</summary>
    public static async Task UntilAsync(string what, TimeSpan within, Func<Task<bool>> holds)
    {
        var began = TimeProvider.System.GetTimestamp();
        while (!await holds())
        {
            TimeProvider.System.GetElapsedTime(began).Should().BeLessThan(within, what);
            await Task.Delay(50);
        }
    }

    /// <summary>Waits until every process answers.</summary>
    public async Task UntilHealthyAsync() => await UntilAsync(
        "every process answers", TimeSpan.FromSeconds(150),
        async () => Parts.All(p => p.Phase == PartPhase.Ready) && (await Task.WhenAll(Plan.Parts.Select(p => p.AnswersAsync(CancellationToken.None)))).All(a => a));

    /// <summary>A new order of a wallet.</summary>
    public static JsonObject NewOrder(string number, string method, long amount) => new()
    {
        ["out_trade_no"] = number,
        ["amount_minor"] = amount,
        ["currency"] = "CNY",
        ["subject"] = "龙井茶 Longjing tea",
        ["method"] = method,
        ["scene"] = "QR",
    };
}
