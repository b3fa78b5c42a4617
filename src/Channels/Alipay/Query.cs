using Microsoft.Extensions.Logging;
using PayCore.Contracts.V1;

namespace PayCore.Channels.Alipay;

// Asking by our own number (alipay.md 5.1). Reads only, so the caller's cancellation ends it. Before the user scans or opens the page, the platform does not
// know the number, and it can be paid all the same.
internal sealed partial class AlipayChannel
{
    private async Task<ChannelQueryReply> QueryAsync(ChannelQueryRequest request, CancellationToken cancellation)
    {
        var account = accounts.Find(request.Account);
        if (account is null)
        {
            return NotAsked("ACCOUNT_UNKNOWN", NoAccount);
        }

        if (!AlipayRules.IsNumber(request.AttemptNo))
        {
            return NotAsked("FIELD_INVALID", "attempt_no: 1 to 64 of [0-9A-Za-z_].");
        }

        var response = await client.SendAsync(account, QueryMethod, AlipayJson.Write(new TradeNumber(request.AttemptNo)), cancellation);
        if (response.IsSuccess)
        {
            return Told(account, request.AttemptNo, response);
        }

        var (code, message) = Words(response);
        // An error can say that the number is not known, and never that it is paid or closed: that needs the trade's own facts.
        var isNotFound = ErrorMap.StateOf(response) == ChannelPayState.ChannelNotFound;
        return new ChannelQueryReply
        {
            State = isNotFound ? ChannelPayState.ChannelNotFound : ChannelPayState.ChannelUnknown,
            Code = code,
            Message = message,
            TraceId = response.TraceId,
        };
    }

    private ChannelQueryReply Told(AlipayAccount account, string attemptNo, AlipayResponse response)
    {
        var reply = new ChannelQueryReply { State = ChannelPayState.ChannelUnknown, TraceId = response.TraceId };
        var trade = AlipayJson.Read<Trade>(response.Node);
        var amount = Yuan.Read(trade?.TotalAmount);
        if (trade is null || (trade.TotalAmount is not null && amount is null))
        {
            (reply.Code, reply.Message) = (NoUsable, "The answer is signed but cannot be read.");
            return reply;
        }

        reply.Facts = Facts.Of(trade, amount);
        reply.Code = StatusMap.Name(trade.TradeStatus);
        reply.State = StatusMap.Of(trade.TradeStatus, wasPaid: trade.SendPayDate is not null);
        if (reply.State == ChannelPayState.ChannelPaid && trade.CreditPayMode is { Length: > 0 })
        {
            // The user has promised the money and not paid it (5.1).
            log.LogError(
                "Alipay trade {AttemptNo} of account {Account} is on credit ({CreditPayMode}): it does not count as paid; look at it in Alipay's console",
                attemptNo, account.Name, PlainText.Clip(trade.CreditPayMode, 64));
            (reply.State, reply.Message) = (ChannelPayState.ChannelNotPaid, "The trade is on credit (credit_pay_mode): the money is not paid yet.");
        }

        if (trade.OutTradeNo != attemptNo && reply.State != ChannelPayState.ChannelPaid)
        {
            // An answer about another number says nothing about this one. A paid one goes on: the caller compares its facts and keeps the difference.
            (reply.State, reply.Message) = (ChannelPayState.ChannelUnknown, "The answer tells of another number.");
        }

        return reply;
    }

    private static ChannelQueryReply NotAsked(string code, string message) =>
        new() { State = ChannelPayState.ChannelUnknown, Code = code, Message = message };
}
