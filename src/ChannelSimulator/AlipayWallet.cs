namespace PayCore.ChannelSimulator;

/// <summary>What a buyer can do, for tests in the same process: scan a code, pay an order, and have its notify sent again.</summary>
public sealed class AlipayWallet
{
    /// <summary>The buyer when nobody says otherwise.</summary>
    internal const string Buyer = "2088000000000099";

    private readonly AlipayLedger _ledger;
    private readonly AlipayNotifications _notifications;
    private readonly CallbackSender _sender;

    internal AlipayWallet(AlipayLedger ledger, AlipayNotifications notifications, CallbackSender sender) =>
        (_ledger, _notifications, _sender) = (ledger, notifications, sender);

    /// <summary>
    /// Scans a code: from now on there is a trade of the order, which waits for the buyer. Null for a code that is none. A repeat changes nothing.
    /// </summary>
    /// <exception cref="InvalidOperationException">It can no longer be paid; the message says why.</exception>
    public AlipayOrder? Scan(string qrCode, string buyerId = Buyer) => _ledger.FindByCode(qrCode) is { } order ? _ledger.Scan(order, buyerId) : null;

    /// <summary>Scans or logs in, if that was not done, and pays; the notify is on its way afterwards.</summary>
    /// <exception cref="InvalidOperationException">It cannot be paid; the message says why.</exception>
    public AlipayOrder Pay(string appId, string outTradeNo, string buyerId = Buyer) => _ledger.Pay(Order(appId, outTradeNo), buyerId);

    /// <summary>Scans or logs in, if that was not done, and declines: the trade stays unpaid.</summary>
    /// <exception cref="InvalidOperationException">It can no longer be paid; the message says why.</exception>
    public AlipayOrder Decline(string appId, string outTradeNo, string buyerId = Buyer) => _ledger.Decline(Order(appId, outTradeNo), buyerId);

    /// <summary>Sends copies of a payment's notify at once and answers when all are answered.</summary>
    public Task<IReadOnlyList<CallbackSend>> ResendCallbackAsync(string appId, string outTradeNo, int times) =>
        _sender.ResendAsync(_notifications.Of(Order(appId, outTradeNo)), times, CancellationToken.None);

    private AlipayOrder Order(string appId, string outTradeNo) =>
        _ledger.Find(appId, outTradeNo) ?? throw new InvalidOperationException("There is no such order.");
}
