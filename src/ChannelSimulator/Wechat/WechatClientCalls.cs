namespace PayCore.ChannelSimulator;

/// <summary>What the WeChat client checks before it shows an order: the call of a page or an app, signed by the merchant (wechat-pay-v3.md 3.4).</summary>
internal sealed class WechatClientCalls(WechatLedger ledger, WechatMerchants merchants)
{
    /// <summary>The order of a call, by JSAPI's names or by the App's. Throws with the reason when the client refuses it.</summary>
    public SimulatedOrder Open(IReadOnlyDictionary<string, string> call) => call.ContainsKey("paySign") ? OpenJsapi(call) : OpenApp(call);

    private SimulatedOrder OpenJsapi(IReadOnlyDictionary<string, string> call)
    {
        var package = Member(call, "package");
        const string Start = "prepay_id=";
        if (!package.StartsWith(Start, StringComparison.Ordinal) || Member(call, "signType") != "RSA")
        {
            throw new InvalidOperationException("package is not prepay_id=…, or signType is not RSA.");
        }

        var order = Order("jsapi", package[Start.Length..]);
        // A mini program does not send it, and signs it all the same.
        var appId = call.GetValueOrDefault("appId") ?? order.AppId;
        return Verified(order, appId, Member(call, "timeStamp"), Member(call, "nonceStr"), package, Member(call, "paySign"));
    }

    private SimulatedOrder OpenApp(IReadOnlyDictionary<string, string> call)
    {
        // The SDKs write the names differently, and one of them calls packageValue package.
        call = new Dictionary<string, string>(call, StringComparer.OrdinalIgnoreCase);
        var prepayId = Member(call, "prepayId");
        var order = Order("app", prepayId);
        var package = call.GetValueOrDefault("packageValue") ?? Member(call, "package");
        return Member(call, "partnerId") == order.MchId && package == "Sign=WXPay"
            ? Verified(order, Member(call, "appId"), Member(call, "timeStamp"), Member(call, "nonceStr"), prepayId, Member(call, "sign"))
            : throw new InvalidOperationException("partnerid is not the merchant's, or package is not Sign=WXPay.");
    }

    private SimulatedOrder Order(string scene, string prepayId) => ledger.FindByCode(prepayId) is { } order && order.Scene == scene
        ? order
        : throw new InvalidOperationException("There is no such prepay_id of this scene.");

    private SimulatedOrder Verified(SimulatedOrder order, string appId, string timestamp, string nonce, string last, string sign)
    {
        if (appId != order.AppId)
        {
            throw new InvalidOperationException("The AppID is not the order's.");
        }

        var signature = new byte[sign.Length];
        var message = RsaKey.Message(System.Text.Encoding.UTF8.GetBytes(last), appId, timestamp, nonce);
        return Convert.TryFromBase64String(sign, signature, out var length)
            && merchants.Find(order.MchId)?.MerchantKey.Verify(message, signature.AsSpan(0, length)) == true
                ? order
                : throw new InvalidOperationException("The signature does not match.");
    }

    private static string Member(IReadOnlyDictionary<string, string> call, string name) =>
        call.GetValueOrDefault(name) is { Length: > 0 } value ? value : throw new InvalidOperationException($"{name} is missing.");
}
