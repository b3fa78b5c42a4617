using Grpc.Core;
using Microsoft.Extensions.DependencyInjection;
using PayCore.Contracts.V1;
using PayCore.MerchantApi;
using Contract = PayCore.Contracts.V1.QueryGateway;

namespace PayCore.QueryGateway;

/// <summary>A merchant asks how it went. The caller's app comes from the verified signature; another app's order looks like one that is not there.</summary>
internal sealed class QueryService(OrderQueries queries) : Contract.QueryGatewayBase
{
    /// <inheritdoc/>
    public override Task<GetPayOrderResponse> GetPayOrder(GetPayOrderRequest request, ServerCallContext context) =>
        AnswerAsync(new ReadOrderRequest { OrderId = request.Id }, request.Refresh, context);

    /// <inheritdoc/>
    public override Task<GetPayOrderResponse> FindPayOrder(FindPayOrderRequest request, ServerCallContext context)
    {
        if (request.OutTradeNo.Length == 0)
        {
            throw PayErrors.Field("out_trade_no", ErrorReason.NumberInvalid, "out_trade_no is required.");
        }

        var key = new MerchantOrderKey { AppId = context.GetHttpContext().GetVerifiedCaller().AppId, OutTradeNo = request.OutTradeNo };
        return AnswerAsync(new ReadOrderRequest { MerchantOrder = key }, request.Refresh, context);
    }

    private async Task<GetPayOrderResponse> AnswerAsync(ReadOrderRequest key, bool refresh, ServerCallContext context)
    {
        var appId = context.GetHttpContext().GetVerifiedCaller().AppId;
        var stored = await queries.FindAsync(key);
        if (stored is null || stored.Order.AppId != appId)
        {
            throw PayErrors.OrderNotFound();
        }

        if (refresh)
        {
            stored = await queries.RefreshAsync(stored);
        }

        var response = new GetPayOrderResponse { Order = stored.Order };
        response.Attempts.AddRange(stored.Attempts.Select(a => a.Attempt));
        return response;
    }
}
