using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace PayCore.ChannelSimulator;

/// <summary>The API of the provider (wechat-pay-v3.md 3 and 4).</summary>
internal static class WechatEndpoints
{
    public static void MapWechatApi(this IEndpointRouteBuilder endpoints)
    {
        endpoints.MapPost("/v3/pay/transactions/native", (HttpContext context, WechatApi api, WechatLedger ledger) =>
            api.HandleAsync(context, "place", call => RequestBody.OutTradeNo(call.Body), (merchant, call, _) => Place(merchant, call, ledger)));

        endpoints.MapGet("/v3/pay/transactions/out-trade-no/{number}", (HttpContext context, string number, WechatApi api, WechatLedger ledger) =>
            api.HandleAsync(context, "query", _ => number, (merchant, _, fault) =>
            {
                CheckQuery(context, merchant);
                return Transaction(ledger.Find(merchant.Registration.MchId, number), fault);
            }));

        endpoints.MapGet("/v3/pay/transactions/id/{id}", (HttpContext context, string id, WechatApi api, WechatLedger ledger) =>
            api.HandleAsync(context, "query", _ => null, (merchant, _, fault) =>
            {
                CheckQuery(context, merchant);
                return Transaction(ledger.FindByTransaction(merchant.Registration.MchId, id), fault);
            }));

        endpoints.MapPost("/v3/pay/transactions/out-trade-no/{number}/close", (HttpContext context, string number, WechatApi api, WechatLedger ledger) =>
            api.HandleAsync(context, "close", _ => number, (merchant, call, _) =>
            {
                var fields = new JsonFields(PlaceRules.Parse(call.Body), "");
                CheckMerchant(fields.RequiredText("mchid", 32), merchant, "/mchid", "body");
                fields.NothingElse();
                ledger.Close(merchant.Registration.MchId, number);
                return WechatAnswer.Nothing;
            }));

        endpoints.MapGet("/v3/certificates", (HttpContext context, WechatApi api, CertificateList list) =>
            api.HandleAsync(context, "certificates", _ => null, (merchant, _, _) =>
            {
                CheckAlgorithm(context);
                return list.Answer(merchant);
            }));
    }

    private static WechatAnswer Place(WechatMerchant merchant, WechatCall call, WechatLedger ledger)
    {
        var request = PlaceRules.Read(call.Body);
        CheckMerchant(request.MchId, merchant, "/mchid", "body");
        if (request.AppId != merchant.Registration.AppId)
        {
            throw new WechatError(400, "APPID_MCHID_NOT_MATCH", "appid和mch_id不匹配");
        }

        return new WechatAnswer(200, SimulatorJson.Bytes(new { ledger.Place(request).CodeUrl }));
    }

    private static WechatAnswer Transaction(SimulatedOrder? order, string? fault) =>
        order is null ? throw WechatError.OrderNotExist() : new WechatAnswer(200, Falsify(TransactionObject.Of(order), fault));

    /// <summary>The transaction as bytes, with the lie a fault wants told.</summary>
    internal static byte[] Falsify(JsonObject transaction, string? fault)
    {
        switch (fault)
        {
            case FaultKinds.WrongAmount:
                transaction["amount"]!["total"] = transaction["amount"]!["total"]!.GetValue<long>() + 1;
                break;
            case FaultKinds.OtherMchId:
                transaction["mchid"] = "1" + new string('9', transaction["mchid"]!.GetValue<string>().Length - 1);
                break;
            case FaultKinds.OtherOutTradeNo:
                transaction["out_trade_no"] = "OTHER" + transaction["out_trade_no"]!.GetValue<string>()[5..];
                break;
            default:
                break;
        }

        return SimulatorJson.Bytes(transaction);
    }

    private static void CheckQuery(HttpContext context, WechatMerchant merchant)
    {
        if (context.Request.Query["mchid"] is not [{ Length: > 0 } mchId])
        {
            throw WechatError.Parameter("mchid", "is required", "query");
        }

        CheckMerchant(mchId, merchant, "mchid", "query");
        if (context.Request.Query.Keys.FirstOrDefault(k => k != "mchid") is { } unknown)
        {
            throw WechatError.Parameter(unknown, "is unknown", "query");
        }
    }

    /// <summary>All keys here are RSA keys; the platform has those of another kind only for who asked for them (wechat-pay-v3.md 2.5).</summary>
    private static void CheckAlgorithm(HttpContext context)
    {
        if (context.Request.Query["algorithm_type"] is not ([] or ["RSA" or "ALL"]))
        {
            throw WechatError.Parameter("algorithm_type", "is not RSA or ALL", "query");
        }
    }

    private static void CheckMerchant(string mchId, WechatMerchant merchant, string field, string location)
    {
        if (mchId != merchant.Registration.MchId)
        {
            throw WechatError.Parameter(field, "is not the merchant that signed", location, mchId);
        }
    }
}
