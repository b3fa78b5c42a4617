using Microsoft.Extensions.Options;

namespace PayCore.ChannelSimulator;

/// <summary>
/// Alipay's book of orders, with the books of its refunds, transfers and accounts. Placing, scanning, paying and closing are each decided under one lock, so of
/// a payer and a close at the same moment exactly one wins.
/// </summary>
public sealed class AlipayLedger : IDisposable
{
    /// <summary>The merchant's account: payments reach it, refunds and transfers leave it.</summary>
    public const string Account = "ACCTRANS_ACCOUNT";

    private static readonly TimeSpan _cancelLife = TimeSpan.FromHours(24);

    private readonly Lock _lock = new();
    private readonly Dictionary<(string Pid, string OutTradeNo), AlipayOrder> _orders = [];
    private readonly Dictionary<string, (string Pid, string OutTradeNo)> _codes = [];
    private readonly Dictionary<string, (string Pid, string OutTradeNo)> _trades = [];
    private readonly WaitList<AlipayOrder> _placed = new();
    private readonly AlipayMerchants _merchants;
    private readonly TimeProvider _time;
    private readonly SimulatorRandom _random;
    private readonly LedgerJournal<AlipayOrder> _journal;
    private readonly long _passwordFrom;

    internal AlipayLedger(AlipayMerchants merchants, TimeProvider time, SimulatorRandom random, IOptions<SimulatorOptions> options)
    {
        _merchants = merchants;
        _time = time;
        _random = random;
        _journal = new LedgerJournal<AlipayOrder>(options.Value.DataFolder, "alipay-ledger.jsonl");
        _passwordFrom = options.Value.PasswordFrom;
        AuthCodes = new AuthCodes(time, random, "28", 16);
        Accounts = new AccountBook(time, new LedgerJournal<AccountEntry>(options.Value.DataFolder, "alipay-accounts.jsonl"), _ => 1_000_000_00);
        foreach (var line in _journal.Replay())
        {
            Keep(line.Order, line.At);
        }

        Refunds = new AlipayRefunds(this, _lock, time, random, options.Value);
        Transfers = new AlipayTransfers(this, _lock, merchants, time, random, options.Value);

        foreach (var order in _orders.Values)
        {
            _placed.Add(order);
        }
    }

    /// <summary>All orders, the oldest first.</summary>
    public IReadOnlyList<AlipayOrder> All
    {
        get
        {
            lock (_lock)
            {
                return [.. _orders.Keys.ToList().Select(k => Current(k)!).OrderBy(o => o.PlacedAt)];
            }
        }
    }

    /// <summary>The refunds of the orders.</summary>
    public AlipayRefunds Refunds { get; }

    /// <summary>The transfers.</summary>
    public AlipayTransfers Transfers { get; }

    /// <summary>What the merchants have with the provider, by pid; each begins with a million yuan.</summary>
    public AccountBook Accounts { get; }

    internal AuthCodes AuthCodes { get; }

    /// <summary>There is something to tell of an order: its notify is due, if it has an address.</summary>
    internal event Action<AlipayOrder>? Told;

    /// <summary>The order of an application's merchant, also one of which there is no trade yet; or null.</summary>
    public AlipayOrder? Find(string appId, string outTradeNo)
    {
        lock (_lock)
        {
            return _merchants.Find(appId) is { } merchant ? Current((merchant.Pid, outTradeNo)) : null;
        }
    }

    /// <summary>Counts and sums, of one application or of all. An order of which there is no trade yet waits for payment.</summary>
    public LedgerTotals Totals(string? appId = null)
    {
        var orders = All.Where(o => appId is null || o.AppId == appId).ToList();
        return new LedgerTotals
        {
            Orders = orders.Count,
            NotPaid = orders.Count(o => o.TradeStatus is null or "WAIT_BUYER_PAY"),
            Paid = orders.Count(o => o.GmtPayment is not null),
            Closed = orders.Count(o => o is { TradeStatus: "TRADE_CLOSED", GmtPayment: null }),
            PaidTotal = orders.Where(o => o.GmtPayment is not null).Sum(o => o.Total),
            RefundedTotal = Refunds.All.Where(r => r.State == "SUCCESS" && (appId is null || r.AppId == appId)).Sum(r => r.Amount)
                + orders.Where(o => o is { GmtPayment: not null, GmtCancel: not null }).Sum(o => o.Total),
            TransferredTotal = Transfers.All.Where(t => t.State == "SUCCESS" && (appId is null || t.AppId == appId)).Sum(t => t.Amount),
        };
    }

    /// <summary>Waits until an order with this number is placed; one that is there already counts.</summary>
    public Task<AlipayOrder> WaitForOrderAsync(string outTradeNo, CancellationToken cancellationToken) =>
        _placed.WaitAsync(o => o.OutTradeNo == outTradeNo, cancellationToken);

