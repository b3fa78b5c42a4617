using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using PayCore.ChannelAccess;
using PayCore.Configuration;
using PayCore.Contracts.V1;
using PayCore.MerchantApi;
using PayCore.OutboundAddresses;
using PayCore.ServiceDefaults;
using PayCore.ServiceDefaults.Rpc;

namespace PayCore.TransferGateway;

/// <summary>Hosts TransferGateway.</summary>
public static class TransferGatewayExtensions
{
    /// <summary>Adds the service.</summary>
    public static IServiceCollection AddTransferGateway(this IServiceCollection services)
    {
        services.AddChannelAccess();
        services.AddMerchantApi();
        services.AddMerchantApps();
        services.AddOutboundAddresses();
        services.AddOptions<PublicOptions>().BindConfiguration("Public");
        services.AddSingleton<TransferDesk>();
        services.AddSingleton<TransferService>();
        services.AddSingleton<TransferInnerService>();
        return services;
    }

    /// <summary>Offers the merchant API on the merchant ports, and the inner calls to the other roles.</summary>
    public static void MapTransferGateway(this RoleMap map)
    {
        ArgumentNullException.ThrowIfNull(map);
        map.Endpoints.MapGrpcService<TransferService>().OnMerchantPorts().RequireMerchantSignature();
        map.Inner<TransferInnerService>(TransferGatewayInner.BindService);
    }
}
