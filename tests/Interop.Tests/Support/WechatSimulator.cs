using System.Security.Cryptography;
using System.Threading.Channels;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using PayCore.ChannelSimulator;

namespace PayCore.Interop.Tests.Support;

/// <summary>A callback as it arrived: headers in lower case, raw body.</summary>
public sealed record ArrivedCallback(IReadOnlyDictionary<string, string> Headers, byte[] Body);

/// <summary>The simulated provider on a real port with one registered merchant, and that merchant's notify address beside it.</summary>
internal sealed class WechatSimulator : IAsyncDisposable
{
    public const string MchId = "1900000099";
    public const string AppId = "wxd678efh567hg6787";
    public const string MerchantSerialNo = "1DDE55AD98ED71D6EDD4A4A16996DE7B47773A8C";
    public const string ApiV3Key = "k7Zk2MvT9xLw4RbN8sYc1HdF6gJp3UaE";
    private const string NotifyPath = "/notify";

    private readonly WebApplication _app;
    private readonly RSA _merchantKey = RSA.Create(2048);
    private readonly Channel<ArrivedCallback> _callbacks = Channel.CreateUnbounded<ArrivedCallback>();

    private WechatSimulator(WebApplication app) => _app = app;

    public Uri Address => new(_app.Urls.Single());

    public Uri NotifyUrl => new(Address, NotifyPath);

    public string MerchantPrivateKey => _merchantKey.ExportPkcs8PrivateKeyPem();

    public RegisteredWechatMerchant Registered { get; private set; } = null!;

    public WechatMerchants Merchants => _app.Services.GetRequiredService<WechatMerchants>();

    public WechatWallet Wallet => _app.Services.GetRequiredService<WechatWallet>();

    public WechatLedger Ledger => _app.Services.GetRequiredService<WechatLedger>();

    public static async Task<WechatSimulator> StartAsync(WechatKeyMode mode)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Services.AddChannelSimulator();
        var app = builder.Build();
        var simulator = new WechatSimulator(app);
        app.MapChannelSimulator();
        app.MapPost(NotifyPath, simulator.KeepAsync);
        simulator.Registered = simulator.Merchants.Register(new WechatMerchantRegistration
        {
            MchId = MchId,
            AppId = AppId,
            Name = "茶馆 Tea House",
            MerchantSerialNo = MerchantSerialNo,
            MerchantPublicKeyPem = simulator._merchantKey.ExportSubjectPublicKeyInfoPem(),
            ApiV3Key = ApiV3Key,
            KeyMode = mode,
        });
        await app.StartAsync();
        return simulator;
    }

    public async Task<ArrivedCallback> NextCallbackAsync() => await _callbacks.Reader.ReadAsync(TestContext.Current.CancellationToken);

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
        _merchantKey.Dispose();
    }

    private async Task KeepAsync(HttpContext http)
    {
        using var body = new MemoryStream();
        await http.Request.Body.CopyToAsync(body, http.RequestAborted);
#pragma warning disable CA1308 // Node.js has header names in lower case.
        var headers = http.Request.Headers.ToDictionary(h => h.Key.ToLowerInvariant(), h => h.Value.ToString());
#pragma warning restore CA1308
        _callbacks.Writer.TryWrite(new ArrivedCallback(headers, body.ToArray()));
        http.Response.StatusCode = StatusCodes.Status204NoContent;
    }
}