    /// <summary>Why the buyer cannot pay it now; null when the buyer can.</summary>
    public string? NotPayable(AlipayOrder order)
    {
        ArgumentNullException.ThrowIfNull(order);
        var now = _time.GetUtcNow();
        return order switch
        {
            { GmtPayment: not null } => "The order is paid.",
            { TradeStatus: "TRADE_CLOSED" } => "The order is closed.",
            _ when now > order.TimeExpire => "The time to pay is over.",
            { TradeStatus: null, CodeExpire: { } until } when now >= until => "The code has expired.",
            _ => null,
        };
    }

    /// <inheritdoc />
    public void Dispose()
    {
        Refunds.Dispose();
        Transfers.Dispose();
        Accounts.Dispose();
        _journal.Dispose();
    }

    /// <summary>The order with this QR code or on this page, as it is: looking at it is not scanning it.</summary>
    internal AlipayOrder? FindByCode(string code)
    {
        lock (_lock)
        {
            return _codes.TryGetValue(code, out var key) ? Current(key) : null;
        }
    }

    /// <summary>The trade that a merchant names; its number wins over the merchant's own (alipay.md 5.1).</summary>
    internal AlipayOrder FindTrade(string pid, string? tradeNo, string? outTradeNo)
    {
        lock (_lock)
        {
            return Trade(pid, tradeNo, outTradeNo);
        }
    }

    /// <summary>Places an order, of which there is no trade yet (alipay.md 4.1, 4.2 and 4.5).</summary>
    internal AlipayOrder Place(AlipayPayRequest request)
    {
        AlipayOrder placed;
        lock (_lock)
        {
            var known = Current((request.Pid, request.OutTradeNo));
            if (known is not null && IsForgotten(known, request))
            {
                known = null;
            }

            Refuse(known, request);
            placed = Change("placed", known is null
                ? NewOrder(request)
                : known with { NotifyUrl = request.NotifyUrl, ReturnUrl = request.ReturnUrl, PassbackParams = request.PassbackParams });
        }

        _placed.Add(placed);
        return placed;
    }

    /// <summary>Places an order whose trade is there at once (alipay.md 4.6). The same again is the same trade.</summary>
    internal AlipayOrder PlaceTrade(AlipayPayRequest request, string buyerId)
    {
        AlipayOrder placed;
        lock (_lock)
        {
            if (Same(request) is { } known)
            {
                return known;
            }

            placed = Change("placed", WithTrade(NewOrder(request), buyerId));
        }

        _placed.Add(placed);
        return placed;
    }

    /// <summary>
    /// Takes the money of who shows a payment code, at once or when the buyer has typed the password; until then the trade waits (alipay.md 4.7). The same again
    /// while it waits is the same trade.
    /// </summary>
    internal AlipayOrder PlaceByAuthCode(AlipayPayRequest request, string authCode)
    {
        AlipayOrder placed;
        lock (_lock)
        {
            if (Same(request) is { } known)
            {
                return known;
            }

            var code = AuthCodes.Take(authCode) ?? throw AlipayError.Business("ACQ.PAYMENT_AUTH_CODE_INVALID", "支付授权码无效");
            if (code.Refusal is { } refusal)
            {
                throw AlipayError.Business(refusal, "支付失败");
            }

            placed = WithTrade(NewOrder(request), code.Payer);
            placed = code.AsksPassword || placed.Total >= _passwordFrom ? Change("asked", placed) : Change("paid", PaidNow(placed, code.Payer));
        }

        _placed.Add(placed);
        if (placed.GmtPayment is not null)
        {
            Told?.Invoke(placed);
        }

        return placed;
    }

    /// <summary>Ends a trade whatever has become of it: unpaid it is closed, paid the buyer has the money again (alipay.md 5.3). A repeat moves nothing.</summary>
    /// <returns>The trade; null when there is none, which leaves a code payable.</returns>
    internal AlipayOrder? Cancel(string pid, string? tradeNo, string? outTradeNo)
    {
        lock (_lock)
        {
            var key = tradeNo is null ? (pid, outTradeNo!) : _trades.GetValueOrDefault(tradeNo);
            if (Current(key) is not { TradeStatus: not null } trade || trade.Pid != pid)
            {
                return null;
            }

            if (trade.IsPage)
            {
                throw AlipayError.Business("ACQ.CANCEL_NOT_ALLOWED", "该交易不支持撤销");
            }

            var now = _time.GetUtcNow();
            if (now > trade.GmtCreate!.Value + _cancelLife)
            {
                throw AlipayError.Business("ACQ.TRADE_CANCEL_TIME_OUT", "超过撤销时间范围");
            }

            if (Refunds.AnyOf(trade.TradeNo!))
            {
                throw AlipayError.Business("ACQ.REASON_TRADE_REFUND_FEE_ERR", "退款金额无效");
            }

            if (trade.TradeStatus == "TRADE_CLOSED")
            {
                return trade;
            }

            if (trade.GmtPayment is not null)
            {
                CheckBalance(pid, trade.Total);
            }

            return Change("cancelled", trade with { TradeStatus = "TRADE_CLOSED", GmtCancel = now, GmtClose = now });
        }
    }

