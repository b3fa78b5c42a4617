using System.Net;
using System.Net.Http.Headers;
using Grpc.Core;
using Grpc.Net.Client;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using PayCore.Contracts.V1;
using PayCore.EndToEnd.Tests.Support;
using PayCore.ServiceDefaults.Ports;

namespace PayCore.EndToEnd.Tests;

/// <summary>Every endpoint is for one kind of port and is not there on the others (architecture, section 4).</summary>
public sealed class PortTests(SharedWorld shared) : IClassFixture<SharedWorld>
{
    private readonly World _world = shared.World;

    private IEnumerable<RouteEndpoint> Endpoints => _world.App.Services.GetServices<EndpointDataSource>().SelectMany(s => s.Endpoints).OfType<RouteEndpoint>();

    [Fact]
    public void Endpoint_OfTheAllInOne_HasExactlyOneKindOfPort()
    {
        Endpoints.Should().NotBeEmpty();
        Endpoints.Where(e => e.Metadata.OfType<PortRequirement>().Count() != 1).Select(e => e.DisplayName).Should().BeEmpty();
        _world.App.Services.GetServices<EndpointDataSource>().SelectMany(s => s.Endpoints).Should().AllBeOfType<RouteEndpoint>();
    }

    [Fact]
    public void Endpoint_OfTheAllInOne_IsNeverForAnInnerPort() =>
        Endpoints.Should().NotContain(e => e.Metadata.OfType<PortRequirement>().Any(r => r.Kind == PortKind.Inner));
}
