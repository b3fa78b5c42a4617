using PayCore.Contracts.V1;

namespace PayCore.PayManagerSystem.Actions;

/// <summary>What two people say of a refund that the channel could not pay.</summary>
internal sealed class DecidedRefunds(RefundGatewayInner.RefundGatewayInnerClient refunds) : IApprovedWork
{
    /// <inheritdoc/>
    public Approval.Types.Kind Kind => Approval.Types.Kind.MoneyDecision;

    /// <inheritdoc/>
    public async Task<string> ExecuteAsync(Approval approval)
    {
        var wish = DecideRefundRequest.Parser.ParseJson(approval.Action);
        (wish.AskedBy, wish.DecidedBy) = (approval.RequestedBy, approval.DecidedBy);
        return $"{(await refunds.DecideRefundAsync(wish)).Refund.State}";
    }
}
