using Microsoft.Extensions.Options;

namespace PayCore.ChannelSimulator;

/// <summary>
/// Alipay's book of orders. Placing, scanning, paying and closing are each decided under one lock, so of a payer and a close at the same moment exactly one
/// wins.
/// </summary>
public sealed class AlipayLedger : IDisposable
{
    private readonly Lock _lock = new();
    private readonly Dictionary<(string Pid, string OutTradeNo), AlipayOrder> _orders = [];
    private readonly Dictionary<string, (string Pid, string OutTradeNo)> _codes = [];
    private readonly Dictionary<string, (string Pid, string OutTradeNo)> _trades = [];
    private readonly WaitList<AlipayOrder> _placed = new();
    private readonly AlipayMerchants _merchants;
    private readonly TimeProvider _time;
    private readonly SimulatorRandom _random;
    private readonly LedgerJournal<AlipayOrder> _journal;

    internal AlipayLedger(AlipayMerchants merchants, TimeProvider time, SimulatorRandom random, IOptions<SimulatorOptions> options)
    {
        _merchants = merchants;
        _time = time;
        _random = random;
        _journal = new LedgerJournal<AlipayOrder>(options.Value.DataFolder, "alipay-ledger.jsonl");
        foreach (var line in _journal.Replay())
        {
            Keep(line.Order);
        }

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

    /// <summary>An order is paid: its notify is due, if it has an address.</summary>
    internal event Action<AlipayOrder>? Paid;

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
            Paid = orders.Count(o => o.TradeStatus == "TRADE_SUCCESS"),
            Closed = orders.Count(o => o.TradeStatus == "TRADE_CLOSED"),
            PaidTotal = orders.Where(o => o.TradeStatus == "TRADE_SUCCESS").Sum(o => o.Total),
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
            { TradeStatus: "TRADE_SUCCESS" } => "The order is paid.",
            { TradeStatus: "TRADE_CLOSED" } => "The order is closed.",
            _ when now > order.TimeExpire => "The time to pay is over.",
            { TradeStatus: null, CodeExpire: { } until } when now >= until => "The code has expired.",
            _ => null,
        };
    }

    /// <inheritdoc />
    public void Dispose() => _journal.Dispose();

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
            var opened = Opened(order, buyerId);
            var now = _time.GetUtcNow();
            paid = Change("paid", opened with
            {
                TradeStatus = "TRADE_SUCCESS",
                BuyerId = buyerId,
                GmtPayment = now,
                Callback = opened.NotifyUrl is null
                    ? null
                    : new CallbackState { Id = WireTime.Day(now) + "00222" + _random.Digits(21), CreateTime = now, Attempts = 0, NextAt = now },
            });
        }

        Paid?.Invoke(paid);
        return paid;
    }

    /// <summary>The buyer declines, or the payment fails: the trade is there and stays unpaid.</summary>
    internal AlipayOrder Decline(AlipayOrder order, string buyerId)
    {
        lock (_lock)
        {
            var opened = Opened(order, buyerId);
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
                ? Change("closed", order with { TradeStatus = "TRADE_CLOSED", GmtClose = _time.GetUtcNow() })
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
        && (NotPayable(known) is not null || (known.Scene == "page" && !IsSame(known, request)));

    private AlipayOrder Trade(string pid, string? tradeNo, string? outTradeNo)
    {
        var key = tradeNo is null ? (pid, outTradeNo!) : _trades.GetValueOrDefault(tradeNo);
        return key.Item1 == pid && Current(key) is { TradeStatus: not null } trade ? trade : throw AlipayError.TradeNotExist();
    }

    private AlipayOrder Opened(AlipayOrder order, string buyerId)
    {
        var current = Current((order.Pid, order.OutTradeNo));
        if (current is null || current.Code != order.Code)
        {
            throw new InvalidOperationException("There is no such order.");
        }

        if (NotPayable(current) is { } reason)
        {
            throw new InvalidOperationException(reason);
        }

        if (current.TradeStatus is not null)
        {
            return current;
        }

        var now = _time.GetUtcNow();
        return Change("opened", current with
        {
            TradeStatus = "WAIT_BUYER_PAY",
            TradeNo = WireTime.Day(now) + "2200" + _random.Digits(16),
            BuyerId = buyerId,
            GmtCreate = now,
        });
    }

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
            ? Change("expired", order with { TradeStatus = "TRADE_CLOSED", GmtClose = order.TimeExpire })
            : order;
    }

    private AlipayOrder Change(string change, AlipayOrder order)
    {
        _journal.Append(new LedgerJournal<AlipayOrder>.Line(_time.GetUtcNow(), change, order));
        return Keep(order);
    }

    private AlipayOrder Keep(AlipayOrder order)
    {
        var key = (order.Pid, order.OutTradeNo);
        if (_orders.TryGetValue(key, out var before) && before.Code != order.Code)
        {
            _codes.Remove(before.Code);
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
