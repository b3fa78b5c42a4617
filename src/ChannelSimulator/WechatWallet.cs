namespace PayCore.ChannelSimulator;

/// <summary>What a payer can do, for tests in the same process: scan a code, pay an order, and have its callback sent again.</summary>
public sealed class WechatWallet
{
    private readonly WechatLedger _ledger;
    private readonly WechatNotifications _notifications;
    private readonly CallbackSender _sender;

    internal WechatWallet(WechatLedger ledger, WechatNotifications notifications, CallbackSender sender) =>
        (_ledger, _notifications, _sender) = (ledger, notifications, sender);

    /// <summary>The order whose code was scanned, or null. A code that was replaced by a newer one finds nothing.</summary>
    public SimulatedOrder? Scan(string codeUrl) => _ledger.FindByCode(codeUrl);

    /// <summary>Pays; the callback is on its way afterwards.</summary>
    /// <exception cref="InvalidOperationException">It cannot be paid; the message says why.</exception>
    public SimulatedOrder Pay(string mchId, string outTradeNo, string payerOpenId = "oPayer") => _ledger.Pay(mchId, outTradeNo, payerOpenId);

    /// <summary>Sends copies of a payment's callback at once and answers when all are answered.</summary>
    public Task<IReadOnlyList<CallbackSend>> ResendCallbackAsync(string mchId, string outTradeNo, int times) => _sender.ResendAsync(
        _notifications.Of(_ledger.Find(mchId, outTradeNo) ?? throw new InvalidOperationException("There is no such order.")),
        times, CancellationToken.None);
}
