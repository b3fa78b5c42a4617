using System.Text.Json.Nodes;
using Google.Api;
using PayCore.Contracts.V1;
using PayCore.Deploy.Tests.Support;
using PayCore.ServiceDefaults;

namespace PayCore.Deploy.Tests;

/// <summary>The production overlay's routes lead each request of the world to the role that serves it.</summary>
public sealed class RouteTests
{
    /// <summary>Every REST call of the contracts, with the role that owns it.</summary>
    public static TheoryData<string, string, string> RestCalls
    {
        get
        {
            var calls = new TheoryData<string, string, string>();
            foreach (var method in MerchantServices.All.SelectMany(s => s.Methods))
            {
                var rule = method.GetOptions().GetExtension(AnnotationsExtensions.Http);
                var (verb, path) = rule.PatternCase == HttpRule.PatternOneofCase.Get ? ("GET", rule.Get) : ("POST", rule.Post);
                calls.Add(verb, path.Replace("{id}", "P0101", StringComparison.Ordinal).Replace("{method}", "wechat", StringComparison.Ordinal), method.Service.Name);
            }

            return calls;
        }
    }

    [Theory]
    [MemberData(nameof(RestCalls))]
    [InlineData("GET", "/openapi.json", RoleNames.PayGateway)]
    [InlineData("POST", "/callback/wechat/1900000001", RoleNames.CallbackGateway)]
    [InlineData("GET", "/pay/token", RoleNames.PayCenter)]
    [InlineData("GET", "/pay/token/events", RoleNames.PayCenter)]
    [InlineData("POST", "/pay/token", RoleNames.PayCenter)]
    [InlineData("GET", "/pay-assets/base.css", RoleNames.PayCenter)]
    [InlineData("GET", "/store/app/one", RoleNames.PayCenter)]
    [InlineData("GET", "/health/ready", null)]
    [InlineData("GET", "/metrics", null)]
    [InlineData("DELETE", "/v1/pay-orders", null)]
    public async Task Request_OfTheWorld_ComesToTheRoleThatServesIt(string verb, string path, string? role)
    {
        var manifests = await Manifests.OfAsync("overlays/production");
        var rules = manifests.OfKind("HTTPRoute").SelectMany(r => Manifests.List(r["spec"]!["rules"])).SelectMany(r => Manifests.List(r["matches"]).Select(m => (Match: m, Backend: BackendOf(r))));

        // The longest path counts, an exact one above all.
        var found = rules.Where(r => r.Match["method"] is not { } wanted || (string?)wanted == verb)
            .Where(r => Matches(r.Match["path"]!, path))
            .OrderByDescending(r => (string?)r.Match["path"]!["type"] == "Exact").ThenByDescending(r => ((string)r.Match["path"]!["value"]!).Length)
            .Select(r => r.Backend).FirstOrDefault();

        RoleOf(manifests, found, "web").Should().Be(role);
    }

    [Fact]
    public async Task GrpcCall_OfAMerchant_ComesToTheRoleThatServesIt()
    {
        var manifests = await Manifests.OfAsync("overlays/production");
        var routes = manifests.OfKind("GRPCRoute").SelectMany(r => Manifests.List(r["spec"]!["rules"]))
            .SelectMany(r => Manifests.List(r["matches"]).Select(m => ((string)m["method"]!["service"]!, RoleOf(manifests, BackendOf(r), "grpc"))));

        routes.Should().BeEquivalentTo(MerchantServices.All.Select(s => (s.FullName, (string?)s.Name)));
    }

    private static (string Name, int Port) BackendOf(JsonNode rule) => Manifests.List(rule["backendRefs"]).Select(b => ((string)b["name"]!, (int)b["port"]!)).Single();

    private static bool Matches(JsonNode match, string path) => ((string)match["type"]!, (string)match["value"]!) switch
    {
        ("Exact", var value) => path == value,
        // Whole parts of a path: /pay is no prefix of /pay-assets.
        var (_, value) => path == value || path.StartsWith($"{value}/", StringComparison.Ordinal),
    };

    private static string? RoleOf(Manifests manifests, (string Name, int Port) backend, string port)
    {
        var service = manifests.OfKind("Service").SingleOrDefault(s => Manifests.NameOf(s) == backend.Name);
        Manifests.List(service?["spec"]!["ports"]).Where(p => (string?)p["name"] == port).Select(p => (int)p["port"]!).Should().OnlyContain(p => p == backend.Port);
        return service is null ? null : Manifests.RoleOf(service);
    }
}
