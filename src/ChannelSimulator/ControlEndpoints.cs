using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace PayCore.ChannelSimulator;

/// <summary>The JSON API with which tests and the demo steer the simulator.</summary>
internal static class ControlEndpoints
{
    public static void MapControl(this IEndpointRouteBuilder endpoints)
    {
        endpoints.MapGet("/control/ledger", (WechatLedger wechat, AlipayLedger alipay) => Json(new
        {
            Totals = wechat.Totals(),
            Orders = wechat.All,
            Refunds = wechat.Refunds.All,
            Transfers = wechat.Transfers.All,
            Accounts = wechat.Accounts.Entries,
            Alipay = new
            {
                Totals = alipay.Totals(),
                Orders = alipay.All,
                Refunds = alipay.Refunds.All,
                Transfers = alipay.Transfers.All,
                Accounts = alipay.Accounts.Entries,
            },
        }));
        endpoints.MapGet("/control/callbacks", (CallbackLog log) => Json(log.Sends));
        endpoints.MapGet("/control/requests", (RequestLog log) => Json(log.Calls));
        endpoints.MapPost("/control/callbacks/resend", (HttpContext context, CallbackResender resender) =>
            Guarded(async () => await resender.ResendAsync(await Read<CallbackResend>(context), context.RequestAborted)));

        endpoints.MapPost("/control/bills/differences", (HttpContext context, SimulatedBills bills) => Guarded(async () =>
        {
            var difference = await Read<BillDifference>(context);
            bills.Plant(difference);
            return difference;
        }));
        endpoints.MapDelete("/control/bills/differences", (SimulatedBills bills) =>
        {
            bills.Clear();
            return Results.NoContent();
        });
        endpoints.MapPost("/control/bills/ready", (HttpContext context, SimulatedBills bills) => Guarded(async () =>
        {
            var wish = await Read<ReadyBill>(context);
            bills.MakeReady(wish.Provider, wish.Merchant, wish.Day);
            return wish;
        }));

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

    /// <summary>Which bill is to be ready before its time: provider wechat or alipay, merchant the mchid or the pid.</summary>
    private sealed record ReadyBill(string Provider, string Merchant, DateOnly Day);

    private static IResult Json<T>(T value) => Results.Json(value, SimulatorJson.Options);

    public static async Task<T> Read<T>(HttpContext context) => context.Request.HasJsonContentType()
        ? await context.Request.ReadFromJsonAsync<T>(SimulatorJson.Options, context.RequestAborted) ?? throw new ArgumentException("A body is required.")
        : throw new ArgumentException("The body must be application/json.");

    /// <summary>Says in words what was wrong: 400 with the request, 404 no such order, 409 with the state of the order.</summary>
    public static async Task<IResult> Guarded<T>(Func<Task<T>> work)
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
}
