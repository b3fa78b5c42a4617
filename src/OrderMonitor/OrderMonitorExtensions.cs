using Microsoft.Extensions.DependencyInjection;
using PayCore.Contracts.V1;
using PayCore.ServiceDefaults;
using PayCore.ServiceDefaults.Rpc;
using DatabaseClient = PayCore.Contracts.V1.PayDatabase.PayDatabaseClient;

namespace PayCore.OrderMonitor;

/// <summary>Hosts OrderMonitor. It serves nothing; it only asks.</summary>
public static class OrderMonitorExtensions
{
    /// <summary>Adds the loops.</summary>
    public static IServiceCollection AddOrderMonitor(this IServiceCollection services)
    {
        services.AddServiceDefaults();
        services.AddPayDatabaseClient();
        services.AddRoleClient(RoleNames.QueryGateway, invoker => new QueryGatewayInner.QueryGatewayInnerClient(invoker));
        services.AddRoleClient(RoleNames.PayGateway, invoker => new PayGatewayInner.PayGatewayInnerClient(invoker));
        services.AddRoleClient(RoleNames.RefundGateway, invoker => new RefundGatewayInner.RefundGatewayInnerClient(invoker));
        services.AddRoleClient(RoleNames.TransferGateway, invoker => new TransferGatewayInner.TransferGatewayInnerClient(invoker));
        services.AddOptions<MonitorOptions>().BindConfiguration("Monitor");
        services.AddWatch<StoredOrder, OrderWatch>();
        services.AddWatch<StoredRefund, RefundWatch>();
        services.AddWatch<StoredTransfer, TransferWatch>();
        services.AddHostedService<EventNumbering>();
        return services;
    }

    private static void AddWatch<T, TWatch>(this IServiceCollection services)
        where TWatch : class, IWatch<T>
    {
        services.AddSingleton<IWatch<T>, TWatch>();
        services.AddHostedService<DueLoop<T>>();
    }
}
