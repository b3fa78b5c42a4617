using System.Text.Json;
using System.Text.Json.Nodes;
using PayCore.Contracts.V1;
using AttemptState = PayCore.Contracts.V1.Attempt.Types.State;
using OrderState = PayCore.Contracts.V1.PayOrder.Types.State;

namespace PayCore.Host.Demonstration.Tour;

/// <summary>One entry of the tour while it is played: what it works with, and the steps that it took.</summary>
internal sealed class Stage(DemoSite site, TourMerchant merchant, DemoClock clock)
{
    private static readonly TimeSpan _look = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan _least = TimeSpan.FromSeconds(3);
    private readonly List<TourStep> _steps = [];
    private DateTimeOffset _began = clock.GetUtcNow();
    private int _number;

    /// <summary>The steps of the entry so far.</summary>
    public IReadOnlyList<TourStep> Steps => _steps;

    /// <summary>Time since the entry began, by the demo's clock.</summary>
    public TimeSpan Elapsed => clock.GetUtcNow() - _began;

    /// <summary>The provider's day.</summary>
    public DateOnly Day => DateOnly.FromDateTime(clock.GetUtcNow().ToOffset(TimeSpan.FromHours(8)).Date);

    public DemoSite Site => site;

    public TourMerchant Merchant => merchant;

    /// <summary>The next entry: no fault of the one before is left.</summary>
    public async Task BeginAsync()
    {
        await site.ForgiveProviderAsync();
        _steps.Clear();
        _began = clock.GetUtcNow();
    }

    /// <summary>Notes what happened.</summary>
    public void Step(string name, string evidence) => _steps.Add(new TourStep(name, Elapsed.TotalSeconds, evidence));

    /// <summary>Holds, or ends the entry.</summary>
    public static void Demand(bool holds, string step, string why)
    {
        if (!holds)
        {
            throw new DemoFailedException(step, why);
        }
    }

    /// <summary>A merchant number that was not used before.</summary>
    public string NewNumber() => $"TOUR{clock.GetUtcNow():yyyyMMddHHmmss}{Interlocked.Increment(ref _number):D4}";

    /// <summary>
    /// Looks until it is as wanted. What happens by itself at once gets half a second of real time; what waits for a ladder finds the clock wound forward, a second at
    /// a time. On a busy machine a look takes longer, and so does the work that a second makes due: it gets more real time there, and three seconds of it at least.
    /// </summary>
    /// <param name="step">What is waited for.</param>
    /// <param name="read">Looks.</param>
    /// <param name="wanted">It is as wanted.</param>
    /// <param name="within">By the demo's clock.</param>
    public async Task<T> UntilAsync<T>(string step, Func<Task<T>> read, Func<T, bool> wanted, TimeSpan within)
    {
        var began = clock.GetUtcNow();
        var beganInTruth = TimeProvider.System.GetTimestamp();
        for (var looks = 0; ; looks++)
        {
            var asked = TimeProvider.System.GetTimestamp();
            var value = await read();
            if (wanted(value))
            {
                return value;
            }

            var took = TimeProvider.System.GetElapsedTime(asked) * 4;
            var isLate = clock.GetUtcNow() - began > within;
            Demand(!isLate || TimeProvider.System.GetElapsedTime(beganInTruth) <= _least, step, $"it did not happen within {within.TotalSeconds:0} s");
            if (looks >= 25 && !isLate)
            {
                clock.Wind(TimeSpan.FromSeconds(1));
            }

            await Task.Delay(took > _look ? took : _look, TimeProvider.System);
        }
    }

    /// <summary>Creates an order; answers it with its attempt.</summary>
    public async Task<TourOrder> CreateAsync(string method, string scene, long amount = 3_800, string? buyer = null)
    {
        var request = new JsonObject
        {
            ["out_trade_no"] = NewNumber(),
            ["amount_minor"] = amount,
            ["currency"] = "CNY",
            ["subject"] = "龙井茶 Longjing tea",
            ["method"] = method,
            ["scene"] = scene,
            // Where the buyer is: providers refuse a loopback address.
            ["client_ip"] = "203.0.113.9",
        };
        if (buyer is not null)
        {
            request["buyer"] = buyer;
        }

        var answer = await merchant.PostAsync("/v1/pay-orders", request);
        var order = new TourOrder(method, answer["order"]!["id"]!.GetValue<string>(), answer["attempt_no"]!.GetValue<string>(), amount, answer);
        Step("create", $"order {order.Id}, attempt {order.AttemptNo}: {answer["result"]}");
        return order;
    }

