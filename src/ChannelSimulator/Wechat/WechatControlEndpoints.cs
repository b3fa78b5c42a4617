using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace PayCore.ChannelSimulator;

/// <summary>The part of the control API that steers WeChat Pay.</summary>
internal static class WechatControlEndpoints
{
    public static void MapWechatControl(this IEndpointRouteBuilder endpoints)
    {
        endpoints.MapPost("/control/wechat/merchants", (HttpContext context, WechatMerchants merchants) =>
            ControlEndpoints.Guarded(async () => merchants.Register(await ControlEndpoints.Read<WechatMerchantRegistration>(context))));
        endpoints.MapPost("/control/wechat/keys", (HttpContext context, WechatMerchants merchants) =>
            ControlEndpoints.Guarded(async () => merchants.ChangeKeys(await ControlEndpoints.Read<WechatKeyChange>(context))));
        endpoints.MapPost("/control/wechat/pay", (HttpContext context, WechatDesk desk) =>
            ControlEndpoints.Guarded(async () => desk.Pay(desk.Find(await ControlEndpoints.Read<WechatReference>(context)))));
        endpoints.MapPost("/control/wechat/decline", (HttpContext context, WechatDesk desk) =>
            ControlEndpoints.Guarded(async () => desk.Decline(desk.Find(await ControlEndpoints.Read<WechatReference>(context)))));
        endpoints.MapPost("/control/wechat/auth-codes", (HttpContext context, WechatWallet wallet) => ControlEndpoints.Guarded(async () =>
        {
            var wish = await ControlEndpoints.Read<AuthCodeWish>(context);
            return new { AuthCode = wallet.ShowCode(wish.Payer ?? "oPayer", wish.AsksPassword, wish.Refusal) };
        }));
        endpoints.MapPost("/control/wechat/open", (HttpContext context, WechatWallet wallet) =>
            ControlEndpoints.Guarded(async () => wallet.Open(await ControlEndpoints.Read<Dictionary<string, string>>(context))));

        endpoints.MapPost("/control/wechat/refunds/plan", (HttpContext context, WechatLedger ledger) => ControlEndpoints.Guarded(async () =>
        {
            var plan = await ControlEndpoints.Read<SettlementPlan>(context);
            ledger.Refunds.Plan(plan);
            return plan;
        }));
        endpoints.MapPost("/control/wechat/refunds/settle", (HttpContext context, WechatLedger ledger) => ControlEndpoints.Guarded(async () =>
        {
            var wish = await ControlEndpoints.Read<WechatEntryReference>(context);
            return ledger.Refunds.Settle(wish.MchId, wish.Number, wish.Outcome ?? "SUCCESS");
        }));

        endpoints.MapPost("/control/wechat/transfers/plan", (HttpContext context, WechatLedger ledger) => ControlEndpoints.Guarded(async () =>
        {
            var plan = await ControlEndpoints.Read<SettlementPlan>(context);
            ledger.Transfers.Plan(plan);
            return plan;
        }));
        endpoints.MapPost("/control/wechat/transfers/confirm", (HttpContext context, WechatLedger ledger) => ControlEndpoints.Guarded(async () =>
        {
            var wish = await ControlEndpoints.Read<WechatEntryReference>(context);
            return ledger.Transfers.Confirm(wish.MchId, wish.Number);
        }));
        endpoints.MapPost("/control/wechat/transfers/decline", (HttpContext context, WechatLedger ledger) => ControlEndpoints.Guarded(async () =>
        {
            var wish = await ControlEndpoints.Read<WechatEntryReference>(context);
            return ledger.Transfers.Decline(wish.MchId, wish.Number);
        }));
        endpoints.MapPost("/control/wechat/transfers/advance", (HttpContext context, WechatLedger ledger) => ControlEndpoints.Guarded(async () =>
        {
            var wish = await ControlEndpoints.Read<WechatEntryReference>(context);
            return ledger.Transfers.Advance(wish.MchId, wish.Number, wish.Outcome, wish.FailReason);
        }));
        endpoints.MapPost("/control/wechat/payees", (HttpContext context, WechatLedger ledger) => ControlEndpoints.Guarded(async () =>
        {
            var payee = await ControlEndpoints.Read<Payee>(context);
            ledger.Transfers.Payees.Set(payee);
            return payee;
        }));
        endpoints.MapPost("/control/wechat/balance", (HttpContext context, WechatLedger ledger) => ControlEndpoints.Guarded(async () =>
        {
            var wish = await ControlEndpoints.Read<WechatBalance>(context);
            ledger.Accounts.SetBalance(wish.MchId, wish.Account, wish.Balance);
            return wish;
        }));
    }

    private sealed record WechatEntryReference
    {
        [JsonPropertyName("mchid")]
        public required string MchId { get; init; }

        public required string Number { get; init; }

        public string? Outcome { get; init; }

        public string? FailReason { get; init; }
    }

    private sealed record WechatBalance
    {
        [JsonPropertyName("mchid")]
        public required string MchId { get; init; }

        /// <summary>BASIC or OPERATION.</summary>
        public required string Account { get; init; }

        /// <summary>In fen.</summary>
        public required long Balance { get; init; }
    }
}

/// <summary>What payment code a wallet is to show.</summary>
internal sealed record AuthCodeWish
{
    public string? Payer { get; init; }

    public bool AsksPassword { get; init; }

    public string? Refusal { get; init; }
}
