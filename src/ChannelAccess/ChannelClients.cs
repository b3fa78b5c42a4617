using System.Text.RegularExpressions;
using Grpc.Core.Interceptors;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using PayCore.Contracts.V1;
using PayCore.ServiceDefaults;
using PayCore.ServiceDefaults.Rpc;
using PayCore.ServiceDefaults.Security;
using DatabaseClient = PayCore.Contracts.V1.PayDatabase.PayDatabaseClient;

namespace PayCore.ChannelAccess;

/// <summary>Finds the service of a channel by the channel's name. A new channel needs nothing here.</summary>
public sealed partial class ChannelClients(ServiceNetwork network, ChannelCallLog calls, TimeProvider time)
{
    /// <summary>The client of a channel. A channel that does not run answers UNAVAILABLE.</summary>
    /// <exception cref="ArgumentException">That is no channel's name.</exception>
    public PayChannel.PayChannelClient For(string channel)
    {
        if (!IsName(channel))
        {
            throw new ArgumentException($"'{channel}' is no channel's name.", nameof(channel));
        }

        // Not kept: the name may be any stranger's, from the address of a callback. The connection behind it is.
        var invoker = network.InvokerFor(RoleNames.Channel(channel)).Intercept(new ChannelCallRecorder(channel, calls, time));
        return new PayChannel.PayChannelClient(invoker);
    }

    /// <summary>The channels that there are, whether they answer or not.</summary>
    public IEnumerable<string> Names => network.Roles.Where(RoleNames.IsChannel).Select(RoleNames.ChannelOf);

    /// <summary>Lower-case letters and digits, beginning with a letter; <c>apps</c> is the folder of merchants.</summary>
    public static bool IsName(string channel) => NameRule().IsMatch(channel) && channel != "apps";

    [GeneratedRegex("^[a-z][a-z0-9]{0,31}\\z", RegexOptions.CultureInvariant)]
    private static partial Regex NameRule();
}

/// <summary>Registers what services need to speak with channels.</summary>
public static class ChannelAccessExtensions
{
    /// <summary>Adds <see cref="ChannelClients"/>, <see cref="Routes"/>, <see cref="CallTurn"/>, the checkers and the client of PayDatabase. Safe to call twice.</summary>
    public static IServiceCollection AddChannelAccess(this IServiceCollection services)
    {
        services.AddServiceDefaults();
        services.AddPayDatabaseClient();
        services.TryAddSingleton<ChannelCallLog>();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IHostedService, ChannelCallLog>(provider => provider.GetRequiredService<ChannelCallLog>()));
        services.AddSingleton(new CalledRole(RoleCalls.EveryChannel));
        services.TryAddSingleton<ChannelClients>();
        services.AddOptions<CallTurnOptions>().BindConfiguration("Calls");
        services.TryAddSingleton<CallTurn>();
        services.TryAddSingleton<AttemptChecker>();
        services.TryAddSingleton<RefundChecker>();
        services.TryAddSingleton<TransferChecker>();
        services.TryAddSingleton<Routes>();
        return services;
    }
}
