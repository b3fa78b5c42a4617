using System.Collections.Frozen;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Routing.Matching;

namespace PayCore.ServiceDefaults.Ports;

/// <summary>
/// Makes an endpoint invisible on ports of another kind. An endpoint without a <see cref="PortRequirement"/> is invisible
/// everywhere: forgetting to say who an endpoint is for closes it.
/// </summary>
/// <remarks>
/// Addresses are parted by port before they are parted by verb or content type. So "405, the verb is another" is said on a port where the address is, and
/// only there.
/// </remarks>
internal sealed class PortMatcherPolicy : MatcherPolicy, INodeBuilderPolicy, IEndpointSelectorPolicy
{
    // Before the policies that choose by verb or content type, so that these never see a foreign endpoint.
    public override int Order => -10_000;

    bool INodeBuilderPolicy.AppliesToEndpoints(IReadOnlyList<Endpoint> endpoints) => !ContainsDynamicEndpoints(endpoints);

    bool IEndpointSelectorPolicy.AppliesToEndpoints(IReadOnlyList<Endpoint> endpoints) => ContainsDynamicEndpoints(endpoints);

    public IReadOnlyList<PolicyNodeEdge> GetEdges(IReadOnlyList<Endpoint> endpoints) =>
    [
        .. endpoints
            .Where(e => Needs(e) is not null)
            .GroupBy(e => Needs(e)!)
            .Select(port => new PolicyNodeEdge(port.Key, [.. port])),
    ];

    public PolicyJumpTable BuildJumpTable(int exitDestination, IReadOnlyList<PolicyJumpTableEdge> edges) =>
        new ByPort(exitDestination, edges.ToFrozenDictionary(e => (PortRequirement)e.State, e => e.Destination));

    public Task ApplyAsync(HttpContext httpContext, CandidateSet candidates)
    {
        var port = PortOf(httpContext);
        for (var i = 0; i < candidates.Count; i++)
        {
            if (candidates.IsValidCandidate(i))
            {
                candidates.SetValidity(i, port is not null && candidates[i].Endpoint is { } endpoint && Needs(endpoint) == port);
            }
        }

        return Task.CompletedTask;
    }

    private static PortRequirement? Needs(Endpoint endpoint) => endpoint.Metadata.GetMetadata<PortRequirement>();

    /// <summary>What an endpoint must ask for to be visible to this request.</summary>
    private static PortRequirement? PortOf(HttpContext http) =>
        http.Features.Get<PortFeature>() is { } port ? new PortRequirement(port.Kind, port.Role) : null;

    private sealed class ByPort(int exit, FrozenDictionary<PortRequirement, int> destinations) : PolicyJumpTable
    {
        public override int GetDestination(HttpContext httpContext) =>
            PortOf(httpContext) is { } port && destinations.TryGetValue(port, out var destination) ? destination : exit;
    }
}
