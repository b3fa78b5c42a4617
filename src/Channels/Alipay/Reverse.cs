using PayCore.Contracts.V1;

namespace PayCore.Channels.Alipay;

// Taking a payment by barcode back, alipay.trade.cancel (alipay.md 5.3): an unpaid trade is closed, a paid one is refunded whole. The caller's cancellation does
// not apply. A trade that the platform does not know is no yes: the payment may still be on its way there.
internal sealed partial class AlipayChannel
{
    private async Task<ChannelReverseReply> ReverseAsync(ChannelReverseRequest request)
    {
        if (accounts.Find(request.Account) is not { } account)
        {
            return NotReversed(Outcome.Unknown, "ACCOUNT_UNKNOWN", NoAccount);
        }

        if (!AlipayRules.IsNumber(request.AttemptNo))
        {
            return NotReversed(Outcome.Unknown, "FIELD_INVALID", "attempt_no: 1 to 64 of [0-9A-Za-z_].");
        }

        var response = await client.SendAsync(
            account, "alipay.trade.cancel", AlipayJson.Write(new TradeNumber(request.AttemptNo)), CancellationToken.None);
        ChannelReverseReply reply;
        if (response.IsSuccess)
        {
            reply = Reversed(request.AttemptNo, AlipayJson.Read<CancelAnswer>(response.Node));
        }
        else
        {
            var (code, message) = Words(response);
            reply = NotReversed(ErrorMap.OfReverse(response) == ErrorClass.Refused ? Outcome.No : Outcome.Unknown, code, message);
        }

        reply.TraceId = response.TraceId;
        return reply;
    }

    private static ChannelReverseReply Reversed(string attemptNo, CancelAnswer? answer) => answer switch
    {
        _ when answer?.OutTradeNo != attemptNo => NotReversed(Outcome.Unknown, NoUsable, "The answer tells of another number."),
        { RetryFlag: "N", Action: "close" } => new ChannelReverseReply { Outcome = Outcome.Yes },
        { RetryFlag: "N", Action: "refund" } => new ChannelReverseReply { Outcome = Outcome.Yes, Refunded = true },
        { RetryFlag: "N", Action: null or "" } => NotReversed(Outcome.Unknown, "TRADE_NOT_EXIST", "Alipay found no trade to take back."),
        _ => NotReversed(Outcome.Unknown, "RETRY", "Alipay asks to cancel once more."),
    };

    private static ChannelReverseReply NotReversed(Outcome outcome, string code, string message) =>
        new() { Outcome = outcome, Code = code, Message = message };
}
