using Microsoft.Extensions.DependencyInjection;
using PayCore.Contracts.V1;
using PayCore.ServiceDefaults;
using PayCore.ServiceDefaults.Rpc;
using DatabaseClient = PayCore.Contracts.V1.PayDatabase.PayDatabaseClient;

namespace PayCore.OrderMonitor;

/// <summary>Hosts OrderMonitor. It serves nothing; it only asks.</summary>
public static class OrderMonitorExtensions
{
    /// <summary>Adds the loop.</summary>
    public static IServiceCollection AddOrderMonitor(this IServiceCollection services)
    {
        services.AddServiceDefaults();
        services.AddPayDatabaseClient();
        services.AddRoleClient(RoleNames.QueryGateway, invoker => new QueryGatewayInner.QueryGatewayInnerClient(invoker));
        services.AddRoleClient(RoleNames.PayGateway, invoker => new PayGatewayInner.PayGatewayInnerClient(invoker));
        services.AddOptions<MonitorOptions>().BindConfiguration("Monitor");
        services.AddSingleton<OrderWatch>();
        services.AddHostedService<MonitorLoop>();
        return services;
    }
}
