using Grpc.Core;
using PayCore.Configuration;
using PayCore.Contracts.V1;
using PayCore.MerchantApi;
using AttemptState = PayCore.Contracts.V1.Attempt.Types.State;
using DatabaseClient = PayCore.Contracts.V1.PayDatabase.PayDatabaseClient;

namespace PayCore.RefundGateway;

/// <summary>What OrderMonitor and people ask for.</summary>
internal sealed class RefundInnerService(RefundDesk desk, DatabaseClient database, MerchantApps apps) : RefundGatewayInner.RefundGatewayInnerBase
{
    /// <inheritdoc/>
    public override async Task<RepeatRefundResponse> RepeatRefund(RepeatRefundRequest request, ServerCallContext context)
    {
        await desk.RepeatAsync(request.RefundId);
        return new RepeatRefundResponse { Refund = (await database.ReadRefundAsync(new ReadRefundRequest { RefundId = request.RefundId })).Refund };
    }

    /// <inheritdoc/>
    public override async Task<RefundByPolicyResponse> RefundByPolicy(RefundByPolicyRequest request, ServerCallContext context)
    {
        var order = await database.ReadOrderAsync(new ReadOrderRequest { AttemptNo = request.AttemptNo });
        var attempt = order.Attempts.Single(a => a.Attempt.AttemptNo == request.AttemptNo);
        var left = attempt.Attempt.PaidAmountMinor - attempt.Attempt.RefundedAmountMinor - attempt.Attempt.RefundReservedAmountMinor;
        if (left <= 0 || PolicyFor(order, attempt) != MoneyPolicy.Refund)
        {
            return new RefundByPolicyResponse();
        }

        // Not a number that a merchant can use, and one for each payment: it happens once.
        var wish = new Refund { OutRefundNo = $"policy:{request.AttemptNo}", AmountMinor = left, ByPolicy = true, Reason = "" };
        return new RefundByPolicyResponse { Refund = (await desk.RefundAsync(order, attempt, wish, notifyUrl: "")).Refund };
    }

    /// <inheritdoc/>
    public override async Task<DecideRefundResponse> DecideRefund(DecideRefundRequest request, ServerCallContext context)
    {
        var recorded = await database.RecordRefundAsync(new RecordRefundRequest
        {
            RefundId = request.RefundId,
            State = request.Succeeded ? ChannelRefundState.RefundDone : ChannelRefundState.RefundRefused,
            Cause = "person",
            Code = "DECIDED",
            Message = "The channel could not pay the user; it was decided by hand.",
            Decision = new RefundDecision { AskedBy = request.AskedBy, DecidedBy = request.DecidedBy, Evidence = request.Evidence },
        });
        return recorded.Result == MoveResult.NotAllowed
            ? throw PayErrors.Refuse(StatusCode.FailedPrecondition, ErrorReason.RefundNotDecidable, $"Nothing was decided: {recorded.Reason}.")
            : new DecideRefundResponse { Refund = recorded.Refund.Refund };
    }

    /// <inheritdoc/>
    public override async Task<RefundAnswer> CreateRefundByPerson(CreateRefundByPersonRequest request, ServerCallContext context)
    {
        RefundRules.Check(request);
        var order = await database.ReadOrderAsync(new ReadOrderRequest { AttemptNo = request.AttemptNo });
        var attempt = order.Attempts.Single(a => a.Attempt.AttemptNo == request.AttemptNo);
        if (attempt.Attempt.State is not (AttemptState.Won or AttemptState.ExtraPaid))
        {
            throw RefundErrors.PaymentNotPaid();
        }

        // Not a number that a merchant can use, and one for each confirmation: a second press gives nothing back twice.
        var wish = new Refund { OutRefundNo = $"console:{request.Key}", AmountMinor = request.AmountMinor, Reason = request.Reason };
        return await desk.RefundAsync(order, attempt, wish, notifyUrl: "", request.By, request.HasTotalMinorMax ? request.TotalMinorMax : null);
    }

    /// <summary>What the app wants done with money that nobody waits for. An app that is gone decides nothing: a person does.</summary>
    private MoneyPolicy? PolicyFor(StoredOrder order, StoredAttempt attempt) => attempt.Attempt.State switch
    {
        AttemptState.ExtraPaid => apps.Find(order.Order.AppId)?.Surplus,
        AttemptState.Won when order.Order.Late => apps.Find(order.Order.AppId)?.LatePayment,
        _ => null,
    };
}
