using Grpc.Core;
using PayCore.Configuration;
using PayCore.Contracts.V1;

namespace PayCore.Channels.Wechat;

/// <summary>
/// WeChat Pay API v3 behind the contract of <c>pay_channel.proto</c>. Translates and nothing else: no database, no orders, no retries. One file per operation.
/// </summary>
internal sealed partial class WechatChannel(IConfigDocuments<WechatAccount> accounts, WechatClient client, TimeProvider time) : PayChannel.PayChannelBase
{
    /// <inheritdoc/>
    public override Task<DescribeReply> Describe(DescribeRequest request, ServerCallContext context) => Task.FromResult(Capabilities.Describe(Find(request.Account)));

    /// <inheritdoc/>
    public override Task<ChannelPayReply> Pay(ChannelPayRequest request, ServerCallContext context) => PayAsync(request);

    /// <inheritdoc/>
    public override Task<ChannelQueryReply> Query(ChannelQueryRequest request, ServerCallContext context) => QueryAsync(request, context.CancellationToken);

    /// <inheritdoc/>
    public override Task<ChannelCloseReply> Close(ChannelCloseRequest request, ServerCallContext context) => CloseAsync(request);

    /// <inheritdoc/>
    public override Task<ReadCallbackReply> ReadCallback(ReadCallbackRequest request, ServerCallContext context) => Task.FromResult(Read(request));

    private WechatAccount? Find(string account) => accounts.Find(account);

    private static string OrderPath(string attemptNo) => $"/v3/pay/transactions/out-trade-no/{Uri.EscapeDataString(attemptNo)}";
}
