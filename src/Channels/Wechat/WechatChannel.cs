using Grpc.Core;
using PayCore.Configuration;
using PayCore.Contracts.V1;

namespace PayCore.Channels.Wechat;

/// <summary>
/// WeChat Pay API v3 behind the contract of <c>pay_channel.proto</c>. Translates and nothing else: no database, no orders, no retries. One file per operation.
/// </summary>
internal sealed partial class WechatChannel(
    IConfigDocuments<WechatAccount> accounts, WechatClient client, WechatSigner signer, PlatformCertificates certificates, AccountDoctor doctor,
    StatementDownload download, TimeProvider time) : PayChannel.PayChannelBase
{
    private const string NoAccount = "There is no such account in configuration.";
    private const string AccountDisabled = "The account is switched off.";

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
    public override Task<ChannelTransferReply> CancelTransfer(ChannelQueryTransferRequest request, ServerCallContext context) => CancelTransferAsync(request);

    /// <inheritdoc/>
    public override Task<ChannelQueryBalanceReply> QueryBalance(ChannelQueryBalanceRequest request, ServerCallContext context) => Task.FromResult(
        new ChannelQueryBalanceReply { Outcome = Outcome.No, Code = "NOT_SUPPORTED", Message = "This channel tells no balance." });

    /// <inheritdoc/>
    public override Task DownloadStatement(DownloadStatementRequest request, IServerStreamWriter<StatementPart> responseStream, ServerCallContext context) =>
        DownloadStatementAsync(request, responseStream, context.CancellationToken);

    /// <inheritdoc/>
    public override Task<ReadCallbackReply> ReadCallback(ReadCallbackRequest request, ServerCallContext context) =>
        ReadAsync(request, context.CancellationToken);

    /// <inheritdoc/>
    public override Task<CheckAccountReply> CheckAccount(CheckAccountRequest request, ServerCallContext context) =>
        doctor.ExamineAsync(request, context.CancellationToken);

    internal static string OrderPath(string attemptNo) => $"/v3/pay/transactions/out-trade-no/{Uri.EscapeDataString(attemptNo)}";

    /// <summary>Code and text of an answer that is no success, for an operator's eyes.</summary>
    internal static (string Code, string Message) Words(WechatResponse response)
    {
        if (response.Kind != WechatResponseKind.Answer)
        {
            return (response.Code, response.Problem);
        }

        var error = WechatJson.Read<ErrorAnswer>(response.Body);
        if (ErrorMap.IsSignError(response.Status, error?.Code))
        {
            return (error!.Code!, "WeChat Pay does not accept our signature: check private_key, merchant_serial_no and mch_id of the account, and this machine's clock.");
        }

        return (error?.Code is { Length: > 0 } code ? PlainText.Clip(code, 64) : response.Code, PlainText.Clip(error?.Message));
    }
}
