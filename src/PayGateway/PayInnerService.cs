using Grpc.Core;
using PayCore.Configuration;
using PayCore.Contracts.V1;
using PayCore.MerchantApi;
using DatabaseClient = PayCore.Contracts.V1.PayDatabase.PayDatabaseClient;

namespace PayCore.PayGateway;

/// <summary>What PayCenter and OrderMonitor ask for.</summary>
internal sealed class PayInnerService(PayDesk desk, DatabaseClient database, MerchantApps apps) : PayGatewayInner.PayGatewayInnerBase
{
    /// <inheritdoc/>
    public override async Task<PayAnswer> CreateCashierAttempt(CreateCashierAttemptRequest request, ServerCallContext context)
    {
        var stored = await database.ReadOrderAsync(new ReadOrderRequest { PageToken = request.PageToken });
        return await desk.BeginAsync(stored, apps.Demand(stored.Order.AppId), new CreateAttemptRequest
        {
            Id = stored.Order.Id,
            OutAttemptNo = request.OutAttemptNo,
            Method = request.Method,
            Scene = request.Scene,
            Buyer = request.Buyer,
            ClientIp = request.ClientIp,
        });
    }

    /// <inheritdoc/>
    public override async Task<CloseAttemptResponse> CloseAttempt(CloseAttemptRequest request, ServerCallContext context)
    {
        var closed = await desk.CloseAttemptAsync(request.AttemptNo);
        return new CloseAttemptResponse
        {
            Order = closed.Order.Order,
            Attempt = closed.Order.Attempts.Single(a => a.Attempt.AttemptNo == request.AttemptNo).Attempt,
        };
    }

    /// <inheritdoc/>
    public override async Task<ClosePayOrderResponse> CloseExpiredOrder(CloseExpiredOrderRequest request, ServerCallContext context)
    {
        var stored = await desk.CloseOrderAsync(request.OrderId, "expiry");
        return new ClosePayOrderResponse { Order = stored.Order };
    }
}
