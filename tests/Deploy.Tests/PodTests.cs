using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using PayCore.Deploy.Tests.Support;
using PayCore.Host;
using PayCore.ServiceDefaults;
using PayCore.ServiceDefaults.Ports;
using PayCore.TestKit;

namespace PayCore.Deploy.Tests;

/// <summary>What the manifests say of pods, ports and addresses is what the roles say of themselves.</summary>
public sealed partial class PodTests
{
    public static TheoryData<string> Overlays => [.. Manifests.Overlays];

    [Theory]
    [MemberData(nameof(Overlays))]
    public async Task Role_HasADeploymentThatRunsItAlone(string overlay)
    {
        var manifests = await Manifests.OfAsync(overlay);

        manifests.RoleDeployments.Select(Manifests.RoleOf).Should().BeEquivalentTo(Role.All.Select(r => r.Name).Where(r => r != RoleNames.ChannelSimulator || overlay == "overlays/try"));
        foreach (var deployment in manifests.RoleDeployments)
        {
            var role = Manifests.RoleOf(deployment)!;
            Manifests.NameOf(deployment).Should().BeEquivalentTo(role);
            Manifests.List(ContainerOf(deployment)["args"]).Select(a => (string)a!).Should().Equal([$"--roles={role}"]);
            Manifests.Map(deployment["spec"]!["selector"]!["matchLabels"]).Should().ContainSingle().Which.Value.Should().Be(role);
            Manifests.Map(deployment["spec"]!["template"]!["metadata"]!["labels"]).Should().Contain("paycore/role", role);
        }
    }

    [Theory]
    [MemberData(nameof(Overlays))]
    public async Task Ports_AreThoseThatTheRoleOpens(string overlay)
    {
        var manifests = await Manifests.OfAsync(overlay);
        var settings = manifests.Settings;
        foreach (var deployment in manifests.RoleDeployments)
        {
            var role = Role.All.Single(r => r.Name == Manifests.RoleOf(deployment));
            var expected = role.PublicPorts.Select(k => k switch
            {
                PortKind.Web => ("web", settings["Ports__Web"]),
                PortKind.MerchantGrpc => ("grpc", settings["Ports__MerchantGrpc"]),
                PortKind.Console => ("console", settings["Ports__Console"]),
                _ => ("simulator", settings["Ports__Simulator"]),
            }).Append(("operations", settings["Ports__Operations"]));
            if (role.InnerPort is { } inner)
            {
                expected = expected.Append(("inner", $"{inner}"));
            }

            Manifests.List(ContainerOf(deployment)["ports"]).Select(p => ((string)p["name"]!, $"{p["containerPort"]}")).Should().BeEquivalentTo(expected, role.Name);
        }
    }

    [Theory]
    [MemberData(nameof(Overlays))]
    public async Task Services_LeadToPortsThatAreThere(string overlay)
    {
        var manifests = await Manifests.OfAsync(overlay);
        var services = manifests.OfKind("Service").ToDictionary(Manifests.NameOf);
        foreach (var service in services.Values)
        {
            var selector = Manifests.Map(service["spec"]!["selector"]);
            var target = manifests.Deployments.Single(d => selector.All(s => Manifests.Map(d["spec"]!["template"]!["metadata"]!["labels"]).GetValueOrDefault(s.Key) == s.Value));
            Manifests.List(service["spec"]!["ports"]).Should().NotBeEmpty()
                .And.OnlyContain(p => Manifests.PortOf(ContainerOf(target), (string)p["targetPort"]!) == (int)p["port"]!, Manifests.NameOf(service));
        }

        // Callers find every instance of a role by the name of its headless Service.
        var addresses = manifests.Settings.Where(s => s.Key.StartsWith("Services__", StringComparison.Ordinal)).ToDictionary(s => s.Key["Services__".Length..], s => s.Value);
        addresses.Keys.Should().BeEquivalentTo(Role.All.Where(r => r.InnerPort is not null).Select(r => r.Name));
        foreach (var (role, address) in addresses)
        {
            var (name, port) = DnsAddress().Match(address) is { Success: true } match ? (match.Groups[1].Value, int.Parse(match.Groups[2].Value)) : ("", 0);
            port.Should().Be(Role.All.Single(r => r.Name == role).InnerPort, address);
            Manifests.RoleOf(services[name]).Should().Be(role);
            ((string?)services[name]["spec"]!["clusterIP"]).Should().Be("None", "DNS must tell every instance");
        }
    }

