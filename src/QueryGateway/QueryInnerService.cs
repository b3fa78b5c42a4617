using Grpc.Core;
using PayCore.Configuration;
using PayCore.Contracts.V1;
using PayCore.MerchantApi;

namespace PayCore.QueryGateway;

/// <summary>What OrderMonitor and PayCenter ask for.</summary>
internal sealed class QueryInnerService(OrderQueries queries, MerchantApps apps) : QueryGatewayInner.QueryGatewayInnerBase
{
    /// <inheritdoc/>
    public override async Task<CheckAttemptResponse> CheckAttempt(CheckAttemptRequest request, ServerCallContext context)
    {
        var stored = await DemandAsync(new ReadOrderRequest { AttemptNo = request.AttemptNo });
        var check = await queries.CheckAsync(stored, Find(stored, request.AttemptNo));
        return new CheckAttemptResponse
        {
            Order = check.Order.Order,
            Attempt = Find(check.Order, request.AttemptNo).Attempt,
            ChannelState = check.State,
        };
    }

    /// <inheritdoc/>
    public override async Task<CashierOrder> GetCashierOrder(GetCashierOrderRequest request, ServerCallContext context)
    {
        var stored = await DemandAsync(new ReadOrderRequest { PageToken = request.PageToken });
        if (request.Refresh)
        {
            stored = await queries.RefreshAsync(stored);
        }

        var app = apps.Find(stored.Order.AppId);
        var answer = new CashierOrder
        {
            Order = stored.Order,
            Attempt = stored.Attempts.LastOrDefault()?.Attempt,
            ReturnUrl = stored.ReturnUrl,
            MerchantName = app?.Name ?? stored.MerchantId,
        };
        if (app is not null)
        {
            answer.Methods.AddRange(app.Routes.Keys.Select(k => k.Split('.')[0]).Distinct().Order(StringComparer.Ordinal));
        }

        return answer;
    }

    private async Task<StoredOrder> DemandAsync(ReadOrderRequest key) => await queries.FindAsync(key) ?? throw PayErrors.OrderNotFound();

    private static StoredAttempt Find(StoredOrder stored, string attemptNo) => stored.Attempts.Single(a => a.Attempt.AttemptNo == attemptNo);
}
