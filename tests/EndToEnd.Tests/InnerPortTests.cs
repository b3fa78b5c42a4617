using System.Net.Http.Json;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using Grpc.Core;
using Grpc.Net.Client;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using PayCore.Host;
using PayCore.Host.CommandLine;
using PayCore.ServiceDefaults;
using PayCore.ServiceDefaults.Ports;
using PayCore.ServiceDefaults.Security;
using PayCore.TestKit;

namespace PayCore.EndToEnd.Tests;

/// <summary>Every port between services, as the production shape opens them: nobody is answered without a certificate of ours, and no role that the diagram does not draw.</summary>
public sealed class InnerPortTests : IAsyncLifetime
{
    private static readonly IReadOnlyList<Role> _called = [.. Role.All.Where(r => r.InnerPort is not null)];

    private readonly TemporaryFolder _folder = new();
    private readonly Dictionary<string, int> _ports = _called.Zip(FreePorts.Take(_called.Count)).ToDictionary(p => p.First.Name, p => p.Second);
    private readonly int[] _public = FreePorts.Take(3);
    private readonly DevelopmentAuthority _authority = new(TimeProvider.System, RandomSource.System, TimeSpan.FromDays(1));
    private WebApplication _app = null!;

    private string Ours => _folder.File("ours");

    private string Foreign => _folder.File("foreign");

