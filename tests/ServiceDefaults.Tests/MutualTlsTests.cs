using Grpc.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using PayCore.Contracts.V1;
using PayCore.ServiceDefaults.Security;
using PayCore.TestKit;

namespace PayCore.ServiceDefaults.Tests;

/// <summary>Who is believed to be what between services, and how certificates change while calls go on.</summary>
public sealed class MutualTlsTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly DevelopmentAuthority _authority = NewAuthority();
    private readonly DevelopmentAuthority _next = NewAuthority();
    private readonly NetworkContractTests.ProbeService _service = new();
    private readonly CertificateFiles _server;
    private readonly CertificateFiles _client;

    public MutualTlsTests()
    {
        _server = Files("server", _authority.Issue(InnerServer.Role), _authority);
        _client = Files("client", _authority.Issue("Caller"), _authority);
    }

    public void Dispose()
    {
        _authority.Dispose();
        _next.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task Client_OfAnotherAuthority_IsNotAnswered()
    {
        await using var server = await InnerServer.StartAsync(_server, _service);
        var stranger = Files("stranger", _next.Issue("Caller"), _next, _authority);

        (await InnerServer.AskOnceAsync(_client, $"{server.Address}")).Should().Be(StatusCode.OK);
        // By TLS 1.3 a client may have begun its call when it hears that its certificate is not taken.
        (await InnerServer.AskOnceAsync(stranger, $"{server.Address}")).Should().BeOneOf(StatusCode.Unavailable, StatusCode.Internal);
    }

    [Fact]
    public async Task Client_WithoutACertificate_IsNotAnswered()
    {
        await using var server = await InnerServer.StartAsync(_server, _service);
        using var handler = new SocketsHttpHandler { SslOptions = { RemoteCertificateValidationCallback = (_, shown, _, _) => shown is not null } };
        using var http = new HttpClient(handler) { DefaultRequestVersion = new Version(2, 0), DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact };

        await Assert.ThrowsAsync<HttpRequestException>(() => http.GetAsync(server.Address, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Server_OfAnotherRoleOrAuthority_IsNotBelieved()
    {
        await using var otherRole = await InnerServer.StartAsync(Files("role", _authority.Issue("Elsewhere"), _authority), _service);
        await using var otherAuthority = await InnerServer.StartAsync(Files("authority", _next.Issue(InnerServer.Role), _next, _authority), _service);

        (await InnerServer.AskOnceAsync(_client, $"{otherRole.Address}")).Should().Be(StatusCode.Unavailable);
        (await InnerServer.AskOnceAsync(_client, $"{otherAuthority.Address}")).Should().Be(StatusCode.Unavailable);
    }

    [Fact]
    public async Task Certificate_OfSeveralRoles_SpeaksForEach()
    {
        await using var server = await InnerServer.StartAsync(Files("all", _authority.Issue("Elsewhere", InnerServer.Role), _authority), _service);

        (await InnerServer.AskOnceAsync(_client, $"{server.Address}")).Should().Be(StatusCode.OK);
        (await InnerServer.AskOnceAsync(_client, $"{server.Address}", "Elsewhere")).Should().Be(StatusCode.OK);
    }

    /// <summary>Both sides change to another authority in the order that an operator does it: trust it, use it, trust the old one no more.</summary>
    [Fact]
    public async Task Change_OfAuthorityAndCertificates_FailsNoCall()
    {
        await using var server = await InnerServer.StartAsync(_server, _service);
        await using var longLived = InnerServer.ClientSide(_client, $"{server.Address}");
        var failed = 0;
        using var end = new CancellationTokenSource();
        var calling = CallAsync();

        async Task CallAsync()
        {
            while (!end.IsCancellationRequested)
            {
                try
                {
                    await InnerServer.Client(longLived).WakeAsync(new WakeRequest());
                }
                catch (RpcException)
                {
                    Interlocked.Increment(ref failed);
                }
            }
        }

        async Task StepAsync(System.Action write)
        {
            write();
            server.Services.GetRequiredService<InnerCertificates>().Reload();
            longLived.GetRequiredService<InnerCertificates>().Reload();
            (await InnerServer.AskOnceAsync(_client, $"{server.Address}")).Should().Be(StatusCode.OK, "a new connection is made at every step");
        }

        await StepAsync(() =>
        {
            _server.Write(_authority.Issue(InnerServer.Role), _authority, _next);
            _client.Write(_authority.Issue("Caller"), _authority, _next);
        });
        await StepAsync(() => _server.Write(_next.Issue(InnerServer.Role), _authority, _next));
        await StepAsync(() => _client.Write(_next.Issue("Caller"), _authority, _next));
        await StepAsync(() =>
        {
            _server.Write(_next.Issue(InnerServer.Role), _next);
            _client.Write(_next.Issue("Caller"), _next);
        });
        await end.CancelAsync();
        await calling;

        failed.Should().Be(0);
        var old = Files("old", _authority.Issue("Caller"), _authority, _next);
        // In TLS 1.3 a client's handshake is over before its certificate was looked at: the refusal cuts the connection, now and then in the middle of the call.
        (await InnerServer.AskOnceAsync(old, $"{server.Address}")).Should().BeOneOf([StatusCode.Unavailable, StatusCode.Internal], "the old authority is trusted no more");
    }

    [Fact]
    public void Files_ThatDoNotBelongTogether_ChangeNothing()
    {
        var certificates = Certificates(_server, TimeProvider.System);
        var before = certificates.Certificate.Thumbprint;

        _server.WriteCertificateOnly(_authority.Issue(InnerServer.Role));
        certificates.Reload();

        certificates.Certificate.Thumbprint.Should().Be(before);
        certificates.Problem.Should().Contain("belong together");

        _server.Write(_authority.Issue(InnerServer.Role), _authority);
        certificates.Reload();
        certificates.Problem.Should().BeNull();
        certificates.Certificate.Thumbprint.Should().NotBe(before);
    }

    [Fact]
    public void Start_WithoutFilesOrWithThoseOfAnotherAuthority_IsRefusedByName()
    {
        var nowhere = new InnerCertificates(Options.Create(new SecurityOptions()), TimeProvider.System, NullLogger<InnerCertificates>.Instance);
        nowhere.Invoking(c => c.Demand()).Should().Throw<InvalidOperationException>().WithMessage("Security:CaFile names no file*certs init*");

        _server.Write(_authority.Issue(InnerServer.Role), _next);
        Certificates(_server, TimeProvider.System).Invoking(c => c.Demand()).Should().Throw<InvalidOperationException>().WithMessage("Security:CertFile*");
    }

    [Fact]
    public void Certificate_NearItsEnd_IsWarnedOfAndRefusedAfterIt()
    {
        var time = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        var certificates = Certificates(_server, time);
        certificates.Expiry().Should().BeNull();

        time.Advance(TimeSpan.FromDays(17));
        certificates.Expiry().Should().Contain("until");

        time.Advance(TimeSpan.FromDays(14));
        Certificates(_server, time).Invoking(c => c.Demand()).Should().Throw<InvalidOperationException>().WithMessage("*not valid*at this time*");
    }

    private static DevelopmentAuthority NewAuthority() => new(TimeProvider.System, RandomSource.System, TimeSpan.FromDays(30));

    private static InnerCertificates Certificates(CertificateFiles files, TimeProvider time)
    {
        var options = new SecurityOptions();
        files.Apply(options);
        return new InnerCertificates(Options.Create(options), time, NullLogger<InnerCertificates>.Instance);
    }

    private CertificateFiles Files(string name, CertificatePair pair, params DevelopmentAuthority[] trusted)
    {
        var files = new CertificateFiles(_folder, name);
        files.Write(pair, trusted);
        return files;
    }
}
