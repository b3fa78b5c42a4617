using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace PayCore.ChannelSimulator;

/// <summary>
/// The test cashier to which a page call leads. Paying and failing log the buyer in, which makes the trade; leaving does not (alipay.md 4.2).
/// </summary>
internal static class AlipayCashierEndpoints
{
    private const string Address = "/alipay/cashier?session=";

    public static void MapAlipayCashier(this IEndpointRouteBuilder endpoints)
    {
        endpoints.MapGet("/alipay/cashier", Show);
        endpoints.MapPost("/alipay/cashier/pay", (HttpContext context, AlipayLedger ledger, AlipayDesk desk, AlipayReturn returns) =>
            Act(context, ledger, order =>
            {
                AlipayDesk.Try(() => desk.Pay(order));
                var now = ledger.FindByCode(order.Code) ?? order;
                return (now.GmtPayment is not null ? returns.Address(now) : null) ?? order.Code;
            }));
        endpoints.MapPost("/alipay/cashier/fail", (HttpContext context, AlipayLedger ledger, AlipayDesk desk) => Act(context, ledger, order =>
        {
            AlipayDesk.Try(() => desk.Decline(order));
            return order.Code + "&failed=1";
        }));
        endpoints.MapPost("/alipay/cashier/leave", (HttpContext context, AlipayLedger ledger) =>
            Act(context, ledger, order => order.QuitUrl ?? order.Code + "&left=1"));
        endpoints.MapGet("/alipay/app", OpenApp);
        endpoints.MapGet("/alipay/trade", (HttpContext context, AlipayLedger ledger) =>
            ledger.All.FirstOrDefault(o => o.TradeNo == context.Request.Query["trade_no"] && o.Scene == "create") is { } order
                ? Results.Redirect(order.Code)
                : WalletEndpoints.Html(context, AlipayCashierPages.Unknown(WalletWords.For(context.Request)), StatusCodes.Status404NotFound));
    }

    /// <summary>What names the page of an order.</summary>
    public static string Session(AlipayOrder order) => order.Code[Address.Length..];

    /// <summary>Answers a page call: on to the cashier, or what is wrong with it.</summary>
    public static Task ShowAsync(HttpContext context, AlipayReply reply) => (reply.Location is { } cashier
        ? Results.Redirect(cashier)
        : WalletEndpoints.Html(context, AlipayCashierPages.Refusal(WalletWords.For(context.Request), reply.Error!))).ExecuteAsync(context);

    private static IResult Show(HttpContext context, AlipayLedger ledger, AlipayCashierPages pages)
    {
        var words = WalletWords.For(context.Request);
        var query = context.Request.Query;
        if (ledger.FindByCode(Address + query["session"]) is not { } order)
        {
            return WalletEndpoints.Html(context, AlipayCashierPages.Unknown(words), StatusCodes.Status404NotFound);
        }

        var note = query.ContainsKey("failed") ? AlipayCashierPages.Note.Failed
            : query.ContainsKey("left") ? AlipayCashierPages.Note.Left : AlipayCashierPages.Note.None;
        // A browser holds the way back to the merchant, which follows the form, against the same policy.
        var back = string.Join(' ', new[] { order.ReturnUrl, order.QuitUrl }.OfType<string>().Select(u => new Uri(u).GetLeftPart(UriPartial.Authority)).Distinct());
        return WalletEndpoints.Html(context, pages.Order(words, order, note), formAction: back);
    }

    /// <summary>The wallet opens what an app has handed it: the order string is the query (alipay.md 1.7).</summary>
    private static IResult OpenApp(HttpContext context, AlipayAppCalls calls)
    {
        try
        {
            return Results.Redirect(calls.Open((context.Request.QueryString.Value ?? "").TrimStart('?')).Code);
        }
        catch (AlipayError refusal)
        {
            return WalletEndpoints.Html(context, AlipayCashierPages.Refusal(WalletWords.For(context.Request), refusal));
        }
    }

    /// <summary>Acts and then shows by a GET, so that reloading the result does not act again.</summary>
    private static async Task<IResult> Act(HttpContext context, AlipayLedger ledger, Func<AlipayOrder, string> act)
    {
        if (!context.Request.HasFormContentType)
        {
            return Results.StatusCode(StatusCodes.Status415UnsupportedMediaType);
        }

        var form = await context.Request.ReadFormAsync(context.RequestAborted);
        if (ledger.FindByCode(Address + form["session"]) is not { } order)
        {
            return WalletEndpoints.Html(context, AlipayCashierPages.Unknown(WalletWords.For(context.Request)), StatusCodes.Status404NotFound);
        }

        context.Response.Headers.Location = act(order);
        return Results.StatusCode(StatusCodes.Status303SeeOther);
    }
}
