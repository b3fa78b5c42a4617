using PayCore.Contracts.V1;

namespace PayCore.Channels.Wechat;

// Paying out, taking it back, and asking what became of it (wechat-pay-v3.md 7). Our number is the key: an equal repeat of it pays nothing twice. A refusal counts
// only when it is signed, on the list, and the number is not known at the platform. The caller's cancellation does not apply to a transfer and its withdrawal.
internal sealed partial class WechatChannel
{
    private const string TransfersPath = "/v3/fund-app/mch-transfer/transfer-bills";
    private const int PackageInfoCharsMax = 1024;

    private async Task<ChannelTransferReply> TransferAsync(ChannelTransferRequest request)
    {
        var account = accounts.Find(request.Account);
        if (account is null)
        {
            return TransferNotSent(ChannelTransferState.TransferUnknown, "ACCOUNT_UNKNOWN", NoAccount);
        }

        if (!account.Enabled)
        {
            return TransferNotSent(ChannelTransferState.TransferRefused, "ACCOUNT_DISABLED", AccountDisabled);
        }

        if (account.TransferSceneId is null)
        {
            return TransferNotSent(ChannelTransferState.TransferRefused, "NOT_SUPPORTED", "This account pays nobody out: transfer_scene_id is not set.");
        }

        if (WechatRules.Refuse(request) is var (code, message))
        {
            return TransferNotSent(ChannelTransferState.TransferRefused, code, message);
        }

        // One limit for all that is asked here.
        using var limit = new CancellationTokenSource(WechatClient.Limit, time);
        WechatPlatformKey? key = null;
        if (request.Payee.Name.Length > 0 && (key = await client.FindSealingKeyAsync(account, limit.Token)) is null)
        {
            return TransferNotSent(ChannelTransferState.TransferUnknown, "NOT_SENT", "The platform's certificates could not be downloaded.");
        }

        var response = await client.SendAsync(account, HttpMethod.Post, TransfersPath, TransferBody(account, request, key), limit.Token, key?.Serial);
        var reply = Told(account, response, code => ErrorMap.OfTransfer(response, code) switch
        {
            ErrorClass.Refused => ChannelTransferState.TransferRefused,
            ErrorClass.NoBalance => ChannelTransferState.TransferNoBalance,
            _ => ChannelTransferState.TransferUnknown,
        });
        // "Not accepted; slower, same number" (7.6): of this call, not of an earlier one.
        reply.NotExecuted = ErrorMap.OfTransfer(response, reply.Code) == ErrorClass.Later;
        return reply is { State: ChannelTransferState.TransferRefused, Facts: null } ? await ConfirmedAsync(account, request.TransferNo, reply, limit.Token) : reply;
    }

    private async Task<ChannelTransferReply> QueryTransferAsync(ChannelQueryTransferRequest request, CancellationToken cancellation)
    {
        var account = accounts.Find(request.Account);
        return RefuseQuestion(account, request) ?? await QueryTransferAsync(account!, request.TransferNo, cancellation);
    }

    private async Task<ChannelTransferReply> CancelTransferAsync(ChannelQueryTransferRequest request)
    {
        var account = accounts.Find(request.Account);
        if (RefuseQuestion(account, request) is { } refusal)
        {
            return refusal;
        }

        // Too late is INVALID_REQUEST (7.5): whatever is no answer leaves it to the query.
        var response = await client.SendAsync(account!, HttpMethod.Post, $"{TransferPath(request.TransferNo)}/cancel", null, CancellationToken.None);
        return Told(account!, response, code => NotFoundOrUnknown(response, code));
    }

    private async Task<ChannelTransferReply> QueryTransferAsync(WechatAccount account, string transferNo, CancellationToken cancellation)
    {
        var response = await client.SendAsync(account, HttpMethod.Get, TransferPath(transferNo), null, cancellation);
        return Told(account, response, code => NotFoundOrUnknown(response, code));
    }

