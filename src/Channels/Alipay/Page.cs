using System.Net;
using PayCore.Contracts.V1;

namespace PayCore.Channels.Alipay;

// A payment in the browser, alipay.trade.page.pay and alipay.trade.wap.pay (alipay.md 1.7, 4.3, 4.4). We only sign: the user's browser brings the request to the platform, so nothing of it can be
// unknown here, and a repeat gives the same trade.
internal sealed partial class AlipayChannel
{
    /// <summary>What every browser and every proxy between takes as an address.</summary>
    private const int AddressCharsMax = 2000;

    private ChannelPayReply PayByPage(AlipayAccount account, ChannelPayRequest request)
    {
        var order = Order(account, request);
        var (method, content) = request.Scene == Scene.H5
            ? ("alipay.trade.wap.pay", order with { QuitUrl = request.ReturnUrl is { Length: > 0 } url ? url : null })
            : ("alipay.trade.page.pay", order);
        var signed = SignedRequest.Create(account, method, AlipayJson.Write(content), time.GetUtcNow(), request.CallbackUrl, request.ReturnUrl);
        var address = signed.GetAddress.AbsoluteUri;
        var isForm = account.PageAction == PageAction.Form || address.Length > AddressCharsMax;
        return new ChannelPayReply
        {
            Outcome = Outcome.Yes,
            Action = isForm ? new Contracts.V1.Action { HtmlForm = Form(signed) } : new Contracts.V1.Action { RedirectUrl = address },
        };
    }

    /// <summary>A whole document that submits itself; the button is for browsers without script.</summary>
    private static string Form(SignedRequest signed) =>
        $"""
        <!DOCTYPE html>
        <html lang="zh-CN">
        <head><meta charset="utf-8"><title>支付宝 Alipay</title></head>
        <body>
        <form id="pay" method="post" accept-charset="utf-8" action="{WebUtility.HtmlEncode(signed.PostAddress.AbsoluteUri)}">
        <input type="hidden" name="biz_content" value="{WebUtility.HtmlEncode(signed.Content)}">
        <button type="submit">前往支付宝付款 Continue to Alipay</button>
        </form>
        <script>document.getElementById("pay").submit();</script>
        </body>
        </html>

        """;
}
