using PayCore.Contracts.V1;

namespace PayCore.Channels.Alipay;

// Paying out, alipay.fund.trans.uni.transfer, and asking what became of it (alipay.md 8). In certificate mode only. Our number is the key: an equal repeat of it pays
// nothing twice. A refusal counts only when it is signed and on the list; "not found" straight after sending proves nothing. The caller's cancellation does not
// apply to a transfer.
internal sealed partial class AlipayChannel
{
    private const string ToAccount = "TRANS_ACCOUNT_NO_PWD";
    private const string ToBank = "TRANS_BANKCARD_NO_PWD";
    private const string BizScene = "DIRECT_TRANSFER";

    /// <summary>What Alipay calls a bank account of a person.</summary>
    private const string PrivateBankAccount = "2";

    private const string CertificatesNeeded = "CERTIFICATE_MODE_NEEDED";
    private const string CertificatesNeededText =
        "Alipay pays out in certificate mode only: switch the application to certificates in Alipay's console and set app_cert, alipay_cert and alipay_root_cert.";

    private async Task<ChannelTransferReply> TransferAsync(ChannelTransferRequest request)
    {
        if (accounts.Find(request.Account) is not { } account)
        {
            return TransferNotSent(ChannelTransferState.TransferUnknown, "ACCOUNT_UNKNOWN", NoAccount);
        }

        if (!account.Enabled)
        {
            return TransferNotSent(ChannelTransferState.TransferRefused, "ACCOUNT_DISABLED", AccountDisabled);
        }

        if (account.Certificates is null)
        {
            return TransferNotSent(ChannelTransferState.TransferRefused, CertificatesNeeded, CertificatesNeededText);
        }

        if (Ended(account) is { } ended)
        {
            return TransferNotSent(ChannelTransferState.TransferUnknown, AppCertExpired, ended);
        }

        if (AlipayRules.Refuse(request) is var (code, message))
        {
            return TransferNotSent(ChannelTransferState.TransferRefused, code, message);
        }

        var response = await client.SendAsync(account, "alipay.fund.trans.uni.transfer", AlipayJson.Write(PayOut(request)), CancellationToken.None);
        if (response.IsSuccess)
        {
            return Transferred(request, response);
        }

        var meaning = ErrorMap.OfTransfer(response);
        var reply = NotTransferred(
            meaning switch
            {
                ErrorClass.Refused => ChannelTransferState.TransferRefused,
                ErrorClass.NoBalance => ChannelTransferState.TransferNoBalance,
                _ => ChannelTransferState.TransferUnknown,
            },
            response);
        // Of this call; what became of an earlier one it does not say (3.4).
        reply.NotExecuted = meaning == ErrorClass.Later;
        return reply;
    }

    private async Task<ChannelTransferReply> QueryTransferAsync(ChannelQueryTransferRequest request, CancellationToken cancellation)
    {
        if (accounts.Find(request.Account) is not { } account)
        {
            return TransferNotSent(ChannelTransferState.TransferUnknown, "ACCOUNT_UNKNOWN", NoAccount);
        }

        if (account.Certificates is null)
        {
            return TransferNotSent(ChannelTransferState.TransferUnknown, CertificatesNeeded, CertificatesNeededText);
        }

        if (!AlipayRules.IsNumber(request.TransferNo))
        {
            return TransferNotSent(ChannelTransferState.TransferUnknown, "FIELD_INVALID", "transfer_no: 1 to 64 of [0-9A-Za-z_].");
        }

        // The platform wants to know which product the number was used for, and we do not: "not found" needs both.
        var reply = await QueryTransferAsync(account, request.TransferNo, ToAccount, cancellation);
        return reply.State == ChannelTransferState.TransferNotFound ? await QueryTransferAsync(account, request.TransferNo, ToBank, cancellation) : reply;
    }

    private async Task<ChannelTransferReply> QueryTransferAsync(AlipayAccount account, string transferNo, string productCode, CancellationToken cancellation)
    {
        var content = AlipayJson.Write(new TransferNumber(transferNo, productCode, BizScene));
        var response = await client.SendAsync(account, "alipay.fund.trans.common.query", content, cancellation);
        return response.IsSuccess ? TransferTold(transferNo, response)
            : NotTransferred(ErrorMap.IsTransferNotFound(response) ? ChannelTransferState.TransferNotFound : ChannelTransferState.TransferUnknown, response);
    }

