using PayCore.Contracts.V1;

namespace PayCore.Channels.Alipay;

// Closing (alipay.md 5.2). Works only on a trade that exists and is unpaid; a code that nobody scanned cannot be closed and stays payable until its expiry. The
// caller's cancellation does not apply.
internal sealed partial class AlipayChannel
{
    private async Task<ChannelCloseReply> CloseAsync(ChannelCloseRequest request)
    {
        var account = accounts.Find(request.Account);
        if (account is null)
        {
            return NotClosed("ACCOUNT_UNKNOWN", NoAccount);
        }

        if (!AlipayRules.IsNumber(request.AttemptNo))
        {
            return NotClosed("FIELD_INVALID", "attempt_no: 1 to 64 of [0-9A-Za-z_].");
        }

        var response = await client.SendAsync(
            account, "alipay.trade.close", AlipayJson.Write(new TradeNumber(request.AttemptNo)), CancellationToken.None);
        if (response.IsSuccess)
        {
            return Closed(request.AttemptNo, response);
        }

        var (code, message) = Words(response);
        var state = ErrorMap.StateOf(response);
        var isRefused = state != ChannelPayState.ChannelUnknown || ErrorMap.IsStatusError(response);
        return new ChannelCloseReply
        {
            Outcome = isRefused ? Outcome.No : Outcome.Unknown,
            State = state,
            Code = code,
            Message = message,
            TraceId = response.TraceId,
        };
    }

    private static ChannelCloseReply Closed(string attemptNo, AlipayResponse response)
    {
        var isOurs = AlipayJson.Read<Trade>(response.Node)?.OutTradeNo == attemptNo;
        var reply = isOurs ? new ChannelCloseReply { Outcome = Outcome.Yes, State = ChannelPayState.ChannelClosed }
            : NotClosed(NoUsable, "The answer tells of another number.");
        reply.TraceId = response.TraceId;
        return reply;
    }

    private static ChannelCloseReply NotClosed(string code, string message) =>
        new() { Outcome = Outcome.Unknown, State = ChannelPayState.ChannelUnknown, Code = code, Message = message };
}
