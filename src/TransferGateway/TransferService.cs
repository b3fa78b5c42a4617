using Grpc.Core;
using Microsoft.Extensions.DependencyInjection;
using PayCore.ChannelAccess;
using PayCore.Configuration;
using PayCore.Contracts.V1;
using PayCore.MerchantApi;
using Contract = PayCore.Contracts.V1.TransferGateway;
using DatabaseClient = PayCore.Contracts.V1.PayDatabase.PayDatabaseClient;

namespace PayCore.TransferGateway;

/// <summary>A merchant pays somebody out. The signature was checked on the raw bytes before this is reached; the caller's app comes from it.</summary>
internal sealed class TransferService(TransferDesk desk, ChannelClients channels, DatabaseClient database, MerchantApps apps) : Contract.TransferGatewayBase
{
    private const int BatchAtOnce = 8;

    /// <inheritdoc/>
    public override Task<TransferAnswer> CreateTransfer(CreateTransferRequest request, ServerCallContext context)
    {
        var appId = context.GetHttpContext().GetVerifiedCaller().AppId;
        return desk.CreateAsync(request, appId, apps.Demand(appId), outBatchNo: "");
    }

    /// <inheritdoc/>
    public override async Task<TransferAnswer> CancelTransfer(CancelTransferRequest request, ServerCallContext context)
    {
        var appId = context.GetHttpContext().GetVerifiedCaller().AppId;
        apps.Demand(appId);
        return await desk.CancelAsync(await OwnTransferAsync(request.Id, appId), $"app:{appId}");
    }

    /// <inheritdoc/>
    public override async Task<TransferBatchAnswer> CreateTransferBatch(CreateTransferBatchRequest request, ServerCallContext context)
    {
        var appId = context.GetHttpContext().GetVerifiedCaller().AppId;
        var app = apps.Demand(appId);
        TransferRules.CheckBatch(request);
        using var slots = new SemaphoreSlim(BatchAtOnce);
        var items = await Task.WhenAll(request.Transfers.Select(async transfer =>
        {
            await slots.WaitAsync();
            try
            {
                return await ItemAsync(transfer, appId, app, request.OutBatchNo);
            }
            finally
            {
                slots.Release();
            }
        }));
        return new TransferBatchAnswer { Items = { items } };
    }

    /// <inheritdoc/>
    public override async Task<GetBalanceResponse> GetBalance(GetBalanceRequest request, ServerCallContext context)
    {
        FieldRules.CheckMethod(request.Method);
        var accounts = Routes.AllForTransfer(apps.Demand(context.GetHttpContext().GetVerifiedCaller().AppId), request.Method);
        var said = await Task.WhenAll(accounts.Select(BalanceAsync));
        var balances = said.OfType<Balance>().ToList();
        return balances.Count > 0
            ? new GetBalanceResponse { Balances = { balances } }
            : throw PayErrors.Refuse(StatusCode.Unavailable, ErrorReason.ChannelUnavailable, "The channel tells no balance, or does not answer now.");
    }

    private async Task<Balance?> BalanceAsync(Route route)
    {
        try
        {
            var said = await channels.For(route.Channel).QueryBalanceAsync(new ChannelQueryBalanceRequest { Account = route.Account });
            return said.Outcome == Outcome.Yes
                ? new Balance { Account = route.Account, Currency = said.Currency, AvailableMinor = said.AvailableMinor, FrozenMinor = said.FrozenMinor }
                : null;
        }
        catch (RpcException)
        {
            return null;
        }
    }

    /// <summary>One transfer of a batch: its answer, or the refusal that it would have got alone.</summary>
    private async Task<TransferBatchItem> ItemAsync(CreateTransferRequest request, string appId, MerchantApp app, string outBatchNo)
    {
        var item = new TransferBatchItem { OutTransferNo = request.OutTransferNo };
        try
        {
            item.Answer = await desk.CreateAsync(request, appId, app, outBatchNo);
        }
        catch (RpcException e)
        {
            var told = MerchantErrors.Public(e);
            var field = told.Violations.Count > 0 ? told.Violations[0] : null;
            item.ErrorReason = field?.Reason ?? told.Reason;
            item.ErrorField = field?.Field ?? "";
            item.ErrorMessage = told.Message;
        }

        return item;
    }

    /// <summary>Another app's transfer looks like one that is not there.</summary>
    private async Task<StoredTransfer> OwnTransferAsync(string transferId, string appId)
    {
        StoredTransfer? stored = null;
        try
        {
            stored = await database.ReadTransferAsync(new ReadTransferRequest { TransferId = transferId });
        }
        catch (RpcException e) when (e.StatusCode == StatusCode.NotFound)
        {
        }

        return stored is not null && stored.Transfer.AppId == appId
            ? stored
            : throw PayErrors.Refuse(StatusCode.NotFound, ErrorReason.TransferNotFound, "There is no such transfer.");
    }
}
