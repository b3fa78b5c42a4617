using System.Text.Json;
using Google.Protobuf;
using Grpc.Core;
using PayCore.Configuration;
using PayCore.Contracts.V1;
using PayCore.MerchantApi;
using PayCore.PayManagerSystem.Permissions;
using PayCore.PayManagerSystem.Records;
using PayCore.Payments;
using AttemptState = PayCore.Contracts.V1.Attempt.Types.State;
using DatabaseClient = PayCore.Contracts.V1.PayDatabase.PayDatabaseClient;
using NotifyClient = PayCore.Contracts.V1.NotifyGateway.NotifyGatewayClient;

namespace PayCore.PayManagerSystem.Actions;

/// <summary>What came of a refund that an operator asked for.</summary>
/// <param name="Answer">The refund; null: it waits for a second person.</param>
/// <param name="Approval">What waits; null: nothing does.</param>
internal sealed record RefundOutcome(RefundAnswer? Answer, Approval? Approval);

/// <summary>What came of telling many once more.</summary>
/// <param name="Begun">How many new cycles.</param>
internal sealed record ResentRange(int Begun);

/// <summary>
/// What is done with payments, refunds, transfers, notifications and exceptions. Each is idempotent: by the number of what it is about, or by a key that was made when the
/// operator was asked to confirm. The services that do it write the audit log with the change; a question that changes nothing by itself is written here.
/// </summary>
internal sealed class RecordActions(
    ActionGate gate, DatabaseClient database, QueryGatewayInner.QueryGatewayInnerClient query, PayGatewayInner.PayGatewayInnerClient payments,
    RefundGatewayInner.RefundGatewayInnerClient refunds, TransferGatewayInner.TransferGatewayInnerClient transfers, NotifyClient notify, Operators.OperatorsClient operators, MerchantApps apps)
{
    /// <summary>Asks the channel about every attempt that is not decided, and records what it proves.</summary>
    public Task<ActionResult<PayOrder>> QueryPaymentAsync(string orderId, string reason) => gate.RunAsync(ConsoleActions.QueryPayment, async actor =>
    {
        var before = await database.ReadOrderAsync(new ReadOrderRequest { OrderId = orderId });
        var order = before.Order;
        foreach (var attempt in before.Attempts.Where(a => !AttemptTransitions.IsPaid(a.Attempt.State)).Select(a => a.Attempt))
        {
            order = (await query.CheckAttemptAsync(new CheckAttemptRequest { AttemptNo = attempt.AttemptNo })).Order;
        }

        await AuditAsync(actor, ConsoleActions.QueryPayment, orderId, before.Order, order, reason);
        return order;
    });

    /// <summary>Ends a payment, as far as the channel confirms it.</summary>
    public Task<ActionResult<PayOrder>> ClosePaymentAsync(string orderId, string reason) => gate.RunAsync(ConsoleActions.ClosePayment, async actor =>
        (await payments.ClosePayOrderByPersonAsync(new ClosePayOrderByPersonRequest { OrderId = orderId, By = actor.Name, Reason = reason.Trim() })).Order);

    /// <summary>
    /// Gives money back, or asks a second person when that is, with what went back of this payment before, more than the app's limit: small ones make no large one, also
    /// when many are asked for at the same moment.
    /// </summary>
    /// <param name="orderId">The payment.</param>
    /// <param name="attemptNo">Its attempt whose money goes back.</param>
    /// <param name="amountMinor">Minor units.</param>
    /// <param name="reason">Why; the user may see it.</param>
    /// <param name="key">Made when the operator was asked to confirm.</param>
    public Task<ActionResult<RefundOutcome>> RefundAsync(string orderId, string attemptNo, long amountMinor, string reason, string key) =>
        gate.RunAsync(ConsoleActions.CreateRefund, async actor =>
        {
            var stored = await database.ReadOrderAsync(new ReadOrderRequest { OrderId = orderId });
            var order = stored.Order;
            var paid = stored.Attempts.Select(a => a.Attempt).FirstOrDefault(a => a.AttemptNo == attemptNo) ?? throw new ActionRefusedException(new ActionProblem(ActionTexts.NotFound));
            var limit = (apps.Find(order.AppId)?.Limits ?? new LimitsDocument()).RefundApprovalAboveMinor;
            var wish = new CreateRefundByPersonRequest { AttemptNo = attemptNo, AmountMinor = amountMinor, Reason = reason.Trim(), Key = key, By = actor.Name };
            if (amountMinor + paid.RefundedAmountMinor + paid.RefundReservedAmountMinor <= limit && await RefundAloneAsync(wish, limit) is { } answer)
            {
                return new RefundOutcome(answer, null);
            }

            return new RefundOutcome(null, await AskAsync(new Approval
            {
                Kind = Approval.Types.Kind.Refund,
                Subject = attemptNo,
                Summary = $"{Amounts.Format(amountMinor, order.Currency)} of {Amounts.Format(order.AmountMinor, order.Currency)} back to the payer of {order.OutTradeNo} ({order.AppId})",
                Action = JsonFormatter.Default.Format(wish),
                AmountMinor = amountMinor,
                Currency = order.Currency,
                RequestedBy = actor.Name,
                RequestReason = reason.Trim(),
            }));
        });

    /// <summary>Asks a second person to say with this one how an abnormal refund ended.</summary>
    /// <param name="refundId">The refund.</param>
    /// <param name="succeeded">The user has the money; or never will by this refund.</param>
    /// <param name="evidence">What it is known from.</param>
    public Task<ActionResult<Approval>> AskRefundDecisionAsync(string refundId, bool succeeded, string evidence) => gate.RunAsync(ConsoleActions.DecideRefund, async actor =>
    {
        var refund = (await database.ReadRefundAsync(new ReadRefundRequest { RefundId = refundId })).Refund;
        return refund.State != Refund.Types.State.Abnormal
            ? throw new ActionRefusedException(new ActionProblem(ActionTexts.StateForbids))
            : await AskAsync(new Approval
            {
                Kind = Approval.Types.Kind.MoneyDecision,
                Subject = refundId,
                Summary = $"Refund of {Amounts.Format(refund.AmountMinor, refund.Currency)} for {refund.OutTradeNo} ({refund.AppId}): {(succeeded ? "the user has the money" : "the user will not get it this way; it is free again")}",
                Action = JsonFormatter.Default.Format(new DecideRefundRequest { RefundId = refundId, Succeeded = succeeded, AskedBy = actor.Name, Evidence = evidence.Trim() }),
                AmountMinor = refund.AmountMinor,
                Currency = refund.Currency,
                RequestedBy = actor.Name,
                RequestReason = evidence.Trim(),
            });
    });

    /// <summary>Asks the channel about a refund, and records what it proves.</summary>
    public Task<ActionResult<Refund>> QueryRefundAsync(string refundId, string reason) => gate.RunAsync(ConsoleActions.QueryRefund, async actor =>
    {
        var before = (await database.ReadRefundAsync(new ReadRefundRequest { RefundId = refundId })).Refund;
        var after = (await query.CheckRefundAsync(new CheckRefundRequest { RefundId = refundId })).Refund;
        await AuditAsync(actor, ConsoleActions.QueryRefund, refundId, before, after, reason);
        return after;
    });

    /// <summary>Asks the channel about a transfer, and records what it proves.</summary>
    public Task<ActionResult<Transfer>> QueryTransferAsync(string transferId, string reason) => gate.RunAsync(ConsoleActions.QueryTransfer, async actor =>
    {
        var before = (await database.ReadTransferAsync(new ReadTransferRequest { TransferId = transferId })).Transfer;
        var after = (await query.CheckTransferAsync(new CheckTransferRequest { TransferId = transferId })).Transfer;
        await AuditAsync(actor, ConsoleActions.QueryTransfer, transferId, before, after, reason);
        return after;
    });

    /// <summary>Asks a second person to approve a transfer above its app's limit.</summary>
    public Task<ActionResult<Approval>> AskTransferAsync(string transferId, string reason) => gate.RunAsync(ConsoleActions.AskTransfer, async actor =>
    {
        var transfer = (await database.ReadTransferAsync(new ReadTransferRequest { TransferId = transferId })).Transfer;
        return transfer.State != Transfer.Types.State.Created
            ? throw new ActionRefusedException(new ActionProblem(ActionTexts.StateForbids))
            : await AskAsync(new Approval
            {
                Kind = Approval.Types.Kind.Transfer,
                Subject = transferId,
                Summary = $"{Amounts.Format(transfer.AmountMinor, transfer.Currency)} to {transfer.Payee} for {transfer.OutTransferNo} ({transfer.AppId})",
                Action = JsonFormatter.Default.Format(new ApproveTransferRequest { TransferId = transferId }),
                AmountMinor = transfer.AmountMinor,
                Currency = transfer.Currency,
                RequestedBy = actor.Name,
                RequestReason = reason.Trim(),
            });
    });

    /// <summary>Refuses a transfer that a merchant asked for; it is cancelled.</summary>
    public Task<ActionResult<Transfer>> RejectTransferAsync(string transferId, string reason) => gate.RunAsync(ConsoleActions.RejectTransfer, async actor =>
        (await transfers.RejectTransferAsync(new RejectTransferRequest { TransferId = transferId, Operator = actor.Name, Reason = reason.Trim() })).Transfer);

    /// <summary>Tells a merchant once more.</summary>
    public Task<ActionResult<Delivery>> ResendAsync(string deliveryId, string reason) => gate.RunAsync(ConsoleActions.Resend, async actor =>
        (await notify.ResendAsync(new ResendRequest { DeliveryId = deliveryId, By = actor.Name, Reason = reason.Trim() })).Delivery);

    /// <summary>Tells merchants once more, one notification after the other: each is safe to repeat, and stands in the audit log by itself.</summary>
    /// <param name="deliveryIds">Which.</param>
    /// <param name="reason">Why.</param>
    /// <param name="progress">Is told how many are begun.</param>
    public Task<ActionResult<ResentRange>> ResendRangeAsync(IReadOnlyList<string> deliveryIds, string reason, Func<int, Task> progress) =>
        gate.RunAsync(ConsoleActions.ResendRange, async actor =>
        {
            var begun = 0;
            foreach (var id in deliveryIds)
            {
                await notify.ResendAsync(new ResendRequest { DeliveryId = id, By = actor.Name, Reason = reason.Trim() });
                await progress(++begun);
            }

            return new ResentRange(begun);
        });

    /// <summary>Sends an event that tells of nothing to an app's address, once.</summary>
    public Task<ActionResult<SendTestEventResponse>> SendTestEventAsync(string appId) => gate.RunAsync(ConsoleActions.TestEvent, async actor =>
    {
        var sent = await notify.SendTestEventAsync(new SendTestEventRequest { AppId = appId.Trim() });
        await database.AppendAuditAsync(new AppendAuditRequest
        {
            Entry = new AuditEntry { By = actor.Name, Action = ConsoleActions.TestEvent.Name, Subject = $"apps/{appId.Trim()}", After = JsonFormatter.Default.Format(sent.Made) },
        });
        return sent;
    });

    /// <summary>Settles an exception. The first resolution stands.</summary>
    public Task<ActionResult<ExceptionItem>> SettleAsync(string exceptionId, string resolution, string note) => gate.RunAsync(ConsoleActions.SettleException, async actor =>
    {
        var settled = await database.ResolveExceptionAsync(new ResolveExceptionRequest { ExceptionId = exceptionId, By = actor.Name, Resolution = resolution, Note = note.Trim() });
        return settled.ResolvedBy == actor.Name && settled.Resolution == resolution ? settled : throw new ActionRefusedException(new ActionProblem(ActionTexts.Changed, Detail: settled.ResolvedBy));
    });

    /// <summary>
    /// Gives money back on one person's word; null, and nothing is done, when the records found it above the limit: another one was given since the payment was read. The
    /// wish itself carries no limit, since two people may want it.
    /// </summary>
    private async Task<RefundAnswer?> RefundAloneAsync(CreateRefundByPersonRequest wish, long limit)
    {
        try
        {
            return await refunds.CreateRefundByPersonAsync(new CreateRefundByPersonRequest(wish) { TotalMinorMax = limit });
        }
        catch (RpcException e) when (MerchantErrors.Info(e.GetRpcStatus())?.Reason == ErrorReason.RefundNeedsApproval)
        {
            return null;
        }
    }

    /// <summary>One thing about a subject waits at a time: who asks for something else is told, and does not get the other's decision for their own.</summary>
    private async Task<Approval> AskAsync(Approval wish)
    {
        var open = await operators.RequestApprovalAsync(new RequestApprovalRequest { Approval = wish });
        return open.State == Approval.Types.State.Open && open.RequestedBy == wish.RequestedBy && open.Summary == wish.Summary
            ? open
            : throw new ActionRefusedException(new ActionProblem(ActionTexts.AskedAlready, Detail: $"{open.RequestedBy}: {open.Summary}"));
    }

    private async Task AuditAsync(Actor actor, ConsoleAction action, string subject, IMessage before, IMessage after, string reason) => await database.AppendAuditAsync(new AppendAuditRequest
    {
        Entry = new AuditEntry
        {
            By = actor.Name,
            Action = action.Name,
            Subject = subject,
            Before = JsonFormatter.Default.Format(before),
            After = $"{{\"because\":{JsonSerializer.Serialize(reason.Trim())},\"found\":{JsonFormatter.Default.Format(after)}}}",
        },
    });
}
