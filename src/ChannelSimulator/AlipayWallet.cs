namespace PayCore.ChannelSimulator;

/// <summary>What a buyer can do, for tests in the same process: scan a code, pay an order, and have its notify sent again.</summary>
public sealed class AlipayWallet
{
    /// <summary>The buyer when nobody says otherwise.</summary>
    internal const string Buyer = "2088000000000099";

    private readonly AlipayLedger _ledger;
    private readonly AlipayAppCalls _calls;
    private readonly AlipayNotifications _notifications;
    private readonly CallbackSender _sender;

    internal AlipayWallet(AlipayLedger ledger, AlipayAppCalls calls, AlipayNotifications notifications, CallbackSender sender) =>
        (_ledger, _calls, _notifications, _sender) = (ledger, calls, notifications, sender);

    /// <summary>
    /// Scans a code: from now on there is a trade of the order, which waits for the buyer. Null for a code that is none. A repeat changes nothing.
    /// </summary>
    /// <exception cref="InvalidOperationException">It can no longer be paid; the message says why.</exception>
    public AlipayOrder? Scan(string qrCode, string buyerId = Buyer) => _ledger.FindByCode(qrCode) is { } order ? _ledger.Scan(order, buyerId) : null;

    /// <summary>
    /// Shows a payment code, which pays once within a minute. From <see cref="SimulatorOptions.PasswordFrom"/> on, or when it is to ask, the trade waits until
    /// <see cref="Pay"/> types the password. With a refusal, such as ACQ.BUYER_BALANCE_NOT_ENOUGH, the payment is refused by it.
    /// </summary>
    public string ShowCode(string buyerId = Buyer, bool asksPassword = false, string? refusal = null) =>
        _ledger.AuthCodes.New(buyerId, asksPassword, refusal).Code;

    /// <summary>Opens what an app hands to the wallet, an order string. It pays nothing yet.</summary>
    /// <exception cref="InvalidOperationException">The wallet refuses it; the message says why.</exception>
    public AlipayOrder OpenApp(string orderString)
    {
        try
        {
            return _calls.Open(orderString);
        }
        catch (AlipayError refusal)
        {
            throw new InvalidOperationException($"{refusal.SubCode}: {refusal.Message}");
        }
    }

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
