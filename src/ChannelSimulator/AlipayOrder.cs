namespace PayCore.ChannelSimulator;

/// <summary>
/// An order at Alipay, as it was at one moment. Until the buyer has scanned the code or logged in on the page there is no trade of it (alipay.md 4.2): then
/// <see cref="TradeStatus"/> and what belongs to the trade is null.
/// </summary>
public sealed record AlipayOrder
{
    /// <summary>The merchant's order number.</summary>
    public required string OutTradeNo { get; init; }

    /// <summary>The application it was placed by.</summary>
    public required string AppId { get; init; }

    /// <summary>The merchant, among whose orders the number is unique.</summary>
    public required string Pid { get; init; }

    /// <summary>Who receives the money.</summary>
    public required string SellerId { get; init; }

    /// <summary>precreate, page, wap, app, create or pay (a payment code).</summary>
    public required string Scene { get; init; }

    /// <summary>WAIT_BUYER_PAY, TRADE_SUCCESS or TRADE_CLOSED; null while there is no trade.</summary>
    public string? TradeStatus { get; init; }

    /// <summary>The amount in fen.</summary>
    public required long Total { get; init; }

    /// <summary>What the buyer is shown.</summary>
    public required string Subject { get; init; }

    /// <summary>The description, which comes back in the notify.</summary>
    public string? Body { get; init; }

    /// <summary>Returned in the notify as it was sent.</summary>
    public string? PassbackParams { get; init; }

    /// <summary>Where the notify goes; null for none.</summary>
    public string? NotifyUrl { get; init; }

    /// <summary>Where the buyer goes on leaving the page without paying.</summary>
    public string? QuitUrl { get; init; }

    /// <summary>Where the buyer goes after paying on the page.</summary>
    public string? ReturnUrl { get; init; }

    /// <summary>The last moment the buyer can pay.</summary>
    public required DateTimeOffset TimeExpire { get; init; }

    /// <summary>The content of the QR code, or the address of the open cashier page.</summary>
    public required string Code { get; init; }

    /// <summary>Until when the code can be scanned for the first time; null for a page.</summary>
    public DateTimeOffset? CodeExpire { get; init; }

    /// <summary>When it was placed first.</summary>
    public required DateTimeOffset PlacedAt { get; init; }

    /// <summary>The provider's number of the trade.</summary>
    public string? TradeNo { get; init; }

    /// <summary>Who scanned it or logged in.</summary>
    public string? BuyerId { get; init; }

    /// <summary>When the trade was created.</summary>
    public DateTimeOffset? GmtCreate { get; init; }

    /// <summary>When it was paid.</summary>
    public DateTimeOffset? GmtPayment { get; init; }

    /// <summary>When the merchant cancelled it; a payment then went back.</summary>
    public DateTimeOffset? GmtCancel { get; init; }

    /// <summary>When it was closed.</summary>
    public DateTimeOffset? GmtClose { get; init; }

    /// <summary>How many times a buyer declined or failed to pay.</summary>
    public int DeclinedCount { get; init; }

    /// <summary>The notify of the payment, once paid, or on mobile of the closing; null without an address.</summary>
    public CallbackState? Callback { get; init; }

    /// <summary>Whether there is no trade before the buyer logs in on a page or in the app.</summary>
    internal bool IsPage => Scene is "page" or "wap" or "app";
}
