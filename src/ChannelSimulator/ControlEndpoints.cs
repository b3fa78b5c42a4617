using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

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

        endpoints.MapSteer("/control/bills/differences", (SimulatedBills bills, BillDifference difference) => bills.Plant(difference));
        endpoints.MapDelete("/control/bills/differences", (SimulatedBills bills) =>
        {
            bills.Clear();
            return Results.NoContent();
        });
        endpoints.MapSteer("/control/bills/ready", (SimulatedBills bills, ReadyBill wish) => bills.MakeReady(wish.Provider, wish.Merchant, wish.Day));

        endpoints.MapSteer("/control/faults", (Faults faults, Fault fault) => faults.Add(fault));
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

    /// <summary>A POST whose JSON body says what is to be done; what comes of it is the answer.</summary>
    public static void MapSteer<TService, TBody, TAnswer>(this IEndpointRouteBuilder endpoints, string path, Func<TService, TBody, TAnswer> act)
        where TService : notnull =>
        endpoints.MapPost(path, async context =>
        {
            var service = context.RequestServices.GetRequiredService<TService>();
            var result = await Guarded(async () => act(service, await Read<TBody>(context)));
            await result.ExecuteAsync(context);
        });

    /// <summary>The same of something that nothing comes of: the body is the answer.</summary>
    public static void MapSteer<TService, TBody>(this IEndpointRouteBuilder endpoints, string path, Action<TService, TBody> act)
        where TService : notnull => endpoints.MapSteer(path, (TService service, TBody body) =>
        {
            act(service, body);
            return body;
        });

    private static async Task<T> Read<T>(HttpContext context) => context.Request.HasJsonContentType()
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