    /// <summary>Everything that was paid has gone back.</summary>
    internal void FullyRefunded(AlipayOrder order) =>
        Change("refunded", _orders[(order.Pid, order.OutTradeNo)] with { TradeStatus = "TRADE_CLOSED", GmtClose = _time.GetUtcNow() });

    internal void CheckBalance(string pid, long amount)
    {
        if (Accounts.Balance(pid, Account) < amount)
        {
            throw AlipayError.Business("ACQ.SELLER_BALANCE_NOT_ENOUGH", "商户余额不足");
        }
    }

    internal void Post(string kind, string pid, string number, long amount, DateTimeOffset at) =>
        Accounts.Post(new AccountEntry { At = at, Merchant = pid, Account = Account, Kind = kind, Number = number, Amount = amount });

    /// <summary>The buyer scans the code, or logs in on the page: from now on there is a trade. Throws with the reason when that cannot be.</summary>
    internal AlipayOrder Scan(AlipayOrder order, string buyerId)
    {
        lock (_lock)
        {
            return Opened(order, buyerId);
        }
    }

    /// <summary>The buyer pays. Throws with the reason when the order cannot be paid.</summary>
    internal AlipayOrder Pay(AlipayOrder order, string buyerId)
    {
        AlipayOrder paid;
        lock (_lock)
        {
            paid = Change("paid", PaidNow(Opened(order, buyerId), buyerId));
        }

        Told?.Invoke(paid);
        return paid;
    }

    /// <summary>
    /// The buyer declines, or the payment fails: the trade is there and stays unpaid. Of an app's order there is none before the right password (alipay.md 4.2).
    /// </summary>
    internal AlipayOrder Decline(AlipayOrder order, string buyerId)
    {
        lock (_lock)
        {
            var opened = order.Scene == "app" ? Payable(order) : Opened(order, buyerId);
            return Change("declined", opened with { DeclinedCount = opened.DeclinedCount + 1 });
        }
    }

    /// <summary>Closes a trade that waits for the buyer; any other refuses (alipay.md 5.2).</summary>
    internal AlipayOrder Close(string pid, string? tradeNo, string? outTradeNo)
    {
        lock (_lock)
        {
            var order = Trade(pid, tradeNo, outTradeNo);
            return order.TradeStatus == "WAIT_BUYER_PAY"
                ? Closed("closed", order, _time.GetUtcNow())
                : throw AlipayError.TradeStatus();
        }
    }

    internal AlipayOrder CallbackSent(AlipayOrder order, CallbackState state)
    {
        lock (_lock)
        {
            return Change("callback", _orders[(order.Pid, order.OutTradeNo)] with { Callback = state });
        }
    }

    private static void Refuse(AlipayOrder? known, AlipayPayRequest request)
    {
        switch (known)
        {
            case { TradeStatus: "TRADE_SUCCESS" }:
                throw AlipayError.TradeHasSuccess();
            case { TradeStatus: "TRADE_CLOSED" }:
                throw AlipayError.TradeHasClose();
            case not null when !IsSame(known, request):
                throw AlipayError.Inconsistent();
            case { Scene: "precreate" }:
                throw AlipayError.CodeAskedTwice();
            default:
                break;
        }
    }

    private static bool IsSame(AlipayOrder known, AlipayPayRequest request) =>
        (known.Scene, known.Total, known.Subject, known.SellerId) == (request.Scene, request.Total, request.Subject, request.SellerId);

    /// <summary>Without a trade nothing is remembered of a page with other data, nor of a code that has ended.</summary>
    private bool IsForgotten(AlipayOrder known, AlipayPayRequest request) => known.TradeStatus is null
        && (NotPayable(known) is not null || (known.IsPage && !IsSame(known, request)));

    /// <summary>The trade that the same request made before; null when there is none. With other data, or when it has ended, the request is refused.</summary>
    private AlipayOrder? Same(AlipayPayRequest request)
    {
        var known = Current((request.Pid, request.OutTradeNo));
        Refuse(known, request);
        return known;
    }

