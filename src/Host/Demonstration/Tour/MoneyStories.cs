using System.Text.Json.Nodes;
using PayCore.Contracts.V1;
using static PayCore.Host.Demonstration.Tour.Stage;
using AttemptState = PayCore.Contracts.V1.Attempt.Types.State;
using ItemKind = PayCore.Contracts.V1.ExceptionItem.Types.Kind;

namespace PayCore.Host.Demonstration.Tour;

/// <summary>What happens when things go wrong with money: nothing is lost, and nothing is doubled.</summary>
internal static class MoneyStories
{
    private const string Lost = "lost";
    private const string EffectThenDrop = "effect_then_drop";
    private static readonly string[] _providers = ["wechat", "alipay"];

    /// <summary>The entries.</summary>
    public static IEnumerable<TourEntry> All =>
    [
        .. _providers.Select(p => new TourEntry($"{p} partial refunds to the exact rest", stage => RefundInPartsAsync(stage, p))),
        .. _providers.Select(p => new TourEntry($"{p} refund whose answer is lost", stage => RefundLostAsync(stage, p))),
        .. _providers.Select(p => new TourEntry($"{p} transfer", stage => TransferAsync(stage, p, answerIsLost: false))),
        .. _providers.Select(p => new TourEntry($"{p} transfer whose answer is lost", stage => TransferAsync(stage, p, answerIsLost: true))),
        .. _providers.Select(p => new TourEntry($"{p} payment with all callbacks lost", stage => NobodyToldAsync(stage, p))),
        .. _providers.Select(p => new TourEntry($"{p} late payment", stage => LateAsync(stage, p))),
        .. _providers.Select(p => new TourEntry($"{p} surplus payment", stage => SurplusAsync(stage, p))),
        new("merchant down at first", MerchantDownAsync),
        .. _providers.Select(p => new TourEntry($"{p} statement with a planted difference", stage => StatementAsync(stage, p))),
    ];

    private static async Task RefundInPartsAsync(Stage stage, string method)
    {
        var order = await stage.PaidOrderAsync(method, 10_000);
        foreach (var amount in new[] { 3_333L, 1L, 6_666L })
        {
            var refund = await AskRefundAsync(stage, order, amount);
            // Refunds of one payment take turns, as far apart as the provider wants.
            await SucceededAsync(stage, refund, TimeSpan.FromMinutes(5));
            Demand(await stage.EffectsAsync(method, "refund", refund) == 1, "ledger", $"{refund} is not there once");
        }

        var (status, answer) = await stage.Merchant.TryPostAsync("/v1/refunds", RefundRequest(stage, order, 1));
        Demand(status == 400 && answer.ToJsonString().Contains("REFUND_NOT_ALLOWED", StringComparison.Ordinal), "one fen more", answer.ToJsonString());
        stage.Step("one fen more", "REFUND_NOT_ALLOWED");
    }

    private static async Task RefundLostAsync(Stage stage, string method)
    {
        var order = await stage.PaidOrderAsync(method, 2_500);
        await stage.FaultAsync(method, "refund", EffectThenDrop);
        await stage.FaultAsync(method, "refund_callback", Lost, count: -1);
        var refund = await AskRefundAsync(stage, order, 2_500);
        await SucceededAsync(stage, refund, TimeSpan.FromMinutes(5));
        Demand(await stage.EffectsAsync(method, "refund", refund) == 1, "ledger", "money did not go back exactly once");
        stage.Step("ledger", "money went back once");
    }

    private static async Task TransferAsync(Stage stage, string method, bool answerIsLost)
    {
        if (answerIsLost)
        {
            await stage.FaultAsync(method, "transfer", EffectThenDrop);
        }

        var isWechat = method == "wechat";
        var answer = await stage.Merchant.PostAsync("/v1/transfers", new JsonObject
        {
            ["out_transfer_no"] = stage.NewNumber(),
            ["amount_minor"] = 1_250,
            ["method"] = method,
            ["payee"] = new JsonObject { ["kind"] = isWechat ? "OPEN_ID" : "USER_ID", ["id"] = isWechat ? "oTourPayee" : "2088000000000007" },
            ["title"] = "退还押金 deposit",
        });
        var id = answer["transfer"]!["id"]!.GetValue<string>();
        stage.Step("transfer", $"{id}: {answer["result"]}");
        if (isWechat)
        {
            await stage.UntilAsync("action", () => StateAsync(stage, id), s => s == "WAIT_PAYEE", TimeSpan.FromMinutes(5));
            await stage.Site.TellProviderAsync("/control/wechat/transfers/confirm", new { mchid = TourAccounts.Wechat, number = id });
            stage.Step("confirm", "by the payee");
        }

        await stage.UntilAsync("succeeded", () => StateAsync(stage, id), s => s == "SUCCEEDED", TimeSpan.FromMinutes(5));
        stage.Step("succeeded", id);
        await stage.ToldAsync("transfer.succeeded", id);
        Demand(await stage.EffectsAsync(method, "transfer", id) == 1, "ledger", "money did not leave exactly once");
        stage.Step("ledger", "money left once");
    }

