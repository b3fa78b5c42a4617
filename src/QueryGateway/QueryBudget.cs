using Grpc.Core;
using Microsoft.Extensions.Options;
using PayCore.ChannelAccess;
using PayCore.Contracts.V1;

namespace PayCore.QueryGateway;

/// <summary>
/// Keeps the looks of OrderMonitor below a part of what the provider allows an account, so that payments, and queries that somebody waits for, find room. Whoever
/// comes first is first: OrderMonitor takes the oldest first.
/// </summary>
internal sealed class QueryBudget(ChannelClients channels, IOptions<QueryOptions> options, TimeProvider time)
{
    private readonly QueryPace _pace = new(time);

    /// <summary>Waits for a turn.</summary>
    /// <exception cref="RpcException">RESOURCE_EXHAUSTED: the turn would be too far away. Nothing was asked; the look is due again.</exception>
    public async Task WaitAsync(string channel, string account)
    {
        var described = await channels.For(channel).DescribeAsync(new DescribeRequest { Account = account });
        var wait = _pace.Take((channel, account), described.QueriesPerSecond * options.Value.BudgetShare, options.Value.BudgetWaitMax)
            ?? throw new RpcException(new Status(StatusCode.ResourceExhausted, $"The queries of {channel}/{account} are at their part of its limit."));
        if (wait > TimeSpan.Zero)
        {
            await Task.Delay(wait, time);
        }
    }
}
