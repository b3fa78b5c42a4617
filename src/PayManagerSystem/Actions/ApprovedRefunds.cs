using PayCore.Contracts.V1;

namespace PayCore.PayManagerSystem.Actions;

/// <summary>A refund above the limit that two people want. Its key was made by the one who asked, so it is given once.</summary>
internal sealed class ApprovedRefunds(RefundGatewayInner.RefundGatewayInnerClient refunds) : IApprovedWork
{
    /// <inheritdoc/>
    public Approval.Types.Kind Kind => Approval.Types.Kind.Refund;

    /// <inheritdoc/>
    public async Task<string> ExecuteAsync(Approval approval)
    {
        var wish = CreateRefundByPersonRequest.Parser.ParseJson(approval.Action);
        wish.By = approval.DecidedBy;
        var answer = await refunds.CreateRefundByPersonAsync(wish);
        return $"{answer.Refund.Id}: {answer.Refund.State}";
    }
}
