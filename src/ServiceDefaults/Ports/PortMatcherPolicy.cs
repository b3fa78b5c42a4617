using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Routing.Matching;

namespace PayCore.ServiceDefaults.Ports;

/// <summary>
/// Makes an endpoint invisible on ports of another kind. An endpoint without a <see cref="PortRequirement"/> is invisible
/// everywhere: forgetting to say who an endpoint is for closes it.
/// </summary>
internal sealed class PortMatcherPolicy : MatcherPolicy, IEndpointSelectorPolicy
{
    // Before the policies that choose by verb or content type, so that these never see a foreign endpoint.
    public override int Order => -10_000;

    public bool AppliesToEndpoints(IReadOnlyList<Endpoint> endpoints) => true;

    public Task ApplyAsync(HttpContext httpContext, CandidateSet candidates)
    {
        var port = httpContext.Features.Get<PortFeature>();
        for (var i = 0; i < candidates.Count; i++)
        {
            if (!candidates.IsValidCandidate(i))
            {
                continue;
            }

            var needs = candidates[i].Endpoint?.Metadata.GetMetadata<PortRequirement>();
            var allowed = port is not null && needs is not null && needs.Kind == port.Kind && needs.Role == port.Role;
            candidates.SetValidity(i, allowed);
        }

        return Task.CompletedTask;
    }
}
