using System.Diagnostics.CodeAnalysis;
using Grpc.AspNetCore.Server;
using Grpc.Core;
using Grpc.Core.Interceptors;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Grpc.JsonTranscoding;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using PayCore.ServiceDefaults.Clock;
using PayCore.ServiceDefaults.Ports;

namespace PayCore.ServiceDefaults.Rpc;

/// <summary>
/// What a role maps its services on: the in-process network always, and HTTP endpoints of a kind where the host opens such ports.
/// </summary>
public sealed class RoleMap(string role, IEndpointRouteBuilder endpoints, InProcessNetwork network, bool innerPorts, ICollection<IDisposable> registrations)
{
    /// <summary>The role's name.</summary>
    public string Role => role;

    /// <summary>Where HTTP endpoints go; give each a kind by <see cref="PortConventions.On{TBuilder}"/>.</summary>
    public IEndpointRouteBuilder Endpoints => endpoints;

    /// <summary>Offers a service to the other roles: inside the process, and on the role's inner port when there is one.</summary>
    /// <typeparam name="TService">The implementation, a singleton of the container.</typeparam>
    /// <param name="bind">The generated <c>BindService</c>.</param>
    public void Inner<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.All)] TService>(Action<ServiceBinderBase, TService> bind)
        where TService : class
    {
        var services = endpoints.ServiceProvider;
        var implementation = services.GetRequiredService<TService>();
        Interceptor[] interceptors = [services.GetRequiredService<ErrorInterceptor>(), services.GetRequiredService<ClockGate>()];
        registrations.Add(network.Register(role, binder => bind(binder, implementation), interceptors));
        if (innerPorts)
        {
            endpoints.MapGrpcService<TService>().OnInnerPort(role);
        }
    }
}

/// <summary>Says which kind of port an endpoint is for.</summary>
public static class PortConventions
{
    /// <summary>Makes the endpoints visible on ports of this kind only.</summary>
    public static TBuilder On<TBuilder>(this TBuilder builder, PortKind kind)
        where TBuilder : IEndpointConventionBuilder
    {
        builder.Add(endpoint => endpoint.Metadata.Add(new PortRequirement(kind)));
        return builder;
    }

    /// <summary>A service for the other roles, on the inner port of its role.</summary>
    public static GrpcServiceEndpointConventionBuilder OnInnerPort(this GrpcServiceEndpointConventionBuilder builder, string role)
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.Add(endpoint =>
        {
            // A merchant service that is offered inside too must not bring its REST routes along.
            var isRest = endpoint.Metadata.OfType<GrpcJsonTranscodingMetadata>().Any();
            if (!isRest)
            {
                endpoint.Metadata.Add(new PortRequirement(PortKind.Inner, role));
            }
        });
        return builder;
    }

    /// <summary>A merchant service: its gRPC methods on the merchant gRPC port, its REST routes on the web port.</summary>
    public static GrpcServiceEndpointConventionBuilder OnMerchantPorts(this GrpcServiceEndpointConventionBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.Add(endpoint =>
        {
            var isRest = endpoint.Metadata.OfType<GrpcJsonTranscodingMetadata>().Any();
            endpoint.Metadata.Add(new PortRequirement(isRest ? PortKind.Web : PortKind.MerchantGrpc));
        });
        return builder.CountedAs(LoadKind.Merchant);
    }
}
