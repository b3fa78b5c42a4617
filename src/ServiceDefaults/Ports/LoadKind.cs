using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace PayCore.ServiceDefaults.Ports;

/// <summary>What a request counts as, where the number of requests at once is bounded. Each kind has a bound of its own, so that none takes another's room.</summary>
public enum LoadKind
{
    /// <summary>Never refused for load: probes, and streams with a bound of their own.</summary>
    Nothing,

    /// <summary>Merchants' calls, REST and gRPC.</summary>
    Merchant,

    /// <summary>Providers' callbacks.</summary>
    Callback,

    /// <summary>Pages for people, and whatever else comes to the web port.</summary>
    Page,

    /// <summary>Operators' pages. One that is open holds a connection, and counts as long.</summary>
    Console,

    /// <summary>Calls between services.</summary>
    Inner,
}

/// <summary>Says what requests count as.</summary>
public static class LoadKinds
{
    /// <summary>Counts requests of these endpoints as a kind other than their port's.</summary>
    public static TBuilder CountedAs<TBuilder>(this TBuilder builder, LoadKind kind)
        where TBuilder : IEndpointConventionBuilder
    {
        builder.Add(endpoint => endpoint.Metadata.Add(new Counted(kind)));
        return builder;
    }

    /// <summary>What a request counts as.</summary>
    public static LoadKind Of(HttpContext http)
    {
        ArgumentNullException.ThrowIfNull(http);
        return http.GetEndpoint()?.Metadata.GetMetadata<Counted>()?.Kind ?? http.Features.Get<PortFeature>()?.Kind switch
        {
            PortKind.MerchantGrpc => LoadKind.Merchant,
            PortKind.Inner => LoadKind.Inner,
            PortKind.Web => LoadKind.Page,
            PortKind.Console => LoadKind.Console,
            _ => LoadKind.Nothing,
        };
    }

    private sealed record Counted(LoadKind Kind);
}
