namespace PayCore.ChannelSimulator;

/// <summary>How a test names an Alipay order: by the QR code or by the merchant's number.</summary>
internal sealed record AlipayReference
{
    public string? OutTradeNo { get; init; }

    public string? QrCode { get; init; }

    public string? AppId { get; init; }
}

/// <summary>What a buyer does with an Alipay order. Opening it in the wallet is the scan that makes its trade (alipay.md 4.2).</summary>
internal sealed class AlipayDesk(AlipayLedger ledger, AlipayMerchants merchants) : IWalletDesk
{
    public IEnumerable<WalletOrder> Unpaid => ledger.All.Where(o => IsInTheWallet(o) && ledger.NotPayable(o) is null).Select(Shown);

    public WalletOrder? Scan(string code)
    {
        if (ByCode(code) is not { } order)
        {
            return null;
        }

        Try(() => Scan(order));
        return ByCode(code) is { } scanned ? Shown(scanned) : null;
    }

    public void Pay(string code) => Try(() => Pay(Find(new AlipayReference { QrCode = code })));

    public void Decline(string code) => Try(() => Decline(Find(new AlipayReference { QrCode = code })));

    public AlipayOrder Find(AlipayReference reference)
    {
        if (reference.QrCode is { } code)
        {
            return ByCode(code) ?? throw new KeyNotFoundException("There is no order with this code.");
        }

        if (reference.OutTradeNo is not { } number)
        {
            throw new ArgumentException("out_trade_no or qr_code is required.");
        }

        var orders = ledger.All.Where(o => o.OutTradeNo == number && (reference.AppId is null || o.AppId == reference.AppId)).Take(2).ToList();
        return orders.Count switch
        {
            0 => throw new KeyNotFoundException("There is no such order."),
            1 => orders[0],
            _ => throw new ArgumentException("Several merchants have this order number: app_id is required."),
        };
    }

    public AlipayOrder Scan(AlipayOrder order) => ledger.Scan(order, AlipayWallet.Buyer);

    public AlipayOrder Pay(AlipayOrder order) => ledger.Pay(order, AlipayWallet.Buyer);

    public AlipayOrder Decline(AlipayOrder order) => ledger.Decline(order, AlipayWallet.Buyer);

    /// <summary>An order as the payer sees it.</summary>
    public WalletOrder Shown(AlipayOrder order) => new()
    {
        Provider = "alipay",
        Code = order.Code,
        OutTradeNo = order.OutTradeNo,
        Payee = merchants.Find(order.AppId)?.Registration.Name ?? order.Pid,
        Item = order.Subject,
        Total = order.Total,
        State = order.TradeStatus switch
        {
            _ when order.GmtPayment is not null => WalletState.Paid,
            "TRADE_CLOSED" => WalletState.Closed,
            _ => ledger.NotPayable(order) is null ? WalletState.Unpaid : WalletState.Expired,
        },
        PlacedAt = order.PlacedAt,
        Transaction = order.TradeNo,
        PaidAt = order.GmtPayment,
    };

    /// <summary>What cannot be done any more is not done: the order as it is then shown says why.</summary>
    public static void Try(Func<AlipayOrder> act)
    {
        try
        {
            act();
        }
        catch (InvalidOperationException)
        {
            // The order tells.
        }
    }

    private AlipayOrder? ByCode(string code) => ledger.FindByCode(code) is { } order && IsInTheWallet(order) ? order : null;

    /// <summary>What the wallet itself can pay: a code that was scanned, and a trade that waits for its buyer. A page or an app opens its own.</summary>
    private static bool IsInTheWallet(AlipayOrder order) => !order.IsPage;
}
