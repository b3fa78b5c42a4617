using PayCore.Contracts.V1;

namespace PayCore.Channels.Wechat;

// Giving money back, and asking what became of it (wechat-pay-v3.md 6). Always under a number of its own: the same number is one refund, however often it is sent.
// "Taken" is not "done". The caller's cancellation does not apply to a refund.
internal sealed partial class WechatChannel
{
    private const string RefundsPath = "/v3/refund/domestic/refunds";

    private async Task<ChannelRefundReply> RefundAsync(ChannelRefundRequest request)
    {
        var account = accounts.Find(request.Account);
        if (account is null)
        {
            return RefundNotSent(ChannelRefundState.RefundUnknown, "ACCOUNT_UNKNOWN", NoAccount);
        }

        if (WechatRules.Refuse(request) is var (code, message))
        {
            return RefundNotSent(ChannelRefundState.RefundRefused, code, message);
        }

        var body = WechatJson.Write(new RefundRequest(
            request.AttemptNo,
            request.RefundNo,
            request.Reason is { Length: > 0 } reason ? reason : null,
            request.CallbackUrl,
            new RefundRequestAmount(request.AmountMinor, request.PaidAmountMinor, WechatRules.Currency)));
        var response = await client.SendAsync(account, HttpMethod.Post, RefundsPath, body, CancellationToken.None);
        return Told(account, response, code => ErrorMap.OfRefund(response, code) switch
        {
            ErrorClass.Refused => ChannelRefundState.RefundRefused,
            ErrorClass.NoBalance => ChannelRefundState.RefundNoBalance,
            _ => ChannelRefundState.RefundUnknown,
        });
    }

    private async Task<ChannelRefundReply> QueryRefundAsync(ChannelQueryRefundRequest request, CancellationToken cancellation)
    {
        var account = accounts.Find(request.Account);
        if (account is null)
        {
            return RefundNotSent(ChannelRefundState.RefundUnknown, "ACCOUNT_UNKNOWN", NoAccount);
        }

        if (!WechatRules.IsRefundNumber(request.RefundNo))
        {
            return RefundNotSent(ChannelRefundState.RefundUnknown, "FIELD_INVALID", WechatRules.RefundNumber);
        }

        var response = await client.SendAsync(account, HttpMethod.Get, $"{RefundsPath}/{Uri.EscapeDataString(request.RefundNo)}", null, cancellation);
        return Told(
            account, response, code => ErrorMap.IsNumberUnknown(response, code) ? ChannelRefundState.RefundNotFound : ChannelRefundState.RefundUnknown);
    }

    /// <summary>What a signed answer says of a refund; it may be another's, and the caller compares. Otherwise what the error means.</summary>
    private static ChannelRefundReply Told(WechatAccount account, WechatResponse response, Func<string, ChannelRefundState> error)
    {
        var reply = new ChannelRefundReply { TraceId = response.RequestId, NothingSent = response.Kind == WechatResponseKind.NothingSent };
        if (response is not { Kind: WechatResponseKind.Answer, Status: 200 })
        {
            (reply.Code, reply.Message) = Words(response);
            reply.State = error(reply.Code);
            return reply;
        }

        var refund = WechatJson.Read<RefundObject>(response.Body);
        reply.State = StatusMap.OfRefund(refund?.State);
        if (reply.State == ChannelRefundState.RefundUnknown)
        {
            (reply.Code, reply.Message) = (response.Code, "The answer is signed, and holds no refund with a status that counts.");
            return reply;
        }

        reply.Code = refund!.State!;
        reply.Facts = Facts.Of(account, refund);
        return reply;
    }

    private static ChannelRefundReply RefundNotSent(ChannelRefundState state, string code, string message) =>
        new() { State = state, Code = code, Message = message, NothingSent = true };
}
