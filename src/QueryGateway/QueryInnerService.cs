using Google.Protobuf.Reflection;
using Grpc.Core;
using PayCore.Configuration;
using PayCore.Contracts.V1;
using PayCore.MerchantApi;
using PayCore.Payments;
using DatabaseClient = PayCore.Contracts.V1.PayDatabase.PayDatabaseClient;

namespace PayCore.QueryGateway;

/// <summary>What OrderMonitor, PayCenter and operators ask for.</summary>
internal sealed class QueryInnerService(
    OrderQueries queries, MoneyOutQueries moneyOut, StatementDesk statements, QueryBudget budget, DatabaseClient database, MerchantApps apps, TimeProvider time)
    : QueryGatewayInner.QueryGatewayInnerBase
{
    /// <inheritdoc/>
    public override async Task<CheckAttemptResponse> CheckAttempt(CheckAttemptRequest request, ServerCallContext context)
    {
        var stored = await DemandAsync(new ReadOrderRequest { AttemptNo = request.AttemptNo });
        var attempt = Find(stored, request.AttemptNo);
        await budget.WaitAsync(attempt.Channel, attempt.Account);
        var check = await queries.CheckAsync(stored, attempt);
        return new CheckAttemptResponse
        {
            Order = check.Order.Order,
            Attempt = Find(check.Order, request.AttemptNo).Attempt,
            ChannelState = check.State,
        };
    }

    /// <inheritdoc/>
    public override async Task<CheckRefundResponse> CheckRefund(CheckRefundRequest request, ServerCallContext context)
    {
        var stored = await moneyOut.FindAsync(new ReadRefundRequest { RefundId = request.RefundId })
            ?? throw PayErrors.Refuse(StatusCode.NotFound, ErrorReason.RefundNotFound, "There is no such refund.");
        await budget.WaitAsync(stored.Channel, stored.Account);
        var check = await moneyOut.CheckAsync(stored);
        return new CheckRefundResponse { Refund = check.Refund.Refund, ChannelState = check.State };
    }

    /// <inheritdoc/>
    public override async Task<CheckTransferResponse> CheckTransfer(CheckTransferRequest request, ServerCallContext context)
    {
        var stored = await moneyOut.FindAsync(new ReadTransferRequest { TransferId = request.TransferId })
            ?? throw PayErrors.Refuse(StatusCode.NotFound, ErrorReason.TransferNotFound, "There is no such transfer.");
        await budget.WaitAsync(stored.Channel, stored.Account);
        var check = await moneyOut.CheckAsync(stored);
        return new CheckTransferResponse { Transfer = check.Transfer.Transfer, ChannelState = check.State };
    }

    /// <inheritdoc/>
    public override async Task<Timeline> ExplainPayOrder(GetTimelineRequest request, ServerCallContext context) =>
        TimelineStory.Tell(await database.ReadTimelineAsync(new ReadTimelineRequest { OrderId = request.Id }), time.GetUtcNow(), toOperators: true);

    /// <inheritdoc/>
    public override Task<FetchStatementResponse> FetchStatement(FetchStatementRequest request, ServerCallContext context) => statements.FetchAsync(request);

    /// <inheritdoc/>
    public override Task<MatchStatementResponse> MatchStatement(MatchStatementRequest request, ServerCallContext context) => statements.MatchAsync(request);

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
            Brand = BrandOf(app, withLogo: !request.WithoutLogo),
        };
        answer.UnclosedMethods.AddRange(stored.Attempts.SkipLast(1).Select(a => a.Attempt).Where(a => AttemptTransitions.IsOpen(a.State)).Select(a => a.Method).Distinct());
        if (app is not null)
        {
            answer.Ways.AddRange(WaysOf(app, stored.Buyer));
        }

        return answer;
    }

    /// <inheritdoc/>
    public override Task<Store> GetStore(GetStoreRequest request, ServerCallContext context)
    {
        if (apps.Find(request.AppId) is not { Enabled: true } app || !app.Stores.TryGetValue(request.Store, out var store))
        {
            throw new RpcException(new Status(StatusCode.NotFound, "There is no such store."));
        }

        return Task.FromResult(new Store
        {
            MerchantName = app.Name ?? app.MerchantId,
            Name = store.Name,
            Subject = store.Subject,
            Currency = "CNY",
            AmountMinorMax = app.Limits.AmountMinorMax,
            Brand = BrandOf(app, withLogo: true),
        });
    }

    /// <summary>The wallet's own page needs to know who pays: without the merchant's word of it that way is none.</summary>
    private static IEnumerable<CashierWay> WaysOf(MerchantApp app, string buyer)
    {
        var scenes = CommonReflection.Descriptor.FindTypeByName<EnumDescriptor>(nameof(Scene));
        return app.Routes.Keys.Select(key => key.Split('.')).GroupBy(key => key[0], key => scenes.FindValueByName(key[1])).Select(wallet => new CashierWay
        {
            Method = wallet.Key,
            Scenes = { wallet.Where(scene => scene is not null).Select(scene => (Scene)scene.Number).Where(scene => scene != Scene.Jsapi || buyer.Length > 0) },
        });
    }

    private static CashierBrand BrandOf(MerchantApp? app, bool withLogo) => new()
    {
        Support = app?.Cashier.Support ?? "",
        LogoUrl = withLogo ? app?.Cashier.Logo ?? "" : "",
        Colour = app?.Cashier.Colour ?? "",
    };

    private async Task<StoredOrder> DemandAsync(ReadOrderRequest key) => await queries.FindAsync(key) ?? throw PayErrors.OrderNotFound();

    private static StoredAttempt Find(StoredOrder stored, string attemptNo) => stored.Attempts.Single(a => a.Attempt.AttemptNo == attemptNo);
}
