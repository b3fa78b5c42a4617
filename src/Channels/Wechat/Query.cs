using PayCore.Contracts.V1;

namespace PayCore.Channels.Wechat;

// Asking by our own number (wechat-pay-v3.md 4).
internal sealed partial class WechatChannel
{
    private async Task<ChannelQueryReply> QueryAsync(ChannelQueryRequest request, CancellationToken cancellation)
    {
        var account = Find(request.Account);
        if (account is null)
        {
            return new ChannelQueryReply { State = ChannelPayState.ChannelUnknown, Code = "ACCOUNT_UNKNOWN" };
        }

        var response = await client.SendAsync(
            account, HttpMethod.Get, $"{OrderPath(request.AttemptNo)}?mchid={account.MchId}", null, cancellation);
        var reply = new ChannelQueryReply { State = ChannelPayState.ChannelUnknown, TraceId = response.RequestId, Code = $"HTTP_{response.Status}", Message = response.Problem };
        if (response.Kind != WechatResponseKind.Answer)
        {
            return reply;
        }

        if (response.Status != 200)
        {
            var error = WechatJson.Read<ErrorAnswer>(response.Body);
            (reply.Code, reply.Message) = (error?.Code ?? reply.Code, error?.Message ?? "");
            // An unsigned error never makes an order paid or closed; it can only say that the number is not known.
            reply.State = ErrorMap.StateOf(response.Status, error?.Code) == ChannelPayState.ChannelNotFound
                ? ChannelPayState.ChannelNotFound
                : ChannelPayState.ChannelUnknown;
            return reply;
        }

        if (WechatJson.Read<Transaction>(response.Body) is { } transaction)
        {
            reply.State = StatusMap.Of(transaction.TradeState);
            reply.Facts = Facts.Of(transaction);
            reply.Code = transaction.TradeState ?? "";
            if (reply.State is ChannelPayState.ChannelNotPaid or ChannelPayState.ChannelClosed && transaction.OutTradeNo != request.AttemptNo)
            {
                // An answer about another number says nothing about this one.
                reply.State = ChannelPayState.ChannelUnknown;
            }
        }

        return reply;
    }
}
