using System.Text.Json;
using Microsoft.Extensions.Options;

namespace PayCore.ChannelSimulator;

/// <summary>An order as the provider sees it. Immutable; the ledger replaces it with every change.</summary>
public sealed record SimulatedOrder
{
    /// <summary>The merchant number.</summary>
    public required string MchId { get; init; }

    /// <summary>The AppID.</summary>
    public required string AppId { get; init; }

    /// <summary>The merchant's number of the order.</summary>
    public required string OutTradeNo { get; init; }

    /// <summary><c>NOTPAY</c>, <c>SUCCESS</c> or <c>CLOSED</c> (wechat-pay-v3.md 4.3).</summary>
    public string State { get; init; } = "NOTPAY";

    /// <summary>Whole fen.</summary>
    public required long Total { get; init; }

    /// <summary>Always <c>CNY</c>.</summary>
    public required string Currency { get; init; }

    /// <summary>Shown to the payer.</summary>
    public required string Description { get; init; }

    /// <summary>Given back once paid.</summary>
    public string? Attach { get; init; }

    /// <summary>Where the callback goes.</summary>
    public required string NotifyUrl { get; init; }

    /// <summary>Last moment to pay; null: seven days.</summary>
    public DateTimeOffset? TimeExpire { get; init; }

    /// <summary>When it was placed first.</summary>
    public required DateTimeOffset PlacedAt { get; init; }

    /// <summary>The only code that can be paid; an older one died.</summary>
    public required string CodeUrl { get; init; }

    /// <summary>When that code was given; it lives two hours.</summary>
    public required DateTimeOffset CodeAt { get; init; }

    /// <summary>How often it was placed.</summary>
    public int PlacedCount { get; init; } = 1;

    /// <summary>The provider's number, once paid.</summary>
    public string? TransactionId { get; init; }

    /// <summary>When it was paid.</summary>
    public DateTimeOffset? SuccessTime { get; init; }

    /// <summary>Who paid.</summary>
    public string? PayerOpenId { get; init; }

    /// <summary>The id of its callback, the same on every repeat.</summary>
    public string? EventId { get; init; }

    /// <summary>The callback was acknowledged, or given up.</summary>
    public bool CallbackDone { get; init; }

    /// <summary>What a repeat of the placing must equal.</summary>
    internal string Parameters => JsonSerializer.Serialize((string[])[AppId, Description, NotifyUrl, $"{Total}", Currency, Attach ?? "", $"{TimeExpire:O}"]);
}

/// <summary>
/// The provider's own book of orders, apart from everything of ours. Every change is decided under one lock and written to a journal when there is a
/// folder, before anybody learns of it.
/// </summary>
public sealed class WechatLedger
{
    private static readonly TimeSpan _codeLife = TimeSpan.FromHours(2);
    private static readonly TimeSpan _orderLife = TimeSpan.FromDays(7);

    private readonly Lock _gate = new();
    private readonly Dictionary<(string MchId, string OutTradeNo), SimulatedOrder> _orders = [];
    private readonly Dictionary<string, TaskCompletionSource<SimulatedOrder>> _waiting = new(StringComparer.Ordinal);
    private readonly SimulatorRandom _random;
    private readonly TimeProvider _time;
    private readonly string? _journal;

    /// <summary>Reads the journal of an earlier run.</summary>
    public WechatLedger(IOptions<SimulatorOptions> options, SimulatorRandom random, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(options);
        _random = random;
        _time = time;
        if (options.Value.DataFolder is not { } folder)
        {
            return;
        }

        Directory.CreateDirectory(folder);
        _journal = Path.Combine(folder, "wechat-ledger.jsonl");
        foreach (var line in File.Exists(_journal) ? File.ReadLines(_journal) : [])
        {
            // A process that was killed may leave half a line, which nobody was told of.
            if (TryRead(line) is { } order)
            {
                _orders[(order.MchId, order.OutTradeNo)] = order;
            }
        }
    }

    /// <summary>Every order.</summary>
    public IReadOnlyList<SimulatedOrder> All
    {
        get
        {
            lock (_gate)
            {
                return [.. _orders.Values];
            }
        }
    }

    /// <summary>An order, or null.</summary>
    public SimulatedOrder? Find(string mchId, string outTradeNo)
    {
        lock (_gate)
        {
            return _orders.GetValueOrDefault((mchId, outTradeNo));
        }
    }

