using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using PayCore.PayCenter.Web;
using PayCore.ServiceDefaults.Ports;
using PayCore.ServiceDefaults.Rpc;

namespace PayCore.PayCenter.Cashier;

/// <summary>How an order stands, for the page's script.</summary>
/// <param name="State">The order's state by its name in the contract.</param>
/// <param name="Screen">What the page should be showing.</param>
/// <param name="Key">Differs from the page's own when the page is out of date.</param>
/// <param name="SecondsLeft">Whole seconds until what is shown cannot be paid any more.</param>
internal sealed record CashierStatus(
    [property: System.Text.Json.Serialization.JsonPropertyName("state")] string State,
    [property: System.Text.Json.Serialization.JsonPropertyName("screen")] string Screen,
    [property: System.Text.Json.Serialization.JsonPropertyName("key")] string Key,
    [property: System.Text.Json.Serialization.JsonPropertyName("seconds_left")] int SecondsLeft);

/// <summary>The cashier's answers that are not pages of ours.</summary>
internal static class CashierEndpoints
{
    /// <summary>Maps them on the web port.</summary>
    public static void Map(IEndpointRouteBuilder endpoints)
    {
        // The types come from the container of the role, not from the host's way of guessing them.
        var orders = endpoints.ServiceProvider.GetRequiredService<CashierOrders>();
        var order = endpoints.MapGroup("/pay/{pageToken}").On(PortKind.Web);
        order.MapGet("/status", (string pageToken, HttpContext context) => StatusAsync(orders, pageToken, context));
        order.MapGet("/form", (string pageToken, HttpContext context) => FormAsync(orders, pageToken, context));
    }

    private static async Task<IResult> StatusAsync(CashierOrders orders, string pageToken, HttpContext context)
    {
        SecurityHeaders.Set(context.Response);
        var (look, view) = await orders.LookAsync(pageToken, refresh: false, context.RequestAborted);
        return look switch
        {
            Look.Found => Results.Json(new CashierStatus(NameOf(view!), view!.Screen.ToString(), view.Key, view.SecondsLeft)),
            Look.Unknown => Results.NotFound(),
            _ => Results.StatusCode(StatusCodes.Status503ServiceUnavailable),
        };
    }

    // Some channels answer with a form that submits itself to them. It gets a page of its own whose policy lets it do that and nothing else.
    private static async Task<IResult> FormAsync(CashierOrders orders, string pageToken, HttpContext context)
    {
        SecurityHeaders.Set(context.Response, SecurityHeaders.ChannelFormPolicy);
        var (_, view) = await orders.LookAsync(pageToken, refresh: false, context.RequestAborted);
        return view is { Screen: CashierScreen.Go, Source.Attempt.Action.HtmlForm.Length: > 0 }
            ? Results.Content($"<!DOCTYPE html><title>…</title>{view.Source.Attempt.Action.HtmlForm}", "text/html", Encoding.UTF8)
            : Results.Redirect($"/pay/{Uri.EscapeDataString(pageToken)}");
    }

    private static string NameOf(CashierView view) => view.Order.State.ToString().ToUpperInvariant();
}
