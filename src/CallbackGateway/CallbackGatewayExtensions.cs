using System.Diagnostics;
using System.Diagnostics.Metrics;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using PayCore.ChannelAccess;
using PayCore.Contracts.V1;
using PayCore.ServiceDefaults;
using PayCore.ServiceDefaults.Ports;
using PayCore.ServiceDefaults.Rpc;

namespace PayCore.CallbackGateway;

/// <summary>Traces of this service.</summary>
internal static class CallbackTrace
{
    public static readonly ActivitySource Source = new("PayCore.CallbackGateway");
}

/// <summary>What callbacks came to, and how long their providers waited.</summary>
internal sealed class CallbackMetrics(IMeterFactory meters)
{
    private static readonly double[] _seconds = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 4, 8];

    private readonly Histogram<double> _duration = meters.Create("PayCore.CallbackGateway").CreateHistogram(
        "paycore_callback_duration", "s", "From a callback's arrival to its answer.", null, new InstrumentAdvice<double> { HistogramBucketBoundaries = _seconds });

    private readonly Counter<long> _notKept = meters.Create("PayCore.CallbackGateway").CreateCounter<long>(
        "paycore_callbacks_not_kept", null, "Rejected callbacks that were answered and not kept, by why.");

    /// <summary>Counts one.</summary>
    /// <param name="channel">A channel's name.</param>
    /// <param name="reason"><c>no_account</c> or <c>pace</c>.</param>
    public void NotKept(string channel, string reason) =>
        _notKept.Add(1, new KeyValuePair<string, object?>("channel", channel), new KeyValuePair<string, object?>("reason", reason));

    public void Answered(string channel, string verdict, TimeSpan took) =>
        _duration.Record(took.TotalSeconds, new KeyValuePair<string, object?>("channel", channel), new KeyValuePair<string, object?>("verdict", verdict));
}

/// <summary>Hosts CallbackGateway.</summary>
public static class CallbackGatewayExtensions
{
    /// <summary>Adds the service.</summary>
    public static IServiceCollection AddCallbackGateway(this IServiceCollection services)
    {
        services.AddChannelAccess();
        services.AddRoleClient(RoleNames.NotifyGateway, invoker => new NotifyGateway.NotifyGatewayClient(invoker));
        services.AddOptions<CallbackOptions>().BindConfiguration("Callbacks")
            .Validate(o => o.RejectedPerSecond is >= 1 and <= 1_000, "Callbacks:RejectedPerSecond is 1 to 1,000.")
            .Validate(o => o.RejectedBurst is >= 1 and <= 10_000, "Callbacks:RejectedBurst is 1 to 10,000.")
            .ValidateOnStart();
        services.AddSingleton<CallbackMetrics>();
        services.AddSingleton<KeepPace>();
        services.AddSingleton<CallbackEndpoint>();
        return services;
    }

    /// <summary>Takes callbacks of any verb on the web port; the channel says which verb is right.</summary>
    public static void MapCallbackGateway(this RoleMap map)
    {
        ArgumentNullException.ThrowIfNull(map);
        map.Endpoints
            .Map("/callback/{channel}/{account}", static (HttpContext http, string channel, string account, CallbackEndpoint endpoint) =>
                endpoint.HandleAsync(http, channel, account))
            .On(PortKind.Web).CountedAs(LoadKind.Callback);
    }
}
