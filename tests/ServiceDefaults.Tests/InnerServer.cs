using Grpc.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using PayCore.Contracts.V1;
using PayCore.ServiceDefaults.Ports;
using PayCore.ServiceDefaults.Rpc;
using PayCore.ServiceDefaults.Security;
using PayCore.TestKit;
using Service = PayCore.Contracts.V1.NotifyGateway;

namespace PayCore.ServiceDefaults.Tests;

/// <summary>One instance of a role on loopback, and clients of it, over mutual TLS when they have files and in the clear when they have none.</summary>
internal sealed class InnerServer : IAsyncDisposable
{
    public const string Role = "Probe";

    private readonly WebApplication _app;

    private InnerServer(WebApplication app) => (_app, Address) = (app, new Uri(app.Urls.Single()));

    public Uri Address { get; }

    public IServiceProvider Services => _app.Services;

    public static async Task<InnerServer> StartAsync(
        CertificateFiles? files, NetworkContractTests.ProbeService service, NetworkContractTests.ProbeStream? stream = null, int port = 0, ILoggerProvider? log = null)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        if (log is not null)
        {
            builder.Logging.AddProvider(log);
        }

        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(System.Net.IPAddress.Loopback, port, listen =>
        {
            listen.Protocols = HttpProtocols.Http2;
            if (files is not null)
            {
                listen.UseHttps(listen.ApplicationServices.GetRequiredService<InnerCertificates>().ServerTls());
            }

            listen.Use(next => connection =>
            {
                connection.Features.Set(new PortFeature(PortKind.Inner, Role));
                return next(connection);
            });
        }));
        builder.Services.AddServiceDefaults();
        builder.Services.Configure<SecurityOptions>(o => files?.Apply(o));
        builder.Services.AddSingleton(service).AddSingleton(stream ?? new NetworkContractTests.ProbeStream());
        var app = builder.Build();
        var map = new RoleMap(Role, app, app.Services.GetRequiredService<InProcessNetwork>(), innerPorts: true, []);
        map.Inner<NetworkContractTests.ProbeService>(Service.BindService);
        map.Inner<NetworkContractTests.ProbeStream>(PayChannel.BindService);
        await app.StartAsync();
        return new InnerServer(app);
    }

    /// <summary>A process that calls the role at these addresses.</summary>
    public static ServiceProvider ClientSide(CertificateFiles? files, string addresses, string role = Role)
    {
        var services = new ServiceCollection().AddLogging().AddServiceDefaults();
        services.Configure<SecurityOptions>(o =>
        {
            o.Internal = files is null ? "none" : "mtls";
            files?.Apply(o);
        });
        services.Configure<ServiceNetworkOptions>(o => o.Addresses[role] = addresses);
        return services.BuildServiceProvider();
    }

    public static Service.NotifyGatewayClient Client(ServiceProvider clientSide, string role = Role) =>
        new(clientSide.GetRequiredService<ServiceNetwork>().InvokerFor(role));

    /// <summary>Calls it from a new process once.</summary>
    public static async Task<StatusCode> AskOnceAsync(CertificateFiles? files, string addresses, string role = Role)
    {
        await using var clientSide = ClientSide(files, addresses, role);
        try
        {
            await Client(clientSide, role).WakeAsync(new WakeRequest());
            return StatusCode.OK;
        }
        catch (RpcException e)
        {
            return e.StatusCode;
        }
    }

    /// <summary>Stops it as a platform does: what is under way ends well.</summary>
    public Task StopAsync() => _app.StopAsync();

    /// <summary>Cuts every connection, as the end of a process does.</summary>
    public async Task KillAsync()
    {
        using var now = new CancellationTokenSource();
        await now.CancelAsync();
        await _app.StopAsync(now.Token);
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();
}

/// <summary>The three files of one process.</summary>
internal sealed class CertificateFiles(TemporaryFolder folder, string name)
{
    private string Ca => folder.File($"{name}-ca.pem");

    private string Cert => folder.File($"{name}.pem");

    private string Key => folder.File($"{name}.key");

    public void Write(CertificatePair pair, params DevelopmentAuthority[] trusted)
    {
        File.WriteAllText(Ca, string.Concat(trusted.Select(a => a.Own.Certificate)));
        File.WriteAllText(Cert, pair.Certificate);
        File.WriteAllText(Key, pair.Key);
    }

    /// <summary>Half of a change: the key is still the old one.</summary>
    public void WriteCertificateOnly(CertificatePair pair) => File.WriteAllText(Cert, pair.Certificate);

    public void Apply(SecurityOptions options) => (options.CaFile, options.CertFile, options.KeyFile) = (Ca, Cert, Key);
}
