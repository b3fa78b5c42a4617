using Microsoft.Extensions.Options;

namespace PayCore.ChannelSimulator;

/// <summary>
/// The provider's book of orders, with the books of its refunds, transfers and accounts. Placing, paying and closing are each decided under one lock, so of a
/// payer and a close at the same moment exactly one wins (wechat-pay-v3.md 4.4).
/// </summary>
public sealed class WechatLedger : IDisposable
{
    private static readonly TimeSpan _codeLife = TimeSpan.FromHours(2);
    private static readonly TimeSpan _h5Life = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan _unpaidLife = TimeSpan.FromDays(7);

    private readonly Lock _lock = new();
    private readonly Dictionary<(string MchId, string OutTradeNo), SimulatedOrder> _orders = [];
    private readonly Dictionary<string, (string MchId, string OutTradeNo)> _codes = [];
    private readonly Dictionary<string, (string MchId, string OutTradeNo)> _transactions = [];
    private readonly WaitList<SimulatedOrder> _placed = new();
    private readonly TimeProvider _time;
    private readonly SimulatorRandom _random;
    private readonly LedgerJournal<SimulatedOrder> _journal;
    private readonly long _passwordFrom;

    internal WechatLedger(TimeProvider time, SimulatorRandom random, IOptions<SimulatorOptions> options)
    {
        _time = time;
        _random = random;
        _passwordFrom = options.Value.PasswordFrom;
        _journal = new LedgerJournal<SimulatedOrder>(options.Value.DataFolder, "wechat-ledger.jsonl");
        AuthCodes = new AuthCodes(time, random, "13", 16);
        Accounts = new AccountBook(
            time, new LedgerJournal<AccountEntry>(options.Value.DataFolder, "wechat-accounts.jsonl"),
            account => account == WechatTransfers.Account ? 1_000_000_00 : 0);
        foreach (var line in _journal.Replay())
        {
            Keep(line.Order, line.At);
        }

        Refunds = new WechatRefunds(this, _lock, time, random, options.Value);
        Transfers = new WechatTransfers(this, _lock, time, random, options.Value);

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

    /// <summary>The refunds of the orders.</summary>
    public WechatRefunds Refunds { get; }

    /// <summary>The transfers to users.</summary>
    public WechatTransfers Transfers { get; }

    /// <summary>What the merchants have with the provider: BASIC, which begins empty, and OPERATION, which begins with a million yuan.</summary>
    public AccountBook Accounts { get; }

    internal AuthCodes AuthCodes { get; }

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
            Paid = orders.Count(o => o.IsPaid),
            Closed = orders.Count(o => o.State == "CLOSED"),
            PaidTotal = orders.Where(o => o.SuccessTime is not null).Sum(o => o.Total),
            RefundedTotal = -Accounts.Sum(mchId, "refund", "refund_returned", "reversal"),
            TransferredTotal = Transfers.All.Where(t => t.State == "SUCCESS" && (mchId is null || t.MchId == mchId)).Sum(t => t.Amount),
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

            paid = Change("paid", PaidNow(order, payerOpenId));
        }

        if (paid.Callback is not null)
        {
            Paid?.Invoke(paid);
        }

