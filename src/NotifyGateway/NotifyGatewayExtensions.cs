using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using PayCore.Configuration;
using PayCore.NotifyGateway.Queue;
using PayCore.OutboundAddresses;
using PayCore.ServiceDefaults;
using PayCore.ServiceDefaults.Rpc;
using DatabaseClient = PayCore.Contracts.V1.PayDatabase.PayDatabaseClient;
using NotifyContract = PayCore.Contracts.V1.NotifyGateway;

namespace PayCore.NotifyGateway;

/// <summary>Hosts NotifyGateway.</summary>
public static class NotifyGatewayExtensions
{
    /// <summary>Adds the service and its workers. Register another <see cref="IWakeQueue"/> before to replace the one that <c>Queue:Provider</c> names.</summary>
    public static IServiceCollection AddNotifyGateway(this IServiceCollection services)
    {
        services.AddServiceDefaults();
        services.AddMerchantApps();
        services.AddOutboundAddresses();
        services.AddMetrics();
        services.AddPayDatabaseClient();
        services.AddOptions<NotifyOptions>()
            .BindConfiguration("Notify")
            .ValidateDataAnnotations()
            .Validate(o => o.RenewEvery * 2 <= o.Lease, "Notify:RenewEvery is at most half of Notify:Lease.")
            .Validate(o => o.RenewEvery + o.TryTimeout <= o.Lease, "Notify:TryTimeout and Notify:RenewEvery together are at most Notify:Lease.")
            .ValidateOnStart();
        services.AddHttpClient(WebhookSender.HttpClientName)
            .ConfigurePrimaryHttpMessageHandler(provider => GuardedHandler.Create(
                provider.GetRequiredService<AddressGuard>(),
                provider.GetRequiredService<IOptions<NotifyOptions>>().Value.ConnectTimeout,
                provider.GetRequiredService<TimeProvider>()))
            .SetHandlerLifetime(Timeout.InfiniteTimeSpan)
            // Addresses of merchants may carry tokens; the try's own line says what happened.
            .RemoveAllLoggers();
        services.AddOptions<QueueOptions>().BindConfiguration("Queue").ValidateOnStart();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<QueueOptions>, QueueOptionsRules>());
        services.TryAddSingleton<IWakeQueue>(provider => provider.GetRequiredService<IOptions<QueueOptions>>().Value.Provider == "rabbitmq"
            ? ActivatorUtilities.CreateInstance<RabbitWakeQueue>(provider)
            : ActivatorUtilities.CreateInstance<InProcessWakeQueue>(provider));
        services.TryAddSingleton<NotifyTelemetry>();
        services.TryAddSingleton<WebhookSender>();
        services.TryAddSingleton<TryRunner>();
        services.TryAddSingleton<NotifyService>();
        services.AddHostedService<NotifyWorker>();
        return services;
    }

    /// <summary>Offers the service to the other roles.</summary>
    public static void MapNotifyGateway(this RoleMap map)
    {
        ArgumentNullException.ThrowIfNull(map);
        map.Inner<NotifyService>(NotifyContract.BindService);
    }
}
