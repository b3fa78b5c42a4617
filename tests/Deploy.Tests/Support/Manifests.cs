using System.Collections.Concurrent;
using System.Text.Json;
using System.Text.Json.Nodes;
using PayCore.TestKit;

namespace PayCore.Deploy.Tests.Support;

/// <summary>The objects of an overlay of deploy/kubernetes, as kubectl renders them.</summary>
internal sealed class Manifests
{
    private static readonly TimeSpan _limit = TimeSpan.FromMinutes(3);
    private static readonly ConcurrentDictionary<string, Lazy<Task<Manifests>>> _rendered = new();
    private static readonly Lazy<Task> _judge = new(() => NodePackages.InstallAsync(NodeFolder));

    private Manifests(string yaml, IReadOnlyList<JsonNode> objects, IReadOnlyList<string> problems) => (Yaml, Objects, Problems) = (yaml, objects, problems);

    /// <summary>Every overlay, and the base.</summary>
    public static IReadOnlyList<string> Overlays { get; } = ["base", "overlays/production", "overlays/try"];

    /// <summary>As kubectl wrote it.</summary>
    public string Yaml { get; }

    /// <summary>The objects.</summary>
    public IReadOnlyList<JsonNode> Objects { get; }

    /// <summary>What the schemas of their kinds have against them.</summary>
    public IReadOnlyList<string> Problems { get; }

    public IEnumerable<JsonNode> Deployments => OfKind("Deployment");

    /// <summary>Deployments that run a role.</summary>
    public IEnumerable<JsonNode> RoleDeployments => Deployments.Where(d => RoleOf(d) is not null);

    /// <summary>The specification of every pod that an object makes, with the object's name.</summary>
    public IEnumerable<(string Name, JsonNode Spec)> Pods => Objects.Where(o => o["spec"]?["template"]?["spec"] is not null).Select(o => (NameOf(o), PodOf(o)));

    /// <summary>The settings that every pod gets.</summary>
    public IReadOnlyDictionary<string, string> Settings => OfKind("ConfigMap").Single()["data"]!.AsObject().ToDictionary(p => p.Key, p => p.Value!.GetValue<string>());

    private static string NodeFolder => Path.Combine(Repository.Root, "tests", "Deploy.Tests", "node");

    /// <summary>The folder's objects, rendered once for all tests.</summary>
    public static Task<Manifests> OfAsync(string overlay) => _rendered.GetOrAdd(overlay, o => new Lazy<Task<Manifests>>(async () =>
    {
        using var copy = new TemporaryFolder();
        return await RenderAsync(await CopyAsync(copy.Path, "/bin/true"), o);
    })).Value;

    /// <summary>A copy of deploy/kubernetes whose overlays/try has secrets.</summary>
    /// <param name="folder">Where.</param>
    /// <param name="paycore">The command line of PayCore that makes certificates and keys; one that makes none leaves texts in their place.</param>
    /// <param name="write">Writes secrets that must not be made.</param>
    public static async Task<string> CopyAsync(string folder, string paycore, Action<string>? write = null)
    {
        var root = Path.Combine(folder, "kubernetes");
        await Programs.RunAsync(["cp", "-r", Path.Combine(Repository.Root, "deploy", "kubernetes"), root], _limit);
        var secrets = Path.Combine(root, "overlays", "try", "secrets");
        foreach (var made in Directory.EnumerateFiles(secrets).Where(f => Path.GetFileName(f) != ".gitignore"))
        {
            File.Delete(made);
        }

        write?.Invoke(secrets);
        await Programs.RunAsync([Path.Combine(root, "overlays", "try", "prepare")], _limit, new Dictionary<string, string> { ["PAYCORE"] = paycore });
        foreach (var name in Host.Role.All.SelectMany(r => (string[])[$"{r.Name}.pem", $"{r.Name}.key"]).Concat(["ca.pem", "master.key"]))
        {
            if (!File.Exists(Path.Combine(secrets, name)))
            {
                await File.WriteAllTextAsync(Path.Combine(secrets, name), "a text in place of it");
            }
        }

        return root;
    }

    /// <summary>Renders and judges a folder of such a copy.</summary>
    public static async Task<Manifests> RenderAsync(string root, string overlay) => await JudgeAsync(await Programs.RunAsync(["kubectl", "kustomize", Path.Combine(root, overlay)], _limit));

    /// <summary>Reads and judges objects.</summary>
    public static async Task<Manifests> JudgeAsync(string yaml)
    {
        await _judge.Value;
        var output = JsonNode.Parse(await NodeProcess.RunAsync(NodeFolder, "node", ["validate.mjs"], yaml, _limit))!;
        return new Manifests(yaml, [.. output["objects"]!.AsArray().Select(o => o!)], output["problems"].Deserialize<string[]>()!);
    }

    public IEnumerable<JsonNode> OfKind(string kind) => Objects.Where(o => (string?)o["kind"] == kind);

    /// <summary>The Deployment of a role.</summary>
    public JsonNode DeploymentOf(string role) => RoleDeployments.Single(d => RoleOf(d) == role);

    public static string NameOf(JsonNode node) => (string)node["metadata"]!["name"]!;

    /// <summary>The role that an object belongs to, by its label; null when it has none.</summary>
    public static string? RoleOf(JsonNode node) => (string?)node["metadata"]?["labels"]?["paycore/role"];

    public static JsonNode PodOf(JsonNode node) => node["spec"]!["template"]!["spec"]!;

    /// <summary>The containers of a pod, and those that run before them.</summary>
    public static IEnumerable<JsonNode> ContainersOf(JsonNode pod) => List(pod["initContainers"]).Concat(List(pod["containers"]));

    /// <summary>The number of a container's named port.</summary>
    public static int? PortOf(JsonNode container, string name) => (int?)List(container["ports"]).SingleOrDefault(p => (string?)p["name"] == name)?["containerPort"];

    public static IEnumerable<JsonNode> List(JsonNode? list) => list is null ? [] : list.AsArray().Select(n => n!);

    public static IReadOnlyDictionary<string, string> Map(JsonNode? map) => map is null ? new Dictionary<string, string>() : map.AsObject().ToDictionary(p => p.Key, p => (string)p.Value!);
}
