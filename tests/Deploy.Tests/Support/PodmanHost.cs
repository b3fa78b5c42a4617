using System.Text.Json.Nodes;
using PayCore.ServiceDefaults.Ports;
using PayCore.TestKit;

namespace PayCore.Deploy.Tests.Support;

/// <summary>
/// Runs pods of the manifests by podman, on this machine's own network and in the tests' own store. What of Kubernetes podman 4.3 lacks is done here as a kubelet
/// does it: secrets (values, and files for the pod's group), emptyDir, init containers, and probes. Ports are this machine's, so each pod gets free ones and is told so by its
/// settings. Image, arguments, settings, user, rights, sizes and the read-only root are podman's work, from the manifests as they are.
/// </summary>
internal sealed class PodmanHost(ContainerStore store, Manifests manifests) : IAsyncDisposable
{
    private const string Files = "volumes";
    private const UnixFileMode GroupMayRead = UnixFileMode.UserRead | UnixFileMode.GroupRead;
    private const UnixFileMode GroupMayEnter = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.GroupExecute;

    private static readonly TimeSpan _limit = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan _look = TimeSpan.FromMilliseconds(200);

    private readonly TemporaryFolder _folder = new();
    private readonly List<string> _pods = [];
    private readonly Dictionary<(string Owner, string Port), int> _ports = [];

    /// <summary>The port on this machine of a Service's port.</summary>
    public int PortOf(string service, int port)
    {
        var found = manifests.OfKind("Service").Single(s => Manifests.NameOf(s) == service);
        var target = (string)Manifests.List(found["spec"]!["ports"]).Single(p => (int)p["port"]! == port)["targetPort"]!;
        var selector = Manifests.Map(found["spec"]!["selector"]);
        var owner = manifests.Deployments.Single(d => selector.All(l => Manifests.Map(d["spec"]!["template"]!["metadata"]!["labels"]).GetValueOrDefault(l.Key) == l.Value));
        return PortHere(Manifests.NameOf(owner), target);
    }

    /// <summary>The address on this machine of a Service's port.</summary>
    public string AddressOf(string service, int port) => $"http://127.0.0.1:{PortOf(service, port)}";

    /// <summary>A Deployment's pod, with a setting for each of its ports.</summary>
    public JsonNode PodOf(JsonNode deployment)
    {
        var role = Host.Role.All.Single(r => r.Name == Manifests.RoleOf(deployment));
        var settings = new Dictionary<string, string>();
        foreach (var port in Manifests.ContainersOf(Manifests.PodOf(deployment)).SelectMany(c => Manifests.List(c["ports"])).Select(p => (string)p["name"]!))
        {
            settings[port switch { "inner" => $"Ports__Inner__{role.Name}", "web" => "Ports__Web", "grpc" => "Ports__MerchantGrpc", "console" => "Ports__Console", "simulator" => "Ports__Simulator", _ => "Ports__Operations" }] =
                $"{PortHere(Manifests.NameOf(deployment), port)}";
        }

        return Pod(deployment, settings);
    }

    /// <summary>The pod of a Deployment or Job.</summary>
    public JsonNode Pod(JsonNode owner, IReadOnlyDictionary<string, string> settings)
    {
        var name = Manifests.NameOf(owner);
        var spec = Manifests.PodOf(owner).DeepClone();
        spec["hostNetwork"] = true;
        foreach (var container in Manifests.ContainersOf(spec))
        {
            foreach (var lacking in (string[])["ports", "startupProbe", "livenessProbe", "readinessProbe"])
            {
                container.AsObject().Remove(lacking);
            }

            container["imagePullPolicy"] = "Never";
            var env = Manifests.List(container["env"]).Select(e => ((string)e["name"]!, (string?)e["value"] ?? SecretValue(e["valueFrom"]!["secretKeyRef"]!))).Where(e => e.Item2 is not null).ToList();
            env.AddRange(settings.Select(s => (s.Key, (string?)s.Value)));
            container["env"] = new JsonArray([.. env.Select(e => new JsonObject { ["name"] = e.Item1, ["value"] = e.Item2 })]);
        }

        spec["volumes"] = new JsonArray([.. Manifests.List(spec["volumes"]).Select(v => new JsonObject
        {
            ["name"] = (string)v["name"]!,
            ["hostPath"] = new JsonObject { ["path"] = Folder($"{name}-{v["name"]}", v["secret"]), ["type"] = "Directory" },
        })]);
        return new JsonObject { ["apiVersion"] = "v1", ["kind"] = "Pod", ["metadata"] = new JsonObject { ["name"] = name, ["labels"] = owner["spec"]!["template"]!["metadata"]!["labels"]!.DeepClone() }, ["spec"] = spec };
    }

