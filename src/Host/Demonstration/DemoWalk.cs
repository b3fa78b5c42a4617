using System.Net;
using System.Text.Json;
using System.Text.RegularExpressions;
using PayCore.Contracts.V1;
using OrderState = PayCore.Contracts.V1.PayOrder.Types.State;

namespace PayCore.Host.Demonstration;

/// <summary>Notes an arrow of the diagram that was walked.</summary>
internal delegate void StepTaken(string name, string from, string to, DateTimeOffset at, string evidence);

/// <summary>Walks one payment along the diagram and collects the evidence of every arrow.</summary>
internal static partial class DemoWalk
{
    private const int AskAgainMax = 3;

    /// <summary>Buys in the shop, pays in the wallet or on its page, and waits for the acknowledged notification.</summary>
    public static async Task<DemoPayment> PayAsync(DemoWay way, DemoSite site)
    {
        var began = site.Time.GetUtcNow();
        var steps = new List<DemoStep>();
        void Step(string step, string from, string to, DateTimeOffset at, string evidence) =>
            steps.Add(new DemoStep(step, from, to, Math.Max(0, (at - began).TotalMilliseconds), evidence));

        // The user opens the shop and orders.
        var page = await site.OpenAsync("/shop?lang=en");
        Step("page", "User", "PayCenter", site.Time.GetUtcNow(), "the shop's page");
        var form = new Dictionary<string, string>
        {
            ["__RequestVerificationToken"] = Hidden(page, "__RequestVerificationToken"),
            ["number"] = Hidden(page, "number"),
            ["goods"] = Goods().Match(page).Groups[1].Value,
            ["pay"] = way.Route,
        };
        var cashier = await site.SendAsync("/shop/buy", form);
        for (var again = 1; !IsCashier(cashier) && again <= AskAgainMax; again++)
        {
            // A system that has just started on a busy machine may be too slow for its first request. The buyer presses the button on the order's page: the
            // number is the same, and so is the order.
            var unpaid = await site.OpenAsync(cashier);
            cashier = await site.SendAsync($"{cashier}/pay", new() { ["__RequestVerificationToken"] = Hidden(unpaid, "__RequestVerificationToken") });
        }

        var pageToken = IsCashier(cashier)
            ? cashier[(cashier.LastIndexOf('/') + 1)..].Split('?')[0]
            : throw new DemoFailedException("create", $"the shop got no cashier page but {cashier}");

        var order = await site.Database.ReadOrderAsync(new ReadOrderRequest { PageToken = pageToken, WithHistory = true });
        var attempt = order.Attempts.Single().Attempt;
        if ((order.Attempts[0].Channel, order.Attempts[0].Account) != (way.Channel, way.Account))
        {
            throw new DemoFailedException("create", $"the attempt is at {order.Attempts[0].Channel}/{order.Attempts[0].Account}");
        }

        var saved = At(order, "", "CREATED");
        Step("create", "PayCenter", "PayGateway", saved, $"out_trade_no {order.Order.OutTradeNo}, signed by {order.Order.AppId}");
        Step("verify and generate", "PayGateway", "PayGateway", saved, $"order {order.Order.Id}");
        Step("save", "PayGateway", "PayDatabase", saved, $"order, attempt {attempt.AttemptNo} and history in one commit");

        // The channel gave a way to pay, and it was recorded; the user takes it.
        if (way.Scene == "PAGE")
        {
            await PayOnPageAsync(site, cashier, order, attempt, Step);
        }
        else
        {
            await PayByCodeAsync(site, way, cashier, order, attempt, Step);
        }

        // The channel calls back; the order moves; the channel is answered.
        order = await site.UntilAsync(
            "callback", async () => await site.Database.ReadOrderAsync(new ReadOrderRequest { PageToken = pageToken, WithHistory = true }),
            o => o.Order.State == OrderState.Paid);
        var move = order.History.Single(h => h.AttemptNo.Length == 0 && h.ToState == "PAID");
        if (move.Cause != "callback" || move.EvidenceId.Length == 0)
        {
            throw new DemoFailedException("callback", $"the order was paid by {move.Cause}");
        }

        var send = await site.UntilAsync(
            "answer", async () => Find(await site.ProviderAsync("/control/callbacks"), c => Text(c, "out_trade_no") == attempt.AttemptNo && c.GetProperty("delivered").GetBoolean()),
            s => s is not null);
        var sent = send!.Value.GetProperty("at").GetDateTimeOffset();
        Step("callback", "Channel", "CallbackGateway", sent, $"kept as {move.EvidenceId}");
        Step("verify", "CallbackGateway", "PayChannel", sent, "raw bytes verified, resource opened, every field equal");
        Step("update", "CallbackGateway", "PayDatabase", move.Time.ToDateTimeOffset(), $"WON, PAID version {move.Version}, event and delivery in one commit");
        Step("answer", "CallbackGateway", "Channel", move.Time.ToDateTimeOffset(), $"status {Text(send.Value, "http_status")}");

        // The merchant is told until it acknowledges.
        var told = await site.UntilAsync(
            "notify", async () => (await site.Database.ReadDeliveriesAsync(new ListDeliveriesRequest { OrderId = order.Order.Id })).Deliveries.SingleOrDefault(),
            d => d?.State == Delivery.Types.State.Delivered);
        var attemptToTell = told!.History[^1];
        Step("push", "CallbackGateway", "NotifyGateway", told.CreateTime.ToDateTimeOffset(), $"delivery {told.DeliveryId}");
        Step("pull", "NotifyGateway", "PayDatabase", attemptToTell.StartTime.ToDateTimeOffset(), "taken under a lease");
        Step("notify", "NotifyGateway", "PayCenter", attemptToTell.StartTime.ToDateTimeOffset(), $"webhook-id {told.EventId}, status {attemptToTell.HttpStatus}");
        Step("record try", "NotifyGateway", "PayDatabase", told.DeliveredTime.ToDateTimeOffset(), $"try {attemptToTell.Number}: {attemptToTell.Result}");

        // The user sees the result; the shop knows it from its webhook.
        using var status = JsonDocument.Parse(await site.OpenAsync($"{cashier}/status"));
        if (Text(status.RootElement, "state") != "PAID")
        {
            throw new DemoFailedException("result page", $"the cashier says {Text(status.RootElement, "state")}");
        }

        Step("result page", "PayCenter", "User", site.Time.GetUtcNow(), "the cashier shows PAID");
        await site.UntilAsync(
            "shop", () => site.OpenAsync($"/shop/orders/{order.Order.OutTradeNo}?lang=en"), p => p.Contains("Paid", StringComparison.Ordinal));
        Step("shop", "PayCenter", "User", site.Time.GetUtcNow(), "the shop's order is paid, by its verified webhook");
        return new DemoPayment(way.Name, order.Order.Id, true, (site.Time.GetUtcNow() - began).TotalMilliseconds, steps);
    }

