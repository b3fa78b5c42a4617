using PayCore.Contracts.V1;

namespace PayCore.PayManagerSystem.Actions;

/// <summary>How a refund that the channel cannot pay ended, as two people say.</summary>
internal sealed class ApprovedDecisions(RefundGatewayInner.RefundGatewayInnerClient refunds) : IApprovedWork
{
    /// <inheritdoc/>
    public Approval.Types.Kind Kind => Approval.Types.Kind.MoneyDecision;

    /// <inheritdoc/>
    public async Task<string> ExecuteAsync(Approval approval, Actor decidedBy)
    {
        var decision = DecideRefundRequest.Parser.ParseJson(approval.Action);
        (decision.AskedBy, decision.DecidedBy) = (approval.RequestedBy, decidedBy.Name);
        var answer = await refunds.DecideRefundAsync(decision);
        return $"{answer.Refund.Id}: {answer.Refund.State}";
    }
}