    public async ValueTask InitializeAsync()
    {
        using var foreign = new DevelopmentAuthority(TimeProvider.System, RandomSource.System, TimeSpan.FromDays(1));
        await CertificateCommands.WriteAsync(_authority, Ours, [.. CertificateCommands.Roles]);
        await CertificateCommands.WriteAsync(foreign, Foreign, [.. CertificateCommands.Roles]);

        // All but the simulator: what runs everything is the all-in-one, which has no such ports.
        _app = PayCoreHost.Build(
        [
            $"--roles={string.Join(',', Role.All.Where(r => r.Name != RoleNames.ChannelSimulator).Select(r => r.Name))}", $"--Data={_folder.Path}",
            $"--Ports:Web={_public[0]}", $"--Ports:MerchantGrpc={_public[1]}", $"--Ports:Operations={_public[2]}", "--Ports:Console=0",
            .. _ports.Select(p => $"--Ports:Inner:{p.Key}={p.Value}"), .. CertificateCommands.Settings(Ours, role: null), "--Security:ReloadEvery=00:00:00.100", "--Logging:LogLevel:Default=None",
        ]);
        await _app.StartAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
        _authority.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task NoInnerPort_AnswersWithoutACertificateOfOurs()
    {
        foreach (var (role, port) in _ports)
        {
            foreach (var method in Methods(role))
            {
                (await CallAsync($"http://127.0.0.1:{port}", method, certificate: null)).Should().BeNull($"{method} is asked in the clear");
                (await CallAsync($"https://127.0.0.1:{port}", method, certificate: null)).Should().BeNull($"{method} is asked without a certificate");
            }

            (await CallAsync($"https://127.0.0.1:{port}", Health, (Foreign, "all"))).Should().BeNull($"{role} is asked with another authority's certificate");
        }
    }

    /// <summary>Each role at each inner port, as the diagram has it.</summary>
    [Fact]
    public async Task EveryInnerPort_AnswersTheRolesOfTheDiagramOnly()
    {
        foreach (var (called, port) in _ports)
        {
            foreach (var caller in CertificateCommands.Roles)
            {
                var answer = await CallAsync($"https://127.0.0.1:{port}", Health, (Ours, caller));

                answer.Should().Be(RoleCalls.Allow(caller, called) ? StatusCode.OK : StatusCode.PermissionDenied, $"{caller} → {called}");
            }
        }
    }

    [Fact]
    public async Task ARoleThatMayNotCall_IsRefusedForEveryMethod()
    {
        foreach (var method in Methods(RoleNames.PayDatabase))
        {
            (await CallAsync($"https://127.0.0.1:{_ports[RoleNames.PayDatabase]}", method, (Ours, RoleNames.PayCenter))).Should().Be(StatusCode.PermissionDenied, method);
        }
    }

    /// <summary>The certificates of this class end within a day.</summary>
    [Fact]
    public async Task Certificate_ThatEndsSoon_IsShownByReadiness_AndReplacedWhileThePortsAreOpen()
    {
        using var probe = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{_public[2]}") };
        var check = (await probe.GetFromJsonAsync<JsonElement>("/health/ready", TestContext.Current.CancellationToken)).GetProperty("checks").GetProperty("certificate");
        check.GetProperty("status").GetString().Should().Be("Degraded");
        check.GetProperty("detail").GetString().Should().StartWith("Ends soon");
        var before = await ShownAsync(_ports[RoleNames.PayDatabase]);

        var next = _authority.Issue([.. CertificateCommands.Roles]);
        File.WriteAllText(Path.Combine(Ours, "all.pem"), next.Certificate);
        File.WriteAllText(Path.Combine(Ours, "all.key"), next.Key);

        var began = TimeProvider.System.GetTimestamp();
        while (await ShownAsync(_ports[RoleNames.PayDatabase]) == before)
        {
            TimeProvider.System.GetElapsedTime(began).Should().BeLessThan(TimeSpan.FromSeconds(20));
        }
    }

    [Theory]
    [InlineData("Security:CaFile names no file", "--Ports:Bind=127.0.0.1")]
    [InlineData("accepted on loopback only", "--Security:Internal=none", "--Ports:Bind=0.0.0.0")]
    [InlineData("nothing leaves this machine unprotected", "--Security:Internal=none", "--Services:ChannelWechat=http://10.0.0.5:8110")]
    [InlineData("Services:ChannelWechat is 'http://127.0.0.1:8110'", "--Services:ChannelWechat=http://127.0.0.1:8110")]
    [InlineData("it is mtls or none", "--Security:Internal=tls")]
    public void Start_WithCallsThatWouldBeUnprotected_IsRefusedByName(string why, params string[] settings)
    {
        var build = () => PayCoreHost.Build(["--roles=PayGateway", $"--Data={_folder.File("refused")}", "--Ports:Operations=0", .. settings]);

        build.Should().Throw<InvalidOperationException>().WithMessage($"*{why}*");
    }

    [Fact]
    public async Task Start_OfARoleThatNeitherListensNorCalls_NeedsNoCertificate()
    {
        await using var app = PayCoreHost.Build(
        [
            "--roles=ChannelSimulator", $"--Data={_folder.File("simulator")}", $"--Ports:Simulator={FreePorts.Take(1)[0]}", "--Ports:Operations=0",
            "--Services:PayDatabase=https://127.0.0.1:8101", $"--Security:CaFile={_folder.File("nowhere.pem")}", "--Logging:LogLevel:Default=None",
        ]);

        await app.StartAsync();
        await app.StopAsync();
    }

    private const string Health = "/grpc.health.v1.Health/Check";

    /// <summary>What there is on a role's inner port.</summary>
    private string[] Methods(string role) =>
    [
        .. _app.Services.GetServices<EndpointDataSource>().SelectMany(s => s.Endpoints).OfType<RouteEndpoint>()
            .Where(e => e.Metadata.GetMetadata<PortRequirement>() is { Kind: PortKind.Inner } port && port.Role == role)
            .Select(e => e.RoutePattern.RawText!).Where(p => !p.Contains('{', StringComparison.Ordinal)),
    ];

    /// <summary>The certificate that a port shows to a role that may call it.</summary>
    private async Task<string> ShownAsync(int port)
    {
        var shown = "";
        using var handler = new SocketsHttpHandler
        {
            SslOptions =
            {
                ClientCertificates = [X509Of(Ours, RoleNames.PayGateway)],
                RemoteCertificateValidationCallback = (_, certificate, _, _) => (shown = certificate!.GetSerialNumberString()).Length > 0,
            },
        };
        using var http = new HttpClient(handler) { DefaultRequestVersion = new Version(2, 0), DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact };
        using var answer = await http.GetAsync(new Uri($"https://127.0.0.1:{port}"));
        return shown;
    }

    /// <summary>The status that was answered; null when nobody answered.</summary>
    private static async Task<StatusCode?> CallAsync(string address, string path, (string Folder, string Role)? certificate)
    {
        var marshaller = Marshallers.Create<byte[]>(bytes => bytes, bytes => bytes);
        var method = new Method<byte[], byte[]>(MethodType.Unary, path.Split('/')[1], path.Split('/')[2], marshaller, marshaller);
        using var handler = new SocketsHttpHandler { SslOptions = { RemoteCertificateValidationCallback = (_, shown, _, _) => shown is not null } };
        if (certificate is var (folder, role))
        {
            handler.SslOptions.ClientCertificates = [X509Of(folder, role)];
        }

        using var channel = GrpcChannel.ForAddress(address, new GrpcChannelOptions { HttpHandler = handler });
        try
        {
            await channel.CreateCallInvoker().AsyncUnaryCall(method, null, new CallOptions(deadline: DateTime.UtcNow.AddSeconds(30)), []);
            return StatusCode.OK;
        }
        catch (RpcException e)
        {
            return e.Status.DebugException is null ? e.StatusCode : null;
        }
    }

    private static X509Certificate2 X509Of(string folder, string role) =>
        X509Certificate2.CreateFromPemFile(Path.Combine(folder, $"{role}.pem"), Path.Combine(folder, $"{role}.key"));
}
