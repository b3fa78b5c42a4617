using System.Security.Cryptography;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace PayCore.ChannelSimulator.Tests;

/// <summary>A simulator behind a real Kestrel on a free port, with one registered merchant and its client.</summary>
internal sealed class SimulatorHost : IAsyncDisposable
{
    public const string MchId = "1900000001";
    public const string AppId = "wxd678efh567hg6787";
    public const string MerchantSerialNo = "1DDE55AD98ED71D6EDD4A4A16996DE7B47773A8C";
    public const string ApiV3Key = "0123456789abcdef0123456789ABCDEF";

    // One key for the merchant of all tests. Its pem is copied into each client, so disposing one does not hurt another.
    private static readonly string _merchantKeyPem = RSA.Create(2048).ExportPkcs8PrivateKeyPem();

    private readonly WebApplication _app;

    private SimulatorHost(WebApplication app, RSA merchantKey, RegisteredWechatMerchant registered, Uri address)
    {
        _app = app;
        Address = address;
        Registered = registered;
        Client = new SigningClient(address, merchantKey, registered, Clock);
    }

    public Uri Address { get; }

    public RegisteredWechatMerchant Registered { get; }

    public SigningClient Client { get; }

    public WechatLedger Ledger => Get<WechatLedger>();

    public CallbackLog Callbacks => Get<CallbackLog>();

    public Faults Faults => Get<Faults>();

    public RequestLog Requests => Get<RequestLog>();

    private TimeProvider Clock => Get<TimeProvider>();

    public static async Task<SimulatorHost> StartAsync(
        TimeProvider? time = null, string? folder = null, WechatKeyMode mode = WechatKeyMode.PublicKey, double scale = 1,
        IEnumerable<KeyValuePair<string, string?>>? settings = null)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Configuration.AddInMemoryCollection(
        [
            new("Simulator:DataFolder", folder),
            new("Simulator:ScheduleScale", scale.ToString(System.Globalization.CultureInfo.InvariantCulture)),
            .. settings ?? [],
        ]);
        if (time is not null)
        {
            builder.Services.AddSingleton(time);
        }

        builder.Services.AddChannelSimulator();
        var app = builder.Build();
        app.MapChannelSimulator();
        var key = RSA.Create();
        key.ImportFromPem(_merchantKeyPem);
        var registered = app.Services.GetRequiredService<WechatMerchants>().Register(Registration(key) with { KeyMode = mode });
        await app.StartAsync();
        var address = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single();
        return new SimulatorHost(app, key, registered, new Uri(address));
    }

    public static WechatMerchantRegistration Registration(RSA key) => new()
    {
        MchId = MchId,
        AppId = AppId,
        Name = "Tea <House>",
        MerchantSerialNo = MerchantSerialNo,
        MerchantPublicKeyPem = key.ExportSubjectPublicKeyInfoPem(),
        ApiV3Key = ApiV3Key,
    };

    /// <summary>Waits until this many scheduled sends were made, and checks when the next is due.</summary>
    public async Task DueAtAsync(int attempts, DateTimeOffset? dueAt)
    {
        await Callbacks.WaitForSendAsync(s => s.Attempt == attempts, TestContext.Current.CancellationToken);
        Ledger.Find(MchId, "ORDER00001")!.Callback!.NextAt.Should().Be(dueAt);
    }

    public T Get<T>()
        where T : notnull => _app.Services.GetRequiredService<T>();

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        Get<Faults>().Clear();
        await _app.StopAsync();
        await _app.DisposeAsync();
    }
}
