using Grpc.Core;
using Microsoft.Extensions.Logging;
using PayCore.Contracts.V1;

namespace PayCore.PayCenter.Cashier;

/// <summary>What came of an order at a store.</summary>
internal enum StoreResult
{
    /// <summary>There is an order; its cashier page is next.</summary>
    Created,

    /// <summary>The form was used before for another amount.</summary>
    Used,

    /// <summary>The store's app refuses it, or there is no such store any more.</summary>
    NotPossible,

    /// <summary>Nobody could answer; repeat the same form.</summary>
    Away,
}

/// <summary>Stores with a static code: reads one, and makes the order that a buyer typed the amount of.</summary>
internal sealed class StoreOrders(
    QueryGatewayInner.QueryGatewayInnerClient query, PayGatewayInner.PayGatewayInnerClient pay, ILogger<StoreOrders> log)
{
    /// <summary>Reads a store.</summary>
    public async Task<(Look Look, Store? Store)> LookAsync(string appId, string storeId, CancellationToken cancellationToken)
    {
        try
        {
            var request = new GetStoreRequest { AppId = appId, Store = storeId };
            return (Look.Found, await query.GetStoreAsync(request, cancellationToken: cancellationToken));
        }
        catch (RpcException e) when (e.StatusCode == StatusCode.NotFound)
        {
            return (Look.Unknown, null);
        }
        catch (RpcException e)
        {
            log.LogWarning("Store {Store} of {AppId} could not be read: {Status}", storeId, appId, e.StatusCode);
            return (Look.Away, null);
        }
    }

    /// <summary>Makes the order, once for each form. The browser's patience does not matter: what was begun runs to its end.</summary>
    /// <returns>The result, and the cashier's address when there is an order.</returns>
    public async Task<(StoreResult Result, string CashierUrl)> CreateAsync(string appId, string storeId, string formNo, long amountMinor)
    {
        try
        {
            var request = new CreateStoreOrderRequest { AppId = appId, Store = storeId, FormNo = formNo, AmountMinor = amountMinor };
            return (StoreResult.Created, (await pay.CreateStoreOrderAsync(request)).CashierUrl);
        }
        catch (RpcException e) when (e.StatusCode == StatusCode.AlreadyExists)
        {
            return (StoreResult.Used, "");
        }
        catch (RpcException e) when (e.StatusCode is StatusCode.InvalidArgument or StatusCode.NotFound or StatusCode.PermissionDenied)
        {
            return (StoreResult.NotPossible, "");
        }
        catch (RpcException e)
        {
            log.LogWarning("An order at store {Store} of {AppId} was not taken, or we do not know: {Status}", storeId, appId, e.StatusCode);
            return (StoreResult.Away, "");
        }
    }
}
