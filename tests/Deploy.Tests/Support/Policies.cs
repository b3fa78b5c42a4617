using System.Net;
using System.Text.Json.Nodes;

namespace PayCore.Deploy.Tests.Support;

/// <summary>Reads the NetworkPolicies of an overlay as Kubernetes does: a pod that a policy selects may do what one of its policies says, and nothing else.</summary>
internal sealed class Policies(Manifests manifests)
{
    /// <summary>The labels that kustomize and a cluster give to PayCore's namespace.</summary>
    private readonly IReadOnlyDictionary<string, string> _namespace = Manifests.Map(manifests.OfKind("Namespace").Single()["metadata"]!["labels"]);

    private readonly IReadOnlyList<JsonNode> _policies = [.. manifests.OfKind("NetworkPolicy")];

    /// <summary>Whether a pod of ours may connect to a port of another.</summary>
    public bool Allow(IReadOnlyDictionary<string, string> from, IReadOnlyDictionary<string, string> to, int port) =>
        AllowOut(from, p => IsPeer(p, to, _namespace), port) && AllowIn(to, p => IsPeer(p, from, _namespace), port);

    /// <summary>Whether pods of a namespace with these labels may connect to a pod of ours.</summary>
    public bool AllowFrom(IReadOnlyDictionary<string, string> others, IReadOnlyDictionary<string, string> to, int port) => AllowIn(to, p => IsPeer(p, new Dictionary<string, string>(), others), port);

    /// <summary>Whether a pod of ours may connect to pods of a namespace with these labels.</summary>
    public bool AllowTo(IReadOnlyDictionary<string, string> from, IReadOnlyDictionary<string, string> others, int port) => AllowOut(from, p => IsPeer(p, new Dictionary<string, string>(), others), port);

    /// <summary>Whether a pod of ours may connect to an address outside the cluster.</summary>
    public bool AllowTo(IReadOnlyDictionary<string, string> from, IPAddress address, int port) => AllowOut(from, p => IsIn(p["ipBlock"], address), port);

    private bool AllowOut(IReadOnlyDictionary<string, string> pod, Func<JsonNode, bool> peer, int port) => Allow(pod, "Egress", "egress", "to", peer, port);

    private bool AllowIn(IReadOnlyDictionary<string, string> pod, Func<JsonNode, bool> peer, int port) => Allow(pod, "Ingress", "ingress", "from", peer, port);

    private bool Allow(IReadOnlyDictionary<string, string> pod, string type, string rules, string peers, Func<JsonNode, bool> peer, int port)
    {
        var selected = _policies.Where(p => Selects(p["spec"]!["podSelector"], pod) && Manifests.List(p["spec"]!["policyTypes"]).Any(t => (string?)t == type)).ToList();
        selected.Should().NotBeEmpty("every pod is under a policy that allows nothing");
        return selected.SelectMany(p => Manifests.List(p["spec"]![rules])).Any(rule =>
        {
            // No list would mean everybody, or every port.
            rule[peers].Should().NotBeNull();
            rule["ports"].Should().NotBeNull();
            return Manifests.List(rule[peers]).Any(peer) && Manifests.List(rule["ports"]).Any(p => (string?)p["protocol"] != "UDP" && (int)p["port"]! <= port && port <= (int)(p["endPort"] ?? p["port"])!);
        });
    }

    private bool IsPeer(JsonNode peer, IReadOnlyDictionary<string, string> pod, IReadOnlyDictionary<string, string> labels) =>
        peer["ipBlock"] is null
        && (peer["namespaceSelector"] is { } others ? Selects(others, labels) : ReferenceEquals(labels, _namespace))
        && (peer["podSelector"] is not { } pods || Selects(pods, pod));

    private static bool Selects(JsonNode? selector, IReadOnlyDictionary<string, string> labels) =>
        Manifests.Map(selector?["matchLabels"]).All(l => labels.GetValueOrDefault(l.Key) == l.Value)
        && Manifests.List(selector?["matchExpressions"]).All(e => ((string)e["operator"]!, labels.GetValueOrDefault((string)e["key"]!)) switch
        {
            ("Exists", var value) => value is not null,
            ("In", var value) => Manifests.List(e["values"]).Any(v => (string?)v == value),
            var other => throw new NotSupportedException($"{other}"),
        });

    private static bool IsIn(JsonNode? block, IPAddress address) =>
        block is not null && IPNetwork.Parse((string)block["cidr"]!).Contains(address) && !Manifests.List(block["except"]).Any(e => IPNetwork.Parse((string)e!).Contains(address));
}
