namespace PayCore.PayCenter.Shop;

/// <summary>How an order stands as far as the shop was told.</summary>
internal enum ShopOrderState
{
    /// <summary>Saved here; the gateway has not taken it yet.</summary>
    NotStarted,

    /// <summary>The gateway has it; no notification came.</summary>
    Waiting,

    /// <summary>A verified notification says that it is paid.</summary>
    Paid,

    /// <summary>A verified notification says that it ended unpaid.</summary>
    Closed,

    /// <summary>A verified notification says that it was refused.</summary>
    Failed,
}

/// <summary>An order of the shop.</summary>
internal sealed record ShopOrder
{
    /// <summary>The shop's own number, fixed before the gateway hears of it: a repeat of the call has one effect.</summary>
    public required string OutTradeNo { get; init; }

    /// <summary>What is bought, in the buyer's language.</summary>
    public required string Subject { get; init; }

    /// <summary>Its price in minor units.</summary>
    public required long AmountMinor { get; init; }

    /// <summary>ISO 4217.</summary>
    public required string Currency { get; init; }

    /// <summary>The wallet; empty lets the user choose at the cashier.</summary>
    public required string Method { get; init; }

    /// <summary>How the buyer pays, as the gateway names it. Lines of the file that do not say so are older than the choice.</summary>
    public string Scene { get => field ?? (Method.Length == 0 ? "CASHIER" : "QR"); init; }

    /// <summary>When it was ordered.</summary>
    public required DateTimeOffset CreateTime { get; init; }

    /// <summary>The gateway's page for the user. Empty until the gateway took the order.</summary>
    public string CashierUrl { get; init; } = "";

    /// <summary>How it stands.</summary>
    public ShopOrderState State { get; init; }

    /// <summary>The version of the newest notification; an older one that comes later changes nothing.</summary>
    public int Version { get; init; }

    /// <summary>When that notification came.</summary>
    public DateTimeOffset? ToldTime { get; init; }

    /// <summary>The gateway's number, from that notification.</summary>
    public string GatewayOrderId { get; init; } = "";
}

/// <summary>A verified notification, as much of it as the shop needs.</summary>
internal sealed record ShopEvent
{
    /// <summary>The <c>webhook-id</c>: the same for every try.</summary>
    public required string WebhookId { get; init; }

    /// <summary>The shop's number.</summary>
    public required string OutTradeNo { get; init; }

    /// <summary>The gateway's number.</summary>
    public required string GatewayOrderId { get; init; }

    /// <summary>What it says.</summary>
    public required ShopOrderState State { get; init; }

    /// <summary>The order's version that it tells of.</summary>
    public required int Version { get; init; }

    /// <summary>The order's amount in minor units.</summary>
    public required long AmountMinor { get; init; }

    /// <summary>ISO 4217.</summary>
    public required string Currency { get; init; }

    /// <summary>When it came.</summary>
    public required DateTimeOffset Time { get; init; }
}

/// <summary>What became of a notification.</summary>
internal enum EventResult
{
    /// <summary>It moved the order.</summary>
    Applied,

    /// <summary>Its id was here before.</summary>
    Duplicate,

    /// <summary>Remembered, but older than what is known, of an order that the shop does not have, or of another amount.</summary>
    Ignored,
}

/// <summary>The shop's memory. What was answered is durable.</summary>
internal interface IShopOrders
{
    /// <summary>Saves a new order. A number that is taken keeps its first order, which is returned.</summary>
    Task<ShopOrder> AddAsync(ShopOrder order);

    /// <summary>Keeps the gateway's page of an order.</summary>
    Task OpenAsync(string outTradeNo, string cashierUrl);

    /// <summary>Keeps a verified notification, once for each <c>webhook-id</c>.</summary>
    Task<EventResult> TellAsync(ShopEvent told);

    /// <summary>One order; null when there is none.</summary>
    ShopOrder? Find(string outTradeNo);

    /// <summary>The newest orders, newest first.</summary>
    IReadOnlyList<ShopOrder> Newest(int count);
}
