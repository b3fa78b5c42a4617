using Grpc.Core;
using Microsoft.Extensions.Logging;
using PayCore.Contracts.V1;
using PayCore.Payments;
using DatabaseClient = PayCore.Contracts.V1.PayDatabase.PayDatabaseClient;

namespace PayCore.ChannelAccess;

/// <summary>What a check of a transfer found.</summary>
/// <param name="State">What the channel said; <see cref="ChannelTransferState.TransferUnknown"/> also when its facts were not ours.</param>
/// <param name="Transfer">The transfer after whatever was recorded.</param>
public sealed record TransferCheck(ChannelTransferState State, StoredTransfer Transfer);

/// <summary>Asks a channel about a transfer, and records only what its answers prove. Anything else changes nothing. Safe to repeat.</summary>
public sealed class TransferChecker(ChannelClients channels, DatabaseClient database, ILogger<TransferChecker> log)
{
    /// <summary>Asks what became of it, and records.</summary>
    public async Task<TransferCheck> CheckAsync(StoredTransfer stored)
    {
        ArgumentNullException.ThrowIfNull(stored);
        ChannelTransferReply said;
        try
        {
            said = await channels.For(stored.Channel).QueryTransferAsync(
                new ChannelQueryTransferRequest { Account = stored.Account, TransferNo = stored.Transfer.Id });
        }
        catch (RpcException e)
        {
            log.LogWarning("Channel {Channel} did not answer a query for {TransferId}: {Status}", stored.Channel, stored.Transfer.Id, e.Status);
            said = new ChannelTransferReply { State = ChannelTransferState.TransferUnknown, Code = $"{e.StatusCode}" };
        }

        return await RecordAsync(stored, said, "query", endsCall: false);
    }

    /// <summary>Records what a channel said, when it is about this transfer.</summary>
    /// <param name="stored">The transfer.</param>
    /// <param name="said">The answer.</param>
    /// <param name="cause"><c>answer</c> or <c>query</c>.</param>
    /// <param name="endsCall">The call to transfer is settled by this answer.</param>
    public async Task<TransferCheck> RecordAsync(StoredTransfer stored, ChannelTransferReply said, string cause, bool endsCall)
    {
        ArgumentNullException.ThrowIfNull(stored);
        ArgumentNullException.ThrowIfNull(said);
        if (said.Facts is not null)
        {
            var account = await channels.For(stored.Channel).DescribeAsync(new DescribeRequest { Account = stored.Account });
            if (MoneyOutProof.FirstDifference(stored, said.Facts, account.AccountIds) is { } difference)
            {
                await RaiseConflictAsync(stored, difference);
                return new TransferCheck(ChannelTransferState.TransferUnknown, stored);
            }
        }

        var recorded = await database.RecordTransferAsync(new RecordTransferRequest
        {
            TransferId = stored.Transfer.Id,
            State = said.State,
            Facts = said.Facts,
            Action = said.Action,
            Cause = cause,
            Code = said.Code,
            Message = said.Message,
            EndsCall = endsCall,
            Repeatable = said.Repeatable,
            NotExecuted = said.NotExecuted,
        });
        return new TransferCheck(said.State, recorded.Transfer);
    }

    private async Task RaiseConflictAsync(StoredTransfer stored, string difference)
    {
        log.LogError("What the channel says of {TransferId} is not about our transfer: {Difference}", stored.Transfer.Id, difference);
        await database.RaiseExceptionAsync(new RaiseExceptionRequest
        {
            Exception = new ExceptionItem
            {
                Kind = ExceptionItem.Types.Kind.TransferConflict,
                AppId = stored.Transfer.AppId,
                TransferId = stored.Transfer.Id,
                Detail = difference,
            },
        });
    }
}
