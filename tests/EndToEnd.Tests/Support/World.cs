using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using PayCore.ChannelSimulator;
using PayCore.Configuration;
using PayCore.Contracts.V1;
using PayCore.Host;
using PayCore.MerchantApi;
using PayCore.ServiceDefaults;
using PayCore.ServiceDefaults.Ports;
using PayCore.ServiceDefaults.Rpc;
using PayCore.TestKit;
using DatabaseClient = PayCore.Contracts.V1.PayDatabase.PayDatabaseClient;

namespace PayCore.EndToEnd.Tests.Support;

/// <summary>
/// The all-in-one in this process, on free ports, with a real database, the simulated provider, and a merchant of the test's own that signs over real HTTP and
/// receives notifications over real HTTP.
/// </summary>
public sealed class World : IAsyncDisposable
{
    public const string AppId = "test-app";
    public const string OtherAppId = "other-app";
    public const string Account = "1900000001";
    public const string AlipayAccount = "2021000000000001";

    /// <summary>
    /// Settings for stories of thousands: who asks for what another one is asking for is told PROCESSING after a tenth of a second, instead of looking for seven; and looks
    /// need not take their turns at a pace, for which the clock would have to run.
    /// </summary>
    public static readonly string[] OfThousands = ["--Calls:WaitForAnswer=00:00:00.1", "--Query:BudgetShare=1"];

    private readonly TemporaryFolder _folder;
    private readonly MerchantKeyPair _key = MerchantKeyPair.CreateEd25519();
    private readonly MerchantKeyPair _otherKey = MerchantKeyPair.CreateEd25519();
    private readonly TimeProvider _clock;
    private int _number;

    private World(TemporaryFolder folder, MerchantReceiver receiver, WebApplication app, int[] ports, TimeProvider clock)
    {
        _folder = folder;
        _clock = clock;
        Receiver = receiver;
        App = app;
        Web = Address(ports[0]);
        MerchantGrpc = Address(ports[1]);
        Simulator = Address(ports[2]);
        Console = Address(ports[3]);
        Merchant = Client(AppId, _key);
        OtherMerchant = Client(OtherAppId, _otherKey);
        Anonymous = new HttpClient { BaseAddress = Web };
        Database = new DatabaseClient(app.Services.GetRequiredService<ServiceNetwork>().InvokerFor(RoleNames.PayDatabase));
    }

    /// <summary>The databases that stories run on.</summary>
    public static TheoryData<string> Providers => ["sqlite", "mysql"];

    public WebApplication App { get; }

    public Uri Web { get; }

    public Uri MerchantGrpc { get; }

    public Uri Simulator { get; }

    public Uri Console { get; }

    public MerchantReceiver Receiver { get; }

    /// <summary>Signs as <see cref="AppId"/>.</summary>
    public HttpClient Merchant { get; }

    /// <summary>Signs as <see cref="OtherAppId"/>.</summary>
    public HttpClient OtherMerchant { get; }

    /// <summary>Signs nothing.</summary>
    public HttpClient Anonymous { get; }

    public DatabaseClient Database { get; }

    public Faults Faults => App.Services.GetRequiredService<Faults>();

    public WechatWallet Wallet => App.Services.GetRequiredService<WechatWallet>();

    public AlipayWallet AlipayWallet => App.Services.GetRequiredService<AlipayWallet>();

    public AlipayLedger AlipayLedger => App.Services.GetRequiredService<AlipayLedger>();

    public WechatLedger Ledger => App.Services.GetRequiredService<WechatLedger>();

    public RequestLog ProviderCalls => App.Services.GetRequiredService<RequestLog>();

    public CallbackLog Callbacks => App.Services.GetRequiredService<CallbackLog>();

    /// <summary>The private key's PEM of <see cref="AppId"/>, for tests that sign by hand.</summary>
    public string PrivateKeyPem => _key.PrivateKeyPem;

    public static Task<World> StartAsync(string provider, TimeProvider? clock = null, Action<WebApplicationBuilder>? configure = null, params string[] settings) =>
        StartAsync(provider, Role.All, [], _ => Task.CompletedTask, clock, configure, settings);

    /// <summary>Starts with other roles than those of the program, with routes of their own, and with documents that are there from the start.</summary>
    internal static async Task<World> StartAsync(
        string provider, IReadOnlyList<Role> roles, Dictionary<string, string> moreRoutes, Func<IConfigBackend, Task> writeMore, TimeProvider? clock = null,
        Action<WebApplicationBuilder>? configure = null, params string[] settings)
    {
        var folder = new TemporaryFolder();
        AccountKeys.Write(folder.Path);
        var receiver = await MerchantReceiver.StartAsync();
        var ports = FreePorts.Take(4);
        List<string> arguments =
        [
            $"--Data={folder.Path}", $"--Ports:Web={ports[0]}", $"--Ports:MerchantGrpc={ports[1]}", $"--Ports:Simulator={ports[2]}", $"--Ports:Console={ports[3]}", "--Ports:Operations=0",
            "--Simulator:ScheduleScale=0.01", "--Notify:ScheduleScale=0.01", $"--Outbound:AllowPrivateAddresses:1={receiver.Authority}",
            "--Logging:LogLevel:Default=Critical", $"--Database:Provider={provider}", "--Monitor:StatementsAt=1.00:00:00",
        ];
        arguments.Add($"--Database:ConnectionString={await MigratedDatabase.CreateAsync(provider, folder.File("paycore.db"))}");
        if (clock is not null)
        {
            // A clock of the test's own is not that of the database server.
            arguments.Add("--Clock:Tolerance=36500.00:00:00");
        }

        var app = PayCoreHost.Build([.. arguments, .. settings], builder =>
        {
            if (clock is not null)
            {
                builder.Services.AddSingleton(clock);
            }

            configure?.Invoke(builder);
        }, roles);
        await PayCoreHost.PrepareAsync(app);
        var world = new World(folder, receiver, app, [.. ports], clock ?? TimeProvider.System);
        await world.WriteAppAsync(AppId, world._key, moreRoutes);
        await world.WriteAppAsync(OtherAppId, world._otherKey, moreRoutes);
        await writeMore(app.Services.GetRequiredService<IConfigBackend>());
        WorkAtHand.Begin(world._clock);
        await app.StartAsync();
        return world;
    }