    [Theory]
    [MemberData(nameof(Overlays))]
    public async Task Pods_HaveNoRightsThatTheyDoNotNeed(string overlay)
    {
        var manifests = await Manifests.OfAsync(overlay);

        ((string?)manifests.OfKind("Namespace").Single()["metadata"]!["labels"]!["pod-security.kubernetes.io/enforce"]).Should().Be("restricted");
        foreach (var (name, pod) in manifests.Pods)
        {
            ((bool?)pod["automountServiceAccountToken"]).Should().BeFalse(name);
            ((bool?)pod["securityContext"]!["runAsNonRoot"]).Should().BeTrue(name);
            ((int?)pod["securityContext"]!["runAsUser"]).Should().BeGreaterThan(0, name);
            ((string?)pod["securityContext"]!["seccompProfile"]!["type"]).Should().Be("RuntimeDefault", name);
            ((bool?)pod["hostNetwork"]).Should().NotBe(true, name);
            foreach (var container in Manifests.ContainersOf(pod))
            {
                var rights = container["securityContext"]!;
                ((bool?)rights["allowPrivilegeEscalation"]).Should().BeFalse(name);
                ((bool?)rights["readOnlyRootFilesystem"]).Should().BeTrue(name);
                Manifests.List(rights["capabilities"]!["drop"]).Select(c => (string)c!).Should().Equal(["ALL"], name);
                rights["capabilities"]!["add"].Should().BeNull(name);
                foreach (var volume in Manifests.List(pod["volumes"]).Where(v => v["secret"] is not null))
                {
                    ((int?)volume["secret"]!["defaultMode"]).Should().Be(0b100_100_000, $"{name}: a secret is for the pod's group at most");
                }
            }
        }
    }

    [Theory]
    [MemberData(nameof(Overlays))]
    public async Task Containers_SayTheirImageAndTheirSize(string overlay)
    {
        var manifests = await Manifests.OfAsync(overlay);
        foreach (var (name, pod) in manifests.Pods)
        {
            foreach (var container in Manifests.ContainersOf(pod))
            {
                var image = (string)container["image"]!;
                (overlay == "base" || image.Split('/')[^1].Contains(':', StringComparison.Ordinal)).Should().BeTrue($"{image} of {name} has a version");
                image.Should().NotEndWith(":latest");
                container["resources"]!["requests"]!["cpu"].Should().NotBeNull(name);
                container["resources"]!["requests"]!["memory"].Should().NotBeNull(name);
                container["resources"]!["limits"]!["memory"].Should().NotBeNull(name);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Overlays))]
    public async Task Probes_AskTheOperationsPort(string overlay)
    {
        var manifests = await Manifests.OfAsync(overlay);
        foreach (var deployment in manifests.RoleDeployments)
        {
            var container = ContainerOf(deployment);
            foreach (var (probe, path) in ((string, string)[])[("startupProbe", "/health/live"), ("livenessProbe", "/health/live"), ("readinessProbe", "/health/ready")])
            {
                ((string?)container[probe]!["httpGet"]!["path"]).Should().Be(path);
                Manifests.PortOf(container, (string)container[probe]!["httpGet"]!["port"]!).Should().Be(8085);
            }

            var drain = TimeSpan.Parse(manifests.Settings["Drain__Delay"], System.Globalization.CultureInfo.InvariantCulture);
            TimeSpan.FromSeconds((int)Manifests.PodOf(deployment)["terminationGracePeriodSeconds"]!).Should().BeGreaterThan(drain + TimeSpan.FromSeconds(25), "a pod is killed after its drain only");
        }
    }

