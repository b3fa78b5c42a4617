using PayCore.Contracts.V1;

namespace PayCore.Channels.Alipay;

// A payment from the merchant's own phone application, alipay.trade.app.pay (alipay.md 1.7, 4.4). We only sign: Alipay's client SDK brings the order string to
// the platform unchanged, so nothing can be unknown here, and a repeat gives the same trade.
internal sealed partial class AlipayChannel
{
    private ChannelPayReply PayByApp(AlipayAccount account, ChannelPayRequest request)
    {
        var signed = SignedRequest.Create(
            account, "alipay.trade.app.pay", AlipayJson.Write(Order(account, request)), time.GetUtcNow(), request.CallbackUrl);
        return new ChannelPayReply { Outcome = Outcome.Yes, Action = ForClient("orderStr", signed.OrderString) };
    }

    private static Contracts.V1.Action ForClient(string name, string value) =>
        new() { ClientParameters = new ClientParameters { Values = { [name] = value } } };
}
