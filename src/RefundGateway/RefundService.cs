using Grpc.Core;
using Microsoft.Extensions.DependencyInjection;
using PayCore.Configuration;
using PayCore.Contracts.V1;
using PayCore.MerchantApi;
using PayCore.OutboundAddresses;
using AttemptState = PayCore.Contracts.V1.Attempt.Types.State;
using Contract = PayCore.Contracts.V1.RefundGateway;
using DatabaseClient = PayCore.Contracts.V1.PayDatabase.PayDatabaseClient;

namespace PayCore.RefundGateway;

/// <summary>A merchant gives money back. The signature was checked on the raw bytes before this is reached; the caller's app comes from it.</summary>
internal sealed class RefundService(RefundDesk desk, DatabaseClient database, MerchantApps apps, AddressGuard addresses) : Contract.RefundGatewayBase
{
    /// <inheritdoc/>
    public override async Task<RefundAnswer> CreateRefund(CreateRefundRequest request, ServerCallContext context)
    {
        var appId = context.GetHttpContext().GetVerifiedCaller().AppId;
        apps.Demand(appId);
        RefundRules.Check(request, appId, addresses);
        var order = await OwnOrderAsync(request, appId);
        var attempt = PaymentOf(order, request.AttemptNo);
        FieldRules.Demand(
            request.Currency.Length == 0 || request.Currency == attempt.Attempt.Currency, "currency", ErrorReason.CurrencyInvalid, $"is {attempt.Attempt.Currency} for this payment");
        var wish = new Refund { OutRefundNo = request.OutRefundNo, AmountMinor = request.AmountMinor, Reason = request.Reason };
        return await desk.RefundAsync(order, attempt, wish, request.NotifyUrl);
    }

    /// <summary>Another app's order looks like one that is not there.</summary>
    private async Task<StoredOrder> OwnOrderAsync(CreateRefundRequest request, string appId)
    {
        var key = request.OrderId.Length > 0
            ? new ReadOrderRequest { OrderId = request.OrderId }
            : new ReadOrderRequest { MerchantOrder = new MerchantOrderKey { AppId = appId, OutTradeNo = request.OutTradeNo } };
        StoredOrder? order = null;
        try
        {
            order = await database.ReadOrderAsync(key);
        }
        catch (RpcException e) when (e.StatusCode == StatusCode.NotFound)
        {
        }

        if (order is null || order.Order.AppId != appId)
        {
            throw PayErrors.OrderNotFound();
        }

        FieldRules.Demand(
            request.OutTradeNo.Length == 0 || request.OutTradeNo == order.Order.OutTradeNo, "out_trade_no", ErrorReason.PaymentUnnamed, "is not the number of order_id");
        return order;
    }

    private static StoredAttempt PaymentOf(StoredOrder order, string attemptNo)
    {
        var attempt = attemptNo.Length > 0
            ? order.Attempts.FirstOrDefault(a => a.Attempt.AttemptNo == attemptNo)
            : order.Attempts.FirstOrDefault(a => a.Attempt.State == AttemptState.Won);
        FieldRules.Demand(attempt is not null || attemptNo.Length == 0, "attempt_no", ErrorReason.PaymentUnnamed, "is no attempt of this order");
        return attempt is { Attempt.State: AttemptState.Won or AttemptState.ExtraPaid } ? attempt : throw RefundErrors.PaymentNotPaid();
    }
}
