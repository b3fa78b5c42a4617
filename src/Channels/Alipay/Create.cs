using PayCore.Contracts.V1;

namespace PayCore.Channels.Alipay;

// A payment inside Alipay, from a web page or a mini program: alipay.trade.create (alipay.md 4.6). The trade exists at once; the same number with the same content
// is the same trade. The client opens it by its number at the platform.
internal sealed partial class AlipayChannel
{
    private const int TradeNoCharsMax = 64;

    private async Task<ChannelPayReply> PayInsideAsync(AlipayAccount account, ChannelPayRequest request)
    {
        var order = Order(account, request) with { OpAppId = account.OpAppId };
        // An open id is one under the application in which the user pays.
        order = AlipayRules.IsUserId(request.Buyer) ? order with { BuyerId = request.Buyer }
            : account.OpAppId == account.AppId ? order with { BuyerOpenId = request.Buyer }
            : order with { OpBuyerOpenId = request.Buyer };
        var response = await client.SendAsync(account, "alipay.trade.create", AlipayJson.Write(order), CancellationToken.None, request.CallbackUrl);
        if (!response.IsSuccess)
        {
            return NotPlaced(response);
        }

        return AlipayJson.Read<CreateAnswer>(response.Node) is { TradeNo: { Length: > 0 and <= TradeNoCharsMax } tradeNo } answer && answer.OutTradeNo == request.AttemptNo
            ? new ChannelPayReply { Outcome = Outcome.Yes, Action = ForClient("tradeNO", tradeNo), TraceId = response.TraceId }
            : NoUsableAnswer("The answer holds no trade_no for this number.", response);
    }
}