    /// <summary>The buyer pays in the wallet.</summary>
    public async Task PayAsync(TourOrder order)
    {
        await (order.Method == "wechat"
            ? site.TellProviderAsync("/control/wechat/pay", new { mchid = TourAccounts.Wechat, out_trade_no = order.AttemptNo })
            : site.TellProviderAsync("/control/alipay/pay", new { app_id = TourAccounts.Alipay, out_trade_no = order.AttemptNo }));
        Step("pay", "in the wallet");
    }

    /// <summary>Waits until the order is PAID, and the merchant acknowledged that it was told.</summary>
    public async Task<StoredOrder> PaidAsync(TourOrder order, TimeSpan? within = null)
    {
        var stored = await UntilAsync("paid", () => ReadAsync(order), o => o.Order.State == OrderState.Paid, within ?? TimeSpan.FromSeconds(15));
        var move = stored.History.Single(h => h.AttemptNo.Length == 0 && h.ToState == "PAID");
        Demand(stored.Order.PaidAmountMinor == order.Amount, "paid", $"the amount is {stored.Order.PaidAmountMinor}");
        Step("paid", $"by {move.Cause}");
        await ToldAsync("payment.paid", order.Id);
        var theirs = await LedgerAsync(order);
        // What came late may have gone back by policy since.
        var isPaid = theirs.State is "SUCCESS" or "TRADE_SUCCESS" || (stored.Order.Late && theirs.State is "REFUND" or "TRADE_CLOSED");
        Demand(theirs.Total == order.Amount && isPaid, "ledger", $"the provider's book says {theirs.State} {theirs.Total}");
        Step("ledger", $"the provider's book says {theirs.State}");
        return stored;
    }

    /// <summary>An order that is paid.</summary>
    public async Task<TourOrder> PaidOrderAsync(string method, long amount)
    {
        var order = await CreateAsync(method, "QR", amount);
        await PayAsync(order);
        await PaidAsync(order);
        return order;
    }

    /// <summary>Waits until the merchant acknowledged.</summary>
    public async Task ToldAsync(string type, string about, TimeSpan? within = null)
    {
        await UntilAsync("acknowledged", () => Task.FromResult(merchant.Knows(type, about)), told => told, within ?? TimeSpan.FromSeconds(15));
        Step("acknowledged", type);
    }

    /// <summary>The order with its history.</summary>
    public async Task<StoredOrder> ReadAsync(TourOrder order) => await site.Database.ReadOrderAsync(new ReadOrderRequest { OrderId = order.Id, WithHistory = true });

    /// <summary>What the payment has left, and whether all of it is settled.</summary>
    public async Task<Attempt> PaymentAsync(TourOrder order) =>
        (await ReadAsync(order)).Attempts.Single(a => a.Attempt.AttemptNo == order.AttemptNo).Attempt;

    /// <summary>The kinds of what a person must look at.</summary>
    public async Task<IReadOnlyList<ExceptionItem>> ExceptionsAsync(string orderId = "") =>
        (await site.Database.ListExceptionsAsync(new ListExceptionsRequest { OrderId = orderId, Limit = 200 })).Exceptions;

    /// <summary>Has the provider misbehave.</summary>
    public Task FaultAsync(string method, string operation, string kind, int count = 1) => site.TellProviderAsync(
        "/control/faults", new { operation = method == "wechat" ? operation : $"alipay.{operation}", kind, count });

    /// <summary>How often the provider moved money for a number.</summary>
    public async Task<int> EffectsAsync(string method, string kind, string number) =>
        (await BookAsync(method)).GetProperty("accounts").EnumerateArray().Count(e => e.GetProperty("kind").ToString() == kind && e.GetProperty("number").ToString() == number);

    /// <summary>What the provider has of an order.</summary>
    public async Task<(string State, long Total, JsonElement Order)> LedgerAsync(TourOrder order)
    {
        var theirs = (await BookAsync(order.Method)).GetProperty("orders").EnumerateArray().Single(o => o.GetProperty("out_trade_no").ToString() == order.AttemptNo);
        return (theirs.GetProperty(order.Method == "wechat" ? "state" : "trade_status").ToString(), theirs.GetProperty("total").GetInt64(), theirs);
    }

    private async Task<JsonElement> BookAsync(string method)
    {
        var ledger = await site.ProviderAsync("/control/ledger");
        return method == "wechat" ? ledger : ledger.GetProperty("alipay");
    }
}

/// <summary>A step of an entry.</summary>
/// <param name="Name">What happened.</param>
/// <param name="AtSeconds">When, since the entry began, by the demo's clock.</param>
/// <param name="Evidence">What shows it.</param>
internal sealed record TourStep(string Name, double AtSeconds, string Evidence);

/// <summary>An order of the tour.</summary>
internal sealed record TourOrder(string Method, string Id, string AttemptNo, long Amount, JsonNode Answer)
{
    /// <summary>What the merchant's side is to do.</summary>
    public JsonNode? Action => Answer["action"];
}
