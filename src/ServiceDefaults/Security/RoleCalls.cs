using System.Collections.Frozen;

namespace PayCore.ServiceDefaults.Security;

/// <summary>
/// Which role may call which: the arrows of the diagram. Inner ports answer by it, and the page of inside traffic and the network policies are compared with it. What
/// is not here is not allowed.
/// </summary>
public static class RoleCalls
{
    /// <summary>Stands for every channel among the called: <c>ChannelWechat</c>, <c>ChannelAlipay</c>, whichever there is.</summary>
    public const string EveryChannel = "Channel*";

    /// <summary>Caller → the roles that it calls.</summary>
    public static IReadOnlyDictionary<string, IReadOnlyList<string>> Table { get; } = new Dictionary<string, IReadOnlyList<string>>
    {
        [RoleNames.PayGateway] = [RoleNames.PayDatabase, EveryChannel],
        [RoleNames.QueryGateway] = [RoleNames.PayDatabase, EveryChannel],
        [RoleNames.RefundGateway] = [RoleNames.PayDatabase, EveryChannel],
        [RoleNames.TransferGateway] = [RoleNames.PayDatabase, EveryChannel],
        [RoleNames.CallbackGateway] = [RoleNames.PayDatabase, EveryChannel, RoleNames.NotifyGateway],
        [RoleNames.NotifyGateway] = [RoleNames.PayDatabase],
        [RoleNames.OrderMonitor] =
            [RoleNames.PayDatabase, RoleNames.QueryGateway, RoleNames.PayGateway, RoleNames.RefundGateway, RoleNames.TransferGateway],
        [RoleNames.PayCenter] = [RoleNames.PayGateway, RoleNames.QueryGateway],
        [RoleNames.PayManagerSystem] =
            [RoleNames.PayDatabase, RoleNames.QueryGateway, RoleNames.PayGateway, RoleNames.RefundGateway, RoleNames.TransferGateway, RoleNames.NotifyGateway],
    }.ToFrozenDictionary();

    /// <summary>Whether the arrow is in the diagram.</summary>
    /// <param name="caller">The role that calls.</param>
    /// <param name="called">The role that is called.</param>
    public static bool Allow(string caller, string called)
    {
        ArgumentNullException.ThrowIfNull(caller);
        return Table.TryGetValue(caller, out var may) && (may.Contains(called) || (RoleNames.IsChannel(called) && may.Contains(EveryChannel)));
    }
}

/// <summary>Says in a container which role its services call, so that the arrows that there are can be compared with those that there may be.</summary>
/// <param name="Name">A role, or <see cref="RoleCalls.EveryChannel"/>.</param>
public sealed record CalledRole(string Name);
