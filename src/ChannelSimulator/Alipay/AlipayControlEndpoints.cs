using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;

namespace PayCore.ChannelSimulator;

/// <summary>The part of the control API that steers Alipay.</summary>
internal static class AlipayControlEndpoints
{
    public static void MapAlipayControl(this IEndpointRouteBuilder endpoints)
    {
        endpoints.MapSteer("/control/alipay/merchants", (AlipayMerchants merchants, AlipayMerchantRegistration wish) => merchants.Register(wish));
        endpoints.MapPost("/control/alipay/merchants/{appId}/renew", (string appId, AlipayMerchants merchants) =>
            ControlEndpoints.Guarded(() => Task.FromResult(merchants.RenewCertificate(appId))));
        endpoints.MapSteer("/control/alipay/scan", (AlipayDesk desk, AlipayReference wish) => desk.Scan(desk.Find(wish)));
        endpoints.MapSteer("/control/alipay/pay", (AlipayDesk desk, AlipayReference wish) => desk.Pay(desk.Find(wish)));
        endpoints.MapSteer("/control/alipay/decline", (AlipayDesk desk, AlipayReference wish) => desk.Decline(desk.Find(wish)));
        endpoints.MapSteer("/control/alipay/open", (AlipayWallet wallet, AppCall call) => wallet.OpenApp(call.OrderString));
        endpoints.MapSteer("/control/alipay/auth-codes", (AlipayWallet wallet, AuthCodeWish wish) =>
            new { AuthCode = wallet.ShowCode(wish.Payer ?? AlipayWallet.Buyer, wish.AsksPassword, wish.Refusal) });

        endpoints.MapSteer("/control/alipay/refunds/plan", (AlipayLedger ledger, SettlementPlan plan) => ledger.Refunds.Plan(plan));
        endpoints.MapSteer("/control/alipay/refunds/settle", (AlipayLedger ledger, EntryReference wish) => ledger.Refunds.Settle(
            wish.AppId, wish.OutTradeNo ?? throw new ArgumentException("out_trade_no is required."), wish.Number, wish.Outcome ?? "SUCCESS"));

        endpoints.MapSteer("/control/alipay/transfers/plan", (AlipayLedger ledger, SettlementPlan plan) => ledger.Transfers.Plan(plan));
        endpoints.MapSteer("/control/alipay/transfers/settle", (AlipayLedger ledger, EntryReference wish) =>
            ledger.Transfers.Settle(wish.AppId, wish.Number, wish.Outcome ?? "SUCCESS", wish.FailReason));
        endpoints.MapSteer("/control/alipay/payees", (AlipayLedger ledger, Payee payee) => ledger.Transfers.Payees.Set(payee));
        endpoints.MapSteer("/control/alipay/balance", (AlipayLedger ledger, BalanceWish wish) =>
            ledger.Accounts.SetBalance(wish.Pid, AlipayLedger.Account, wish.Balance));
    }

    private sealed record AppCall(string OrderString);

    private sealed record EntryReference
    {
        public required string AppId { get; init; }

        /// <summary>The order of a refund.</summary>
        public string? OutTradeNo { get; init; }

        /// <summary>The out_request_no or the out_biz_no.</summary>
        public required string Number { get; init; }

        public string? Outcome { get; init; }

        public string? FailReason { get; init; }
    }

    /// <summary>What a merchant is to have, in fen.</summary>
    private sealed record BalanceWish(string Pid, long Balance);
}
