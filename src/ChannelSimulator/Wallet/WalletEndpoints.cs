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
        endpoints.MapPost("/wallet/pay", (HttpContext context, IEnumerable<IWalletDesk> desks) => Act(context, desks, (desk, code) =>
        {
            desk.Pay(code);
            return WalletPages.Link(code);
        }));
        endpoints.MapPost("/wallet/decline", (HttpContext context, IEnumerable<IWalletDesk> desks) => Act(context, desks, (desk, code) =>
        {
            desk.Decline(code);
            return WalletPages.Link(code) + "&declined=1";
        }));
    }

    /// <summary>A page of the wallet.</summary>
    /// <param name="context">The request.</param>
    /// <param name="page">The HTML.</param>
    /// <param name="status">The HTTP status.</param>
    /// <param name="formAction">An origin besides our own to which a form of the page may lead.</param>
    public static IResult Html(HttpContext context, string page, int status = StatusCodes.Status200OK, string? formAction = null)
    {
        var headers = context.Response.Headers;
        headers.ContentSecurityPolicy =
            $"default-src 'none'; style-src 'self'; img-src data:; form-action {string.Join(' ', "'self'", formAction).TrimEnd()}; base-uri 'none'; "
            + "frame-ancestors 'none'";
        headers.XContentTypeOptions = "nosniff";
        headers["Referrer-Policy"] = "no-referrer";
        headers.CacheControl = "no-store";
        headers.Vary = "Accept-Language";
        return Results.Text(page, "text/html; charset=utf-8", Encoding.UTF8, status);
    }

    private static IResult Show(HttpContext context, IEnumerable<IWalletDesk> desks, WalletPages pages)
    {
        var words = WalletWords.For(context.Request);
        if (context.Request.Query["code_url"] is not [{ Length: > 0 } code])
        {
            return Html(context, pages.Start(words));
        }

        return desks.Select(d => d.Scan(code.Trim())).FirstOrDefault(o => o is not null) is { } order
            ? Html(context, WalletPages.Order(words, order, context.Request.Query.ContainsKey("declined")))
            : Html(context, WalletPages.UnknownCode(words), StatusCodes.Status404NotFound);
    }

    /// <summary>Acts and then shows by a GET, so that reloading the result does not act again.</summary>
    private static async Task<IResult> Act(HttpContext context, IEnumerable<IWalletDesk> desks, Func<IWalletDesk, string, string> act)
    {
        if (!context.Request.HasFormContentType)
        {
            return Results.StatusCode(StatusCodes.Status415UnsupportedMediaType);
        }

        var form = await context.Request.ReadFormAsync(context.RequestAborted);
        var code = form["code_url"].ToString();
        if (desks.FirstOrDefault(d => d.Scan(code) is not null) is not { } desk)
        {
            return Html(context, WalletPages.UnknownCode(WalletWords.For(context.Request)), StatusCodes.Status404NotFound);
        }

        context.Response.Headers.Location = act(desk, code);
        return Results.StatusCode(StatusCodes.Status303SeeOther);
    }
}
