using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using PayCore.ChannelAccess;
using PayCore.Configuration;
using PayCore.Contracts.V1;
using PayCore.MerchantApi;
using PayCore.OutboundAddresses;
using PayCore.ServiceDefaults;
using PayCore.ServiceDefaults.Rpc;

namespace PayCore.RefundGateway;

/// <summary>Hosts RefundGateway.</summary>
public static class RefundGatewayExtensions
{
    /// <summary>Adds the service.</summary>
    public static IServiceCollection AddRefundGateway(this IServiceCollection services)
    {
        services.AddChannelAccess();
        services.AddMerchantApi();
        services.AddMerchantApps();
        services.AddOutboundAddresses();
        services.AddOptions<PublicOptions>().BindConfiguration("Public");
        services.AddSingleton<RefundDesk>();
        services.AddSingleton<RefundService>();
        services.AddSingleton<RefundInnerService>();
        return services;
    }

    /// <summary>Offers the merchant API on the merchant ports, and the inner calls to the other roles.</summary>
    public static void MapRefundGateway(this RoleMap map)
    {
        ArgumentNullException.ThrowIfNull(map);
        map.Endpoints.MapGrpcService<RefundService>().OnMerchantPorts().RequireMerchantSignature();
        map.Inner<RefundInnerService>(RefundGatewayInner.BindService);
    }
}
