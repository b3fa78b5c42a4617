using System.Net;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using PayCore.Cluster.Tests.Support;
using PayCore.Host.Cluster;
using PayCore.ServiceDefaults;
using PayCore.ServiceDefaults.Security;

namespace PayCore.Cluster.Tests;

/// <summary>The ports between services of the running cluster, knocked at by strangers.</summary>
[Collection(nameof(TestCluster))]
public sealed class InnerPorts(TestCluster cluster)
{
    /// <summary>Every inner port of every instance.</summary>
    private IEnumerable<int> Ports =>
        ClusterPlan.Instances.Where(i => i.Role.InnerPort is not null).Select(i => cluster.Plan.Layout.Port($"{i.Name} inner"));

    [Fact]
    public async Task InnerPorts_AnswerNobodyWithoutACertificateOfTheCluster()
    {
        using var stranger = new DevelopmentAuthority(TimeProvider.System, RandomSource.System, TimeSpan.FromDays(1));
        var pair = stranger.Issue(RoleNames.PayGateway);
        using var foreign = X509Certificate2.CreateFromPem(pair.Certificate, pair.Key);

        Ports.Should().HaveCount(16);
        foreach (var port in Ports)
        {
            (await AnswersAsync($"http://127.0.0.1:{port}", null)).Should().BeFalse($"port {port} speaks TLS only");
            (await AnswersAsync($"https://127.0.0.1:{port}", null)).Should().BeFalse($"port {port} asks for a certificate");
            (await AnswersAsync($"https://127.0.0.1:{port}", foreign)).Should().BeFalse($"port {port} believes its own authority only");
        }
    }

    [Fact]
    public async Task InnerPorts_AnswerTheCluster()
    {
        var all = cluster.Plan.Layout.At("certificates", "all");
        using var ours = X509Certificate2.CreateFromPemFile($"{all}.pem", $"{all}.key");

        foreach (var port in Ports)
        {
            (await AnswersAsync($"https://127.0.0.1:{port}", ours)).Should().BeTrue($"port {port} is there: the other test proves nothing otherwise");
        }
    }

    /// <summary>Whether any answer comes, be it a refusal.</summary>
    private async Task<bool> AnswersAsync(string address, X509Certificate2? certificate)
    {
        using var authority = X509CertificateLoader.LoadCertificateFromFile(cluster.Plan.Layout.At("certificates", "ca.pem"));
        using var handler = new SocketsHttpHandler
        {
            SslOptions = new SslClientAuthenticationOptions
            {
                CertificateChainPolicy = new X509ChainPolicy
                {
                    TrustMode = X509ChainTrustMode.CustomRootTrust,
                    CustomTrustStore = { authority },
                    RevocationMode = X509RevocationMode.NoCheck,
                },
                // It names a role and no machine.
                RemoteCertificateValidationCallback = (_, _, _, errors) => errors is SslPolicyErrors.None or SslPolicyErrors.RemoteCertificateNameMismatch,
                ClientCertificates = certificate is null ? [] : [certificate],
            },
        };
        using var client = new HttpClient(handler);
        using var request = new HttpRequestMessage(HttpMethod.Post, address)
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };
        try
        {
            using var answer = await client.SendAsync(request);
            return true;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }
}
