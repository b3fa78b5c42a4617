using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using PayCore.Configuration;
using PayCore.Contracts.V1;
using PayCore.ServiceDefaults;
using PayCore.ServiceDefaults.Clock;
using PayCore.ServiceDefaults.Rpc;
using PayCore.ServiceDefaults.Telemetry;

namespace PayCore.Channels.Alipay;

/// <summary>Hosts the Alipay channel.</summary>
public static class AlipayExtensions
{
    private static readonly TimeSpan _connectTimeout = TimeSpan.FromSeconds(2);

    /// <summary>A connection is not kept for ever, so that a change of the host's addresses is seen.</summary>
    private static readonly TimeSpan _connectionLife = TimeSpan.FromMinutes(5);

    /// <summary>Adds the channel; its accounts are the documents <c>alipay/{account}</c>. Safe to call twice.</summary>
    public static IServiceCollection AddAlipayChannel(this IServiceCollection services)
    {
        services.AddServiceDefaults();
        services.AddConfigFolder(AlipayChannel.Name, AlipayAccount.Parse);
        // The limit of a call is a token on the injected clock. Redirects, cookies and a proxy of the environment have no place in a signed protocol; the
        // factory's own log would hold addresses with signatures.
        services.AddHttpClient(AlipayWire.HttpName, client => client.Timeout = Timeout.InfiniteTimeSpan)
            .ConfigurePrimaryHttpMessageHandler(static () => new SocketsHttpHandler
            {
                AllowAutoRedirect = false,
                UseCookies = false,
                UseProxy = false,
                AutomaticDecompression = DecompressionMethods.None,
                // The call has an activity of its own; our traces are not the provider's business.
                ActivityHeadersPropagator = null,
                ConnectTimeout = _connectTimeout,
                PooledConnectionLifetime = _connectionLife,
                MaxConnectionsPerServer = 256,
            })
            .RemoveAllLoggers();
        services.TryAddSingleton<AlipayWire>();
        services.TryAddSingleton<AlipayClient>();
        services.TryAddSingleton<StatementDownload>();
        services.TryAddSingleton<AlipayChannel>();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IClockSource, AlipayClock>());
        services.TryAddEnumerable(ServiceDescriptor.Singleton<ICertificateSource, AlipayCertificatesInUse>());
        return services;
    }

    /// <summary>Offers the channel to the gateways.</summary>
    public static void MapAlipayChannel(this RoleMap map)
    {
        ArgumentNullException.ThrowIfNull(map);
        map.Inner<AlipayChannel>(PayChannel.BindService);
    }
}
