using Grpc.Core;
using PayCore.ChannelAccess;
using PayCore.Contracts.V1;

namespace PayCore.QueryGateway;

/// <summary>The rpcs of <c>channel_accounts.proto</c>: asks channels in the console's name, which calls none of them itself.</summary>
internal sealed class ChannelAccountsService(ChannelClients channels, TimeProvider time) : ChannelAccounts.ChannelAccountsBase
{
    private static readonly TimeSpan _describeLimit = TimeSpan.FromSeconds(3);

    /// <summary>The channel waits for its provider more than once.</summary>
    private static readonly TimeSpan _checkLimit = TimeSpan.FromSeconds(20);

    /// <inheritdoc/>
    public override async Task<DescribeChannelsReply> DescribeChannels(DescribeChannelsRequest request, ServerCallContext context) =>
        new() { Channels = { await Task.WhenAll(channels.Names.Select(name => DescribeAsync(name, context.CancellationToken))) } };

    /// <inheritdoc/>
    public override async Task<CheckAccountReply> CheckAccount(CheckChannelAccountRequest request, ServerCallContext context)
    {
        if (!channels.Names.Contains(request.Channel))
        {
            throw new RpcException(new Status(StatusCode.NotFound, $"There is no channel {request.Channel}."));
        }

        return await channels.For(request.Channel).CheckAccountAsync(
            new CheckAccountRequest { Account = request.Account, Document = request.Document, Offline = request.Offline, CallbackUrl = request.CallbackUrl },
            deadline: (time.GetUtcNow() + _checkLimit).UtcDateTime, cancellationToken: context.CancellationToken);
    }

    private async Task<DescribedChannel> DescribeAsync(string name, CancellationToken cancellation)
    {
        var began = time.GetTimestamp();
        var channel = new DescribedChannel { Channel = name };
        try
        {
            var said = await channels.For(name).DescribeAsync(new DescribeRequest(), deadline: (time.GetUtcNow() + _describeLimit).UtcDateTime, cancellationToken: cancellation);
            channel.Answered = true;
            channel.AccountSchema = said.AccountSchema;
            channel.Scenes.AddRange(said.Scenes);
            (channel.Refunds, channel.Transfers) = (said.Refunds, said.Transfers);
        }
        catch (RpcException) when (!cancellation.IsCancellationRequested)
        {
            // That it does not answer is the answer.
        }

        channel.TookMs = (int)time.GetElapsedTime(began).TotalMilliseconds;
        return channel;
    }
}