    private AlipayOrder Trade(string pid, string? tradeNo, string? outTradeNo)
    {
        var key = tradeNo is null ? (pid, outTradeNo!) : _trades.GetValueOrDefault(tradeNo);
        return key.Item1 == pid && Current(key) is { TradeStatus: not null } trade ? trade : throw AlipayError.TradeNotExist();
    }

    private AlipayOrder Opened(AlipayOrder order, string buyerId) =>
        Payable(order) is { TradeStatus: null } untouched ? Change("opened", WithTrade(untouched, buyerId)) : Payable(order);

    private AlipayOrder Payable(AlipayOrder order)
    {
        var current = Current((order.Pid, order.OutTradeNo));
        if (current is null || current.Code != order.Code)
        {
            throw new InvalidOperationException("There is no such order.");
        }

        return NotPayable(current) is { } reason ? throw new InvalidOperationException(reason) : current;
    }

    private AlipayOrder WithTrade(AlipayOrder order, string buyerId)
    {
        var now = _time.GetUtcNow();
        return order with
        {
            TradeStatus = "WAIT_BUYER_PAY",
            TradeNo = WireTime.Day(now) + "2200" + _random.Digits(16),
            BuyerId = buyerId,
            GmtCreate = now,
        };
    }

    /// <summary>Who a trade was created for pays it; any other trade is paid by who does.</summary>
    private AlipayOrder PaidNow(AlipayOrder order, string buyerId) => order with
    {
        TradeStatus = "TRADE_SUCCESS",
        BuyerId = order.Scene is "create" or "pay" ? order.BuyerId : buyerId,
        GmtPayment = _time.GetUtcNow(),
        Callback = order.NotifyUrl is null ? null : NewCallback(),
    };

    private AlipayOrder NewOrder(AlipayPayRequest request) => new()
    {
        OutTradeNo = request.OutTradeNo,
        AppId = request.AppId,
        Pid = request.Pid,
        SellerId = request.SellerId,
        Scene = request.Scene,
        Total = request.Total,
        Subject = request.Subject,
        Body = request.Body,
        PassbackParams = request.PassbackParams,
        NotifyUrl = request.NotifyUrl,
        ReturnUrl = request.ReturnUrl,
        QuitUrl = request.QuitUrl,
        TimeExpire = request.TimeExpire,
        Code = request.CodeExpire is null ? "/alipay/cashier?session=" + _random.Text(24) : "https://qr.alipay.com/bax" + _random.Text(15),
        CodeExpire = request.CodeExpire,
        PlacedAt = _time.GetUtcNow(),
    };

    /// <summary>The order as of now: a trade that nobody paid in time is closed.</summary>
    private AlipayOrder? Current((string Pid, string OutTradeNo) key)
    {
        var order = _orders.GetValueOrDefault(key);
        return order is { TradeStatus: "WAIT_BUYER_PAY" } && _time.GetUtcNow() > order.TimeExpire
            ? Closed("expired", order, order.TimeExpire)
            : order;
    }

    /// <summary>An unpaid trade ends, which is told for these products only (alipay.md 6.3 and 6.8).</summary>
    private AlipayOrder Closed(string change, AlipayOrder order, DateTimeOffset at)
    {
        var told = order.NotifyUrl is not null && order.Scene is "wap" or "app";
        var closed = Change(change, order with { TradeStatus = "TRADE_CLOSED", GmtClose = at, Callback = told ? NewCallback() : null });
        Told?.Invoke(closed);
        return closed;
    }

    private CallbackState NewCallback()
    {
        var now = _time.GetUtcNow();
        return CallbackState.New(WireTime.Day(now) + "00222" + _random.Digits(21), now);
    }

    private AlipayOrder Change(string change, AlipayOrder order)
    {
        _journal.Append(new LedgerJournal<AlipayOrder>.Line(_time.GetUtcNow(), change, order));
        return Keep(order, _time.GetUtcNow());
    }

    private AlipayOrder Keep(AlipayOrder order, DateTimeOffset at)
    {
        var key = (order.Pid, order.OutTradeNo);
        var before = _orders.GetValueOrDefault(key);
        if (before is not null && before.Code != order.Code)
        {
            _codes.Remove(before.Code);
        }

        if (before?.GmtPayment is null && order.GmtPayment is not null)
        {
            Post("payment", order.Pid, order.OutTradeNo, order.Total, at);
        }

        if (before is { GmtPayment: not null, GmtCancel: null } && order.GmtCancel is not null)
        {
            Post("reversal", order.Pid, order.OutTradeNo, -order.Total, at);
        }

        _orders[key] = order;
        _codes[order.Code] = key;
        if (order.TradeNo is { } trade)
        {
            _trades[trade] = key;
        }

        return order;
    }
}
