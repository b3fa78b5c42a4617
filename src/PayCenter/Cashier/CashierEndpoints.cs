using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using PayCore.PayCenter.Web;
using PayCore.ServiceDefaults.Ports;
using PayCore.ServiceDefaults.Rpc;

namespace PayCore.PayCenter.Cashier;

/// <summary>The cashier's answers that are not pages of ours.</summary>
internal static class CashierEndpoints
{
    /// <summary>Maps them on the web port.</summary>
    public static void Map(IEndpointRouteBuilder endpoints)
    {
        // The types come from the container of the role, not from the host's way of guessing them.
        var services = endpoints.ServiceProvider;
        var orders = services.GetRequiredService<CashierOrders>();
        var events = services.GetRequiredService<CashierEvents>();
        var time = services.GetRequiredService<TimeProvider>();
        var order = endpoints.MapGroup("/pay/{pageToken}").On(PortKind.Web);
        order.MapGet("/status", (string pageToken, HttpContext context) => StatusAsync(orders, time, pageToken, context));
        order.MapGet("/events", (string pageToken, HttpContext context) => events.AnswerAsync(pageToken, context)).CountedAs(LoadKind.Nothing);
        var center = services.GetRequiredService<IOptions<PayCenterOptions>>();
        endpoints.MapGet("/store/{appId}/{storeId}/code.svg", (string appId, string storeId, HttpContext context) => StoreCode(center.Value, appId, storeId, context))
            .On(PortKind.Web);
        order.MapGet("/form", (string pageToken, HttpContext context) => FormAsync(orders, time, pageToken, context));
    }

    private static async Task<IResult> StatusAsync(CashierOrders orders, TimeProvider time, string pageToken, HttpContext context)
    {
        SecurityHeaders.Set(context.Response);
        var (look, order) = await orders.LookAsync(pageToken, LookFor.News, context.RequestAborted);
        return look switch
        {
            Look.Found => Results.Json(CashierStatus.Of(CashierView.Of(order!, time.GetUtcNow(), Devices.Of(context.Request)))),
            Look.Unknown => Results.NotFound(),
            _ => Results.StatusCode(StatusCodes.Status503ServiceUnavailable),
        };
    }

    // Some channels answer with a form that submits itself to them. It gets a page of its own whose policy lets it do that and nothing else.
    private static async Task<IResult> FormAsync(CashierOrders orders, TimeProvider time, string pageToken, HttpContext context)
    {
        SecurityHeaders.Set(context.Response, SecurityHeaders.ChannelFormPolicy);
        var (_, order) = await orders.LookAsync(pageToken, LookFor.News, context.RequestAborted);
        var view = order is null ? null : CashierView.Of(order, time.GetUtcNow(), Devices.Of(context.Request));
        return view is { Screen: CashierScreen.Go or CashierScreen.Elsewhere, Source.Attempt.Action.HtmlForm: { Length: > 0 } form }
            ? Results.Content($"<!DOCTYPE html><title>…</title>{form}", "text/html", Encoding.UTF8)
            : Results.Redirect($"/pay/{Uri.EscapeDataString(pageToken)}");
    }

    // For the printer. It says no more than the address that it is asked for at.
    private static IResult StoreCode(PayCenterOptions center, string appId, string storeId, HttpContext context)
    {
        SecurityHeaders.SetForAssets(context.Response);
        var address = new Uri(center.PublicBaseUrl, $"/store/{Uri.EscapeDataString(appId)}/{Uri.EscapeDataString(storeId)}");
        return QrCode.Svg(address.AbsoluteUri) is { } svg ? Results.Text(svg, "image/svg+xml", Encoding.UTF8) : Results.NotFound();
    }
}
