using System.Diagnostics;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using PayCore.ChannelAccess;
using PayCore.Contracts.V1;
using PayCore.ServiceDefaults;
using PayCore.ServiceDefaults.Ports;
using PayCore.ServiceDefaults.Rpc;

namespace PayCore.CallbackGateway;

/// <summary>Traces of this service.</summary>
internal static class CallbackTrace
{
    public static readonly ActivitySource Source = new("PayCore.CallbackGateway");
}

/// <summary>Hosts CallbackGateway.</summary>
public static class CallbackGatewayExtensions
{
    /// <summary>Adds the service.</summary>
    public static IServiceCollection AddCallbackGateway(this IServiceCollection services)
    {
        services.AddChannelAccess();
        services.AddRoleClient(RoleNames.NotifyGateway, invoker => new NotifyGateway.NotifyGatewayClient(invoker));
        services.AddSingleton<CallbackEndpoint>();
        return services;
    }

    /// <summary>Takes callbacks of any verb on the web port; the channel says which verb is right.</summary>
    public static void MapCallbackGateway(this RoleMap map)
    {
        ArgumentNullException.ThrowIfNull(map);
        map.Endpoints
            .Map("/callback/{channel}/{account}", static (HttpContext http, string channel, string account, CallbackEndpoint endpoint) =>
                endpoint.HandleAsync(http, channel, account))
            .On(PortKind.Web);
    }
}
