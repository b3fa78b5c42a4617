using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Options;

namespace PayCore.ChannelSimulator;

/// <summary>Placing, querying and ending payments (wechat-pay-v3.md 3 and 4).</summary>
internal static class WechatEndpoints
{
    public static void MapWechatApi(this IEndpointRouteBuilder endpoints)
    {
        foreach (var scene in (string[])["native", "jsapi", "app", "h5"])
        {
            endpoints.MapPost($"/v3/pay/transactions/{scene}", (HttpContext context, WechatApi api, WechatLedger ledger, IOptions<SimulatorOptions> options) =>
                api.HandleAsync(context, "place", call => RequestBody.OutTradeNo(call.Body), (merchant, call, _) =>
                {
                    var order = ledger.Place(Read(merchant, call, scene));
                    return new WechatAnswer(200, SimulatorJson.Bytes(Token(order, options.Value)));
                }));
        }

        endpoints.MapPost("/v3/pay/transactions/codepay", (HttpContext context, WechatApi api, WechatLedger ledger) =>
            api.HandleAsync(context, "codepay", call => RequestBody.OutTradeNo(call.Body), (merchant, call, fault) =>
                Transaction(ledger.PlaceByAuthCode(Read(merchant, call, "codepay")), fault)));

        endpoints.MapPost("/v3/pay/transactions/out-trade-no/{number}/reverse", (HttpContext context, string number, WechatApi api, WechatLedger ledger) =>
            api.HandleAsync(context, "reverse", _ => number, (merchant, call, _) =>
            {
                var fields = new JsonFields(PlaceRules.Parse(call.Body), "");
                CheckApp(fields.RequiredText("appid", 32), merchant);
                CheckMerchant(fields.RequiredText("mchid", 32), merchant, "/mchid", "body");
                fields.NothingElse();
                ledger.Reverse(merchant.Registration.MchId, number);
                return new WechatAnswer(200, SimulatorJson.Bytes(new WechatReversal(merchant.Registration.AppId, merchant.Registration.MchId, number)));
            }));

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

    private static PlaceRequest Read(WechatMerchant merchant, WechatCall call, string scene)
    {
        var request = PlaceRules.Read(call.Body, scene);
        CheckMerchant(request.MchId, merchant, "/mchid", "body");
        CheckApp(request.AppId, merchant);
        return request;
    }

    /// <summary>What is answered to a placing, by which the payer pays (wechat-pay-v3.md 3.1).</summary>
    private static object Token(SimulatedOrder order, SimulatorOptions options) => order.Scene switch
    {
        "native" => new { order.CodeUrl },
        "h5" => new { H5Url = WechatH5Pages.Address(options.PublicBaseUrl, order) },
        _ => new { PrepayId = order.CodeUrl },
    };

    private static WechatAnswer Transaction(SimulatedOrder? order, string? fault) =>
        order is null ? throw WechatError.OrderNotExist() : new WechatAnswer(200, WechatLies.Falsify(TransactionObject.Of(order), fault));

    private static void CheckApp(string appId, WechatMerchant merchant)
    {
        if (appId != merchant.Registration.AppId)
        {
            throw new WechatError(400, "APPID_MCHID_NOT_MATCH", "appid和mch_id不匹配");
        }
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

/// <summary>The answer to a reversal (wechat-pay-v3.md 3.6).</summary>
internal sealed record WechatReversal(
    [property: JsonPropertyName("appid")] string AppId, [property: JsonPropertyName("mchid")] string MchId, string OutTradeNo);
