using System.Text.Json.Nodes;
using System.Threading.Channels;
using Google.Protobuf;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using PayCore.ChannelSimulator;
using PayCore.Contracts.V1;

namespace PayCore.Wechat.Tests;

/// <summary>
/// The simulated provider of the demonstration on a real port, a merchant registered with it, and the channel with what that merchant was given. Both share
/// a clock that stands still. Callbacks come to a small endpoint of the test's own, which keeps them as they are and acknowledges them.
/// </summary>
internal sealed class Simulator : IAsyncDisposable
{
    private const string CallbackPath = "/callback/wechat/main";

    /// <summary>In public-key mode the merchant is registered once for all tests: the simulator makes a key for each registration, which takes long.</summary>
    private static readonly WechatMerchants _merchants = new ServiceCollection()
        .AddSingleton<IConfiguration>(new ConfigurationBuilder().Build())
        .AddChannelSimulator()
        .BuildServiceProvider()
        .GetRequiredService<WechatMerchants>();

    private static readonly WechatMerchantRegistration _registration = new()
    {
        MchId = Keys.MchId,
        AppId = Keys.AppId,
        Name = "茶馆 Tea House",
        MerchantSerialNo = Keys.MerchantSerial,
        MerchantPublicKeyPem = Keys.Merchant.ExportSubjectPublicKeyInfoPem(),
        ApiV3Key = Keys.ApiV3Key,
    };

    private readonly WebApplication _app;
    private readonly Channel<ReadCallbackRequest> _callbacks = Channel.CreateUnbounded<ReadCallbackRequest>();

    private Simulator(WebApplication app, RegisteredWechatMerchant given) => (_app, Given) = (app, given);

    /// <summary>What the merchant was given.</summary>
    public RegisteredWechatMerchant Given { get; }

    /// <summary>The channel's side.</summary>
    public World World { get; private set; } = null!;

    public Faults Faults => Get<Faults>();

    public WechatWallet Wallet => Get<WechatWallet>();

    public WechatLedger Ledger => Get<WechatLedger>();

    public CallbackLog Callbacks => Get<CallbackLog>();

    public SimulatedOrder? Order => Ledger.Find(Keys.MchId, World.AttemptNo);

    public IReadOnlyList<ReceivedCall> Calls => Get<RequestLog>().Calls;

    /// <summary>Waits until such a call is in the log, into which it comes when it was answered: the answer may be here before.</summary>
    public Task<ReceivedCall> LoggedAsync(Func<ReceivedCall, bool> wanted) => Get<RequestLog>().WaitForCallAsync(wanted, TestContext.Current.CancellationToken);

    /// <summary>Where the callbacks come to.</summary>
    public string CallbackUrl => _app.Urls.Single() + CallbackPath;

    /// <param name="mode">The platform's side; in another than public-key mode the platform's keys are this test's own.</param>
    /// <param name="document">The merchant's side, beginning with the public key.</param>
    public static async Task<Simulator> StartAsync(WechatKeyMode mode = WechatKeyMode.PublicKey, Action<JsonObject>? document = null)
    {
        var time = new FakeTimeProvider(World.Start);
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Services.AddSingleton<TimeProvider>(time);
        if (mode == WechatKeyMode.PublicKey)
        {
            builder.Services.AddSingleton(_merchants);
        }

        builder.Services.AddChannelSimulator();
        var app = builder.Build();
        var given = app.Services.GetRequiredService<WechatMerchants>().Register(_registration with { KeyMode = mode });
        var simulator = new Simulator(app, given);
        app.MapChannelSimulator();
        app.MapPost(CallbackPath, simulator.KeepAsync);
        await app.StartAsync();

        simulator.World = await World.CreateAsync(
            d =>
            {
                (d["public_key_id"], d["public_key"]) = (given.PublicKeyId, given.PublicKeyPem);
                document?.Invoke(d);
            },
            app.Urls.Single(), time);
        return simulator;
    }

    /// <summary>Asks for a payment whose callback comes to this endpoint.</summary>
    public Task<ChannelPayReply> PayAsync() => World.PayAsync(r =>
    {
        r.Subject = "龙井茶 Longjing & <tea>";
        r.CallbackUrl = CallbackUrl;
    });

    /// <summary>The platform changes its keys of the merchant.</summary>
    public WechatKeys ChangeKeys(WechatKeyChange change) => Get<WechatMerchants>().ChangeKeys(change);

    /// <summary>The payer pays the order.</summary>
    public SimulatedOrder PayInWallet() => Wallet.Pay(Keys.MchId, World.AttemptNo);

    /// <summary>The next callback as it came over the wire.</summary>
    public async Task<ReadCallbackRequest> NextCallbackAsync() => await _callbacks.Reader.ReadAsync(TestContext.Current.CancellationToken);

    public async ValueTask DisposeAsync()
    {
        Faults.Clear();
        await World.DisposeAsync();
        await _app.StopAsync(new CancellationToken(canceled: true));
        await _app.DisposeAsync();
    }

    private async Task KeepAsync(HttpContext http)
    {
        var request = new ReadCallbackRequest
        {
            Account = World.Account,
            HttpMethod = http.Request.Method,
            Target = $"{http.Request.Path}{http.Request.QueryString}",
            Body = await ByteString.FromStreamAsync(http.Request.Body, http.RequestAborted),
        };
        request.Headers.Add(http.Request.Headers.SelectMany(h => h.Value, (h, value) => new RawHeader { Name = h.Key, Value = value }));
        _callbacks.Writer.TryWrite(request);
        http.Response.StatusCode = StatusCodes.Status204NoContent;
    }

    private T Get<T>()
        where T : notnull => _app.Services.GetRequiredService<T>();
}
