using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace PayCore.ChannelSimulator;

/// <summary>Refunds (wechat-pay-v3.md 6).</summary>
internal static class WechatRefundEndpoints
{
    public static void MapWechatRefunds(this IEndpointRouteBuilder endpoints)
    {
        endpoints.MapPost("/v3/refund/domestic/refunds", (HttpContext context, WechatApi api, WechatLedger ledger) =>
            api.HandleAsync(context, "refund", call => RequestBody.Text(call.Body, "out_refund_no"), (merchant, call, fault) =>
                Answer(ledger.Refunds.Accept(RefundRules.Read(merchant.Registration.MchId, call.Body)), fault)));

        endpoints.MapGet("/v3/refund/domestic/refunds/{number}", (HttpContext context, string number, WechatApi api, WechatLedger ledger) =>
            api.HandleAsync(context, "query_refund", _ => number, (merchant, _, fault) =>
                Answer(ledger.Refunds.Find(merchant.Registration.MchId, number) ?? throw WechatError.ResourceNotExists(), fault)));
    }

    private static WechatAnswer Answer(SimulatedRefund refund, string? fault) => new(200, WechatLies.Falsify(RefundObject.Of(refund), fault));
}
