using System.Net;
using Microsoft.Extensions.DependencyInjection;
using PayCore.Configuration;
using PayCore.Deploy.Tests.Support;
using PayCore.Host;
using PayCore.ServiceDefaults;
using PayCore.ServiceDefaults.Ports;
using PayCore.ServiceDefaults.Security;

namespace PayCore.Deploy.Tests;

/// <summary>The network policies let through the arrows of the diagram, and nothing else.</summary>
public sealed class NetworkTests
{
    private const int Web = 8080;
    private const int MerchantGrpc = 8081;
    private const int Console = 8082;
    private const int Operations = 8085;
    private const int Simulator = 8090;
    private const int MySql = 3306;
    private const int Etcd = 2379;
    private const int RabbitMq = 5672;
    private const int RabbitMqOverTls = 5671;
    private const int Https = 443;

    private static readonly IPAddress _public = IPAddress.Parse("93.184.216.34");
    private static readonly IPAddress _publicV6 = IPAddress.Parse("2606:2800:220:1::1");

    /// <summary>Arrows that the demonstration has besides, since its providers and its shop are inside.</summary>
    private static readonly IReadOnlyList<(string From, string To, int Port)> _demonstration =
    [
        (RoleNames.PayCenter, RoleNames.PayGateway, Web), (RoleNames.PayCenter, RoleNames.ChannelSimulator, Simulator),
        (RoleNames.NotifyGateway, RoleNames.PayCenter, Web), (RoleNames.ChannelSimulator, RoleNames.CallbackGateway, Web),
        (RoleNames.Channel("wechat"), RoleNames.ChannelSimulator, Simulator), (RoleNames.Channel("alipay"), RoleNames.ChannelSimulator, Simulator),
    ];

    [Theory]
    [InlineData("base")]
    [InlineData("overlays/production")]
    [InlineData("overlays/try")]
    public async Task Roles_ReachOneAnotherByTheArrowsOfTheDiagramOnly(string overlay)
    {
        var (policies, pods) = await ReadAsync(overlay);
        var arrows =
            from caller in pods
            from called in Role.All.Where(r => pods.ContainsKey(r.Name))
            from port in PortsOf(called)
            where policies.Allow(caller.Value, pods[called.Name], port)
            select (caller.Key, called.Name, port);

        var expected = Role.All.Where(r => r.InnerPort is not null)
            .SelectMany(called => pods.Keys.Where(caller => RoleCalls.Allow(caller, called.Name)).Select(caller => (caller, called.Name, called.InnerPort!.Value)));
        arrows.Should().BeEquivalentTo(expected.Concat(overlay == "overlays/try" ? _demonstration : []));
    }

    [Theory]
    [InlineData("base")]
    [InlineData("overlays/production")]
    public async Task World_ReachesPublicPortsAndMetricsOnly(string overlay)
    {
        var (policies, pods) = await ReadAsync(overlay);
        foreach (var role in Role.All.Where(r => pods.ContainsKey(r.Name)))
        {
            int[] ReachedFrom(params string[] labels) => [.. PortsOf(role).Where(p => policies.AllowFrom(labels.ToDictionary(l => l, _ => "true"), pods[role.Name], p))];

            ReachedFrom("paycore/edge").Should().BeEquivalentTo(role.PublicPorts.Select(k => PortOf(k)), role.Name);
            ReachedFrom("paycore/metrics").Should().Equal([Operations], role.Name);
            ReachedFrom("paycore/servers").Should().BeEmpty(role.Name);
            ReachedFrom().Should().BeEmpty(role.Name);
        }
    }

    [Theory]
    [InlineData("base")]
    [InlineData("overlays/production")]
    public async Task Roles_ReachTheServersThatTheyUse(string overlay)
    {
        var (policies, pods) = await ReadAsync(overlay);
        var servers = new Dictionary<string, string> { ["paycore/servers"] = "true" };
        foreach (var role in Role.All.Where(r => pods.ContainsKey(r.Name)))
        {
            int[] expected =
            [
                .. role.Name == RoleNames.PayDatabase ? [MySql] : (int[])[],
                .. ReadsConfiguration(role) ? [Etcd] : (int[])[],
                .. role.Name == RoleNames.NotifyGateway ? [RabbitMq, RabbitMqOverTls] : (int[])[],
            ];

            ((int[])[Https, Etcd, MySql, RabbitMqOverTls, RabbitMq]).Where(p => policies.AllowTo(pods[role.Name], servers, p)).Should().BeEquivalentTo(expected, role.Name);
        }
    }

    [Theory]
    [InlineData("base")]
    [InlineData("overlays/production")]
    public async Task Internet_IsReachedByWhoCallsSomebodyThere(string overlay)
    {
        string[] callers = [.. Role.Channels.Select(r => r.Name), RoleNames.NotifyGateway, RoleNames.OrderMonitor];
        var (policies, pods) = await ReadAsync(overlay);
        foreach (var (role, pod) in pods)
        {
            policies.AllowTo(pod, _public, Https).Should().Be(callers.Contains(role), role);
            policies.AllowTo(pod, _publicV6, Https).Should().Be(callers.Contains(role), role);
            policies.AllowTo(pod, _public, 8443).Should().Be(role == RoleNames.NotifyGateway, "only merchants may choose a port");
            policies.AllowTo(pod, _public, 25).Should().BeFalse(role);
            foreach (var inside in (string[])["10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "127.0.0.1", "100.64.0.1", "fd00::1", "fe80::1", "::1"])
            {
                policies.AllowTo(pod, IPAddress.Parse(inside), Https).Should().BeFalse($"{role} to {inside}");
            }
        }
    }

    private static async Task<(Policies Policies, IReadOnlyDictionary<string, IReadOnlyDictionary<string, string>> Pods)> ReadAsync(string overlay)
    {
        var manifests = await Manifests.OfAsync(overlay);
        return (new Policies(manifests), manifests.RoleDeployments.ToDictionary(d => Manifests.RoleOf(d)!, d => Manifests.Map(d["spec"]!["template"]!["metadata"]!["labels"])));
    }

    private static IEnumerable<int> PortsOf(Role role) =>
        [.. role.InnerPort is { } inner ? [inner] : (int[])[], .. role.PublicPorts.Select(PortOf), Operations];

    private static int PortOf(PortKind kind) => kind switch { PortKind.Web => Web, PortKind.MerchantGrpc => MerchantGrpc, PortKind.Console => Console, _ => Simulator };

    private static bool ReadsConfiguration(Role role)
    {
        var services = new ServiceCollection();
        role.Add(services);
        return services.Any(s => s.ServiceType == typeof(ConfigStore));
    }
}
