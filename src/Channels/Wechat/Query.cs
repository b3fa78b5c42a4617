using PayCore.Contracts.V1;

namespace PayCore.Channels.Wechat;

// Asking by our own number (wechat-pay-v3.md 4.1 to 4.3). Reads only, so the caller's cancellation ends it.
internal sealed partial class WechatChannel
{
    private async Task<ChannelQueryReply> QueryAsync(ChannelQueryRequest request, CancellationToken cancellation)
    {
        var account = accounts.Find(request.Account);
        if (account is null)
        {
            return NotAsked("ACCOUNT_UNKNOWN", NoAccount);
        }

        if (!WechatRules.IsNumber(request.AttemptNo))
        {
            return NotAsked("FIELD_INVALID", WechatRules.AttemptNumber);
        }

        var response = await client.SendAsync(account, HttpMethod.Get, $"{OrderPath(request.AttemptNo)}?mchid={account.MchId}", null, cancellation);
        if (response.Kind == WechatResponseKind.Answer && response.Status == 200)
        {
            return Told(account, request.AttemptNo, response);
        }

        var (code, message) = Words(response);
        // An error answer need not be signed: it can say that the number is not known, and never that it is paid or closed (2.2).
        var isNotFound = response.Kind == WechatResponseKind.Answer && ErrorMap.StateOf(response.Status, code) == ChannelPayState.ChannelNotFound;
        return new ChannelQueryReply
        {
            State = isNotFound ? ChannelPayState.ChannelNotFound : ChannelPayState.ChannelUnknown,
            Code = code,
            Message = message,
            TraceId = response.RequestId,
        };
    }

    private static ChannelQueryReply Told(WechatAccount account, string attemptNo, WechatResponse response)
    {
        var reply = new ChannelQueryReply { State = ChannelPayState.ChannelUnknown, TraceId = response.RequestId };
        if (WechatJson.Read<Transaction>(response.Body) is not { } transaction)
        {
            (reply.Code, reply.Message) = (response.Code, "The answer is signed but cannot be read.");
            return reply;
        }

        reply.Facts = Facts.Of(account, transaction);
        reply.Code = StatusMap.Name(transaction.TradeState);
        reply.State = StatusMap.Of(transaction.TradeState);
        var isAnothers = transaction.OutTradeNo != attemptNo || transaction.MchId != account.MchId;
        if (isAnothers && reply.State != ChannelPayState.ChannelPaid)
        {
            // An answer about another number says nothing about this one. A paid one goes on: the caller compares its facts and keeps the difference.
            (reply.State, reply.Message) = (ChannelPayState.ChannelUnknown, "The answer tells of another number or merchant.");
        }

        return reply;
    }

    private static ChannelQueryReply NotAsked(string code, string message) =>
        new() { State = ChannelPayState.ChannelUnknown, Code = code, Message = message };
}
