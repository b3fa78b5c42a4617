using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace PayCore.ChannelSimulator;

/// <summary>Which order a control call means: by number, or by the code that was scanned.</summary>
/// <param name="OutTradeNo">The merchant's number.</param>
/// <param name="CodeUrl">The code.</param>
/// <param name="MchId">The merchant, when the number alone is not enough.</param>
internal sealed record OrderChoice(string? OutTradeNo, string? CodeUrl, string? MchId);

/// <summary>Copies of a callback to send.</summary>
internal sealed record ResendChoice(string OutTradeNo, int Times);

/// <summary>
/// The control API of tests and demonstrations, JSON in snake_case: pay, decline, misbehave, and look at ledger and logs. No authentication: the
/// simulator listens on loopback.
/// </summary>
internal static class ControlEndpoints
{
    public static void MapControl(this IEndpointRouteBuilder endpoints)
    {
        var control = endpoints.MapGroup("/control");
        control.MapPost("/wechat/merchants", async (HttpContext http, WechatMerchants merchants) =>
            Json(merchants.Register(await ReadAsync<WechatMerchantRegistration>(http))));
        control.MapPost("/wechat/pay", async (HttpContext http, WechatLedger ledger, WechatWallet wallet) =>
            Pay(await ReadAsync<OrderChoice>(http), ledger, wallet));
        control.MapGet("/ledger", (WechatLedger ledger) => Json(new { orders = ledger.All.Select(Shown), paid_total = ledger.All.Where(o => o.State == "SUCCESS").Sum(o => o.Total) }));
        control.MapGet("/callbacks", (CallbackLog log) => Json(log.Sends));
        control.MapGet("/requests", (RequestLog log) => Json(log.Calls));
        control.MapGet("/faults", (Faults faults) => Json(faults.All));
        control.MapPost("/faults", async (HttpContext http, Faults faults) => Add(await ReadAsync<Fault>(http), faults));
        control.MapDelete("/faults", (Faults faults) => faults.Clear());
        control.MapPost("/faults/{id}/release", (string id, Faults faults) => faults.Release(id));
        control.MapPost("/callbacks/resend", async (HttpContext http, WechatLedger ledger, WechatWallet wallet) =>
            await ResendAsync(await ReadAsync<ResendChoice>(http), ledger, wallet));
    }

    private static async Task<T> ReadAsync<T>(HttpContext http) =>
        await http.Request.ReadFromJsonAsync<T>(ControlJson.Options, http.RequestAborted) ?? throw new BadHttpRequestException("The body is null.");

    /// <summary>The order that is meant, or null.</summary>
    public static SimulatedOrder? Find(WechatLedger ledger, OrderChoice choice) => ledger.All.FirstOrDefault(o =>
        (choice.OutTradeNo is null || o.OutTradeNo == choice.OutTradeNo) && (choice.CodeUrl is null || o.CodeUrl == choice.CodeUrl)
        && (choice.MchId is null || o.MchId == choice.MchId) && (choice.OutTradeNo ?? choice.CodeUrl) is not null);

    private static async Task<IResult> ResendAsync(ResendChoice choice, WechatLedger ledger, WechatWallet wallet) =>
        Find(ledger, new OrderChoice(choice.OutTradeNo, null, null)) is { } order
            ? Json(await wallet.ResendCallbackAsync(order.MchId, order.OutTradeNo, Math.Clamp(choice.Times, 1, 1000)))
            : Problem("There is no such order.");

    private static JsonHttpResult<object> Pay(OrderChoice choice, WechatLedger ledger, WechatWallet wallet)
    {
        if (Find(ledger, choice) is not { } order)
        {
            return Problem("There is no such order, or its code was replaced by a newer one.");
        }

        try
        {
            return Json(Shown(wallet.Pay(order.MchId, order.OutTradeNo)));
        }
        catch (InvalidOperationException e)
        {
            return Problem(e.Message);
        }
    }

    private static JsonHttpResult<object> Add(Fault fault, Faults faults)
    {
        try
        {
            return Json(faults.Add(fault));
        }
        catch (ArgumentException e)
        {
            return Problem(e.Message);
        }
    }

    private static object Shown(SimulatedOrder order) => new
    {
        order.MchId,
        order.AppId,
        order.OutTradeNo,
        order.State,
        order.Total,
        order.Currency,
        order.Description,
        order.CodeUrl,
        order.PlacedAt,
        order.PlacedCount,
        order.TransactionId,
        order.SuccessTime,
        order.CallbackDone,
    };

    private static JsonHttpResult<object> Json(object value) => TypedResults.Json(value, ControlJson.Options);

    private static JsonHttpResult<object> Problem(string reason) => TypedResults.Json<object>(new { error = reason }, ControlJson.Options, statusCode: 409);
}
