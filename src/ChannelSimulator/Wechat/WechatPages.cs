using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace PayCore.ChannelSimulator;

/// <summary>
/// What a person does outside the wallet's own list: pay on the H5 page in a phone's browser, pay what a page or an app has opened, and take a transfer.
/// Every POST acts and then shows by a GET, so that reloading the result does not act again.
/// </summary>
internal static class WechatPages
{
    private const string Client = "/wallet/wechat/client";
    private const string Transfer = "/wallet/wechat/transfer";

    public static void MapWechatPages(this IEndpointRouteBuilder endpoints)
    {
        endpoints.MapGet(WechatH5Pages.Path, WechatH5Pages.Show);
        endpoints.MapPost(WechatH5Pages.Path, WechatH5Pages.Act);
        endpoints.MapGet(Client, (HttpContext context, WechatClientCalls calls, WechatDesk desk) => ShowCall(context, calls, desk));
        endpoints.MapPost(Client, ActOnCall);
        endpoints.MapGet(Transfer, ShowTransfer);
        endpoints.MapPost(Transfer, ActOnTransfer);
    }

    private static IResult ShowCall(HttpContext context, WechatClientCalls calls, WechatDesk desk)
    {
        var words = WalletWords.For(context.Request);
        var call = context.Request.Query.ToDictionary(p => p.Key, p => p.Value.ToString());
        try
        {
            var order = calls.Open(call);
            var buttons = WalletPages.Form(Client, words.Pay, "main", [.. call, new("act", "pay")])
                + WalletPages.Form(Client, words.Decline, "other", [.. call, new("act", "decline")]);
            return WalletEndpoints.Html(context, WalletPages.Order(words, desk.Shown(order), buttons, ""));
        }
        catch (InvalidOperationException refusal)
        {
            return WalletEndpoints.Html(
                context, WalletPages.Sorry(words, words.Refused, $"<dl><dt>{words.Reason}</dt><dd>{WalletPages.E(refusal.Message)}</dd></dl>"),
                StatusCodes.Status400BadRequest);
        }
    }

    private static async Task<IResult> ActOnCall(HttpContext context, WechatClientCalls calls, WechatDesk desk)
    {
        if (await FormAsync(context) is not { } form)
        {
            return Results.StatusCode(StatusCodes.Status415UnsupportedMediaType);
        }

        var act = form.GetValueOrDefault("act");
        form.Remove("act");
        Try(() => Do(desk, calls.Open(form), act));
        return SeeOther(context, Client + QueryString.Create(form.Select(p => new KeyValuePair<string, string?>(p.Key, p.Value))));
    }

    private static IResult ShowTransfer(HttpContext context, WechatLedger ledger, WechatMerchants merchants)
    {
        var words = WalletWords.For(context.Request);
        if (Opened(ledger, context.Request.Query.ToDictionary(p => p.Key, p => p.Value.ToString())) is not { } transfer)
        {
            return WalletEndpoints.Html(context, WalletPages.Sorry(words, words.UnknownPage), StatusCodes.Status404NotFound);
        }

        var call = new KeyValuePair<string, string>[] { new("mchId", transfer.MchId), new("appId", transfer.AppId), new("package", transfer.PackageInfo) };
        var below = transfer.State switch
        {
            "WAIT_USER_CONFIRM" => WalletPages.Form(Transfer, words.Receive, "main", [.. call, new("act", "confirm")])
                + WalletPages.Form(Transfer, words.Decline, "other", [.. call, new("act", "decline")]),
            "SUCCESS" => $"<h1>{words.Received}</h1>",
            "TRANSFERING" => $"<h1>{words.Arriving}</h1>",
            _ => $"<h1>{words.NotReceived}</h1>",
        };
        return WalletEndpoints.Html(context, WalletPages.Page(words, words.ReceiveFrom, $"""
            <section class="card cashier">
              <p class="payee">{words.ReceiveFrom} <strong>{WalletPages.E(merchants.Find(transfer.MchId)?.Registration.Name ?? transfer.MchId)}</strong></p>
              <p class="amount">{WalletPages.Yuan(transfer.Amount)}</p>
              <dl><dt>{words.Item}</dt><dd>{WalletPages.E(transfer.Remark)}</dd><dt>{words.OrderNumber}</dt><dd>{WalletPages.E(transfer.OutBillNo)}</dd></dl>
              {below}
            </section>
            """, look: "wechat"));
    }

    private static async Task<IResult> ActOnTransfer(HttpContext context, WechatLedger ledger)
    {
        if (await FormAsync(context) is not { } form || Opened(ledger, form) is not { } transfer)
        {
            return Results.NotFound();
        }

        Try(() => _ = form.GetValueOrDefault("act") == "confirm"
            ? ledger.Transfers.Confirm(transfer.MchId, transfer.OutBillNo)
            : ledger.Transfers.Decline(transfer.MchId, transfer.OutBillNo));
        form.Remove("act");
        return SeeOther(context, Transfer + QueryString.Create(form.Select(p => new KeyValuePair<string, string?>(p.Key, p.Value))));
    }

    /// <summary>The transfer of a requestMerchantTransfer call, which nobody signs (wechat-pay-v3.md 7.3).</summary>
    private static SimulatedTransfer? Opened(WechatLedger ledger, Dictionary<string, string> call) =>
        ledger.Transfers.FindByPackage(call.GetValueOrDefault("package") ?? "") is { } transfer
            && call.GetValueOrDefault("mchId") == transfer.MchId && call.GetValueOrDefault("appId") == transfer.AppId
                ? transfer
                : null;

    /// <summary>The fields of a form; null when the body is none.</summary>
    public static async Task<Dictionary<string, string>?> FormAsync(HttpContext context) => context.Request.HasFormContentType
        ? (await context.Request.ReadFormAsync(context.RequestAborted)).ToDictionary(p => p.Key, p => p.Value.ToString())
        : null;

    public static void Do(WechatDesk desk, SimulatedOrder order, string? act) => _ = act == "pay" ? desk.Pay(order) : desk.Decline(order);

    public static IResult SeeOther(HttpContext context, string address)
    {
        context.Response.Headers.Location = address;
        return Results.StatusCode(StatusCodes.Status303SeeOther);
    }

    /// <summary>What cannot be done any more is not done: what is then shown says why.</summary>
    public static void Try(Action act)
    {
        try
        {
            act();
        }
        catch (InvalidOperationException)
        {
            // The page tells.
        }
    }
}
