using System.Text.Json.Nodes;
using System.Threading.Channels;
using Google.Protobuf;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using PayCore.ChannelSimulator;
using PayCore.Contracts.V1;

namespace PayCore.Alipay.Tests;

/// <summary>
/// The simulated provider of the demonstration on a real port, an application registered with it, and the channel with what its merchant was given. Both share
/// a clock that stands still. Notifies come to a small endpoint of the test's own, which keeps them as they are and acknowledges them.
/// </summary>
internal sealed class Simulator : IAsyncDisposable
{
    public const string Key = "key";
    public const string Certificate = "certificate";

    private const string CallbackPath = "/callback/alipay/main";

    private readonly WebApplication _app;
    private readonly Channel<ReadCallbackRequest> _callbacks = Channel.CreateUnbounded<ReadCallbackRequest>();

    private Simulator(WebApplication app, RegisteredAlipayMerchant given) => (_app, Given) = (app, given);

    /// <summary>What the merchant was given.</summary>
    public RegisteredAlipayMerchant Given { get; private set; }

    /// <summary>The channel's side.</summary>
    public World World { get; private set; } = null!;

    public Faults Faults => Get<Faults>();

    public AlipayWallet Wallet => Get<AlipayWallet>();

    public CallbackLog Callbacks => Get<CallbackLog>();

    public AlipayOrder? Order => Get<AlipayLedger>().Find(Keys.AppId, World.AttemptNo);

    public IReadOnlyList<ReceivedCall> Calls => Get<RequestLog>().Calls;

    /// <param name="mode">The application's mode at the provider.</param>
    /// <param name="document">The merchant's side, when it is not what he was given.</param>
    /// <param name="registration">The provider's side, when it is not as usual.</param>
    public static async Task<Simulator> StartAsync(
        string mode = Key, Action<JsonObject>? document = null, Func<AlipayMerchantRegistration, AlipayMerchantRegistration>? registration = null)
    {
        var time = new FakeTimeProvider(World.Start);
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Services.AddSingleton<TimeProvider>(time);
        builder.Services.AddChannelSimulator();
        var app = builder.Build();
        var usual = new AlipayMerchantRegistration
        {
            AppId = Keys.AppId,
            Pid = Keys.SellerId,
            Name = "茶馆 Tea House",
            AppPublicKey = Keys.App.ExportSubjectPublicKeyInfoPem(),
            Mode = mode,
        };
        var given = app.Services.GetRequiredService<AlipayMerchants>().Register(registration?.Invoke(usual) ?? usual);
        var simulator = new Simulator(app, given);
        app.Use((http, next) =>
        {
            // Kestrel's Date is the machine's; the provider's is its own.
            http.Response.Headers.Date = time.GetUtcNow().ToString("R");
            return next(http);
        });
        app.MapChannelSimulator();
        app.MapPost(CallbackPath, simulator.KeepAsync);
        await app.StartAsync();

        simulator.World = await World.CreateAsync(
            d =>
            {
                Put(d, given);
                document?.Invoke(d);
            },
            $"{app.Urls.Single()}/gateway.do", time);
        return simulator;
    }

    /// <summary>Writes what the merchant was given into a document.</summary>
    public static void Put(JsonObject document, RegisteredAlipayMerchant given)
    {
        foreach (var (name, value) in new[]
                 {
                     ("alipay_public_key", given.AlipayPublicKey), ("app_cert", given.AppCert), ("alipay_cert", given.AlipayCert),
                     ("alipay_root_cert", given.AlipayRootCert),
                 })
        {
            if (value is null)
            {
                document.Remove(name);
            }
            else
            {
                document[name] = value;
            }
        }
    }

    /// <summary>Alipay's certificate is renewed; the merchant does not hear of it.</summary>
    public void RenewCertificate() => Given = Get<AlipayMerchants>().RenewCertificate(Keys.AppId);

    /// <summary>Asks for a payment whose notify comes to this endpoint.</summary>
    public Task<ChannelPayReply> PayAsync(Scene scene = Scene.Qr) => World.PayAsync(r =>
    {
        r.Scene = scene;
        r.Subject = "龙井茶 Longjing / A+B=100% & <tea>";
        r.CallbackUrl = _app.Urls.Single() + CallbackPath;
        r.ReturnUrl = _app.Urls.Single() + "/back?shop=1";
    });

    /// <summary>The payer pays the order.</summary>
    public AlipayOrder PayInWallet() => Wallet.Pay(Keys.AppId, World.AttemptNo);

    /// <summary>The next notify as it came over the wire.</summary>
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
        await http.Response.WriteAsync("success");
    }

    private T Get<T>()
        where T : notnull => _app.Services.GetRequiredService<T>();
}
