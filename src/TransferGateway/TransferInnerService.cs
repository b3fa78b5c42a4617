using Grpc.Core;
using PayCore.ChannelAccess;
using PayCore.Contracts.V1;
using PayCore.MerchantApi;
using DatabaseClient = PayCore.Contracts.V1.PayDatabase.PayDatabaseClient;
using Decision = PayCore.Contracts.V1.DecideTransferRequest.Types.Decision;

namespace PayCore.TransferGateway;

/// <summary>What people and OrderMonitor ask for.</summary>
internal sealed class TransferInnerService(TransferDesk desk, DatabaseClient database, CallTurn turn) : TransferGatewayInner.TransferGatewayInnerBase
{
    /// <inheritdoc/>
    public override async Task<TransferAnswer> ApproveTransfer(ApproveTransferRequest request, ServerCallContext context)
    {
        var decided = await DecideAsync(new DecideTransferRequest
        {
            TransferId = request.TransferId,
            Decision = Decision.Approve,
            By = request.Operator,
            CallLeaseTime = turn.LeaseEnd(),
        });

        // Only the call that moved it holds the turn; a repeat sends nothing.
        return decided.Result == MoveResult.Moved ? await desk.SendAsync(decided.Transfer) : TransferDesk.Reply(decided.Transfer);
    }

    /// <inheritdoc/>
    public override async Task<TransferAnswer> RejectTransfer(RejectTransferRequest request, ServerCallContext context)
    {
        var decided = await DecideAsync(new DecideTransferRequest
        {
            TransferId = request.TransferId,
            Decision = Decision.Reject,
            By = request.Operator,
            Reason = request.Reason,
        });
        return TransferDesk.Reply(decided.Transfer);
    }

    /// <inheritdoc/>
    public override Task<TransferAnswer> RepeatTransfer(RepeatTransferRequest request, ServerCallContext context) => desk.RepeatAsync(request.TransferId);

    private async Task<TransferMoveReply> DecideAsync(DecideTransferRequest request)
    {
        var decided = await database.DecideTransferAsync(request);
        return decided.Result == MoveResult.NotAllowed
            ? throw PayErrors.Refuse(StatusCode.FailedPrecondition, ErrorReason.TransferNotDecidable, $"Nothing was decided: {decided.Reason}.")
            : decided;
    }
}
