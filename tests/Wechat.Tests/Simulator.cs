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

    /// <summary>The merchant is registered once for all tests: the simulator makes a key for each registration, which takes long.</summary>
    private static readonly WechatMerchants _merchants = new ServiceCollection()
        .AddSingleton<IConfiguration>(new ConfigurationBuilder().Build())
        .AddChannelSimulator()
        .BuildServiceProvider()
        .GetRequiredService<WechatMerchants>();

    private static readonly RegisteredWechatMerchant _given = _merchants.Register(new WechatMerchantRegistration
    {
        MchId = Keys.MchId,
        AppId = Keys.AppId,
        Name = "茶馆 Tea House",
        MerchantSerialNo = Keys.MerchantSerial,
        MerchantPublicKeyPem = Keys.Merchant.ExportSubjectPublicKeyInfoPem(),
        ApiV3Key = Keys.ApiV3Key,
    });

    private readonly WebApplication _app;
    private readonly Channel<ReadCallbackRequest> _callbacks = Channel.CreateUnbounded<ReadCallbackRequest>();

    private Simulator(WebApplication app) => _app = app;

    /// <summary>The channel's side.</summary>
    public World World { get; private set; } = null!;

    public Faults Faults => Get<Faults>();

    public WechatWallet Wallet => Get<WechatWallet>();

    public CallbackLog Callbacks => Get<CallbackLog>();

    public SimulatedOrder? Order => Get<WechatLedger>().Find(Keys.MchId, World.AttemptNo);

    public IReadOnlyList<ReceivedCall> Calls => Get<RequestLog>().Calls;

    public static async Task<Simulator> StartAsync()
    {
        var time = new FakeTimeProvider(World.Start);
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Services.AddSingleton<TimeProvider>(time);
        builder.Services.AddSingleton(_merchants);
        builder.Services.AddChannelSimulator();
        var app = builder.Build();
        var simulator = new Simulator(app);
        app.MapChannelSimulator();
        app.MapPost(CallbackPath, simulator.KeepAsync);
        await app.StartAsync();

        simulator.World = await World.CreateAsync(
            document => (document["public_key_id"], document["public_key"]) = (_given.PublicKeyId, _given.PublicKeyPem), app.Urls.Single(), time);
        return simulator;
    }

    /// <summary>Asks for a payment whose callback comes to this endpoint.</summary>
    public Task<ChannelPayReply> PayAsync() => World.PayAsync(r =>
    {
        r.Subject = "龙井茶 Longjing & <tea>";
        r.CallbackUrl = _app.Urls.Single() + CallbackPath;
    });

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