    private static PayOutRequest PayOut(ChannelTransferRequest request)
    {
        var payee = request.Payee;
        var isBank = payee.Kind == Payee.Types.Kind.BankAccount;
        var info = new PayeeInfo(
            payee.Id,
            payee.Kind switch
            {
                Payee.Types.Kind.UserId => "ALIPAY_USER_ID",
                Payee.Types.Kind.LoginId => "ALIPAY_LOGON_ID",
                Payee.Types.Kind.BankAccount => "BANKCARD_ACCOUNT",
                _ => "ALIPAY_OPEN_ID",
            },
            payee.Name is { Length: > 0 } name ? name : null)
        {
            BankcardExtInfo = isBank ? new BankCard(PrivateBankAccount, payee.Bank) : null,
        };
        return new PayOutRequest(
            request.TransferNo, Yuan.Write(request.AmountMinor), isBank ? ToBank : ToAccount, BizScene, request.Title, info,
            request.Remark is { Length: > 0 } remark ? remark : null);
    }

    private static ChannelTransferReply Transferred(ChannelTransferRequest request, AlipayResponse response)
    {
        var answer = AlipayJson.Read<TransferAnswer>(response.Node);
        var said = answer?.Amount ?? answer?.TransAmount;
        var amount = Yuan.Read(said);
        if (answer?.OutBizNo != request.TransferNo || (said is not null && amount != request.AmountMinor))
        {
            return NoUsableTransfer("The answer tells of another transfer, or cannot be read.", response);
        }

        // Old answers have no status; to an account, they are sent when it is done (8.1).
        var isOldSuccess = answer is { Status: null or "", OrderId.Length: > 0 } && request.Payee.Kind != Payee.Types.Kind.BankAccount;
        return Told(isOldSuccess ? ChannelTransferState.TransferDone : StatusMap.OfTransfer(answer.Status), answer, amount, response);
    }

    private static ChannelTransferReply TransferTold(string transferNo, AlipayResponse response)
    {
        var answer = AlipayJson.Read<TransferAnswer>(response.Node);
        var amount = Yuan.Read(answer?.TransAmount);
        return answer?.OutBizNo != transferNo || (answer.TransAmount is not null && amount is null)
            ? NoUsableTransfer("The answer tells of another transfer, or cannot be read.", response)
            : Told(StatusMap.OfTransfer(answer.Status), answer, amount, response);
    }

    private static ChannelTransferReply Told(ChannelTransferState state, TransferAnswer answer, long? amount, AlipayResponse response)
    {
        var facts = Facts.Of(answer, amount);
        facts.State = state;
        var (code, message) = WhyOf(answer);
        return new ChannelTransferReply
        {
            State = state,
            Facts = facts,
            Code = state == ChannelTransferState.TransferUnknown && answer.ErrorCode is not { Length: > 0 } ? "TRANSFER_STATUS_UNKNOWN" : code,
            Message = message,
            TraceId = response.TraceId,
        };
    }

    /// <summary>Why it failed, or how it stands, in the platform's words.</summary>
    private static (string Code, string Message) WhyOf(TransferAnswer answer) => (
        answer.ErrorCode is { Length: > 0 } error ? PlainText.Clip(error, 64) : answer.Status ?? "", PlainText.Clip(answer.FailReason));

    private static ChannelTransferReply NotTransferred(ChannelTransferState state, AlipayResponse response)
    {
        var (code, message) = Words(response);
        return new ChannelTransferReply
        {
            State = state, Code = code, Message = message, NothingSent = response.Kind == AlipayResponseKind.NothingSent, TraceId = response.TraceId,
        };
    }

    private static ChannelTransferReply NoUsableTransfer(string message, AlipayResponse response) =>
        new() { State = ChannelTransferState.TransferUnknown, Code = NoUsable, Message = message, TraceId = response.TraceId };

    private static ChannelTransferReply TransferNotSent(ChannelTransferState state, string code, string message) =>
        new() { State = state, Code = code, Message = message, NothingSent = true };
}
