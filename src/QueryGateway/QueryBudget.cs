using Grpc.Core;
using Microsoft.Extensions.Options;
using PayCore.ChannelAccess;
using PayCore.Contracts.V1;

namespace PayCore.QueryGateway;

/// <summary>
/// Keeps the looks of OrderMonitor and of statements, and the questions of merchants and buyers, each below a part of what the provider allows an account, so that payments find room.
/// Whoever comes first is first: OrderMonitor takes the oldest first.
/// </summary>
internal sealed class QueryBudget(ChannelClients channels, IOptions<QueryOptions> options, TimeProvider time)
{
    private readonly QueryPace _looks = new(time);
    private readonly QueryPace _refreshes = new(time);

    /// <summary>Takes a turn for a question of a merchant or a buyer.</summary>
    /// <returns>False when there is none now, or the channel does not answer: the records do.</returns>
    public async Task<bool> TryRefreshAsync(string channel, string account)
    {
        try
        {
            return _refreshes.Take((channel, account), await LimitAsync(channel, account) * options.Value.RefreshShare, TimeSpan.Zero) is not null;
        }
        catch (RpcException)
        {
            return false;
        }
    }

    /// <summary>Waits for a turn of OrderMonitor's, or of a statement's.</summary>
    /// <exception cref="RpcException">RESOURCE_EXHAUSTED: the turn would be too far away. Nothing was asked; the look is due again.</exception>
    public async Task WaitAsync(string channel, string account)
    {
        var wait = _looks.Take((channel, account), await LimitAsync(channel, account) * options.Value.BudgetShare, options.Value.BudgetWaitMax)
            ?? throw new RpcException(new Status(StatusCode.ResourceExhausted, $"The queries of {channel}/{account} are at their part of its limit."));
        if (wait > TimeSpan.Zero)
        {
            await Task.Delay(wait, time);
        }
    }

    private async Task<int> LimitAsync(string channel, string account) =>
        (await channels.For(channel).DescribeAsync(new DescribeRequest { Account = account })).QueriesPerSecond;
}
