using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using PayCore.Configuration;
using PayCore.Contracts.V1;
using PayCore.OrderMonitor.Alerts;
using PayCore.OutboundAddresses;
using PayCore.ServiceDefaults;
using PayCore.ServiceDefaults.Rpc;
using DatabaseClient = PayCore.Contracts.V1.PayDatabase.PayDatabaseClient;

namespace PayCore.OrderMonitor;

/// <summary>Hosts OrderMonitor. It serves nothing; it only asks.</summary>
public static class OrderMonitorExtensions
{
    private const int AnswerBytesMax = 64 * 1024;

    /// <summary>Adds the loops.</summary>
    public static IServiceCollection AddOrderMonitor(this IServiceCollection services)
    {
        services.AddServiceDefaults();
        services.AddPayDatabaseClient();
        services.AddRoleClient(RoleNames.QueryGateway, invoker => new QueryGatewayInner.QueryGatewayInnerClient(invoker));
        services.AddRoleClient(RoleNames.PayGateway, invoker => new PayGatewayInner.PayGatewayInnerClient(invoker));
        services.AddRoleClient(RoleNames.RefundGateway, invoker => new RefundGatewayInner.RefundGatewayInnerClient(invoker));
        services.AddRoleClient(RoleNames.TransferGateway, invoker => new TransferGatewayInner.TransferGatewayInnerClient(invoker));
        services.AddOptions<MonitorOptions>().BindConfiguration("Monitor")
            .Validate(o => o.AtOnce is >= 1 and <= 500, "Monitor:AtOnce is 1 to 500.")
            .ValidateOnStart();
        services.AddWatch<StoredOrder, OrderWatch>();
        services.AddWatch<StoredRefund, RefundWatch>();
        services.AddWatch<StoredTransfer, TransferWatch>();
        services.AddHostedService<EventNumbering>();
        services.AddMerchantApps();
        services.AddHostedService<StatementRun>();
        services.AddAlerts();
        services.AddHostedService<WaitingMetrics>();
        return services;
    }

    private static void AddWatch<T, TWatch>(this IServiceCollection services)
        where TWatch : class, IWatch<T>
    {
        services.AddSingleton<IWatch<T>, TWatch>();
        services.AddHostedService<DueLoop<T>>();
    }

    private static void AddAlerts(this IServiceCollection services)
    {
        services.AddOutboundAddresses();
        services.AddOptions<AlertOptions>().BindConfiguration("Alerts").Validate(
            o => o.Url.Length == 0 || (Uri.TryCreate(o.Url, UriKind.Absolute, out var address) && address.Scheme is "https" or "http"), "Alerts:Url is no web address.")
            .ValidateOnStart();
        services.AddHttpClient(AlertLoop.HttpClientName, client =>
            {
                client.Timeout = Timeout.InfiniteTimeSpan;
                client.MaxResponseContentBufferSize = AnswerBytesMax;
            })
            .ConfigurePrimaryHttpMessageHandler(provider => GuardedHandler.Create(
                provider.GetRequiredService<AddressGuard>(), provider.GetRequiredService<IOptions<AlertOptions>>().Value.Timeout, provider.GetRequiredService<TimeProvider>()))
            .RemoveAllLoggers();
        services.AddHostedService<AlertLoop>();
    }
}