    private static async Task NobodyToldAsync(Stage stage, string method)
    {
        await stage.FaultAsync(method, "callback", Lost, count: -1);
        var order = await stage.CreateAsync(method, "QR");
        await stage.PayAsync(order);
        var stored = await stage.PaidAsync(order, TimeSpan.FromSeconds(75));
        Demand(stored.History.Any(h => h.ToState == "PAID" && h.Cause == "query"), "paid", "it was not found by a query");
    }

    private static async Task LateAsync(Stage stage, string method)
    {
        var order = await stage.CreateAsync(method, "QR");
        // The provider confirms the close, and takes the buyer's money all the same.
        await stage.Site.Database.RequestCloseAsync(new RequestCloseRequest { OrderId = order.Id, Cause = "merchant" });
        await stage.Site.Database.RecordAttemptClosedAsync(new RecordAttemptClosedRequest { AttemptNo = order.AttemptNo, Cause = "close" });
        stage.Step("closed", "the order is CLOSED");
        await stage.PayAsync(order);
        var stored = await stage.PaidAsync(order);
        Demand(stored.Order.Late, "paid", "it is not marked as late");
        Demand((await stage.ExceptionsAsync(order.Id)).Any(e => e.Kind == ItemKind.LatePayment), "listed", "nobody is shown it");
        stage.Step("listed", "LATE_PAYMENT");
        await GoneBackAsync(stage, order, order.AttemptNo);
    }

    private static async Task SurplusAsync(Stage stage, string method)
    {
        var order = await stage.CreateAsync(method, "QR");
        // The first code cannot be closed for the moment, and the buyer pays both.
        await stage.FaultAsync(method, "close", "error_503", count: -1);
        var other = method == "wechat" ? "alipay" : "wechat";
        var answer = await stage.Merchant.PostAsync(
            $"/v1/pay-orders/{order.Id}/attempts", new JsonObject { ["out_attempt_no"] = "second", ["method"] = other, ["scene"] = "QR" });
        var second = order with { Method = other, AttemptNo = answer["attempt_no"]!.GetValue<string>() };
        stage.Step("second attempt", second.AttemptNo);
        await stage.PayAsync(second);
        await stage.UntilAsync("paid", () => stage.ReadAsync(order), o => o.Order.State == PayOrder.Types.State.Paid, TimeSpan.FromSeconds(15));
        await stage.PayAsync(order);
        await stage.UntilAsync("surplus", () => stage.PaymentAsync(order), a => a.State == AttemptState.ExtraPaid, TimeSpan.FromMinutes(2));
        Demand((await stage.ExceptionsAsync(order.Id)).Any(e => e.Kind == ItemKind.SurplusPayment), "listed", "nobody is shown it");
        stage.Step("listed", "SURPLUS_PAYMENT");
        await GoneBackAsync(stage, order, order.AttemptNo);
        var kept = await stage.PaymentAsync(second);
        Demand(kept.State == AttemptState.Won && kept.RefundedAmountMinor == 0, "kept", "the payment that counts went back too");
    }

    private static async Task MerchantDownAsync(Stage stage)
    {
        var order = await stage.CreateAsync("wechat", "QR");
        stage.Merchant.RefuseFirst(order.Id, 2);
        await stage.PayAsync(order);
        await stage.UntilAsync("paid", () => stage.ReadAsync(order), o => o.Order.State == PayOrder.Types.State.Paid, TimeSpan.FromSeconds(15));
        await stage.ToldAsync("payment.paid", order.Id, TimeSpan.FromMinutes(2));
        var delivery = await stage.UntilAsync(
            "recorded", async () => (await stage.Site.Database.ReadDeliveriesAsync(new ListDeliveriesRequest { OrderId = order.Id })).Deliveries.Single(),
            d => d.State == Delivery.Types.State.Delivered, TimeSpan.FromSeconds(10));
        Demand(delivery.History.Count == 3, "tries", $"there were {delivery.History.Count}");
        stage.Step("tries", string.Join(", ", delivery.History.Select(h => $"{h.HttpStatus}")));
        await stage.UntilAsync("feed", stage.Merchant.ReadFeedAsync, f => f.Contains(order.Id, StringComparison.Ordinal), TimeSpan.FromSeconds(10));
        stage.Step("feed", "the event is in the merchant's feed as well");
    }

