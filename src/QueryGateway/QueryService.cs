using Grpc.Core;
using Microsoft.Extensions.DependencyInjection;
using PayCore.Contracts.V1;
using PayCore.MerchantApi;
using Contract = PayCore.Contracts.V1.QueryGateway;
using DatabaseClient = PayCore.Contracts.V1.PayDatabase.PayDatabaseClient;

namespace PayCore.QueryGateway;

/// <summary>A merchant asks how it went. The caller's app comes from the verified signature; what is another app's looks like what is not there.</summary>
internal sealed partial class QueryService(OrderQueries orders, MoneyOutQueries moneyOut, DatabaseClient database, TimeProvider time) : Contract.QueryGatewayBase
{
    /// <inheritdoc/>
    public override Task<GetPayOrderResponse> GetPayOrder(GetPayOrderRequest request, ServerCallContext context) =>
        AnswerAsync(new ReadOrderRequest { OrderId = request.Id }, request.Refresh, context);

    /// <inheritdoc/>
    public override Task<GetPayOrderResponse> FindPayOrder(FindPayOrderRequest request, ServerCallContext context)
    {
        DemandNumber(request.OutTradeNo, "out_trade_no");
        var key = new MerchantOrderKey { AppId = CallerOf(context), OutTradeNo = request.OutTradeNo };
        return AnswerAsync(new ReadOrderRequest { MerchantOrder = key }, request.Refresh, context);
    }

    /// <inheritdoc/>
    public override async Task<Timeline> GetTimeline(GetTimelineRequest request, ServerCallContext context)
    {
        var stored = await orders.FindAsync(new ReadOrderRequest { OrderId = request.Id });
        if (stored is null || stored.Order.AppId != CallerOf(context))
        {
            throw PayErrors.OrderNotFound();
        }

        return TimelineStory.Tell(await database.ReadTimelineAsync(new ReadTimelineRequest { OrderId = request.Id }), time.GetUtcNow(), toOperators: false);
    }

    /// <inheritdoc/>
    public override Task<GetRefundResponse> GetRefund(GetRefundRequest request, ServerCallContext context) =>
        RefundAsync(new ReadRefundRequest { RefundId = request.Id }, request.Refresh, context);

    /// <inheritdoc/>
    public override Task<GetRefundResponse> FindRefund(FindRefundRequest request, ServerCallContext context)
    {
        DemandNumber(request.OutRefundNo, "out_refund_no");
        var key = new MerchantRefundKey { AppId = CallerOf(context), OutRefundNo = request.OutRefundNo };
        return RefundAsync(new ReadRefundRequest { MerchantRefund = key }, request.Refresh, context);
    }

    /// <inheritdoc/>
    public override Task<GetTransferResponse> GetTransfer(GetTransferRequest request, ServerCallContext context) =>
        TransferAsync(new ReadTransferRequest { TransferId = request.Id }, request.Refresh, context);

    /// <inheritdoc/>
    public override Task<GetTransferResponse> FindTransfer(FindTransferRequest request, ServerCallContext context)
    {
        DemandNumber(request.OutTransferNo, "out_transfer_no");
        var key = new MerchantTransferKey { AppId = CallerOf(context), OutTransferNo = request.OutTransferNo };
        return TransferAsync(new ReadTransferRequest { MerchantTransfer = key }, request.Refresh, context);
    }

    private async Task<GetPayOrderResponse> AnswerAsync(ReadOrderRequest key, bool refresh, ServerCallContext context)
    {
        var stored = await orders.FindAsync(key);
        if (stored is null || stored.Order.AppId != CallerOf(context))
        {
            throw PayErrors.OrderNotFound();
        }

        if (refresh || Freshness.IsStale(stored.DueTime, time.GetUtcNow()))
        {
            stored = await orders.RefreshAsync(stored);
        }

        var response = new GetPayOrderResponse { Order = stored.Order };
        response.Attempts.AddRange(stored.Attempts.Select(a => a.Attempt));
        return response;
    }

    private async Task<GetRefundResponse> RefundAsync(ReadRefundRequest key, bool refresh, ServerCallContext context)
    {
        var stored = await moneyOut.FindAsync(key);
        if (stored is null || stored.Refund.AppId != CallerOf(context))
        {
            throw PayErrors.Refuse(StatusCode.NotFound, ErrorReason.RefundNotFound, "There is no such refund.");
        }

        if (refresh || Freshness.IsStale(stored.DueTime, time.GetUtcNow()))
        {
            stored = await moneyOut.RefreshAsync(stored);
        }

        return new GetRefundResponse { Refund = stored.Refund };
    }

    private async Task<GetTransferResponse> TransferAsync(ReadTransferRequest key, bool refresh, ServerCallContext context)
    {
        var stored = await moneyOut.FindAsync(key);
        if (stored is null || stored.Transfer.AppId != CallerOf(context))
        {
            throw PayErrors.Refuse(StatusCode.NotFound, ErrorReason.TransferNotFound, "There is no such transfer.");
        }

        if (refresh || Freshness.IsStale(stored.DueTime, time.GetUtcNow()))
        {
            stored = await moneyOut.RefreshAsync(stored);
        }

        return new GetTransferResponse { Transfer = stored.Transfer };
    }

    private static string CallerOf(ServerCallContext context) => context.GetHttpContext().GetVerifiedCaller().AppId;

    private static void DemandNumber(string number, string field) => FieldRules.Demand(number.Length > 0, field, ErrorReason.NumberInvalid, "is required");
}
