using PayCore.Contracts.V1;

namespace PayCore.Channels.Alipay;

// A payment by the code that the user shows, alipay.trade.pay (alipay.md 4.7). There is nothing for the user's client to do, so no action comes back. "Processed"
// alone is no proof of payment: a query is. Who waits at the till asks on, and takes the payment back when it stays unknown.
internal sealed partial class AlipayChannel
{
    private async Task<ChannelPayReply> PayByBarcodeAsync(AlipayAccount account, ChannelPayRequest request)
    {
        var order = Order(account, request) with
        {
            Scene = AlipayRules.IsFaceToken(request.Buyer) ? "security_code" : "bar_code",
            AuthCode = request.Buyer,
        };
        var response = await client.SendAsync(account, "alipay.trade.pay", AlipayJson.Write(order), CancellationToken.None, request.CallbackUrl);
        var isWaiting = response is { Kind: AlipayResponseKind.Verified, Head.Code: AlipayClient.InProcessCode };
        if (!response.IsSuccess && !isWaiting)
        {
            return NotPlaced(response);
        }

        var trade = AlipayJson.Read<Trade>(response.Node);
        var isOurs = trade?.OutTradeNo == request.AttemptNo
            && (isWaiting || (trade.TradeNo is { Length: > 0 } && Yuan.Read(trade.TotalAmount) == request.AmountMinor));
        return (isOurs, isWaiting) switch
        {
            (true, true) => new ChannelPayReply
            {
                Outcome = Outcome.Yes, Code = AlipayClient.InProcessCode, Message = "The user has to confirm the payment in the wallet.", TraceId = response.TraceId,
            },
            (true, false) => new ChannelPayReply { Outcome = Outcome.Yes, QueryNow = true, TraceId = response.TraceId },
            _ => new ChannelPayReply
            {
                Outcome = Outcome.Unknown, Code = NoUsable, Message = "The answer tells of another payment.", QueryNow = true, TraceId = response.TraceId,
            },
        };
    }
}
