using Microsoft.Extensions.DependencyInjection;
using PayCore.Configuration;
using PayCore.Contracts.V1;
using PayCore.ServiceDefaults;
using PayCore.ServiceDefaults.Rpc;

namespace PayCore.Channels.Wechat;

/// <summary>Hosts the WeChat Pay channel.</summary>
public static class WechatExtensions
{
    /// <summary>Adds the channel; its accounts are the documents <c>wechat/{account}</c>.</summary>
    public static IServiceCollection AddWechatChannel(this IServiceCollection services)
    {
        services.AddServiceDefaults();
        services.AddConfigFolder("wechat", WechatAccount.Parse);
        // The limit of a call is a token on the injected clock; redirects and cookies have no place in a signed protocol.
        services.AddHttpClient(WechatClient.HttpName, c => c.Timeout = Timeout.InfiniteTimeSpan)
            .ConfigurePrimaryHttpMessageHandler(() => new SocketsHttpHandler
            {
                AllowAutoRedirect = false,
                UseCookies = false,
                UseProxy = false,
                ConnectTimeout = TimeSpan.FromSeconds(2),
                PooledConnectionLifetime = TimeSpan.FromMinutes(5),
                MaxConnectionsPerServer = 256,
            })
            .RemoveAllLoggers();
        services.AddSingleton<WechatClient>();
        services.AddSingleton<WechatChannel>();
        return services;
    }

    /// <summary>Offers the channel to the gateways.</summary>
    public static void MapWechatChannel(this RoleMap map)
    {
        ArgumentNullException.ThrowIfNull(map);
        map.Inner<WechatChannel>(PayChannel.BindService);
    }
}
