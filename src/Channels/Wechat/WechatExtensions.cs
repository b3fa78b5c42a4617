using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using PayCore.Configuration;
using PayCore.Contracts.V1;
using PayCore.ServiceDefaults;
using PayCore.ServiceDefaults.Clock;
using PayCore.ServiceDefaults.Rpc;
using PayCore.ServiceDefaults.Telemetry;

namespace PayCore.Channels.Wechat;

/// <summary>Hosts the WeChat Pay channel.</summary>
public static class WechatExtensions
{
    private static readonly TimeSpan _connectTimeout = TimeSpan.FromSeconds(2);

    /// <summary>A connection is not kept for ever, so that a change of the host's addresses is seen.</summary>
    private static readonly TimeSpan _connectionLife = TimeSpan.FromMinutes(5);

    /// <summary>Adds the channel; its accounts are the documents <c>wechat/{account}</c>. Safe to call twice.</summary>
    public static IServiceCollection AddWechatChannel(this IServiceCollection services)
    {
        services.AddServiceDefaults();
        services.AddConfigFolder("wechat", WechatAccount.Parse);
        // The limit of a call is a token on the injected clock. Redirects, cookies and a proxy of the environment have no place in a signed protocol; the
        // factory's own log would hold addresses with queries.
        services.AddHttpClient(WechatWire.HttpName, client => client.Timeout = Timeout.InfiniteTimeSpan)
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
        services.TryAddSingleton<WechatSigner>();
        services.TryAddSingleton<WechatWire>();
        services.TryAddSingleton<PlatformCertificates>();
        services.TryAddSingleton<WechatClient>();
        services.TryAddSingleton<StatementDownload>();
        services.TryAddSingleton<AccountDoctor>();
        services.TryAddSingleton<WechatChannel>();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IHostedService, CertificateRefresher>());
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IClockSource, WechatClock>());
        services.TryAddEnumerable(ServiceDescriptor.Singleton<ICertificateSource, PlatformCertificatesInUse>());
        return services;
    }

    /// <summary>Offers the channel to the gateways.</summary>
    public static void MapWechatChannel(this RoleMap map)
    {
        ArgumentNullException.ThrowIfNull(map);
        map.Inner<WechatChannel>(PayChannel.BindService);
    }
}
