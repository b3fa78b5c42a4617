using System.Collections.Concurrent;
using System.Globalization;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Nodes;
using PayCore.Host.Demonstration.Tour;

namespace PayCore.Cluster.Tests.Support;

/// <summary>
/// Merchants and buyers of both providers: so many orders a second, each asked for until it is answered and paid in the wallet, some given back in part, and transfers
/// besides. Whoever gets no definite answer asks again under the same number, as a merchant does.
/// </summary>
internal sealed class Load(TestCluster cluster, int seed)
{
    private static readonly TimeSpan _again = TimeSpan.FromMilliseconds(300);
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(15);

    /// <summary>So many at once; a machine that cannot keep up gets fewer in a second.</summary>
    private const int UnderWayMax = 60;

    private const string Processing = "PROCESSING";

    private readonly Random _random = new(seed);
    private readonly ConcurrentQueue<string> _orders = new();
    private readonly ConcurrentQueue<string> _refunds = new();
    private readonly ConcurrentQueue<(string Method, string Id)> _transfers = new();
    private readonly ConcurrentQueue<string> _surprises = new();
    private readonly string _run = $"{seed % 10_000:D4}{Environment.ProcessId}";
    private int _repeats;

    public IReadOnlyCollection<string> Orders => _orders;

    public IReadOnlyCollection<string> Refunds => _refunds;

    public IReadOnlyCollection<(string Method, string Id)> Transfers => _transfers;

    /// <summary>Refusals, which nobody deserved.</summary>
    public IReadOnlyCollection<string> Surprises => _surprises;

    /// <summary>How often a call had to be repeated.</summary>
    public int Repeats => _repeats;

    /// <summary>Begins so many orders a second until something is over, and ends when each was paid.</summary>
    public async Task RunAsync(int ordersASecond, Task until)
    {
        using var turns = new PeriodicTimer(TimeSpan.FromSeconds(1.0 / ordersASecond));
        using var places = new SemaphoreSlim(UnderWayMax);
        var lives = new List<Task>();
        for (var number = 0; !until.IsCompleted; number++)
        {
            await places.WaitAsync();
            lives.Add(LiveAsync(number, _random.Next(100), places));
            await turns.WaitForNextTickAsync();
        }

        await Task.WhenAll(lives);
        await until;
    }

    private async Task LiveAsync(int number, int chance, SemaphoreSlim places)
    {
        try
        {
            await LiveAsync(number, chance);
        }
        finally
        {
            places.Release();
        }
    }

    private async Task LiveAsync(int number, int chance)
    {
        var method = number % 2 == 0 ? "wechat" : "alipay";
        if (chance < 5)
        {
            await TransferAsync(method, number);
            return;
        }

        var amount = 1_000 + number;
        var order = TestCluster.NewOrder($"C{_run}{number:D5}", method, amount);
        order["expire_time"] = (cluster.Clock.GetUtcNow() + TimeSpan.FromMinutes(10)).ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
        var answer = await AskAsync("/v1/pay-orders", order, UntilAnswered());
        var id = answer?["order"]!["id"]!.GetValue<string>();
        for (var again = 1; answer is not null && answer["result"]!.GetValue<string>() == Processing; again++)
        {
            // Whose code was lost on the way may never be had: the buyer asks for another one.
            var next = new JsonObject { ["out_attempt_no"] = $"again{again}", ["method"] = method, ["scene"] = "QR" };
            answer = await AskAsync($"/v1/pay-orders/{id}/attempts", next, UntilAnswered());
        }

        if (answer is null)
        {
            return;
        }

        _orders.Enqueue(id!);
        var attemptNo = answer["attempt_no"]!.GetValue<string>();
        object buyer = method == "wechat"
            ? new { mchid = TourAccounts.Wechat, out_trade_no = attemptNo }
            : new { app_id = TourAccounts.Alipay, out_trade_no = attemptNo };
        await TellProviderAsync($"/control/{method}/pay", buyer);
        if (chance < 20)
        {
            await RefundAsync(id!, number, amount / 3);
        }
    }

    /// <summary>A definite answer, or one that stays unknown however often it is asked for.</summary>
    private static Func<JsonNode, bool> UntilAnswered()
    {
        var asked = 0;
        return answer => answer["result"]!.GetValue<string>() != Processing || ++asked == 10;
    }

    private async Task RefundAsync(string order, int number, long amount)
    {
        // Until the payment is known here, giving it back is refused.
        var answer = await AskAsync(
            "/v1/refunds", new JsonObject { ["out_refund_no"] = $"B{_run}{number:D5}", ["order_id"] = order, ["amount_minor"] = amount }, _ => true, "ORDER_NOT_PAID");
        if (answer is not null)
        {
            _refunds.Enqueue(answer["refund"]!["id"]!.GetValue<string>());
        }
    }

    private async Task TransferAsync(string method, int number)
    {
        var isWechat = method == "wechat";
        var answer = await AskAsync("/v1/transfers", new JsonObject
        {
            ["out_transfer_no"] = $"D{_run}{number:D5}",
            ["amount_minor"] = 100 + number,
            ["method"] = method,
            ["payee"] = new JsonObject { ["kind"] = isWechat ? "OPEN_ID" : "USER_ID", ["id"] = isWechat ? "oClusterPayee" : "2088000000000007" },
            ["title"] = "退还押金 deposit",
        }, _ => true);
        if (answer is not null)
        {
            _transfers.Enqueue((method, answer["transfer"]!["id"]!.GetValue<string>()));
        }
    }

    /// <summary>Asks under one number until the answer is as wanted; null after a refusal that is none to be waited out.</summary>
    private async Task<JsonNode?> AskAsync(string path, JsonObject request, Func<JsonNode, bool> wanted, string? notYet = null)
    {
        while (true)
        {
            var (status, text) = await TryAsync(() => cluster.Merchant.PostAsync(
                new Uri(path, UriKind.Relative), new StringContent(request.ToJsonString(), Encoding.UTF8, "application/json")));
            if (status == 200 && JsonNode.Parse(text)! is var answer && wanted(answer))
            {
                return answer;
            }

            // 409 is a race that another caller of the same order won for now.
            if (status is not (0 or 200 or 409 or 429 or >= 500) && (notYet is null || !text.Contains(notYet, StringComparison.Ordinal)))
            {
                _surprises.Enqueue($"{path} {request.ToJsonString()}: {status} {text}");
                return null;
            }

            Interlocked.Increment(ref _repeats);
            await Task.Delay(_again);
        }
    }

    /// <summary>Tells a provider something until it hears it. What was heard and not answered is refused the second time: it was done.</summary>
    public async Task TellProviderAsync(string path, object what)
    {
        while ((await TryAsync(() => cluster.Provider.PostAsJsonAsync(path, what))).Status is 0 or 404 or >= 500)
        {
            await Task.Delay(_again);
        }
    }

    /// <summary>Status 0: no answer came.</summary>
    private static async Task<(int Status, string Text)> TryAsync(Func<Task<HttpResponseMessage>> send)
    {
        try
        {
            using var answer = await send().WaitAsync(_patience);
            return ((int)answer.StatusCode, await answer.Content.ReadAsStringAsync());
        }
        catch (Exception e) when (e is HttpRequestException or TimeoutException or TaskCanceledException or IOException)
        {
            return (0, e.Message);
        }
    }
}
