using PayCore.Contracts.V1;

namespace PayCore.Channels.Wechat;

// Closing (wechat-pay-v3.md 4.4). Idempotent at the platform; a payer at the password page may still win, so the caller queries once more.
internal sealed partial class WechatChannel
{
    private async Task<ChannelCloseReply> CloseAsync(ChannelCloseRequest request)
    {
        var account = Find(request.Account);
        if (account is null)
        {
            return new ChannelCloseReply { Outcome = Outcome.Unknown, State = ChannelPayState.ChannelUnknown, Code = "ACCOUNT_UNKNOWN" };
        }

        var response = await client.SendAsync(
            account, HttpMethod.Post, $"{OrderPath(request.AttemptNo)}/close", WechatJson.Write(new CloseRequest(account.MchId)), CancellationToken.None);
        var reply = new ChannelCloseReply
        {
            Outcome = Outcome.Unknown,
            State = ChannelPayState.ChannelUnknown,
            TraceId = response.RequestId,
            Code = $"HTTP_{response.Status}",
            Message = response.Problem,
        };
        if (response.Kind != WechatResponseKind.Answer)
        {
            return reply;
        }

        if (response.Status is 200 or 204)
        {
            (reply.Outcome, reply.State, reply.Code) = (Outcome.Yes, ChannelPayState.ChannelClosed, "");
            return reply;
        }

        var error = WechatJson.Read<ErrorAnswer>(response.Body);
        (reply.Code, reply.Message) = (error?.Code ?? reply.Code, error?.Message ?? "");
        reply.State = ErrorMap.StateOf(response.Status, error?.Code);
        if (reply.State != ChannelPayState.ChannelUnknown)
        {
            // Paid, closed before, or not known: the query after it decides.
            reply.Outcome = Outcome.No;
        }

        return reply;
    }
}
