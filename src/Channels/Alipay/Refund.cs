using System.Text.Json;
using PayCore.Contracts.V1;

namespace PayCore.Channels.Alipay;

// Giving money back, alipay.trade.refund, and asking what became of it (alipay.md 7). Always under a number of its own: the same number with the same amount is one
// refund however often it is sent. "Processed" is not "refunded": fund_change or the refund query says that. The caller's cancellation does not apply to a refund.
internal sealed partial class AlipayChannel
{
    private const string DepositBack = "deposit_back_info";
    private static readonly string[] _refundOptions = [DepositBack];
    private static readonly string[] _refundQueryOptions = ["gmt_refund_pay", DepositBack];

    private async Task<ChannelRefundReply> RefundAsync(ChannelRefundRequest request)
    {
        if (accounts.Find(request.Account) is not { } account)
        {
            return RefundNotSent(ChannelRefundState.RefundUnknown, "ACCOUNT_UNKNOWN", NoAccount);
        }

        if (Ended(account) is { } ended)
        {
            return RefundNotSent(ChannelRefundState.RefundUnknown, AppCertExpired, ended);
        }

        if (AlipayRules.Refuse(request) is var (code, message))
        {
            return RefundNotSent(ChannelRefundState.RefundRefused, code, message);
        }

        var content = new RefundTradeRequest(
            request.AttemptNo, Yuan.Write(request.AmountMinor), request.RefundNo, request.Reason is { Length: > 0 } reason ? reason : null, _refundOptions);
        var response = await client.SendAsync(account, "alipay.trade.refund", AlipayJson.Write(content), CancellationToken.None);
        if (response.IsSuccess)
        {
            return Refunded(request, response);
        }

        var meaning = ErrorMap.OfRefund(response);
        var reply = NotRefunded(
            meaning switch
            {
                ErrorClass.Refused => ChannelRefundState.RefundRefused,
                ErrorClass.NoBalance => ChannelRefundState.RefundNoBalance,
                _ => ChannelRefundState.RefundUnknown,
            },
            response);
        // Of this call; what became of an earlier one it does not say (3.4).
        reply.NotExecuted = meaning == ErrorClass.Later;
        return reply;
    }

    private async Task<ChannelRefundReply> QueryRefundAsync(ChannelQueryRefundRequest request, CancellationToken cancellation)
    {
        if (accounts.Find(request.Account) is not { } account)
        {
            return RefundNotSent(ChannelRefundState.RefundUnknown, "ACCOUNT_UNKNOWN", NoAccount);
        }

        if (AlipayRules.RefuseNumbers(request.AttemptNo, request.RefundNo) is var (code, message))
        {
            return RefundNotSent(ChannelRefundState.RefundUnknown, code, message);
        }

        var content = AlipayJson.Write(new RefundNumber(request.AttemptNo, request.RefundNo, _refundQueryOptions));
        var response = await client.SendAsync(account, "alipay.trade.fastpay.refund.query", content, cancellation);
        if (response.IsSuccess)
        {
            return RefundTold(account, request, response);
        }

        var isNotFound = ErrorMap.StateOf(response) == ChannelPayState.ChannelNotFound;
        return NotRefunded(isNotFound ? ChannelRefundState.RefundNotFound : ChannelRefundState.RefundUnknown, response);
    }

    private static ChannelRefundReply Refunded(ChannelRefundRequest request, AlipayResponse response)
    {
        var answer = AlipayJson.Read<RefundAnswer>(response.Node);
        var sum = Yuan.Read(answer?.RefundFee);
        if (answer?.OutTradeNo != request.AttemptNo || (answer.RefundFee is not null && sum is null) || IsOtherTrade(request.ChannelOrderId, answer.TradeNo))
        {
            return NoUsableRefund("The answer tells of another payment, or cannot be read.", response);
        }

        if (answer.FundChange != "Y")
        {
            // The usual reason is that an earlier call under this number moved the money.
            return new ChannelRefundReply
            {
                State = ChannelRefundState.RefundPending, Code = "FUND_CHANGE_N",
                Message = "This call moved no money; the refund query tells whether an earlier one did.", TraceId = response.TraceId,
            };
        }

        // The sum of all refunds of the trade holds this one.
        if (sum < request.AmountMinor)
        {
            return NoUsableRefund("The answer tells of less money than this refund's.", response);
        }

        // The answer does not repeat our number and tells the sum only; that it moved money says that it did so under the number of this call.
        var facts = new RefundFacts { RefundNo = request.RefundNo, AttemptNo = answer.OutTradeNo, SuccessTime = ChinaTime.Read(answer.GmtRefundPay) };
        return Told(ChannelRefundState.RefundDone, response, facts);
    }

