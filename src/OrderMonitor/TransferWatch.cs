using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Microsoft.Extensions.Logging;
using PayCore.Contracts.V1;
using PayCore.Payments;
using PayCore.ServiceDefaults.Telemetry;
using DatabaseClient = PayCore.Contracts.V1.PayDatabase.PayDatabaseClient;
using TransferState = PayCore.Contracts.V1.Transfer.Types.State;

namespace PayCore.OrderMonitor;

/// <summary>
/// Looks at one due transfer: asks QueryGateway what became of it, and has TransferGateway send it again, under the same number, when the rule of docs/states.md
/// allows that, or ask again for a withdrawal. One that was paid to a bank is looked at for days: it may come back. Two watchers of the same transfer are harmless.
/// </summary>
internal sealed class TransferWatch(
    DatabaseClient database, QueryGatewayInner.QueryGatewayInnerClient queries, TransferGatewayInner.TransferGatewayInnerClient transfers, TimeProvider time,
    ILogger<TransferWatch> log) : IWatch<StoredTransfer>
{
    /// <inheritdoc/>
    public async Task<IReadOnlyList<StoredTransfer>> TakeAsync(int limit, int leaseSeconds) =>
        (await database.ClaimDueTransfersAsync(new ClaimDueRequest { Limit = limit, LeaseSeconds = leaseSeconds })).Transfers;

    /// <inheritdoc/>
    public string IdOf(StoredTransfer taken) => taken.Transfer.Id;

    /// <inheritdoc/>
    public string ChannelOf(StoredTransfer taken) => taken.Channel;

    /// <inheritdoc/>
    public (TraceSubject Subject, string TraceParent) TraceOf(StoredTransfer taken) => (new TraceSubject(TransferId: taken.Transfer.Id), taken.TraceParent);

    /// <inheritdoc/>
    public async Task LookAsync(StoredTransfer taken)
    {
        try
        {
            await SettleAsync(taken);
        }
        catch (RpcException e) when (e.StatusCode != StatusCode.ResourceExhausted)
        {
            // Not an end: the transfer is due again by the ladder.
            log.LogWarning("Transfer {TransferId} could not be looked at: {Status}", taken.Transfer.Id, e.Status);
        }

        var now = await database.ReadTransferAsync(new ReadTransferRequest { TransferId = taken.Transfer.Id });
        await RaiseOverdueAsync(now);
        var next = TransferSchedule.Next(now, time.GetUtcNow());
        await database.ScheduleLookAsync(new ScheduleLookRequest
        {
            TransferId = taken.Transfer.Id,
            ClaimedDueTime = taken.DueTime,
            NextDueTime = next is { } at ? Timestamp.FromDateTimeOffset(at) : null,
        });
    }

    private async Task SettleAsync(StoredTransfer taken)
    {
        var id = taken.Transfer.Id;
        if (taken.Transfer.State is TransferState.Sent or TransferState.WaitPayee or TransferState.Succeeded)
        {
            var said = await queries.CheckTransferAsync(new CheckTransferRequest { TransferId = id });
            var goesOn = said.Transfer.State switch
            {
                TransferState.Sent => said.ChannelState is ChannelTransferState.TransferNotFound or ChannelTransferState.TransferNoBalance or ChannelTransferState.TransferPending,
                // Without an action the payee cannot confirm, and no query tells it.
                TransferState.WaitPayee => taken.CancelRequested || said.Transfer.Action is null,
                _ => false,
            };
            if (!goesOn)
            {
                return;
            }
        }

        // Whether it may be sent (again) is PayDatabase's to say, in the same step that takes the right to call.
        if (taken.Transfer.State is TransferState.Approved or TransferState.Sent or TransferState.WaitPayee)
        {
            await transfers.RepeatTransferAsync(new RepeatTransferRequest { TransferId = id });
        }
    }

    private async Task RaiseOverdueAsync(StoredTransfer stored)
    {
        // A payee may take a day to confirm; that is no doubt about what the channel did.
        var waited = time.GetUtcNow() - (stored.FirstSentTime?.ToDateTimeOffset() ?? time.GetUtcNow());
        var detail = stored.Transfer.State switch
        {
            TransferState.Sent when waited >= TransferSchedule.AlertAfter =>
                "undecided for more than 15 minutes: the channel confirms neither that it was paid nor that it was not",
            TransferState.WaitPayee when TransferSchedule.AsksForRepeat(stored) && waited >= TransferSchedule.AlertAfter =>
                "waits for its payee for more than 15 minutes, and the channel does not say what opens the wallet's page",
            TransferState.WaitPayee when waited >= TransferSchedule.PayeeAlertAfter => "waits for its payee for more than a day",
            _ => null,
        };
        if (detail is null)
        {
            return;
        }

        var raised = await database.RaiseExceptionAsync(new RaiseExceptionRequest
        {
            Exception = new ExceptionItem
            {
                Kind = ExceptionItem.Types.Kind.TransferOverdue,
                AppId = stored.Transfer.AppId,
                TransferId = stored.Transfer.Id,
                Detail = detail,
            },
        });
        if (raised.Raised)
        {
            log.LogError("Transfer {TransferId}: {Detail}", stored.Transfer.Id, detail);
        }
    }
}
