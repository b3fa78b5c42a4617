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

    public static TheoryData<PortKind> Kinds => [PortKind.Web, PortKind.MerchantGrpc, PortKind.Console, PortKind.Simulator];

    private IEnumerable<Microsoft.AspNetCore.Http.Endpoint> All => _world.App.Services.GetServices<EndpointDataSource>().SelectMany(s => s.Endpoints);

    [Fact]
    public void Endpoint_OfTheAllInOne_HasExactlyOneKindOfPort()
    {
        All.Should().HaveCountGreaterThan(20);
        All.Should().AllBeAssignableTo<RouteEndpoint>();
        All.Where(e => e.Metadata.OfType<PortRequirement>().Count() != 1).Select(e => e.DisplayName).Should().BeEmpty();
    }

    [Fact]
    public void Endpoint_OfTheAllInOne_IsNeverForAnInnerPort() =>
        All.Should().NotContain(e => e.Metadata.OfType<PortRequirement>().Any(r => r.Kind == PortKind.Inner || r.Role != null));

    /// <summary>Walks every route, with something in each parameter, by its own verb and by GET.</summary>
    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task Route_OnAPortOfAnotherKind_IsNotThere(PortKind kind)
    {
        using var client = new HttpClient { BaseAddress = Port(kind) };
        var here = All.OfType<RouteEndpoint>().Where(e => Kind(e) == kind).Select(Target).ToHashSet();
        var elsewhere = All.OfType<RouteEndpoint>().Where(e => Kind(e) != kind && !here.Contains(Target(e))).ToList();
        elsewhere.Should().NotBeEmpty();

        foreach (var endpoint in elsewhere)
        {
            foreach (var verb in Verbs(endpoint).Append("GET").Distinct())
            {
                using var request = new HttpRequestMessage(new HttpMethod(verb), Target(endpoint))
                {
                    Version = kind == PortKind.MerchantGrpc ? new Version(2, 0) : new Version(1, 1),
                    VersionPolicy = HttpVersionPolicy.RequestVersionExact,
                };
                using var answer = await client.SendAsync(request);

                ((int)answer.StatusCode).Should().Be(404, $"{verb} {Target(endpoint)} ({endpoint.DisplayName}) is not for {kind}");
            }
        }
    }

    /// <summary>Shows that the walk above would see a route that is there.</summary>
    [Fact]
    public async Task Route_OnItsOwnPort_IsThere()
    {
        using var simulator = new HttpClient { BaseAddress = _world.Simulator };
        using var console = new HttpClient { BaseAddress = _world.Console };

        (await _world.Anonymous.GetAnswerAsync("/health/live")).Status.Should().Be(200);
        (await _world.Anonymous.GetAnswerAsync("/v1/pay-orders?out_trade_no=a")).Status.Should().Be(401);
        (await simulator.GetAnswerAsync("/wallet")).Status.Should().Be(200);
        (await console.GetAnswerAsync("/login")).Status.Should().Be(200);
    }

    [Fact]
    public async Task InnerService_OfTheAllInOne_IsNotReachableOnAnyPort()
    {
        Method<Empty, Empty> Of(string service, string method) => new(MethodType.Unary, service, method, Empty.Marshaller, Empty.Marshaller);
        var inner = new[]
        {
            Contracts.V1.PayDatabase.Descriptor, PayGatewayInner.Descriptor, PayChannel.Descriptor, Contracts.V1.NotifyGateway.Descriptor, QueryGatewayInner.Descriptor,
        };

        // Without a signature nobody learns what is there; with one, it is not.
        foreach (var (handler, status) in new[]
        {
            ((HttpMessageHandler)new SocketsHttpHandler(), StatusCode.Unauthenticated), (_world.SigningHandlerOf(World.AppId), StatusCode.Unimplemented),
        })
        {
            using var channel = GrpcChannel.ForAddress(_world.MerchantGrpc, new GrpcChannelOptions { HttpHandler = handler, DisposeHttpClient = true });
            var methods = inner.SelectMany(s => s.Methods).Select(m => Of(m.Service.FullName, m.Name)).Append(Of("paycore.v1.NoSuchService", "Call"));
            foreach (var method in methods)
            {
                var call = () => channel.CreateCallInvoker().AsyncUnaryCall(method, null, default, new Empty()).ResponseAsync;

                (await Assert.ThrowsAsync<RpcException>(call)).StatusCode.Should().Be(status, $"{method.FullName} is for our services only");
            }
        }

        // The ports that speak HTTP/1.1 do not know the addresses either.
        foreach (var port in new[] { _world.Web, _world.Console, _world.Simulator })
        {
            foreach (var method in inner.SelectMany(s => s.Methods))
            {
                using var content = new ByteArrayContent([0, 0, 0, 0, 0]);
                content.Headers.TryAddWithoutValidation("Content-Type", "application/grpc");
                using var answer = await _world.Anonymous.PostAsync(new Uri(port, $"/{method.Service.FullName}/{method.Name}"), content);
                ((int)answer.StatusCode).Should().Be(404);
            }
        }
    }

    private static PortKind Kind(RouteEndpoint endpoint) => endpoint.Metadata.GetMetadata<PortRequirement>()!.Kind;

    private static IEnumerable<string> Verbs(RouteEndpoint endpoint) => endpoint.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods ?? [];

    /// <summary>An address that the route's pattern takes.</summary>
    private static string Target(RouteEndpoint endpoint) => "/" + string.Join('/', endpoint.RoutePattern.PathSegments.Select(segment => string.Concat(
        segment.Parts.Select(part => part switch
        {
            Microsoft.AspNetCore.Routing.Patterns.RoutePatternLiteralPart literal => literal.Content,
            Microsoft.AspNetCore.Routing.Patterns.RoutePatternSeparatorPart separator => separator.Content,
            _ => "1900000001",
        }))));

    private Uri Port(PortKind kind) => kind switch
    {
        PortKind.Web => _world.Web,
        PortKind.MerchantGrpc => _world.MerchantGrpc,
        PortKind.Console => _world.Console,
        _ => _world.Simulator,
    };

    /// <summary>An empty message of no type.</summary>
    private sealed class Empty
    {
        public static Marshaller<Empty> Marshaller { get; } = new(static _ => [], static _ => new Empty());
    }
}
