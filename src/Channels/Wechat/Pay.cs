using PayCore.Contracts.V1;

namespace PayCore.Channels.Wechat;

// Placing an order, in every scene (wechat-pay-v3.md 3). The caller's cancellation does not apply: what was begun runs to its own limit (invariants, ground rule 4).
internal sealed partial class WechatChannel
{
    private const int UrlCharsMax = 512;
    private const int PrepayIdCharsMax = 64;

    private async Task<ChannelPayReply> PayAsync(ChannelPayRequest request)
    {
        var account = accounts.Find(request.Account);
        if (account is null)
        {
            // Configuration may be on its way; no byte left, so a repeat is harmless.
            return NotSent(Outcome.Unknown, "ACCOUNT_UNKNOWN", NoAccount);
        }

        if (!account.Enabled)
        {
            return NotSent(Outcome.No, "ACCOUNT_DISABLED", AccountDisabled);
        }

        if (WechatRules.Refuse(account, request) is var (code, message))
        {
            return NotSent(Outcome.No, code, message);
        }

        var response = await client.SendAsync(account, HttpMethod.Post, PayPath(request.Scene), PayBody(account, request), CancellationToken.None);
        return response switch
        {
            { Kind: WechatResponseKind.Answer, Status: 200 or 202 } when request.Scene == Scene.Barcode => Charged(account, request, response),
            { Kind: WechatResponseKind.Answer, Status: 200 } => Placed(account, request, response),
            _ => NotPlaced(response),
        };
    }

    private static string PayPath(Scene scene) => scene switch
    {
        Scene.Qr => "/v3/pay/transactions/native",
        Scene.H5 => "/v3/pay/transactions/h5",
        Scene.App => "/v3/pay/transactions/app",
        Scene.Barcode => "/v3/pay/transactions/codepay",
        _ => "/v3/pay/transactions/jsapi",
    };

    private static byte[] PayBody(WechatAccount account, ChannelPayRequest request)
    {
        // A payment code is charged at once and has no callback (3.6).
        var isAtOnce = request.Scene == Scene.Barcode;
        return WechatJson.Write(new OrderRequest(
            account.AppIdOf(request.Scene),
            account.MchId,
            request.Subject,
            request.AttemptNo,
            isAtOnce || request.ExpireTime is null ? null : ChinaTime.Write(request.ExpireTime.ToDateTimeOffset()),
            isAtOnce ? null : request.CallbackUrl,
            new OrderAmount(request.AmountMinor, WechatRules.Currency),
            request.Scene switch
            {
                Scene.Jsapi or Scene.MiniProgram => new Payer(request.Buyer, null),
                Scene.Barcode => new Payer(null, request.Buyer),
                _ => null,
            },
            request.Scene switch
            {
                Scene.H5 => new SceneInfo(request.ClientIp, new H5Info("Wap"), null),
                Scene.Barcode => new SceneInfo(null, null, new StoreInfo(account.BarcodeStoreId!)),
                _ => null,
            }));
    }

    private ChannelPayReply Placed(WechatAccount account, ChannelPayRequest request, WechatResponse response) =>
        WechatJson.Read<OrderAnswer>(response.Body) is { } answer && ActionOf(account, request, answer) is { } action
            ? new ChannelPayReply { Outcome = Outcome.Yes, Action = action, TraceId = response.RequestId }
            : new ChannelPayReply
            {
                Outcome = Outcome.Unknown, Code = response.Code, Message = "The answer holds nothing to pay with.", TraceId = response.RequestId,
            };

    private Contracts.V1.Action? ActionOf(WechatAccount account, ChannelPayRequest request, OrderAnswer answer) => request.Scene switch
    {
        Scene.Qr => answer.CodeUrl is { Length: > 0 and <= UrlCharsMax } codeUrl ? new Contracts.V1.Action { QrCodeText = codeUrl } : null,
        Scene.H5 => answer.H5Url is { Length: <= UrlCharsMax } h5Url && WechatRules.IsWebAddress(h5Url)
            ? new Contracts.V1.Action { RedirectUrl = request.ReturnUrl.Length == 0 ? h5Url : $"{h5Url}&redirect_url={Uri.EscapeDataString(request.ReturnUrl)}" }
            : null,
        _ => answer.PrepayId is { Length: > 0 and <= PrepayIdCharsMax } prepayId
            ? new Contracts.V1.Action { ClientParameters = signer.ClientCall(account, request.Scene, prepayId) }
            : null,
    };

    private static ChannelPayReply NotPlaced(WechatResponse response)
    {
        var (code, message) = Words(response);
        var meaning = response.Kind == WechatResponseKind.Answer ? ErrorMap.OfPay(response.Status, code) : ErrorClass.Unknown;
        return new ChannelPayReply
        {
            Outcome = meaning == ErrorClass.Refused ? Outcome.No : Outcome.Unknown,
            Code = code,
            Message = message,
            QueryNow = meaning == ErrorClass.QueryNow,
            NothingSent = response.Kind == WechatResponseKind.NothingSent,
            TraceId = response.RequestId,
        };
    }

    private static ChannelPayReply NotSent(Outcome outcome, string code, string message) =>
        new() { Outcome = outcome, Code = code, Message = message, NothingSent = true };
}