        return paid;
    }

    /// <summary>Why the payer cannot pay it now; null when the payer can.</summary>
    public string? NotPayable(SimulatedOrder order)
    {
        ArgumentNullException.ThrowIfNull(order);
        var now = _time.GetUtcNow();
        return order switch
        {
            { IsPaid: true } => "The order is paid.",
            { State: "CLOSED" or "REVOKED" } => "The order is closed.",
            { State: "PAYERROR" } => "The payment has failed.",
            { State: "USERPAYING" } => null,
            { TimeExpire: { } until } when now > until => "The time to pay is over.",
            _ when now >= order.CodeMadeAt + (order.Scene == "h5" ? _h5Life : _codeLife) => "The code has expired.",
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
                : known with { CodeUrl = NewCode(known.Scene, now), CodeMadeAt = now, PlacedCount = known.PlacedCount + 1 });
        }

        _placed.Add(placed);
        return placed;
    }

    /// <summary>Takes the money of who shows a payment code, at once or when the payer has typed the password (wechat-pay-v3.md 3.6).</summary>
    internal SimulatedOrder PlaceByAuthCode(PlaceRequest request)
    {
        SimulatedOrder placed;
        lock (_lock)
        {
            switch (FindAlive((request.MchId, request.OutTradeNo)))
            {
                case { State: "USERPAYING" } known when known.ParameterDigest == request.Digest:
                    throw WechatError.UserPaying();
                case { State: not "USERPAYING" and not "NOTPAY" } known:
                    throw known.IsPaid ? WechatError.OrderPaid() : WechatError.OrderClosed();
                case not null:
                    throw WechatError.ChangedParameters();
                default:
                    break;
            }

            var code = AuthCodes.Take(request.AuthCode!) ?? throw WechatError.InvalidRequest("付款码无效，请扫描微信支付被扫条码/二维码");
            var order = NewOrder(request, _time.GetUtcNow()) with { OpenId = code.Payer };
            placed = code switch
            {
                { Refusal: not null } => Change("refused", order with { State = "PAYERROR" }),
                _ when code.AsksPassword || order.Total >= _passwordFrom => Change("asked", order with { State = "USERPAYING" }),
                _ => Change("paid", PaidNow(order, code.Payer)),
            };
            _placed.Add(placed);
            return placed.State switch
            {
                "PAYERROR" => throw WechatError.OfCode(code.Refusal!),
                "USERPAYING" => throw WechatError.UserPaying(),
                _ => placed,
            };
        }
    }

    /// <summary>Takes a payment by code back: unpaid it can no longer be paid, paid the payer has the money again. A repeat changes nothing.</summary>
    internal void Reverse(string mchId, string outTradeNo)
    {
        lock (_lock)
        {
            var order = FindAlive((mchId, outTradeNo)) ?? throw WechatError.OrderNotExist();
            if (order.Scene != "codepay" || order.State == "REFUND")
            {
                throw WechatError.InvalidRequest("订单不支持撤销");
            }

            if (order.State != "REVOKED")
            {
                Change("reversed", order with { State = "REVOKED" });
            }
        }
    }

    /// <summary>A refund of it was accepted.</summary>
    internal void Refunded(SimulatedOrder order)
    {
        if (order.State != "REFUND")
        {
            Change("refund", order with { State = "REFUND" });
        }
    }

    internal void Post(string kind, string mchId, string number, string account, long amount, DateTimeOffset at) =>
        Accounts.Post(new AccountEntry { At = at, Merchant = mchId, Account = account, Kind = kind, Number = number, Amount = amount });

    /// <summary>Closes an order; a closed one stays closed, a paid one refuses.</summary>
    internal void Close(string mchId, string outTradeNo)
    {
        lock (_lock)
        {
            var order = FindAlive((mchId, outTradeNo)) ?? throw WechatError.OrderNotExist();
            switch (order)
            {
                case { Scene: "codepay" }:
                    throw WechatError.InvalidRequest("付款码订单不能关闭，请撤销");
                case { IsPaid: true }:
                    throw WechatError.OrderPaid();
                case { State: "NOTPAY" }:
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
            Change("declined", current with
            {
                DeclinedCount = current.DeclinedCount + 1,
                State = current.State == "USERPAYING" ? "PAYERROR" : current.State,
            });
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
            case { IsPaid: true }:
                throw WechatError.OrderPaid();
            case { State: not "NOTPAY" and not "USERPAYING" }:
                throw WechatError.OrderClosed();
            case not null when known.ParameterDigest != request.Digest || known.Scene != request.Scene:
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
        Scene = request.Scene,
        State = "NOTPAY",
        Total = request.Total,
        Currency = request.Currency,
        Description = request.Description,
        Attach = request.Attach,
        DeviceId = request.DeviceId,
        CodeUrl = NewCode(request.Scene, now),
        CodeMadeAt = now,
        NotifyUrl = request.NotifyUrl,
        OpenId = request.OpenId,
        TimeExpire = request.TimeExpire,
        PlacedAt = now,
        PlacedCount = 1,
        ParameterDigest = request.Digest,
    };

    private SimulatedOrder PaidNow(SimulatedOrder order, string payerOpenId)
    {
        var now = _time.GetUtcNow();
        return order with
        {
            State = "SUCCESS",
            TransactionId = "42000" + WireTime.Day(now) + _random.Digits(15),
            SuccessTime = now,
            PayerOpenId = order.OpenId ?? payerOpenId,
            Callback = order.NotifyUrl is null ? null : CallbackState.New(_random.Uuid(), now),
        };
    }

    private string NewCode(string scene, DateTimeOffset now) => scene == "native"
        ? "weixin://wxpay/bizpayurl?pr=" + _random.Text(12) + "zz"
        : "wx" + WireTime.Day(now) + _random.Digits(6) + _random.Hex(10).ToLowerInvariant();

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
        return Keep(order, _time.GetUtcNow());
    }

    private SimulatedOrder Keep(SimulatedOrder order, DateTimeOffset at)
    {
        var key = (order.MchId, order.OutTradeNo);
        var before = _orders.GetValueOrDefault(key);
        if (before is not null && before.CodeUrl != order.CodeUrl)
        {
            _codes.Remove(before.CodeUrl);
        }

        if (before?.SuccessTime is null && order.SuccessTime is not null)
        {
            Post("payment", order.MchId, order.OutTradeNo, WechatRefunds.Account, order.Total, at);
        }

        if (before is { SuccessTime: not null, State: not "REVOKED" } && order.State == "REVOKED")
        {
            Post("reversal", order.MchId, order.OutTradeNo, WechatRefunds.Account, -order.Total, at);
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
