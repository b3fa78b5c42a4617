using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace PayCore.ChannelSimulator;

/// <summary>Transfers to users (wechat-pay-v3.md 7).</summary>
internal static class WechatTransferEndpoints
{
    private const string Bills = "/v3/fund-app/mch-transfer/transfer-bills";

    public static void MapWechatTransfers(this IEndpointRouteBuilder endpoints)
    {
        endpoints.MapPost(Bills, (HttpContext context, WechatApi api, WechatLedger ledger) =>
            api.HandleAsync(context, "transfer", call => RequestBody.Text(call.Body, "out_bill_no"), (merchant, call, fault) =>
                new WechatAnswer(200, WechatLies.Falsify(TransferObject.Accepted(ledger.Transfers.Accept(TransferRules.Read(merchant, call))), fault))));

        endpoints.MapGet(Bills + "/out-bill-no/{number}", (HttpContext context, string number, WechatApi api, WechatLedger ledger) =>
            api.HandleAsync(context, "query_transfer", _ => number, (merchant, _, fault) =>
                Queried(merchant, ledger.Transfers, ledger.Transfers.Find(merchant.Registration.MchId, number), fault)));

        endpoints.MapGet(Bills + "/transfer-bill-no/{number}", (HttpContext context, string number, WechatApi api, WechatLedger ledger) =>
            api.HandleAsync(context, "query_transfer", _ => null, (merchant, _, fault) =>
                Queried(merchant, ledger.Transfers, ledger.Transfers.FindByBillNo(merchant.Registration.MchId, number), fault)));

        endpoints.MapPost(Bills + "/out-bill-no/{number}/cancel", (HttpContext context, string number, WechatApi api, WechatLedger ledger) =>
            api.HandleAsync(context, "cancel_transfer", _ => number, (merchant, call, fault) =>
            {
                if (call.Body.Length > 0)
                {
                    new JsonFields(PlaceRules.Parse(call.Body), "").NothingElse();
                }

                return new WechatAnswer(200, WechatLies.Falsify(TransferObject.Cancelled(ledger.Transfers.Cancel(merchant.Registration.MchId, number)), fault));
            }));
    }

    private static WechatAnswer Queried(WechatMerchant merchant, WechatTransfers transfers, SimulatedTransfer? transfer, string? fault) =>
        new(200, WechatLies.Falsify(TransferObject.Of(transfers.Query(transfer), merchant.MerchantKey), fault));
}
