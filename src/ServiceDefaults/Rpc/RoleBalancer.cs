using Grpc.Core;
using Grpc.Net.Client.Balancer;

namespace PayCore.ServiceDefaults.Rpc;

/// <summary>
/// Calls to each instance in turn, as the library's <c>round_robin</c>, under which an instance that was away is always looked for again. The library begins a new round
/// of attempts while the old one still ends, takes the old one for the new one now and then, and would try no more until its process starts anew (Subchannel.cs in
/// grpc-dotnet 2.85: a round's time is over, <c>ConnectTransportAsync</c> finds its context not yet disposed).
/// </summary>
/// <param name="stillness">
/// The longest that one attempt and the wait after it can take. An instance without a connection whose state has not changed for so long is not being tried.
/// </param>
internal sealed class RoleBalancerFactory(TimeSpan stillness) : LoadBalancerFactory
{
    /// <summary>What a channel's configuration calls it.</summary>
    public const string PolicyName = "role_round_robin";

    private readonly RoundRobinBalancerFactory _roundRobin = new();

    public override string Name => PolicyName;

    public override LoadBalancer Create(LoadBalancerOptions options) =>
        _roundRobin.Create(new LoadBalancerOptions(new WatchingController(options.Controller, stillness), options.LoggerFactory, options.Configuration));

    private sealed class WatchingController(IChannelControlHelper channel, TimeSpan stillness) : IChannelControlHelper
    {
        private static readonly BalancerAttributesKey<object> _renewal = new("renewal");

        public Subchannel CreateSubchannel(SubchannelOptions options)
        {
            var instance = channel.CreateSubchannel(options);
            // The library connects by the system's clock, whatever clock is ours.
            var watch = TimeProvider.System.CreateTimer(_ => TryAnew(instance), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
            instance.OnStateChanged(changed =>
            {
                if (changed.State == ConnectivityState.Shutdown)
                {
                    watch.Dispose();
                }
                else
                {
                    watch.Change(changed.State == ConnectivityState.Ready ? Timeout.InfiniteTimeSpan : stillness, stillness);
                }
            });
            return instance;
        }

        public void UpdateState(BalancerState state) => channel.UpdateState(state);

        public void RefreshResolver() => channel.RefreshResolver();

        /// <summary>The same address once more: a new one, to the library, for which it ends whatever it believes to be under way and begins anew.</summary>
        private static void TryAnew(Subchannel instance)
        {
            try
            {
                instance.UpdateAddresses([.. instance.GetAddresses().Select(Renewed)]);
            }
            catch (InvalidOperationException)
            {
                // The instance was taken from the list, or the channel disposed, while the timer ran.
            }
        }

        private static BalancerAddress Renewed(BalancerAddress address)
        {
            var renewed = new BalancerAddress(address.EndPoint.Host, address.EndPoint.Port);
            renewed.Attributes.Set(_renewal, new object());
            return renewed;
        }
    }
}
