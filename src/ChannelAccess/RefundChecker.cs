using Grpc.Core;
using Microsoft.Extensions.Logging;
using PayCore.Contracts.V1;
using PayCore.Payments;
using DatabaseClient = PayCore.Contracts.V1.PayDatabase.PayDatabaseClient;

namespace PayCore.ChannelAccess;

/// <summary>What a check of a refund found.</summary>
/// <param name="State">What the channel said; <see cref="ChannelRefundState.RefundUnknown"/> also when its facts were not ours.</param>
/// <param name="Refund">The refund after whatever was recorded.</param>
public sealed record RefundCheck(ChannelRefundState State, StoredRefund Refund);

/// <summary>Asks a channel about a refund, and records only what its answers prove. Anything else changes nothing. Safe to repeat.</summary>
public sealed class RefundChecker(ChannelClients channels, DatabaseClient database, ILogger<RefundChecker> log)
{
    /// <summary>Asks what became of it, and records.</summary>
    public async Task<RefundCheck> CheckAsync(StoredRefund stored)
    {
        ArgumentNullException.ThrowIfNull(stored);
        ChannelRefundReply said;
        try
        {
            said = await channels.For(stored.Channel).QueryRefundAsync(
                new ChannelQueryRefundRequest { Account = stored.Account, AttemptNo = stored.Refund.AttemptNo, RefundNo = stored.Refund.Id });
        }
        catch (RpcException e)
        {
            log.LogWarning("Channel {Channel} did not answer a query for {RefundId}: {Status}", stored.Channel, stored.Refund.Id, e.Status);
            said = new ChannelRefundReply { State = ChannelRefundState.RefundUnknown, Code = $"{e.StatusCode}" };
        }

        return await RecordAsync(stored, said, "query", endsCall: false);
    }

    /// <summary>Records what a channel said, when it is about this refund.</summary>
    /// <param name="stored">The refund.</param>
    /// <param name="said">The answer.</param>
    /// <param name="cause"><c>answer</c> or <c>query</c>.</param>
    /// <param name="endsCall">The call to refund is settled by this answer.</param>
    public async Task<RefundCheck> RecordAsync(StoredRefund stored, ChannelRefundReply said, string cause, bool endsCall)
    {
        ArgumentNullException.ThrowIfNull(stored);
        ArgumentNullException.ThrowIfNull(said);
        if (said.Facts is not null)
        {
            var account = await channels.For(stored.Channel).DescribeAsync(new DescribeRequest { Account = stored.Account });
            if (MoneyOutProof.FirstDifference(stored, said.Facts, account.AccountIds) is { } difference)
            {
                await RaiseConflictAsync(stored, difference);
                return new RefundCheck(ChannelRefundState.RefundUnknown, stored);
            }
        }

        var recorded = await database.RecordRefundAsync(new RecordRefundRequest
        {
            RefundId = stored.Refund.Id,
            State = said.State,
            Facts = said.Facts,
            Cause = cause,
            Code = said.Code,
            Message = said.Message,
            EndsCall = endsCall,
            NotExecuted = said.NotExecuted,
        });
        return new RefundCheck(said.State, recorded.Refund);
    }

    private async Task RaiseConflictAsync(StoredRefund stored, string difference)
    {
        log.LogError("What the channel says of {RefundId} is not about our refund: {Difference}", stored.Refund.Id, difference);
        await database.RaiseExceptionAsync(new RaiseExceptionRequest
        {
            Exception = new ExceptionItem
            {
                Kind = ExceptionItem.Types.Kind.RefundConflict,
                AppId = stored.Refund.AppId,
                OrderId = stored.Refund.OrderId,
                AttemptNo = stored.Refund.AttemptNo,
                RefundId = stored.Refund.Id,
                Detail = difference,
            },
        });
    }
}
