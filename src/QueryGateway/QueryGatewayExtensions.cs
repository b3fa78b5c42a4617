using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using PayCore.ChannelAccess;
using PayCore.Configuration;
using PayCore.Contracts.V1;
using PayCore.MerchantApi;
using PayCore.ServiceDefaults.Rpc;

namespace PayCore.QueryGateway;

/// <summary>Hosts QueryGateway.</summary>
public static class QueryGatewayExtensions
{
    /// <summary>Adds the service.</summary>
    public static IServiceCollection AddQueryGateway(this IServiceCollection services)
    {
        services.AddChannelAccess();
        services.AddMerchantApi();
        services.AddMerchantApps();
        services.AddSingleton<OrderQueries>();
        services.AddSingleton<MoneyOutQueries>();
        services.AddSingleton<StatementDesk>();
        services.AddSingleton<QueryService>();
        services.AddSingleton<QueryInnerService>();
        return services;
    }

    /// <summary>Offers the merchant API on the merchant ports, and the inner calls to the other roles.</summary>
    public static void MapQueryGateway(this RoleMap map)
    {
        ArgumentNullException.ThrowIfNull(map);
        map.Endpoints.MapGrpcService<QueryService>().OnMerchantPorts().RequireMerchantSignature();
        map.Inner<QueryInnerService>(QueryGatewayInner.BindService);
    }
}