    /// <summary>Starts pods, with the settings of all roles; each address in these leads to this machine.</summary>
    public async Task PlayAsync(IReadOnlyDictionary<string, string> settings, params IReadOnlyList<JsonNode> pods)
    {
        foreach (var pod in pods.Where(p => p["spec"]!["initContainers"] is not null))
        {
            var (first, container) = FirstOf(pod);
            await PlayAsync(settings, first);
            await UntilDoneAsync(Manifests.NameOf(first), container);
        }

        var map = manifests.OfKind("ConfigMap").Single().DeepClone();
        foreach (var (name, value) in manifests.Settings)
        {
            map["data"]![name] = settings.GetValueOrDefault(name) ?? Here(value);
        }

        map["data"]!["Ports__Bind"] = "127.0.0.1";
        // In Kubernetes a pod's own variable counts more than one of the map; in this podman it is the other way round.
        foreach (var own in pods.SelectMany(p => Manifests.ContainersOf(p["spec"]!)).SelectMany(c => Manifests.List(c["env"])).Select(e => (string)e["name"]!))
        {
            map["data"]!.AsObject().Remove(own);
        }

        _pods.AddRange(pods.Select(Manifests.NameOf));
        var file = _folder.File($"{_pods.Count}.yaml");
        await File.WriteAllTextAsync(file, string.Join("\n---\n", pods.Prepend(map).Select(o => o.ToJsonString())));
        await Programs.RunAsync(["chgrp", "-R", $"{pods[0]["spec"]!["securityContext"]!["fsGroup"]}", _folder.File(Files)], _limit);
        await RunAsync("kube", "play", file);
    }

    /// <summary>Waits until each Deployment's probes would be content.</summary>
    public async Task UntilReadyAsync(IEnumerable<JsonNode> deployments)
    {
        using var http = new HttpClient();
        foreach (var deployment in deployments)
        {
            var container = Manifests.List(Manifests.PodOf(deployment)["containers"]).Single();
            foreach (var probe in (string[])["startupProbe", "livenessProbe", "readinessProbe"])
            {
                var ask = container[probe]!["httpGet"]!;
                await UntilAnsweredAsync(http, Manifests.NameOf(deployment), new Uri($"http://127.0.0.1:{PortHere(Manifests.NameOf(deployment), (string)ask["port"]!)}{ask["path"]}"));
            }
        }
    }

    /// <summary>Waits until a pod's container has ended well.</summary>
    public async Task UntilDoneAsync(string pod, string container = "paycore")
    {
        var code = (await RunAsync("wait", $"{pod}-{container}")).Trim();
        code.Should().Be("0", await RunAsync("logs", $"{pod}-{container}"));
    }

    /// <summary>What podman knows about a pod's container.</summary>
    public async Task<JsonNode> InspectAsync(string pod) => JsonNode.Parse(await RunAsync("inspect", $"{pod}-paycore"))!.AsArray().Single()!;

    /// <summary>What a pod's container wrote.</summary>
    public async Task<string> LogsAsync(string pod) => await RunAsync("logs", $"{pod}-paycore");

