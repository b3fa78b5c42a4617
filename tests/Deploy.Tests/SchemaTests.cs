using PayCore.Deploy.Tests.Support;

namespace PayCore.Deploy.Tests;

/// <summary>Kubernetes would take every object as it is written.</summary>
public sealed class SchemaTests
{
    public static TheoryData<string> Overlays => [.. Manifests.Overlays];

    [Theory]
    [MemberData(nameof(Overlays))]
    public async Task Overlay_Rendered_EveryObjectIsAsItsKindWantsIt(string overlay)
    {
        var manifests = await Manifests.OfAsync(overlay);

        manifests.Objects.Count.Should().BeGreaterThan(50);
        manifests.Problems.Should().BeEmpty();
    }

    [Fact]
    public async Task Mistakes_Planted_AreAllFound()
    {
        (string Right, string Wrong)[] mistakes =
        [
            ("readOnlyRootFilesystem: true", "readOnlyRootFileSystem: true"), ("clusterIP: None", "clusterIp: None"), ("maxReplicas: 10", "maxReplicas: ten"),
            ("memory: 160Mi", "memory: much"), ("whenUnsatisfiable:", "whenSatisfiable:"), ("policyTypes:", "policyType:"), ("method: GET", "verb: GET"), ("isCA: true", "isCa: true"),
        ];
        var objects = (await Manifests.OfAsync("overlays/production")).Yaml.Split("\n---\n");
        var planted = new List<int>();
        foreach (var (right, wrong) in mistakes)
        {
            // Each in an object of its own: of two in one, the first may be the last thing that is said.
            var i = Array.FindIndex(objects, o => o.Contains(right, StringComparison.Ordinal) && !planted.Contains(Array.IndexOf(objects, o)));
            objects[i] = objects[i].Replace(right, wrong, StringComparison.Ordinal);
            planted.Add(i);
        }

        var manifests = await Manifests.JudgeAsync(string.Join("\n---\n", objects));

        mistakes.Should().OnlyContain(m => manifests.Problems.Any(p => p.Contains(m.Wrong.Split(':')[0], StringComparison.Ordinal)));
    }
}
