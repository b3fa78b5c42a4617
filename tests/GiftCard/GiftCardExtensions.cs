using Microsoft.Extensions.DependencyInjection;
using PayCore.Configuration;
using PayCore.Contracts.V1;
using PayCore.ServiceDefaults;
using PayCore.ServiceDefaults.Rpc;

namespace PayCore.Channels.GiftCard;

/// <summary>Hosts the gift card channel.</summary>
public static class GiftCardExtensions
{
    /// <summary>Adds the channel; its accounts are the documents <c>giftcard/{account}</c>.</summary>
    public static IServiceCollection AddGiftCardChannel(this IServiceCollection services)
    {
        services.AddServiceDefaults();
        services.AddConfigFolder(GiftCardChannel.Name, GiftCardAccount.Parse);
        services.AddSingleton<GiftCardIssuer>();
        services.AddSingleton<GiftCardChannel>();
        return services;
    }

    /// <summary>Offers the channel to the gateways.</summary>
    public static void MapGiftCardChannel(this RoleMap map)
    {
        ArgumentNullException.ThrowIfNull(map);
        map.Inner<GiftCardChannel>(PayChannel.BindService);
    }
}
