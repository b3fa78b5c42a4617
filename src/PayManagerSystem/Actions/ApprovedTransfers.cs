using PayCore.Contracts.V1;

namespace PayCore.PayManagerSystem.Actions;

/// <summary>A transfer above the limit that two people want: it is approved in the name of the second one, and sent.</summary>
internal sealed class ApprovedTransfers(TransferGatewayInner.TransferGatewayInnerClient transfers) : IApprovedWork
{
    /// <inheritdoc/>
    public Approval.Types.Kind Kind => Approval.Types.Kind.Transfer;

    /// <inheritdoc/>
    public async Task<string> ExecuteAsync(Approval approval)
    {
        var answer = await transfers.ApproveTransferAsync(new ApproveTransferRequest { TransferId = approval.Subject, Operator = approval.DecidedBy });
        return $"{answer.Transfer.State}";
    }
}
