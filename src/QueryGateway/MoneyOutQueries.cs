using Grpc.Core;
using PayCore.ChannelAccess;
using PayCore.Contracts.V1;
using DatabaseClient = PayCore.Contracts.V1.PayDatabase.PayDatabaseClient;
using RefundState = PayCore.Contracts.V1.Refund.Types.State;
using TransferState = PayCore.Contracts.V1.Transfer.Types.State;

namespace PayCore.QueryGateway;

/// <summary>Reads refunds and transfers, and asks the channel about those that are not decided.</summary>
internal sealed class MoneyOutQueries(DatabaseClient database, RefundChecker refunds, TransferChecker transfers, QueryBudget budget)
{
    /// <summary>The refund, or null.</summary>
    public async Task<StoredRefund?> FindAsync(ReadRefundRequest key)
    {
        try
        {
            return await database.ReadRefundAsync(key);
        }
        catch (RpcException e) when (e.StatusCode == StatusCode.NotFound)
        {
            return null;
        }
    }

    /// <summary>The transfer, or null.</summary>
    public async Task<StoredTransfer?> FindAsync(ReadTransferRequest key)
    {
        try
        {
            return await database.ReadTransferAsync(key);
        }
        catch (RpcException e) when (e.StatusCode == StatusCode.NotFound)
        {
            return null;
        }
    }

    /// <summary>Asks the channel when the refund is with it and not decided, and the account's limit has room.</summary>
    public async Task<StoredRefund> RefreshAsync(StoredRefund stored) =>
        stored.Refund.State is RefundState.Sent or RefundState.Abnormal && await budget.TryRefreshAsync(stored.Channel, stored.Account)
            ? (await refunds.CheckAsync(stored)).Refund : stored;

    /// <summary>Asks the channel when the transfer is with it and not decided, or was paid and may have come back, and the account's limit has room.</summary>
    public async Task<StoredTransfer> RefreshAsync(StoredTransfer stored) =>
        stored.Transfer.State is TransferState.Sent or TransferState.WaitPayee or TransferState.Succeeded
            && await budget.TryRefreshAsync(stored.Channel, stored.Account)
            ? (await transfers.CheckAsync(stored)).Transfer : stored;

    /// <summary>Asks the channel, whatever the state: the records decide what its word may change.</summary>
    public Task<RefundCheck> CheckAsync(StoredRefund stored) => refunds.CheckAsync(stored);

    /// <summary>Asks the channel, whatever the state: the records decide what its word may change.</summary>
    public Task<TransferCheck> CheckAsync(StoredTransfer stored) => transfers.CheckAsync(stored);
}
