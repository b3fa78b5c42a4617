using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace PayCore.ChannelSimulator;

/// <summary>The part of the control API that steers Alipay.</summary>
internal static class AlipayControlEndpoints
{
    public static void MapAlipayControl(this IEndpointRouteBuilder endpoints)
    {
        endpoints.MapPost("/control/alipay/merchants", (HttpContext context, AlipayMerchants merchants) =>
            ControlEndpoints.Guarded(async () => merchants.Register(await ControlEndpoints.Read<AlipayMerchantRegistration>(context))));
        endpoints.MapPost("/control/alipay/merchants/{appId}/renew", (string appId, AlipayMerchants merchants) =>
            ControlEndpoints.Guarded(() => Task.FromResult(merchants.RenewCertificate(appId))));
        endpoints.MapPost("/control/alipay/scan", (HttpContext context, AlipayDesk desk) =>
            ControlEndpoints.Guarded(async () => desk.Scan(desk.Find(await ControlEndpoints.Read<AlipayReference>(context)))));
        endpoints.MapPost("/control/alipay/pay", (HttpContext context, AlipayDesk desk) =>
            ControlEndpoints.Guarded(async () => desk.Pay(desk.Find(await ControlEndpoints.Read<AlipayReference>(context)))));
        endpoints.MapPost("/control/alipay/decline", (HttpContext context, AlipayDesk desk) =>
            ControlEndpoints.Guarded(async () => desk.Decline(desk.Find(await ControlEndpoints.Read<AlipayReference>(context)))));
        endpoints.MapPost("/control/alipay/auth-codes", (HttpContext context, AlipayWallet wallet) => ControlEndpoints.Guarded(async () =>
        {
            var wish = await ControlEndpoints.Read<AuthCodeWish>(context);
            return new { AuthCode = wallet.ShowCode(wish.Payer ?? AlipayWallet.Buyer, wish.AsksPassword, wish.Refusal) };
        }));
        endpoints.MapPost("/control/alipay/open", (HttpContext context, AlipayWallet wallet) =>
            ControlEndpoints.Guarded(async () => wallet.OpenApp((await ControlEndpoints.Read<AppCall>(context)).OrderString)));

        endpoints.MapPost("/control/alipay/refunds/plan", (HttpContext context, AlipayLedger ledger) => ControlEndpoints.Guarded(async () =>
        {
            var plan = await ControlEndpoints.Read<SettlementPlan>(context);
            ledger.Refunds.Plan(plan);
            return plan;
        }));
        endpoints.MapPost("/control/alipay/refunds/settle", (HttpContext context, AlipayLedger ledger) => ControlEndpoints.Guarded(async () =>
        {
            var wish = await ControlEndpoints.Read<AlipayEntryReference>(context);
            var order = wish.OutTradeNo ?? throw new ArgumentException("out_trade_no is required.");
            return ledger.Refunds.Settle(wish.AppId, order, wish.Number, wish.Outcome ?? "SUCCESS");
        }));
        endpoints.MapPost("/control/alipay/transfers/plan", (HttpContext context, AlipayLedger ledger) => ControlEndpoints.Guarded(async () =>
        {
            var plan = await ControlEndpoints.Read<SettlementPlan>(context);
            ledger.Transfers.Plan(plan);
            return plan;
        }));
        endpoints.MapPost("/control/alipay/transfers/settle", (HttpContext context, AlipayLedger ledger) => ControlEndpoints.Guarded(async () =>
        {
            var wish = await ControlEndpoints.Read<AlipayEntryReference>(context);
            return ledger.Transfers.Settle(wish.AppId, wish.Number, wish.Outcome ?? "SUCCESS", wish.FailReason);
        }));
        endpoints.MapPost("/control/alipay/payees", (HttpContext context, AlipayLedger ledger) => ControlEndpoints.Guarded(async () =>
        {
            var payee = await ControlEndpoints.Read<Payee>(context);
            ledger.Transfers.Payees.Set(payee);
            return payee;
        }));
        endpoints.MapPost("/control/alipay/balance", (HttpContext context, AlipayLedger ledger) => ControlEndpoints.Guarded(async () =>
        {
            var wish = await ControlEndpoints.Read<AlipayBalance>(context);
            ledger.Accounts.SetBalance(wish.Pid, AlipayLedger.Account, wish.Balance);
            return wish;
        }));
    }

    private sealed record AppCall(string OrderString);

    private sealed record AlipayEntryReference
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
    private sealed record AlipayBalance(string Pid, long Balance);
}
