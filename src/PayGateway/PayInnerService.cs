using System.Text.RegularExpressions;
using Grpc.Core;
using PayCore.Configuration;
using PayCore.Contracts.V1;
using PayCore.MerchantApi;
using DatabaseClient = PayCore.Contracts.V1.PayDatabase.PayDatabaseClient;

namespace PayCore.PayGateway;

/// <summary>What PayCenter and OrderMonitor ask for.</summary>
internal sealed partial class PayInnerService(PayDesk desk, PayService orders, DatabaseClient database, MerchantApps apps) : PayGatewayInner.PayGatewayInnerBase
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
            Buyer = stored.Buyer,
            ClientIp = request.ClientIp,
        });
    }

    /// <inheritdoc/>
    public override async Task<PayAnswer> CreateStoreOrder(CreateStoreOrderRequest request, ServerCallContext context)
    {
        if (!FormNo().IsMatch(request.FormNo))
        {
            throw PayErrors.Field("form_no", ErrorReason.NumberInvalid, "form_no has 26 characters of 0-9 A-Z.");
        }

        var store = apps.Demand(request.AppId).Stores.GetValueOrDefault(request.Store)
            ?? throw new RpcException(new Status(StatusCode.NotFound, "The app has no such store."));
        return await orders.CreateAsync(
            new CreatePayOrderRequest
            {
                OutTradeNo = $"store-{request.Store}-{request.FormNo}",
                AmountMinor = request.AmountMinor,
                Subject = store.Subject,
                Scene = Scene.Cashier,
            },
            request.AppId);
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

    /// <inheritdoc/>
    public override async Task<ClosePayOrderResponse> ClosePayOrderByPerson(ClosePayOrderByPersonRequest request, ServerCallContext context)
    {
        var stored = await desk.CloseOrderAsync(request.OrderId, "person", request.By, request.Reason);
        return new ClosePayOrderResponse { Order = stored.Order };
    }

    [GeneratedRegex("^[0-9A-Z]{26}\\z", RegexOptions.CultureInvariant)]
    private static partial Regex FormNo();
}
