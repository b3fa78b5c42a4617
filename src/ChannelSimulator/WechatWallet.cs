namespace PayCore.ChannelSimulator;

/// <summary>What a payer can do, for tests in the same process: scan a code, show one, pay an order, and have its callback sent again.</summary>
public sealed class WechatWallet
{
    private readonly WechatLedger _ledger;
    private readonly WechatClientCalls _calls;
    private readonly WechatNotifications _notifications;
    private readonly CallbackSender _sender;

    internal WechatWallet(WechatLedger ledger, WechatClientCalls calls, WechatNotifications notifications, CallbackSender sender) =>
        (_ledger, _calls, _notifications, _sender) = (ledger, calls, notifications, sender);

    /// <summary>The order whose code was scanned, or null. A code that was replaced by a newer one finds nothing.</summary>
    public SimulatedOrder? Scan(string codeUrl) => _ledger.FindByCode(codeUrl);

    /// <summary>
    /// Shows a payment code, which pays once within a minute. From <see cref="SimulatorOptions.PasswordFrom"/> on, or when it is to ask, the payment waits
    /// until <see cref="Pay"/> types the password. With a refusal, such as NOT_ENOUGH, it fails.
    /// </summary>
    public string ShowCode(string payerOpenId = "oPayer", bool asksPassword = false, string? refusal = null) =>
        _ledger.AuthCodes.New(payerOpenId, asksPassword, refusal).Code;

    /// <summary>
    /// Opens the payment as a page in the client or an app does: with the parameters of JSAPI (<c>appId</c>, <c>timeStamp</c>, <c>nonceStr</c>, <c>package</c>,
    /// <c>signType</c>, <c>paySign</c>; a mini program without <c>appId</c>) or of the App (<c>appid</c>, <c>partnerid</c>, <c>prepayid</c>, <c>package</c>,
    /// <c>noncestr</c>, <c>timestamp</c>, <c>sign</c>). It pays nothing yet.
    /// </summary>
    /// <exception cref="InvalidOperationException">The client refuses: of the signature, the merchant or the token; the message says of which.</exception>
    public SimulatedOrder Open(IReadOnlyDictionary<string, string> parameters) => _calls.Open(parameters);

    /// <summary>Pays an order of any scene, without asking how the payer came to it; the callback is on its way afterwards.</summary>
    /// <exception cref="InvalidOperationException">It cannot be paid; the message says why.</exception>
    public SimulatedOrder Pay(string mchId, string outTradeNo, string payerOpenId = "oPayer") => _ledger.Pay(mchId, outTradeNo, payerOpenId);

    /// <summary>Sends copies of a payment's callback at once and answers when all are answered.</summary>
    public Task<IReadOnlyList<CallbackSend>> ResendCallbackAsync(string mchId, string outTradeNo, int times) => _sender.ResendAsync(
        _notifications.Of(_ledger.Find(mchId, outTradeNo) ?? throw new InvalidOperationException("There is no such order.")),
        times, CancellationToken.None);
}