    private static ChannelRefundReply RefundTold(AlipayAccount account, ChannelQueryRefundRequest request, AlipayResponse response)
    {
        var answer = AlipayJson.Read<RefundQueryAnswer>(response.Node);
        var amount = Yuan.Read(answer?.RefundAmount);
        if (answer is null || (answer.RefundAmount is not null && amount is null))
        {
            return NoUsableRefund("The answer is signed but cannot be read.", response);
        }

        var isOurs = answer.OutTradeNo == request.AttemptNo && answer.OutRequestNo == request.RefundNo;
        var state = answer.RefundStatus switch
        {
            "REFUND_SUCCESS" => ChannelRefundState.RefundDone,
            "REFUND_PROCESSING" => ChannelRefundState.RefundPending,
            "REFUND_FAIL" => ChannelRefundState.RefundRefused,
            // Number and amount without a status: done at old applications, and not yet at others (7.3).
            null or "" when isOurs && amount > 0 => account.RefundsWithoutStatus ? ChannelRefundState.RefundDone : ChannelRefundState.RefundUnknown,
            null or "" => ChannelRefundState.RefundNotFound,
            _ => ChannelRefundState.RefundUnknown,
        };
        if (state is ChannelRefundState.RefundUnknown or ChannelRefundState.RefundNotFound)
        {
            return new ChannelRefundReply
            {
                State = state, Code = "REFUND_STATUS_UNKNOWN", Message = "The answer holds no refund_status that counts.", TraceId = response.TraceId,
            };
        }

        if (!isOurs)
        {
            return NoUsableRefund("The answer tells of another refund.", response);
        }

        var facts = new RefundFacts { RefundNo = answer.OutRequestNo, AttemptNo = answer.OutTradeNo, SuccessTime = ChinaTime.Read(answer.GmtRefundPay) };
        if (amount is { } minor)
        {
            facts.AmountMinor = minor;
        }

        var reply = Told(state, response, facts);
        reply.Code = answer.ErrorCode is { Length: > 0 } error ? PlainText.Clip(error, 64) : answer.RefundStatus ?? "";
        reply.Message = DepositBackNote(answer.DepositBackInfo);
        return reply;
    }

    /// <summary>What the user's bank did with the money (7.5); never a reason to take the refund for undone.</summary>
    private static string DepositBackNote(JsonElement? info) =>
        info is { ValueKind: JsonValueKind.Object } note && note.TryGetProperty("dback_status", out var status)
            ? status.ToString() switch
            {
                "F" => "The user's bank sent the money back; it is in the user's Alipay balance.",
                "P" => "The money is on its way to the user's bank.",
                _ => "",
            }
            : "";

    private static bool IsOtherTrade(string ours, string? theirs) => ours.Length > 0 && theirs is { Length: > 0 } && theirs != ours;

    private static ChannelRefundReply Told(ChannelRefundState state, AlipayResponse response, RefundFacts facts)
    {
        facts.State = state;
        return new ChannelRefundReply { State = state, Facts = facts, TraceId = response.TraceId };
    }

    private static ChannelRefundReply NotRefunded(ChannelRefundState state, AlipayResponse response)
    {
        var (code, message) = Words(response);
        return new ChannelRefundReply
        {
            State = state, Code = code, Message = message, NothingSent = response.Kind == AlipayResponseKind.NothingSent, TraceId = response.TraceId,
        };
    }

    private static ChannelRefundReply NoUsableRefund(string message, AlipayResponse response) =>
        new() { State = ChannelRefundState.RefundUnknown, Code = NoUsable, Message = message, TraceId = response.TraceId };

    private static ChannelRefundReply RefundNotSent(ChannelRefundState state, string code, string message) =>
        new() { State = state, Code = code, Message = message, NothingSent = true };
}
