namespace PayCore.ServiceDefaults;

/// <summary>The roles' names, as settings, logs and the deployment diagram write them.</summary>
public static class RoleNames
{
    /// <summary>Merchants ask to be paid.</summary>
    public const string PayGateway = nameof(PayGateway);

    /// <summary>Merchants ask how it went.</summary>
    public const string QueryGateway = nameof(QueryGateway);

    /// <summary>Merchants give money back.</summary>
    public const string RefundGateway = nameof(RefundGateway);

    /// <summary>Merchants pay somebody out.</summary>
    public const string TransferGateway = nameof(TransferGateway);

    /// <summary>Providers tell us.</summary>
    public const string CallbackGateway = nameof(CallbackGateway);

    /// <summary>We tell merchants.</summary>
    public const string NotifyGateway = nameof(NotifyGateway);

    /// <summary>The only one that knows SQL.</summary>
    public const string PayDatabase = nameof(PayDatabase);

    /// <summary>Finds what nobody told us.</summary>
    public const string OrderMonitor = nameof(OrderMonitor);

    /// <summary>Shop and cashier.</summary>
    public const string PayCenter = nameof(PayCenter);

    /// <summary>The operators' web console.</summary>
    public const string PayManagerSystem = nameof(PayManagerSystem);

    /// <summary>Plays the providers.</summary>
    public const string ChannelSimulator = nameof(ChannelSimulator);

    /// <summary>The role of a channel: <c>wechat</c> is served by <c>ChannelWechat</c>.</summary>
    /// <param name="channel">The channel's name: lower-case letters and digits, beginning with a letter.</param>
    public static string Channel(string channel)
    {
        ArgumentException.ThrowIfNullOrEmpty(channel);
        return $"Channel{char.ToUpperInvariant(channel[0])}{channel[1..]}";
    }

    /// <summary>The channel that a channel's role serves.</summary>
    public static string ChannelOf(string role)
    {
        ArgumentNullException.ThrowIfNull(role);
        return role["Channel".Length..].ToLowerInvariant();
    }

    /// <summary>Whether a role is a channel's.</summary>
    public static bool IsChannel(string role)
    {
        ArgumentNullException.ThrowIfNull(role);
        return role.StartsWith("Channel", StringComparison.Ordinal) && role != ChannelSimulator;
    }
}