    /// <summary>Waits until an order of that number was placed.</summary>
    public Task<SimulatedOrder> WaitForOrderAsync(string outTradeNo, CancellationToken cancellation)
    {
        lock (_gate)
        {
            if (_orders.Values.FirstOrDefault(o => o.OutTradeNo == outTradeNo) is { } there)
            {
                return Task.FromResult(there);
            }

            if (!_waiting.TryGetValue(outTradeNo, out var waiting))
            {
                _waiting[outTradeNo] = waiting = new TaskCompletionSource<SimulatedOrder>(TaskCreationOptions.RunContinuationsAsynchronously);
            }

            return waiting.Task.WaitAsync(cancellation);
        }
    }

    /// <summary>Places an order or gives a fresh code for it (wechat-pay-v3.md 3.3).</summary>
    /// <returns>The order and no error, or an error code.</returns>
    internal (SimulatedOrder? Order, string? Error) Place(SimulatedOrder asked)
    {
        lock (_gate)
        {
            var key = (asked.MchId, asked.OutTradeNo);
            var now = _time.GetUtcNow();
            var fresh = asked with { CodeUrl = $"weixin://wxpay/bizpayurl?pr={_random.Text(9)}", CodeAt = now };
            if (_orders.TryGetValue(key, out var known))
            {
                if (known.Parameters != asked.Parameters)
                {
                    return (null, "INVALID_REQUEST");
                }

                if (known.State == "SUCCESS")
                {
                    return (null, "ORDERPAID");
                }

                if (known.State == "CLOSED" || IsOver(known, now))
                {
                    return (null, "ORDER_CLOSED");
                }

                fresh = known with { CodeUrl = fresh.CodeUrl, CodeAt = now, PlacedCount = known.PlacedCount + 1 };
            }

            Store(fresh);
            if (_waiting.Remove(asked.OutTradeNo, out var waiting))
            {
                waiting.TrySetResult(fresh);
            }

            return (fresh, null);
        }
    }

    /// <summary>Closes (4.4): repeatable, refused when paid.</summary>
    /// <returns>Null when it is closed, else an error code.</returns>
    internal string? Close(string mchId, string outTradeNo)
    {
        lock (_gate)
        {
            if (!_orders.TryGetValue((mchId, outTradeNo), out var order))
            {
                return "ORDER_NOT_EXIST";
            }

            if (order.State == "SUCCESS")
            {
                return "ORDERPAID";
            }

            if (order.State != "CLOSED")
            {
                Store(order with { State = "CLOSED" });
            }

            return null;
        }
    }

    /// <summary>The payer pays. One payer only; neither an old code nor an order that is closed or over.</summary>
    /// <exception cref="InvalidOperationException">It cannot be paid; the message says why.</exception>
    internal SimulatedOrder Pay(string mchId, string outTradeNo, string payerOpenId, string? codeUrl = null)
    {
        lock (_gate)
        {
            var now = _time.GetUtcNow();
            var order = _orders.GetValueOrDefault((mchId, outTradeNo)) ?? throw new InvalidOperationException("There is no such order.");
            var reason = order.State switch
            {
                "SUCCESS" => "It is paid already.",
                "CLOSED" => "It is closed.",
                _ when IsOver(order, now) => "Its time is over.",
                _ when codeUrl is not null && codeUrl != order.CodeUrl => "The code is no longer valid; there is a newer one.",
                _ when now - order.CodeAt >= _codeLife => "The code is older than two hours.",
                _ => null,
            };
            if (reason is not null)
            {
                throw new InvalidOperationException(reason);
            }

            var paid = order with
            {
                State = "SUCCESS",
                TransactionId = $"42{_random.Digits(26)}",
                SuccessTime = now,
                PayerOpenId = payerOpenId,
                EventId = $"EV-{_random.Digits(20)}",
            };
            Store(paid);
            return paid;
        }
    }

    internal void MarkCallbackDone(SimulatedOrder order)
    {
        lock (_gate)
        {
            if (_orders.GetValueOrDefault((order.MchId, order.OutTradeNo)) is { } known)
            {
                Store(known with { CallbackDone = true });
            }
        }
    }

    private static bool IsOver(SimulatedOrder order, DateTimeOffset now) =>
        now >= (order.TimeExpire ?? order.PlacedAt + _orderLife) || now >= order.PlacedAt + _orderLife;

    private void Store(SimulatedOrder order)
    {
        if (_journal is not null)
        {
            File.AppendAllText(_journal, JsonSerializer.Serialize(order) + "\n");
        }

        _orders[(order.MchId, order.OutTradeNo)] = order;
    }

    private static SimulatedOrder? TryRead(string line)
    {
        try
        {
            return JsonSerializer.Deserialize<SimulatedOrder>(line);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
