using Grpc.Core;
using Microsoft.Extensions.Logging;
using PayCore.Configuration;
using PayCore.Contracts.V1;
using PayCore.ServiceDefaults;

namespace PayCore.Channels.Alipay;

/// <summary>
/// Alipay's classic gateway with RSA2 behind the contract of <c>pay_channel.proto</c>. Translates and nothing else: no database, no orders, no retries. One
/// file per operation.
/// </summary>
internal sealed partial class AlipayChannel(
    IConfigDocuments<AlipayAccount> accounts, IEnumerable<IConfigFolder> folders, AlipayClient client, StatementDownload download, RandomSource random,
    TimeProvider time, ILogger<AlipayChannel> log) : PayChannel.PayChannelBase
{
    /// <summary>The channel's name and the folder of its accounts.</summary>
    public const string Name = "alipay";

    private const string NoAccount = "There is no such account in configuration.";
    private const string AccountDisabled = "The account is switched off.";
    private const string QueryMethod = "alipay.trade.query";

    /// <inheritdoc/>
    public override Task<DescribeReply> Describe(DescribeRequest request, ServerCallContext context) =>
        Task.FromResult(Capabilities.Describe(accounts.Find(request.Account), accounts.All.Values));

    /// <inheritdoc/>
    public override Task<ChannelPayReply> Pay(ChannelPayRequest request, ServerCallContext context) => PayAsync(request);

    /// <inheritdoc/>
    public override Task<ChannelQueryReply> Query(ChannelQueryRequest request, ServerCallContext context) => QueryAsync(request, context.CancellationToken);

    /// <inheritdoc/>
    public override Task<ChannelCloseReply> Close(ChannelCloseRequest request, ServerCallContext context) => CloseAsync(request);

    /// <inheritdoc/>
    public override Task<ChannelReverseReply> Reverse(ChannelReverseRequest request, ServerCallContext context) => ReverseAsync(request);

    /// <inheritdoc/>
    public override Task<ChannelRefundReply> Refund(ChannelRefundRequest request, ServerCallContext context) => RefundAsync(request);

    /// <inheritdoc/>
    public override Task<ChannelRefundReply> QueryRefund(ChannelQueryRefundRequest request, ServerCallContext context) =>
        QueryRefundAsync(request, context.CancellationToken);

    /// <inheritdoc/>
    public override Task<ChannelTransferReply> Transfer(ChannelTransferRequest request, ServerCallContext context) => TransferAsync(request);

    /// <inheritdoc/>
    public override Task<ChannelTransferReply> QueryTransfer(ChannelQueryTransferRequest request, ServerCallContext context) =>
        QueryTransferAsync(request, context.CancellationToken);

    /// <inheritdoc/>
    public override Task<ChannelTransferReply> CancelTransfer(ChannelQueryTransferRequest request, ServerCallContext context) => Task.FromResult(
        TransferNotSent(ChannelTransferState.TransferUnknown, "NOT_SUPPORTED", "No payee of this channel has to confirm: a transfer cannot be taken back."));

    /// <inheritdoc/>
    public override Task<ChannelQueryBalanceReply> QueryBalance(ChannelQueryBalanceRequest request, ServerCallContext context) =>
        QueryBalanceAsync(request, context.CancellationToken);

    /// <inheritdoc/>
    public override Task DownloadStatement(DownloadStatementRequest request, IServerStreamWriter<StatementPart> responseStream, ServerCallContext context) =>
        DownloadStatementAsync(request, responseStream, context.CancellationToken);

    /// <inheritdoc/>
    public override Task<ReadCallbackReply> ReadCallback(ReadCallbackRequest request, ServerCallContext context) => Task.FromResult(Read(request));

    /// <inheritdoc/>
    public override Task<CheckAccountReply> CheckAccount(CheckAccountRequest request, ServerCallContext context) =>
        ExamineAsync(request, context.CancellationToken);

    /// <summary>Code and text of an answer that is no usable success, for an operator's eyes.</summary>
    private static (string Code, string Message) Words(AlipayResponse response) => response switch
    {
        { Kind: AlipayResponseKind.NothingSent } => ("NOT_SENT", response.Problem),
        { Kind: AlipayResponseKind.Unusable or AlipayResponseKind.BadlySigned } or { Head.Code: AlipayClient.SuccessCode } => (NoUsable, response.Problem),
        { Head: var head } => (
            PlainText.Clip(head.SubCode is { Length: > 0 } ? head.SubCode : head.Code, 64),
            KnownCause.Of(head.SubCode)?.Text ?? PlainText.Clip(head.SubMsg is { Length: > 0 } ? head.SubMsg : head.Msg)),
    };
}
