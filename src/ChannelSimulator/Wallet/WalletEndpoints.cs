using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace PayCore.ChannelSimulator;

/// <summary>The payer's wallet: pages without a line of script.</summary>
internal static class WalletEndpoints
{
    public static void MapWallet(this IEndpointRouteBuilder endpoints)
    {
        endpoints.MapGet("/wallet", Show);
        endpoints.MapGet("/wallet/wallet.css", () =>
            Results.Stream(typeof(WalletEndpoints).Assembly.GetManifestResourceStream("wallet.css")!, "text/css; charset=utf-8"));
        endpoints.MapPost("/wallet/pay", (HttpContext context, WechatLedger ledger) => Act(context, ledger, async order =>
        {
            try
            {
                await ledger.PayAsync(order.MchId, order.OutTradeNo);
            }
            catch (InvalidOperationException)
            {
                // The page that follows shows why: the order tells.
            }

            return WalletPages.Link(order);
        }));
        endpoints.MapPost("/wallet/decline", (HttpContext context, WechatLedger ledger) => Act(context, ledger, order =>
        {
            ledger.Decline(order);
            return Task.FromResult(WalletPages.Link(order) + "&declined=1");
        }));
    }

    private static IResult Show(HttpContext context, WechatLedger ledger, WalletPages pages)
    {
        var words = WalletWords.For(context.Request);
        if (context.Request.Query["code_url"] is not [{ Length: > 0 } code])
        {
            return Html(context, pages.Start(words));
        }

        return ledger.FindByCode(code.Trim()) is { } order
            ? Html(context, pages.Order(words, order, context.Request.Query.ContainsKey("declined")))
            : Html(context, WalletPages.UnknownCode(words), StatusCodes.Status404NotFound);
    }

    /// <summary>Acts and then shows by a GET, so that reloading the result does not act again.</summary>
    private static async Task<IResult> Act(HttpContext context, WechatLedger ledger, Func<SimulatedOrder, Task<string>> act)
    {
        if (!context.Request.HasFormContentType)
        {
            return Results.StatusCode(StatusCodes.Status415UnsupportedMediaType);
        }

        var form = await context.Request.ReadFormAsync(context.RequestAborted);
        if (ledger.FindByCode(form["code_url"].ToString()) is not { } order)
        {
            return Html(context, WalletPages.UnknownCode(WalletWords.For(context.Request)), StatusCodes.Status404NotFound);
        }

        context.Response.Headers.Location = await act(order);
        return Results.StatusCode(StatusCodes.Status303SeeOther);
    }

    private static IResult Html(HttpContext context, string page, int status = StatusCodes.Status200OK)
    {
        var headers = context.Response.Headers;
        headers.ContentSecurityPolicy =
            "default-src 'none'; style-src 'self'; img-src data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";
        headers.XContentTypeOptions = "nosniff";
        headers["Referrer-Policy"] = "no-referrer";
        headers.CacheControl = "no-store";
        headers.Vary = "Accept-Language";
        return Results.Text(page, "text/html; charset=utf-8", Encoding.UTF8, status);
    }
}