    private static async Task PayByCodeAsync(DemoSite site, DemoWay way, string cashier, StoredOrder order, Attempt attempt, StepTaken step)
    {
        var operation = way.Channel == "wechat" ? "place" : "alipay.precreate";
        var placed = Single(await site.ProviderAsync("/control/requests"), "order request", c =>
            Text(c, "operation") == operation && Text(c, "out_trade_no") == attempt.AttemptNo && Text(c, "status") == "200");
        step("order request", "PayGateway", "Channel", placed.GetProperty("at").GetDateTimeOffset(), "the provider verified our signature and placed the order");
        step("record", "PayGateway", "PayDatabase", At(order, attempt.AttemptNo, "OPEN"), "attempt OPEN with its action");

        var code = attempt.Action.QrCodeText;
        var page = await site.OpenAsync($"{cashier}?lang=en");
        if (code.Length == 0 || !page.Contains("<svg", StringComparison.Ordinal) || !page.Contains(Uri.EscapeDataString(code), StringComparison.OrdinalIgnoreCase))
        {
            throw new DemoFailedException("QR code", "the cashier's page does not show the channel's code");
        }

        step("QR code", "PayCenter", "User", site.Time.GetUtcNow(), code);
        if (way.Channel == "wechat")
        {
            var paid = await site.TellProviderAsync("/control/wechat/pay", new { code_url = code });
            step("pay", "User", "Channel", paid.GetProperty("success_time").GetDateTimeOffset(), $"transaction {Text(paid, "transaction_id")}");
        }
        else
        {
            var paid = await site.TellProviderAsync("/control/alipay/pay", new { qr_code = code });
            step("pay", "User", "Channel", paid.GetProperty("gmt_payment").GetDateTimeOffset(), $"trade {Text(paid, "trade_no")}");
        }
    }