    /// <summary>What runs before a pod, taken out of it: this podman starts such a container again as soon as it has ended, where the pod's own are.</summary>
    private static (JsonNode Pod, string Container) FirstOf(JsonNode pod)
    {
        var first = pod.DeepClone();
        first["metadata"]!["name"] = $"{Manifests.NameOf(pod)}-first";
        var spec = first["spec"]!.AsObject();
        var container = Manifests.List(spec["initContainers"]).Single().DeepClone();
        spec.Remove("initContainers");
        spec["containers"] = new JsonArray(container);
        spec["restartPolicy"] = "Never";
        pod["spec"]!.AsObject().Remove("initContainers");
        return (first, (string)container["name"]!);
    }

    private Task<string> RunAsync(params string[] arguments) => Programs.RunAsync(["podman", .. arguments], _limit, store.Environment);

    public async ValueTask DisposeAsync()
    {
        if (_pods.Count > 0)
        {
            await RunAsync(["pod", "rm", "--force", "--ignore", "--time", "0", .. _pods]);
        }

        // The pods' files belong to their user.
        await Programs.RunAsync(["rm", "-rf", _folder.File(Files)], _limit);
        _folder.Dispose();
    }

    /// <summary>A setting's addresses of Services as addresses of this machine: what DNS and the cluster's network would do.</summary>
    private string Here(string value)
    {
        foreach (var service in manifests.OfKind("Service").Where(s => Manifests.RoleOf(s) is not null))
        {
            foreach (var port in Manifests.List(service["spec"]!["ports"]).Select(p => (int)p["port"]!))
            {
                var (name, here) = ($"{Manifests.NameOf(service)}:{port}", $"127.0.0.1:{PortOf(Manifests.NameOf(service), port)}");
                value = value == $"dns:///{name}" ? $"https://{here}" : value == name ? here : value.Replace($"//{name}", $"//{here}", StringComparison.Ordinal);
            }
        }

        return value;
    }

    private int PortHere(string owner, string port)
    {
        if (!_ports.TryGetValue((owner, port), out var here))
        {
            _ports[(owner, port)] = here = FreePorts.Take(1)[0];
        }

        return here;
    }

    private string? SecretValue(JsonNode reference) => SecretOf((string)reference["name"]!)?[(string)reference["key"]!] is { } value ? System.Text.Encoding.UTF8.GetString(Convert.FromBase64String((string)value!)) : null;

    private JsonNode? SecretOf(string name) => manifests.OfKind("Secret").SingleOrDefault(s => Manifests.NameOf(s) == name)?["data"];

    private string Folder(string name, JsonNode? secret)
    {
        var folder = Path.Combine(_folder.File(Files), name);
        Directory.CreateDirectory(folder);
        foreach (var (key, value) in secret is null ? [] : SecretOf((string)secret["secretName"]!)?.AsObject().ToDictionary(p => p.Key, p => (string)p.Value!) ?? [])
        {
            var file = Path.Combine(folder, key);
            File.WriteAllBytes(file, Convert.FromBase64String(value));
            File.SetUnixFileMode(file, GroupMayRead);
        }

        File.SetUnixFileMode(folder, GroupMayEnter);
        return folder;
    }

    private async Task UntilAnsweredAsync(HttpClient http, string pod, Uri probe)
    {
        var began = TimeProvider.System.GetTimestamp();
        var last = "it does not answer";
        while (TimeProvider.System.GetElapsedTime(began) < _limit)
        {
            try
            {
                using var answer = await http.GetAsync(probe);
                if (answer.IsSuccessStatusCode)
                {
                    return;
                }

                last = await answer.Content.ReadAsStringAsync();
            }
            catch (HttpRequestException)
            {
                // Not yet.
            }

            await Task.Delay(_look);
        }

        throw new InvalidOperationException($"{pod} does not become ready at {probe}: {last} {await LogsAsync(pod)}");
    }
}
