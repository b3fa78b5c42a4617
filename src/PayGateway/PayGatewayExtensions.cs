using System.Diagnostics;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using PayCore.ChannelAccess;
using PayCore.Configuration;
using PayCore.Contracts.V1;
using PayCore.MerchantApi;
using PayCore.OutboundAddresses;
using PayCore.ServiceDefaults;
using PayCore.ServiceDefaults.Rpc;

namespace PayCore.PayGateway;

/// <summary>Traces of this service: one span for each arrow of the diagram.</summary>
internal static class PayTrace
{
    public static readonly ActivitySource Source = new("PayCore.PayGateway");
}

/// <summary>Hosts PayGateway.</summary>
public static class PayGatewayExtensions
{
    /// <summary>Adds the service.</summary>
    public static IServiceCollection AddPayGateway(this IServiceCollection services)
    {
        services.AddChannelAccess();
        services.AddMerchantApi();
        services.AddMerchantApps();
        services.AddOutboundAddresses();
        services.AddOptions<PayOptions>().BindConfiguration("Pay");
        services.AddOptions<PublicOptions>().BindConfiguration("Public");
        services.AddSingleton<PayDesk>();
        services.AddSingleton<PayService>();
        services.AddSingleton<PayInnerService>();
        return services;
    }

    /// <summary>Offers the merchant API on the merchant ports, and the inner calls to the other roles.</summary>
    public static void MapPayGateway(this RoleMap map)
    {
        ArgumentNullException.ThrowIfNull(map);
        map.Endpoints.MapGrpcService<PayService>().OnMerchantPorts().RequireMerchantSignature();
        map.Inner<PayInnerService>(PayGatewayInner.BindService);
    }
}