    [Theory]
    [MemberData(nameof(Overlays))]
    public async Task FirstStep_IsTheMigrationWithAllThatItNeeds(string overlay)
    {
        var manifests = await Manifests.OfAsync(overlay);
        var first = manifests.Objects.Where(o => (string?)o["metadata"]!["labels"]?["paycore/step"] == "first").ToList();
        var job = manifests.OfKind("Job").Single();

        first.Should().Contain([job, manifests.OfKind("Namespace").Single(), manifests.OfKind("ConfigMap").Single()]);
        first.Where(o => (string?)o["kind"] == "NetworkPolicy").Select(Manifests.NameOf).Should().BeEquivalentTo("nobody", "dns", "migrate");
        Manifests.List(Manifests.ContainersOf(Manifests.PodOf(job)).Single()["args"]).Select(a => (string)a!).Should().Equal("cli", "database", "migrate");
        manifests.Settings["Database__Migrate"].Should().Be("false", "the roles leave it to the Job");
    }

    [Theory]
    [InlineData("base")]
    [InlineData("overlays/production")]
    public async Task Role_RunsMoreThanOnceAndIsNotTakenAwayAtOnce(string overlay)
    {
        var manifests = await Manifests.OfAsync(overlay);
        foreach (var deployment in manifests.RoleDeployments)
        {
            var role = Manifests.RoleOf(deployment)!;
            var scaler = manifests.OfKind("HorizontalPodAutoscaler").SingleOrDefault(h => (string?)h["spec"]!["scaleTargetRef"]!["name"] == Manifests.NameOf(deployment));
            ((int)(scaler?["spec"]!["minReplicas"] ?? deployment["spec"]!["replicas"])!).Should().BeGreaterThan(1, role);
            (scaler is null || deployment["spec"]!["replicas"] is null).Should().BeTrue($"{role}: one of them says how many");
            ((int?)manifests.OfKind("PodDisruptionBudget").Single(b => (string?)b["spec"]!["selector"]!["matchLabels"]!["paycore/role"] == role)["spec"]!["maxUnavailable"]).Should().Be(1, role);
            Manifests.List(Manifests.PodOf(deployment)["topologySpreadConstraints"]).Select(c => (string)c["topologyKey"]!)
                .Should().Equal(["topology.kubernetes.io/zone", "kubernetes.io/hostname"], role);
        }
    }

    [Theory]
    [InlineData("base")]
    [InlineData("overlays/production")]
    public async Task Secrets_AreNamedAndExplainedAndNeverWritten(string overlay)
    {
        var manifests = await Manifests.OfAsync(overlay);
        var readme = await File.ReadAllTextAsync(Path.Combine(Repository.Root, "deploy", "kubernetes", "README.md"));

        manifests.OfKind("Secret").Should().BeEmpty();
        manifests.Settings.Keys.Should().NotContain(k => SecretSetting().IsMatch(k));
        foreach (var (name, pod) in manifests.Pods)
        {
            var containers = Manifests.ContainersOf(pod).ToList();
            containers.SelectMany(c => Manifests.List(c["env"])).Should().OnlyContain(e => e["value"] == null || !SecretSetting().IsMatch((string)e["name"]!), name);
            var secrets = Manifests.List(pod["volumes"]).Select(v => (string?)v["secret"]?["secretName"])
                .Concat(containers.SelectMany(c => Manifests.List(c["env"])).Select(e => (string?)e["valueFrom"]?["secretKeyRef"]?["name"])).OfType<string>();
            secrets.Should().OnlyContain(s => readme.Contains($"`{(s.StartsWith("paycore-tls-", StringComparison.Ordinal) ? "paycore-tls-{role}" : s)}`", StringComparison.Ordinal), name);
        }
    }

    private static JsonNode ContainerOf(JsonNode deployment) => Manifests.List(Manifests.PodOf(deployment)["containers"]).Single();

    [GeneratedRegex(@"^dns:///([a-z]+):(\d+)$")]
    private static partial Regex DnsAddress();

    [GeneratedRegex("Password|Secret|ConnectionString|RabbitMq__Uri|MasterKey$|MASTER_KEY", RegexOptions.IgnoreCase)]
    private static partial Regex SecretSetting();
}
