using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Routing;

namespace PayCore.ChannelSimulator;

/// <summary>The part of the control API that steers WeChat Pay.</summary>
internal static class WechatControlEndpoints
{
    public static void MapWechatControl(this IEndpointRouteBuilder endpoints)
    {
        endpoints.MapSteer("/control/wechat/merchants", (WechatMerchants merchants, WechatMerchantRegistration wish) => merchants.Register(wish));
        endpoints.MapSteer("/control/wechat/keys", (WechatMerchants merchants, WechatKeyChange wish) => merchants.ChangeKeys(wish));
        endpoints.MapSteer("/control/wechat/pay", (WechatDesk desk, WechatReference wish) => desk.Pay(desk.Find(wish)));
        endpoints.MapSteer("/control/wechat/decline", (WechatDesk desk, WechatReference wish) => desk.Decline(desk.Find(wish)));
        endpoints.MapSteer("/control/wechat/open", (WechatWallet wallet, Dictionary<string, string> call) => wallet.Open(call));
        endpoints.MapSteer("/control/wechat/auth-codes", (WechatWallet wallet, AuthCodeWish wish) =>
            new { AuthCode = wallet.ShowCode(wish.Payer ?? "oPayer", wish.AsksPassword, wish.Refusal) });

        endpoints.MapSteer("/control/wechat/refunds/plan", (WechatLedger ledger, SettlementPlan plan) => ledger.Refunds.Plan(plan));
        endpoints.MapSteer("/control/wechat/refunds/settle", (WechatLedger ledger, EntryReference wish) =>
            ledger.Refunds.Settle(wish.MchId, wish.Number, wish.Outcome ?? "SUCCESS"));

        endpoints.MapSteer("/control/wechat/transfers/plan", (WechatLedger ledger, SettlementPlan plan) => ledger.Transfers.Plan(plan));
        endpoints.MapSteer("/control/wechat/transfers/confirm", (WechatLedger ledger, EntryReference wish) => ledger.Transfers.Confirm(wish.MchId, wish.Number));
        endpoints.MapSteer("/control/wechat/transfers/decline", (WechatLedger ledger, EntryReference wish) => ledger.Transfers.Decline(wish.MchId, wish.Number));
        endpoints.MapSteer("/control/wechat/transfers/advance", (WechatLedger ledger, EntryReference wish) =>
            ledger.Transfers.Advance(wish.MchId, wish.Number, wish.Outcome, wish.FailReason));
        endpoints.MapSteer("/control/wechat/payees", (WechatLedger ledger, Payee payee) => ledger.Transfers.Payees.Set(payee));
        endpoints.MapSteer("/control/wechat/balance", (WechatLedger ledger, BalanceWish wish) =>
            ledger.Accounts.SetBalance(wish.MchId, wish.Account, wish.Balance));
    }

    private sealed record EntryReference
    {
        [JsonPropertyName("mchid")]
        public required string MchId { get; init; }

        /// <summary>The out_refund_no or the out_bill_no.</summary>
        public required string Number { get; init; }

        public string? Outcome { get; init; }

        public string? FailReason { get; init; }
    }

    private sealed record BalanceWish
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