    private static async Task PayOnPageAsync(DemoSite site, string cashier, StoredOrder order, Attempt attempt, StepTaken step)
    {
        // No call is made: what the browser will bring to the provider is signed and recorded.
        step("sign", "PayGateway", "PayChannel", At(order, attempt.AttemptNo, "OPEN"), "the address of the provider's page, with our signature");
        step("record", "PayGateway", "PayDatabase", At(order, attempt.AttemptNo, "OPEN"), "attempt OPEN with its action");
        var page = await site.OpenAsync($"{cashier}?lang=en");
        var address = WebUtility.HtmlDecode(Link().Match(page).Groups[1].Value);
        if (address.Length == 0 || address != attempt.Action.RedirectUrl)
        {
            throw new DemoFailedException("redirect", "the cashier's page does not lead to the channel's page");
        }

        step("redirect", "PayCenter", "User", site.Time.GetUtcNow(), new Uri(address).GetLeftPart(UriPartial.Path));
        var opened = await site.FollowAsync(address);
        var asked = Single(await site.ProviderAsync("/control/requests"), "order request", c =>
            Text(c, "operation") == "alipay.page" && Text(c, "out_trade_no") == attempt.AttemptNo);
        step("order request", "User", "Channel", asked.GetProperty("at").GetDateTimeOffset(), "the provider verified our signature and shows its page");
        var back = await site.SubmitAsync(opened, PayForm());
        var paid = Single(
            (await site.ProviderAsync("/control/ledger")).GetProperty("alipay").GetProperty("orders"), "pay", o => Text(o, "out_trade_no") == attempt.AttemptNo);
        step("pay", "User", "Channel", paid.GetProperty("gmt_payment").GetDateTimeOffset(), $"trade {Text(paid, "trade_no")}");
        if (back.GetLeftPart(UriPartial.Path) != new Uri(site.Center, $"{cashier}/return").AbsoluteUri)
        {
            throw new DemoFailedException("return", $"the provider's page leads back to {back}");
        }

        await site.FollowAsync(back.AbsoluteUri);
        step("return", "Channel", "User", site.Time.GetUtcNow(), "back at the cashier, which asks the channel and believes nothing else");
    }

    private static DateTimeOffset At(StoredOrder order, string attemptNo, string state) =>
        order.History.FirstOrDefault(h => h.AttemptNo == attemptNo && h.ToState == state)?.Time.ToDateTimeOffset()
        ?? throw new DemoFailedException(state, "there is no such step in the history");

    private static JsonElement Single(JsonElement list, string step, Func<JsonElement, bool> wanted) =>
        Find(list, wanted) ?? throw new DemoFailedException(step, "the provider's log does not have it");

    private static JsonElement? Find(JsonElement list, Func<JsonElement, bool> wanted)
    {
        foreach (var element in list.EnumerateArray())
        {
            if (wanted(element))
            {
                return element;
            }
        }

        return null;
    }

    private static bool IsCashier(string address) => address.Contains("/pay/", StringComparison.Ordinal);

    private static string Text(JsonElement element, string name) => element.GetProperty(name).ToString();

    private static string Hidden(string page, string name) =>
        WebUtility.HtmlDecode(Regex.Match(page, $"name=\"{name}\"[^>]*value=\"([^\"]*)\"").Groups[1].Value) is { Length: > 0 } value
            ? value
            : throw new DemoFailedException("page", $"the shop's form has no {name}");

    [GeneratedRegex("class=\"button primary\" href=\"([^\"]+)\"")]
    private static partial Regex Link();

    [GeneratedRegex("<form action=\"(/alipay/cashier/pay)\" method=\"post\">\\s*<input type=\"hidden\" name=\"(session)\" value=\"([^\"]+)\"")]
    private static partial Regex PayForm();

    [GeneratedRegex("name=\"goods\" value=\"([^\"]+)\"")]
    private static partial Regex Goods();
}
