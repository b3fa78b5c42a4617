using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Microsoft.Extensions.Logging;
using PayCore.Contracts.V1;
using PayCore.Payments;
using PayCore.ServiceDefaults.Telemetry;
using DatabaseClient = PayCore.Contracts.V1.PayDatabase.PayDatabaseClient;
using RefundState = PayCore.Contracts.V1.Refund.Types.State;

namespace PayCore.OrderMonitor;

/// <summary>
/// Looks at one due refund: asks QueryGateway what became of it, and has RefundGateway ask for it again, under the same number, when the channel does not have
/// it. Two watchers of the same refund are harmless.
/// </summary>
internal sealed class RefundWatch(
    DatabaseClient database, QueryGatewayInner.QueryGatewayInnerClient queries, RefundGatewayInner.RefundGatewayInnerClient refunds, TimeProvider time,
    ILogger<RefundWatch> log) : IWatch<StoredRefund>
{
    /// <inheritdoc/>
    public async Task<IReadOnlyList<StoredRefund>> TakeAsync(int limit, int leaseSeconds) =>
        (await database.ClaimDueRefundsAsync(new ClaimDueRequest { Limit = limit, LeaseSeconds = leaseSeconds })).Refunds;

    /// <inheritdoc/>
    public string IdOf(StoredRefund taken) => taken.Refund.Id;

    /// <inheritdoc/>
    public string ChannelOf(StoredRefund taken) => taken.Channel;

    /// <inheritdoc/>
    public (TraceSubject Subject, string TraceParent) TraceOf(StoredRefund taken) => (new TraceSubject(taken.Refund.OrderId, taken.Refund.AttemptNo, taken.Refund.Id), taken.TraceParent);

    /// <inheritdoc/>
    public async Task LookAsync(StoredRefund taken)
    {
        try
        {
            await SettleAsync(taken);
        }
        catch (RpcException e) when (e.StatusCode != StatusCode.ResourceExhausted)
        {
            // Not an end: the refund is due again by the ladder.
            log.LogWarning("Refund {RefundId} could not be looked at: {Status}", taken.Refund.Id, e.Status);
        }

        var now = await database.ReadRefundAsync(new ReadRefundRequest { RefundId = taken.Refund.Id });
        await RaiseOverdueAsync(now);
        var next = RefundSchedule.Next(now, time.GetUtcNow());
        await database.ScheduleLookAsync(new ScheduleLookRequest
        {
            RefundId = taken.Refund.Id,
            ClaimedDueTime = taken.DueTime,
            NextDueTime = next is { } at ? Timestamp.FromDateTimeOffset(at) : null,
        });
    }

    private async Task SettleAsync(StoredRefund taken)
    {
        var id = taken.Refund.Id;
        if (taken.Refund.State == RefundState.Created)
        {
            // It waited for another refund of the same payment, or its process died before the call.
            await refunds.RepeatRefundAsync(new RepeatRefundRequest { RefundId = id });
            return;
        }

        if (taken.Refund.State is not (RefundState.Sent or RefundState.Abnormal))
        {
            return;
        }

        var said = await queries.CheckRefundAsync(new CheckRefundRequest { RefundId = id });
        var mayBeLost = said.ChannelState is ChannelRefundState.RefundNotFound or ChannelRefundState.RefundUnknown or ChannelRefundState.RefundNoBalance;
        if (said.Refund.State == RefundState.Sent && mayBeLost && RefundSchedule.MayRepeat(taken.LastSentTime?.ToDateTimeOffset(), time.GetUtcNow()))
        {
            await refunds.RepeatRefundAsync(new RepeatRefundRequest { RefundId = id });
        }
    }

    private async Task RaiseOverdueAsync(StoredRefund stored)
    {
        var since = stored.FirstSentTime ?? stored.Refund.CreateTime;
        if (!RefundTransitions.IsOpen(stored.Refund.State) || time.GetUtcNow() - since.ToDateTimeOffset() < RefundSchedule.AlertAfter)
        {
            return;
        }

        var raised = await database.RaiseExceptionAsync(new RaiseExceptionRequest
        {
            Exception = new ExceptionItem
            {
                Kind = ExceptionItem.Types.Kind.RefundOverdue,
                AppId = stored.Refund.AppId,
                OrderId = stored.Refund.OrderId,
                AttemptNo = stored.Refund.AttemptNo,
                RefundId = stored.Refund.Id,
                Detail = "undecided for more than 1 hour: the channel confirms neither that the money went back nor that it did not",
            },
        });
        if (raised.Raised)
        {
            log.LogError("Refund {RefundId} is undecided for more than 1 hour", stored.Refund.Id);
        }
    }
}
