using Grpc.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using PayCore.Configuration;
using PayCore.Contracts.V1;
using PayCore.MerchantApi;
using PayCore.OutboundAddresses;
using PayCore.ServiceDefaults;
using Contract = PayCore.Contracts.V1.PayGateway;
using DatabaseClient = PayCore.Contracts.V1.PayDatabase.PayDatabaseClient;

namespace PayCore.PayGateway;

/// <summary>
/// A merchant asks to be paid: verify, generate, save, ask the channel once, record, answer. The signature was checked on the raw bytes before
/// this is reached; the caller's app comes from it.
/// </summary>
internal sealed class PayService(
    PayDesk desk, DatabaseClient database, MerchantApps apps, AddressGuard addresses, IdFactory ids, RandomSource random,
    IOptions<PayOptions> options, TimeProvider time) : Contract.PayGatewayBase
{
    /// <inheritdoc/>
    public override Task<PayAnswer> CreatePayOrder(CreatePayOrderRequest request, ServerCallContext context) =>
        CreateAsync(request, context.GetHttpContext().GetVerifiedCaller().AppId);

    /// <summary>Creates an order of an app. Whoever calls this knows that the request is the app's wish.</summary>
    public async Task<PayAnswer> CreateAsync(CreatePayOrderRequest request, string appId)
    {
        var app = apps.Demand(appId);
        var created = await AdmitAsync(request, appId, app);
        if (created.Result == CreateOrderReply.Types.Result.Different)
        {
            throw PayErrors.Differs(
                created.DifferingField, $"out_trade_no was used before with another {created.DifferingField}. Nothing was changed.");
        }

        var first = created.Order.Attempts.FirstOrDefault(a => a.Attempt.OutAttemptNo.Length == 0);
        return first is null
            ? desk.Reply(created.Order, null)
            : await desk.AnswerAsync(created.Order, first.Attempt.AttemptNo, mine: created.Result == CreateOrderReply.Types.Result.Created);
    }

    /// <inheritdoc/>
    public override async Task<PayAnswer> CreateAttempt(CreateAttemptRequest request, ServerCallContext context)
    {
        var caller = context.GetHttpContext().GetVerifiedCaller();
        var stored = await OwnOrderAsync(caller, request.Id);
        return await desk.BeginAsync(stored, apps.Demand(caller.AppId), request);
    }

    /// <inheritdoc/>
    public override async Task<ClosePayOrderResponse> ClosePayOrder(ClosePayOrderRequest request, ServerCallContext context)
    {
        var stored = await OwnOrderAsync(context.GetHttpContext().GetVerifiedCaller(), request.Id);
        stored = await desk.CloseOrderAsync(stored.Order.Id, "merchant");
        return new ClosePayOrderResponse { Order = stored.Order };
    }

    /// <summary>
    /// Saves the order, once everything about the request is in order today. What was accepted before under the number stays accepted, however much time has passed and
    /// whatever limits and routes have become: its repeat gets its answer, and no merchant takes a refusal of the repeat for one of the order.
    /// </summary>
    private async Task<CreateOrderReply> AdmitAsync(CreatePayOrderRequest request, string appId, MerchantApp app)
    {
        var now = time.GetUtcNow();
        var intent = PayRules.Check(request, appId, app, now, options.Value.DefaultExpiry);
        try
        {
            Verify(intent, app, now);
            Generate(intent, request, app);
        }
        catch (RpcException)
        {
            if (await FindFirstAsync(intent) is { } first)
            {
                return first;
            }

            throw;
        }

        return await SaveAsync(intent);
    }

    private void Verify(CreateOrderRequest intent, MerchantApp app, DateTimeOffset now)
    {
        using var step = PayTrace.Source.StartActivity("pay.verify");
        PayRules.CheckToday(intent, app, addresses, now);
    }

    private async Task<CreateOrderReply?> FindFirstAsync(CreateOrderRequest intent)
    {
        intent.RepeatOnly = true;
        try
        {
            return await database.CreateOrderAsync(intent);
        }
        catch (RpcException e) when (e.StatusCode == StatusCode.NotFound)
        {
            return null;
        }
    }

    private void Generate(CreateOrderRequest intent, CreatePayOrderRequest request, MerchantApp app)
    {
        using var step = PayTrace.Source.StartActivity("pay.generate");
        intent.Order.Id = ids.NewOrderId();
        intent.PageToken = random.NextToken();
        if (request.Scene != Scene.Cashier)
        {
            intent.Attempt = desk.NewAttempt(
                app, request.Method, request.Scene, request.Buyer, request.ClientIp, intent.Order.ExpireTime, outAttemptNo: "");
        }
    }

    private async Task<CreateOrderReply> SaveAsync(CreateOrderRequest intent)
    {
        using var step = PayTrace.Source.StartActivity("pay.save");
        return await database.CreateOrderAsync(intent);
    }

    /// <summary>Another app's order looks like one that is not there.</summary>
    private async Task<StoredOrder> OwnOrderAsync(VerifiedCaller caller, string orderId)
    {
        StoredOrder? stored = null;
        try
        {
            stored = await database.ReadOrderAsync(new ReadOrderRequest { OrderId = orderId });
        }
        catch (RpcException e) when (e.StatusCode == StatusCode.NotFound)
        {
        }

        return stored is not null && stored.Order.AppId == caller.AppId ? stored : throw PayErrors.OrderNotFound();
    }
}
