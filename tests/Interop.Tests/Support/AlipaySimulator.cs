using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using System.Threading.Channels;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using PayCore.ChannelSimulator;

namespace PayCore.Interop.Tests.Support;

/// <summary>
/// The simulated Alipay on a real port with one application, and the SDK with what that application was given. Notifies come to an endpoint of the test's own,
/// which keeps them as they are and acknowledges them.
/// </summary>
internal sealed class AlipaySimulator : IAsyncDisposable
{
    public const string AppId = "2021000000000301";

    private readonly WebApplication _app;
    private readonly RSA _key = RSA.Create(2048);
    private readonly Channel<string> _notifies = Channel.CreateUnbounded<string>();
    private JsonObject _config = [];

    private AlipaySimulator(WebApplication app) => _app = app;

    /// <summary>What the provider gave the application.</summary>
    public RegisteredAlipayMerchant Given { get; private set; } = new();

    public AlipayWallet Wallet => _app.Services.GetRequiredService<AlipayWallet>();

    public Faults Faults => _app.Services.GetRequiredService<Faults>();

    public Uri Address => new(_app.Urls.Single());

    public string NotifyUrl => new Uri(Address, "/notify?from=alipay").AbsoluteUri;

    public static async Task<AlipaySimulator> StartAsync(string mode)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Services.AddChannelSimulator();
        var app = builder.Build();
        var simulator = new AlipaySimulator(app);
        app.MapChannelSimulator();
        app.MapPost("/notify", simulator.KeepAsync);
        await app.StartAsync();
        simulator.Register(mode);
        return simulator;
    }

    /// <summary>Has the SDK do these, one after the other.</summary>
    public async Task<IReadOnlyList<JsonNode>> RunAsync(params IEnumerable<object> steps) =>
        await NodeScript.RunAsync<JsonNode[]>("alipay.mjs", new { Config = _config, Steps = steps });

    public async Task<JsonNode> RunAsync(object step) => (await RunAsync([step]))[0];

    /// <summary>The form of the next notify.</summary>
    public async Task<string> NextNotifyAsync() => await _notifies.Reader.ReadAsync(TestContext.Current.CancellationToken);

    public async ValueTask DisposeAsync()
    {
        _key.Dispose();
        await _app.StopAsync();
        await _app.DisposeAsync();
    }

    private void Register(string mode)
    {
        Given = _app.Services.GetRequiredService<AlipayMerchants>().Register(new AlipayMerchantRegistration
        {
            AppId = AppId,
            Pid = "2088000000000001",
            Name = "Tea House",
            AppPublicKey = _key.ExportSubjectPublicKeyInfoPem(),
            Mode = mode,
        });
        _config = new JsonObject
        {
            ["gateway"] = new Uri(Address, "/gateway.do").AbsoluteUri,
            ["app_id"] = AppId,
            ["private_key"] = _key.ExportPkcs8PrivateKeyPem(),
            ["alipay_public_key"] = Given.AlipayPublicKey,
            ["app_cert"] = Given.AppCert,
            ["alipay_cert"] = Given.AlipayCert,
            ["alipay_root_cert"] = Given.AlipayRootCert,
        };
    }

    private async Task KeepAsync(HttpContext context)
    {
        using var reader = new StreamReader(context.Request.Body, Encoding.UTF8);
        await _notifies.Writer.WriteAsync(await reader.ReadToEndAsync(context.RequestAborted));
        await context.Response.WriteAsync("success", context.RequestAborted);
    }
}
