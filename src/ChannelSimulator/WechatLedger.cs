using Microsoft.Extensions.Options;

namespace PayCore.ChannelSimulator;

/// <summary>
/// The provider's book of orders. Placing, paying and closing are each decided under one lock, so of a payer and a close at the same moment
/// exactly one wins (wechat-pay-v3.md 4.4).
/// </summary>
public sealed class WechatLedger : IDisposable
{
    private static readonly TimeSpan _codeLife = TimeSpan.FromHours(2);
    private static readonly TimeSpan _unpaidLife = TimeSpan.FromDays(7);

    private readonly Lock _lock = new();
    private readonly Dictionary<(string MchId, string OutTradeNo), SimulatedOrder> _orders = [];
    private readonly Dictionary<string, (string MchId, string OutTradeNo)> _codes = [];
    private readonly Dictionary<string, (string MchId, string OutTradeNo)> _transactions = [];
    private readonly WaitList<SimulatedOrder> _placed = new();
    private readonly TimeProvider _time;
    private readonly SimulatorRandom _random;
    private readonly LedgerJournal<SimulatedOrder> _journal;

    internal WechatLedger(TimeProvider time, SimulatorRandom random, IOptions<SimulatorOptions> options)
    {
        _time = time;
        _random = random;
        _journal = new LedgerJournal<SimulatedOrder>(options.Value.DataFolder, "wechat-ledger.jsonl");
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
    public IReadOnlyList<SimulatedOrder> All
    {
        get
        {
            lock (_lock)
            {
                return [.. _orders.Values.OrderBy(o => o.PlacedAt)];
            }
        }
    }

    /// <summary>An order is paid: its callback is due.</summary>
    internal event Action<SimulatedOrder>? Paid;

    /// <summary>The order, or null.</summary>
    public SimulatedOrder? Find(string mchId, string outTradeNo)
    {
        lock (_lock)
        {
            return FindAlive((mchId, outTradeNo));
        }
    }

    /// <summary>Counts and sums, of one merchant or of all.</summary>
    public LedgerTotals Totals(string? mchId = null)
    {
        var orders = All.Where(o => mchId is null || o.MchId == mchId).ToList();
        return new LedgerTotals
        {
            Orders = orders.Count,
            NotPaid = orders.Count(o => o.State == "NOTPAY"),
            Paid = orders.Count(o => o.State == "SUCCESS"),
            Closed = orders.Count(o => o.State == "CLOSED"),
            PaidTotal = orders.Where(o => o.State == "SUCCESS").Sum(o => o.Total),
        };
    }

    /// <summary>Waits until an order with this number is placed; one that is there already counts.</summary>
    public Task<SimulatedOrder> WaitForOrderAsync(string outTradeNo, CancellationToken cancellationToken) =>
        _placed.WaitAsync(o => o.OutTradeNo == outTradeNo, cancellationToken);

    /// <summary>The payer pays. Throws with the reason when the order cannot be paid.</summary>
    public Task<SimulatedOrder> PayAsync(string mchId, string outTradeNo, string payerOpenId = "oPayer") =>
        Task.FromResult(Pay(mchId, outTradeNo, payerOpenId));

    internal SimulatedOrder Pay(string mchId, string outTradeNo, string payerOpenId)
    {
        SimulatedOrder paid;
        lock (_lock)
        {
            var order = FindAlive((mchId, outTradeNo)) ?? throw new InvalidOperationException("There is no such order.");
            if (NotPayable(order) is { } reason)
            {
                throw new InvalidOperationException(reason);
            }

            var now = _time.GetUtcNow();
            paid = Change("paid", order with
            {
                State = "SUCCESS",
                TransactionId = "42000" + WireTime.Day(now) + _random.Digits(15),
                SuccessTime = now,
                PayerOpenId = payerOpenId,
                Callback = new CallbackState { Id = _random.Uuid(), CreateTime = now, Attempts = 0, NextAt = now },
            });
        }

        Paid?.Invoke(paid);
        return paid;
    }

    /// <summary>Why the payer cannot pay it now; null when the payer can.</summary>
    public string? NotPayable(SimulatedOrder order)
    {
        ArgumentNullException.ThrowIfNull(order);
        var now = _time.GetUtcNow();
        return order switch
        {
            { State: "SUCCESS" } => "The order is paid.",
            { State: "CLOSED" } => "The order is closed.",
            { TimeExpire: { } until } when now > until => "The time to pay is over.",
            _ when now >= order.CodeMadeAt + _codeLife => "The code has expired.",
            _ => null,
        };
    }

    /// <inheritdoc />
    public void Dispose() => _journal.Dispose();

    internal SimulatedOrder? FindByCode(string codeUrl)
    {
        lock (_lock)
        {
            return _codes.TryGetValue(codeUrl, out var key) ? FindAlive(key) : null;
        }
    }

    internal SimulatedOrder? FindByTransaction(string mchId, string transactionId)
    {
        lock (_lock)
        {
            return _transactions.TryGetValue(transactionId, out var key) && key.MchId == mchId ? _orders[key] : null;
        }
    }

    /// <summary>Places an order, or the same order again, which gives a fresh code (wechat-pay-v3.md 3.3).</summary>
    internal SimulatedOrder Place(PlaceRequest request)
    {
        SimulatedOrder placed;
        lock (_lock)
        {
            var now = _time.GetUtcNow();
            var known = FindAlive((request.MchId, request.OutTradeNo));
            Refuse(known, request, now);
            placed = Change("placed", known is null
                ? NewOrder(request, now)
                : known with { CodeUrl = NewCode(), CodeMadeAt = now, PlacedCount = known.PlacedCount + 1 });
        }

        _placed.Add(placed);
        return placed;
    }

    /// <summary>Closes an order; a closed one stays closed, a paid one refuses.</summary>
    internal void Close(string mchId, string outTradeNo)
    {
        lock (_lock)
        {
            var order = FindAlive((mchId, outTradeNo)) ?? throw WechatError.OrderNotExist();
            switch (order.State)
            {
                case "SUCCESS":
                    throw WechatError.OrderPaid();
                case "NOTPAY":
                    Change("closed", order with { State = "CLOSED" });
                    break;
                default:
                    break;
            }
        }
    }

    internal void Decline(SimulatedOrder order)
    {
        lock (_lock)
        {
            var current = _orders[(order.MchId, order.OutTradeNo)];
            Change("declined", current with { DeclinedCount = current.DeclinedCount + 1 });
        }
    }

    internal SimulatedOrder CallbackSent(SimulatedOrder order, CallbackState state)
    {
        lock (_lock)
        {
            return Change("callback", _orders[(order.MchId, order.OutTradeNo)] with { Callback = state });
        }
    }

    private static void Refuse(SimulatedOrder? known, PlaceRequest request, DateTimeOffset now)
    {
        switch (known)
        {
            case { State: "SUCCESS" }:
                throw WechatError.OrderPaid();
            case { State: "CLOSED" }:
                throw WechatError.OrderClosed();
            case not null when known.ParameterDigest != request.Digest:
                throw WechatError.ChangedParameters();
            case { TimeExpire: { } until } when now > until:
                throw WechatError.OrderClosed();
            case null when request.TimeExpire <= now:
                throw WechatError.Parameter("/time_expire", "is not in the future");
            default:
                break;
        }
    }

    private SimulatedOrder NewOrder(PlaceRequest request, DateTimeOffset now) => new()
    {
        OutTradeNo = request.OutTradeNo,
        MchId = request.MchId,
        AppId = request.AppId,
        State = "NOTPAY",
        Total = request.Total,
        Currency = request.Currency,
        Description = request.Description,
        Attach = request.Attach,
        DeviceId = request.DeviceId,
        CodeUrl = NewCode(),
        CodeMadeAt = now,
        NotifyUrl = request.NotifyUrl,
        TimeExpire = request.TimeExpire,
        PlacedAt = now,
        PlacedCount = 1,
        ParameterDigest = request.Digest,
    };

    private string NewCode() => "weixin://wxpay/bizpayurl?pr=" + _random.Text(12) + "zz";

    /// <summary>The order as of now: one that nobody paid for seven days is dead (wechat-pay-v3.md 11).</summary>
    private SimulatedOrder? FindAlive((string MchId, string OutTradeNo) key)
    {
        var order = _orders.GetValueOrDefault(key);
        return order is { State: "NOTPAY" } && _time.GetUtcNow() >= order.PlacedAt + _unpaidLife
            ? Change("died", order with { State = "CLOSED" })
            : order;
    }

    private SimulatedOrder Change(string change, SimulatedOrder order)
    {
        _journal.Append(new LedgerJournal<SimulatedOrder>.Line(_time.GetUtcNow(), change, order));
        return Keep(order);
    }

    private SimulatedOrder Keep(SimulatedOrder order)
    {
        var key = (order.MchId, order.OutTradeNo);
        if (_orders.TryGetValue(key, out var before) && before.CodeUrl != order.CodeUrl)
        {
            _codes.Remove(before.CodeUrl);
        }

        _orders[key] = order;
        _codes[order.CodeUrl] = key;
        if (order.TransactionId is { } transaction)
        {
            _transactions[transaction] = key;
        }

        return order;
    }
}