    /// <summary>A refusal may be of this call while the number is in use there: only that it is unknown proves that nothing is paid (7.6).</summary>
    private async Task<ChannelTransferReply> ConfirmedAsync(WechatAccount account, string transferNo, ChannelTransferReply refusal, CancellationToken limit)
    {
        var told = await QueryTransferAsync(account, transferNo, limit);
        switch (told.State)
        {
            case ChannelTransferState.TransferNotFound:
                return refusal;
            case ChannelTransferState.TransferUnknown:
                refusal.State = ChannelTransferState.TransferUnknown;
                return refusal;
            default:
                return told;
        }
    }

    private static byte[] TransferBody(WechatAccount account, ChannelTransferRequest request, WechatPlatformKey? key) => WechatJson.Write(new TransferRequest(
        account.AppId,
        request.TransferNo,
        account.TransferSceneId!,
        request.Payee.Id,
        // Sealed anew by a repeat: the platform compares what is in it.
        key?.Seal(request.Payee.Name),
        request.AmountMinor,
        request.Title,
        request.CallbackUrl,
        account.TransferPerception,
        account.TransferReportInfos.Select(i => new ReportInfo(i.Key, i.Value))));

    /// <summary>What a signed answer says of a transfer; it may be another's, and the caller compares. Otherwise what the error means.</summary>
    private static ChannelTransferReply Told(WechatAccount account, WechatResponse response, Func<string, ChannelTransferState> error)
    {
        var reply = new ChannelTransferReply { TraceId = response.RequestId, NothingSent = response.Kind == WechatResponseKind.NothingSent };
        if (response is not { Kind: WechatResponseKind.Answer, Status: 200 })
        {
            (reply.Code, reply.Message) = Words(response);
            reply.State = error(reply.Code);
            return reply;
        }

        var bill = WechatJson.Read<TransferBill>(response.Body);
        reply.State = StatusMap.OfTransfer(bill?.State);
        // Accepted: repeating is allowed. Processing: it stays so while the balance is too low, until the same request comes again (7.2).
        reply.Repeatable = bill?.State is "ACCEPTED" or "PROCESSING";
        if (bill is null || reply.State == ChannelTransferState.TransferUnknown)
        {
            (reply.Code, reply.Message) = (response.Code, "The answer is signed, and holds no transfer with a state that counts.");
            return reply;
        }

        reply.Code = CodeOf(bill);
        reply.Facts = Facts.Of(account, bill);
        if (reply.State == ChannelTransferState.TransferWaitPayee && bill.PackageInfo is { Length: > 0 and <= PackageInfoCharsMax } package)
        {
            // What opens the wallet's page (7.3); it is not signed.
            reply.Action = new Contracts.V1.Action
            {
                ClientParameters = new ClientParameters { Values = { ["mchId"] = account.MchId, ["appId"] = account.AppId, ["package"] = package } },
            };
        }

        // A query never has it (7.4): only the answer to the request does (7.1).
        reply.Repeatable |= reply is { State: ChannelTransferState.TransferWaitPayee, Action: null };
        return reply;
    }

    /// <summary>Why it failed, or how it stands.</summary>
    private static string CodeOf(TransferBill bill) => bill.FailReason is { Length: > 0 } reason ? PlainText.Clip(reason, 64) : bill.State!;

    private static ChannelTransferState NotFoundOrUnknown(WechatResponse response, string code) =>
        ErrorMap.IsNumberUnknown(response, code) ? ChannelTransferState.TransferNotFound : ChannelTransferState.TransferUnknown;

    private static ChannelTransferReply? RefuseQuestion(WechatAccount? account, ChannelQueryTransferRequest request) =>
        account is null ? TransferNotSent(ChannelTransferState.TransferUnknown, "ACCOUNT_UNKNOWN", NoAccount)
        : WechatRules.IsTransferNumber(request.TransferNo) ? null
        : TransferNotSent(ChannelTransferState.TransferUnknown, "FIELD_INVALID", WechatRules.TransferNumber);

    private static string TransferPath(string transferNo) => $"{TransfersPath}/out-bill-no/{transferNo}";

    private static ChannelTransferReply TransferNotSent(ChannelTransferState state, string code, string message) =>
        new() { State = state, Code = code, Message = message, NothingSent = true };
}