    private static async Task StatementAsync(Stage stage, string method)
    {
        var isWechat = method == "wechat";
        var (account, seller) = isWechat ? (TourAccounts.Wechat, TourAccounts.Wechat) : (TourAccounts.Alipay, TourAccounts.AlipaySeller);
        var day = $"{stage.Day:yyyy-MM-dd}";
        await stage.FaultAsync(method, "callback", Lost, count: -1);
        var order = await stage.CreateAsync(method, "QR");
        await stage.PayAsync(order);
        var number = $"NOBODYS{stage.NewNumber()}";
        await stage.Site.TellProviderAsync("/control/bills/differences", new { provider = method, merchant = seller, day, kind = "extra", number, amount = 77 });
        await stage.Site.TellProviderAsync("/control/bills/ready", new { provider = method, merchant = seller, day });
        var fetched = await stage.Site.Queries.FetchStatementAsync(new FetchStatementRequest { Channel = method, Account = account, Day = day, Again = true });
        Demand(fetched.Ready, "fetch", fetched.Message);
        stage.Step("fetch", $"{fetched.Rows} rows");
        var matched = await stage.Site.Queries.MatchStatementAsync(new MatchStatementRequest { Channel = method, Account = account, Day = day });
        stage.Step("match", $"{matched.Repaired} repaired, {matched.Differences} differences");
        var items = await stage.ExceptionsAsync();
        Demand(items.Any(i => i.Kind == ItemKind.StatementTheirsOnly && i.Detail.Contains(number, StringComparison.Ordinal)), "listed", "the planted payment is not in the list");
        stage.Step("listed", $"STATEMENT_THEIRS_ONLY {number}");
        Demand(matched.Repaired > 0, "repaired", "the payment that nobody told of was not found");
        await stage.PaidAsync(order, TimeSpan.Zero);
    }

    private static JsonObject RefundRequest(Stage stage, TourOrder order, long amount) =>
        new() { ["out_refund_no"] = stage.NewNumber(), ["order_id"] = order.Id, ["amount_minor"] = amount };

    /// <summary>Asks for a refund; answers its id.</summary>
    private static async Task<string> AskRefundAsync(Stage stage, TourOrder order, long amount)
    {
        var answer = await stage.Merchant.PostAsync("/v1/refunds", RefundRequest(stage, order, amount));
        var id = answer["refund"]!["id"]!.GetValue<string>();
        stage.Step("refund", $"{id} of {amount}: {answer["result"]}");
        return id;
    }

    private static async Task SucceededAsync(Stage stage, string refund, TimeSpan within)
    {
        await stage.UntilAsync(
            "succeeded", async () => (await stage.Merchant.GetAsync($"/v1/refunds/{refund}"))["refund"]!["state"]!.GetValue<string>(), s => s == "SUCCEEDED", within);
        stage.Step("succeeded", refund);
        await stage.ToldAsync("refund.succeeded", refund);
    }

    /// <summary>By the app's policy, all of it and once.</summary>
    private static async Task GoneBackAsync(Stage stage, TourOrder order, string attemptNo)
    {
        await stage.UntilAsync("given back", () => stage.PaymentAsync(order), a => a.RefundedAmountMinor == a.PaidAmountMinor, TimeSpan.FromMinutes(5));
        var refunds = await stage.Merchant.GetAsync($"/v1/refunds:list?order_id={order.Id}");
        var refund = refunds["refunds"]!.AsArray().Single(r => r!["attempt_no"]!.GetValue<string>() == attemptNo)!["id"]!.GetValue<string>();
        Demand(await stage.EffectsAsync(order.Method, "refund", refund) == 1, "ledger", "money did not go back exactly once");
        stage.Step("given back", $"{refund}, by policy, once");
    }

    private static async Task<string> StateAsync(Stage stage, string transferId) =>
        (await stage.Merchant.GetAsync($"/v1/transfers/{transferId}"))["transfer"]!["state"]!.GetValue<string>();
}
