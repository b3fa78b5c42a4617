using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace PayCore.ChannelSimulator;

/// <summary>The JSON API with which tests and the demo steer the simulator.</summary>
internal static class ControlEndpoints
{
    private const int MostResends = 1000;

    public static void MapControl(this IEndpointRouteBuilder endpoints)
    {
        endpoints.MapPost("/control/wechat/merchants", (HttpContext context, WechatMerchants merchants) =>
            Guarded(async () => merchants.Register(await Read<WechatMerchantRegistration>(context))));
        endpoints.MapPost("/control/wechat/pay", (HttpContext context, PayerDesk desk) =>
            Guarded(async () => await desk.PayAsync(desk.Find(await Read<OrderReference>(context)))));
        endpoints.MapPost("/control/wechat/decline", (HttpContext context, PayerDesk desk) =>
            Guarded(async () => desk.Decline(desk.Find(await Read<OrderReference>(context)))));

        endpoints.MapGet("/control/ledger", (WechatLedger ledger) => Json(new { Totals = ledger.Totals(), Orders = ledger.All }));
        endpoints.MapGet("/control/callbacks", (CallbackLog log) => Json(log.Sends));
        endpoints.MapGet("/control/requests", (RequestLog log) => Json(log.Calls));
        endpoints.MapPost("/control/callbacks/resend", (HttpContext context, PayerDesk desk, CallbackSender sender) =>
            Guarded(async () => await ResendAsync(await Read<Resend>(context), desk, sender, context.RequestAborted)));

        endpoints.MapPost("/control/faults", (HttpContext context, Faults faults) =>
            Guarded(async () => faults.Add(await Read<Fault>(context))));
        endpoints.MapGet("/control/faults", (Faults faults) => Json(faults.All));
        endpoints.MapDelete("/control/faults", (Faults faults) =>
        {
            faults.Clear();
            return Results.NoContent();
        });
        endpoints.MapPost("/control/faults/{id}/release", (string id, Faults faults) =>
            faults.Release(id) ? Results.NoContent() : Results.NotFound());
    }

    private static Task<IReadOnlyList<CallbackSend>> ResendAsync(Resend wish, PayerDesk desk, CallbackSender sender, CancellationToken cancellation)
    {
        var order = desk.Find(new OrderReference { OutTradeNo = wish.OutTradeNo, MchId = wish.MchId });
        if (order.Callback is null)
        {
            throw new InvalidOperationException("The order is not paid, so there is no callback.");
        }

        return wish.Times is >= 1 and <= MostResends
            ? sender.ResendAsync(order, wish.Times, cancellation)
            : throw new ArgumentException($"times is 1 to {MostResends}.");
    }

    private static IResult Json<T>(T value) => Results.Json(value, SimulatorJson.Options);

    private static async Task<T> Read<T>(HttpContext context) => context.Request.HasJsonContentType()
        ? await context.Request.ReadFromJsonAsync<T>(SimulatorJson.Options, context.RequestAborted) ?? throw new ArgumentException("A body is required.")
        : throw new ArgumentException("The body must be application/json.");

    /// <summary>Says in words what was wrong: 400 with the request, 404 no such order, 409 with the state of the order.</summary>
    private static async Task<IResult> Guarded<T>(Func<Task<T>> work)
    {
        try
        {
            return Json(await work());
        }
        catch (Exception e) when (e is ArgumentException or JsonException or KeyNotFoundException or InvalidOperationException
            or System.Security.Cryptography.CryptographicException)
        {
            var status = e switch { KeyNotFoundException => 404, InvalidOperationException => 409, _ => 400 };
            return Results.Json(new { Error = e.Message }, SimulatorJson.Options, statusCode: status);
        }
    }

    private sealed record Resend
    {
        public required string OutTradeNo { get; init; }

        [JsonPropertyName("mchid")]
        public string? MchId { get; init; }

        public int Times { get; init; } = 1;
    }
}