    /// <summary>What <see cref="LedgerComparison"/> compares.</summary>
    public ComparedSystem Compared => new(Database, Merchant, AppId, Receiver, Simulator, _clock);

    /// <summary>A create request of a number that was not used before.</summary>
    public JsonObject NewOrder(string? outTradeNo = null, string method = "wechat", string scene = "QR") => new()
    {
        ["out_trade_no"] = outTradeNo ?? $"T{Interlocked.Increment(ref _number):D8}",
        ["amount_minor"] = 1299,
        ["currency"] = "CNY",
        ["subject"] = "龙井茶 Longjing tea",
        ["method"] = method,
        ["scene"] = scene,
    };

    /// <summary>Creates an order over REST and answers the parsed answer, which must be a success.</summary>
    public async Task<JsonNode> CreateAsync(JsonObject? order = null)
    {
        using var answer = await Merchant.PostAsJsonAsync("/v1/pay-orders", order ?? NewOrder());
        var text = await answer.Content.ReadAsStringAsync();
        answer.IsSuccessStatusCode.Should().BeTrue(text);
        return JsonNode.Parse(text)!;
    }

    /// <summary>Reads an order from the records, with its history.</summary>
    public async Task<StoredOrder> ReadAsync(string orderId) => await Database.ReadOrderAsync(new ReadOrderRequest { OrderId = orderId, WithHistory = true });

    /// <summary>Waits, for at most 20 seconds of real time, until the order is as wanted. Looks only; moves no clock.</summary>
    public async Task<StoredOrder> UntilAsync(string orderId, Func<StoredOrder, bool> wanted)
    {
        var began = TimeProvider.System.GetTimestamp();
        while (true)
        {
            var order = await ReadAsync(orderId);
            if (wanted(order))
            {
                return order;
            }

            TimeProvider.System.GetElapsedTime(began).Should().BeLessThan(TimeSpan.FromSeconds(20), $"the order is {order.Order.State}, {order.Order}");
            await Task.Delay(10);
        }
    }

    /// <summary>Waits until so many notifications came.</summary>
    public async Task UntilReceivedAsync(int count)
    {
        var began = TimeProvider.System.GetTimestamp();
        while (Receiver.All.Count < count)
        {
            TimeProvider.System.GetElapsedTime(began).Should().BeLessThan(TimeSpan.FromSeconds(20), $"{Receiver.All.Count} of {count} notifications came");
            await Task.Delay(10);
        }
    }

    /// <summary>A client that signs every request.</summary>
    public HttpClient Client(string appId, MerchantKeyPair pair, string keyId = "k1") =>
        new(SigningHandlerOf(appId, pair, keyId)) { BaseAddress = Web };

    /// <summary>What signs as one of the two apps, for a gRPC channel.</summary>
    public HttpMessageHandler SigningHandlerOf(string appId) => SigningHandlerOf(appId, appId == AppId ? _key : _otherKey, "k1");

    public async ValueTask DisposeAsync()
    {
        Faults.Clear();
        Merchant.Dispose();
        OtherMerchant.Dispose();
        Anonymous.Dispose();
        await App.StopAsync();
        await App.DisposeAsync();
        await Receiver.DisposeAsync();
        _folder.Dispose();
    }

    private SigningHandler SigningHandlerOf(string appId, MerchantKeyPair pair, string keyId)
    {
        var key = SigningKey.FromPrivateKeyPem(appId, keyId, MerchantKeyAlgorithm.Ed25519, pair.PrivateKeyPem);
        var signer = new RequestSigner(key, _clock, () => Guid.NewGuid().ToString("N"));
        return new SigningHandler(signer) { InnerHandler = new SocketsHttpHandler() };
    }

    private static Uri Address(int port) => new($"http://127.0.0.1:{port}");

    private Task WriteAppAsync(string appId, MerchantKeyPair key, Dictionary<string, string> moreRoutes) => App.Services.GetRequiredService<IConfigBackend>().WriteAsync(
        "apps", appId, Encoding.UTF8.GetBytes(JsonSerializer.Serialize(new MerchantApp
        {
            MerchantId = appId == AppId ? "m-test" : "m-other",
            Keys = [new AppKeyDocument { KeyId = "k1", Alg = "ed25519", PublicKey = key.PublicKeyPem }],
            Webhook = new WebhookDocument { Url = Receiver.Url, Secrets = [Receiver.Secret] },
            Routes = new Dictionary<string, IReadOnlyList<RouteDocument>>(moreRoutes.Select(r =>
                KeyValuePair.Create(r.Key, (IReadOnlyList<RouteDocument>)[new RouteDocument { Account = r.Value }])))
            {
                ["wechat.QR"] = [new RouteDocument { Account = Account }],
                ["alipay.QR"] = [new RouteDocument { Account = AlipayAccount }],
                ["alipay.PAGE"] = [new RouteDocument { Account = AlipayAccount }],
            },
        }, DocumentJson.Options)), CancellationToken.None);
}
