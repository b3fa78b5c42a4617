using PayCore.Contracts.V1;

namespace PayCore.Channels.Wechat;

// Closing (wechat-pay-v3.md 4.4). Idempotent at the platform; a payer at the password page may still win, so the caller queries once more. The caller's
// cancellation does not apply.
internal sealed partial class WechatChannel
{
    private async Task<ChannelCloseReply> CloseAsync(ChannelCloseRequest request)
    {
        var account = accounts.Find(request.Account);
        if (account is null)
        {
            return NotClosed("ACCOUNT_UNKNOWN", NoAccount);
        }

        if (!WechatRules.IsNumber(request.AttemptNo))
        {
            return NotClosed("FIELD_INVALID", WechatRules.AttemptNumber);
        }

        var response = await client.SendAsync(
            account, HttpMethod.Post, $"{OrderPath(request.AttemptNo)}/close", WechatJson.Write(new CloseRequest(account.MchId)), CancellationToken.None);
        if (response.Kind == WechatResponseKind.Answer && response.Status == 204)
        {
            return new ChannelCloseReply { Outcome = Outcome.Yes, State = ChannelPayState.ChannelClosed, TraceId = response.RequestId };
        }

        var (code, message) = Words(response);
        var state = response.Kind == WechatResponseKind.Answer ? ErrorMap.StateOf(response.Status, code) : ChannelPayState.ChannelUnknown;
        return new ChannelCloseReply
        {
            // Paid, closed before or not known: a refusal that need not be signed, so it is no confirmation; the query after it decides.
            Outcome = state == ChannelPayState.ChannelUnknown ? Outcome.Unknown : Outcome.No,
            State = state,
            Code = code,
            Message = message,
            TraceId = response.RequestId,
        };
    }

    private static ChannelCloseReply NotClosed(string code, string message) =>
        new() { Outcome = Outcome.Unknown, State = ChannelPayState.ChannelUnknown, Code = code, Message = message };
}
