using Google.Protobuf;
using Grpc.Core;
using PayCore.Contracts.V1;
using PayCore.Payments;
using AttemptState = PayCore.Contracts.V1.Attempt.Types.State;
using OrderState = PayCore.Contracts.V1.PayOrder.Types.State;

namespace PayCore.PayDatabase;

// What the channel answered, what it proved, and how an order ends.
public sealed partial class PayDatabaseService
{
    /// <inheritdoc/>
    public override async Task<ClaimCallReply> ClaimCall(ClaimCallRequest request, ServerCallContext context)
    {
        ArgumentNullException.ThrowIfNull(request);
        return await WriteAsync(request.AttemptNo, async (write, moves) =>
        {
            var stored = await write.LockByAttemptAsync(request.AttemptNo) ?? throw Refusals.NotFound("attempt");
            var rows = await write.ExecuteAsync(
                """
                UPDATE pay_attempt SET call_lease_at = @lease, open_calls = open_calls + @begun
                 WHERE attempt_no = @attemptNo AND (state = 'SENT' OR (state = 'OPEN' AND @begun = 0))
                   AND (call_lease_at IS NULL OR call_lease_at <= @now)
                """,
                new { attemptNo = request.AttemptNo, lease = request.LeaseTime.Ms(), begun = request.ForPay ? 1 : 0, now = moves.Now.Ms() });
            if (rows == 1)
            {
                var attempt = Find(stored, request.AttemptNo);
                attempt.CallLeaseTime = request.LeaseTime;
                attempt.OpenCalls += request.ForPay ? 1 : 0;
            }

            return new ClaimCallReply { Claimed = rows == 1, Order = stored };
        });
    }

    /// <inheritdoc/>
    public override async Task<ReleaseCallReply> ReleaseCall(ReleaseCallRequest request, ServerCallContext context)
    {
        ArgumentNullException.ThrowIfNull(request);
        return await WriteAsync(async (write, _) =>
        {
            await write.ExecuteAsync(
                "UPDATE pay_attempt SET call_lease_at = NULL WHERE attempt_no = @attemptNo AND call_lease_at = @lease",
                new { attemptNo = request.AttemptNo, lease = request.LeaseTime.Ms() });
            return new ReleaseCallReply();
        });
    }

    /// <inheritdoc/>
    public override async Task<MoveReply> RecordAnswer(RecordAnswerRequest request, ServerCallContext context)
    {
        ArgumentNullException.ThrowIfNull(request);
        return await WriteAsync(request.AttemptNo, async (write, moves) =>
        {
            var stored = await write.LockByAttemptAsync(request.AttemptNo) ?? throw Refusals.NotFound("attempt");
            var attempt = Find(stored, request.AttemptNo);
            if (attempt.Attempt.State != AttemptState.Sent)
            {
                // A callback, a close or an equal call was first. The first definite answer stands.
                return request.AnswerCase == RecordAnswerRequest.AnswerOneofCase.Action && attempt.Attempt.State == AttemptState.Open
                    ? Already(stored, moves)
                    : NotAllowed(stored, $"the attempt is {EnumText<AttemptState>.Of(attempt.Attempt.State)}");
            }

            switch (request.AnswerCase)
            {
                case RecordAnswerRequest.AnswerOneofCase.Action:
                    attempt.Attempt.Action = request.Action;
                    await moves.MoveAttemptAsync(attempt, AttemptState.Open, "answer", "");
                    moves.KeepCreateAnswer(stored, attempt, PayAnswer.Types.Result.Action);
                    break;

                case RecordAnswerRequest.AnswerOneofCase.Refusal when attempt.OpenCalls > 1:
                    // An earlier call under this number may have arrived: only a query decides.
                    await RecordUnknownAsync(write, attempt, answered: true);
                    break;

                case RecordAnswerRequest.AnswerOneofCase.Refusal:
                    attempt.Attempt.RefusalCode = request.Refusal.Code;
                    attempt.Attempt.RefusalMessage = request.Refusal.Message;
                    await moves.MoveAttemptAsync(attempt, AttemptState.Refused, "answer", "");
                    await EndRefusedOrderAsync(moves, stored, attempt);
                    moves.KeepCreateAnswer(stored, attempt, PayAnswer.Types.Result.Declined);
                    break;

                case RecordAnswerRequest.AnswerOneofCase.Unknown:
                    await RecordUnknownAsync(write, attempt, answered: request.Unknown.NothingSent);
                    break;

                default:
                    throw Refusals.InvalidArgument("answer", "is missing");
            }

            moves.ScheduleByLadder(stored);
            return Moved(stored, moves);
        });
    }

    /// <inheritdoc/>
    public override async Task<MoveReply> RecordPaid(RecordPaidRequest request, ServerCallContext context)
    {
        ArgumentNullException.ThrowIfNull(request);
        return await WriteAsync(request.AttemptNo, async (write, moves) =>
        {
            var stored = await write.LockByAttemptAsync(request.AttemptNo) ?? throw Refusals.NotFound("attempt");
            var attempt = Find(stored, request.AttemptNo);
            var facts = request.Facts;
            if (facts.AmountMinor != attempt.Attempt.AmountMinor || (facts.HasCurrency && facts.Currency != attempt.Attempt.Currency))
            {
                throw Refusals.FailedPrecondition("The facts' amount or currency is not the attempt's.");
            }

            var evidenceId = request.Callback?.CallbackId ?? "";
            if (attempt.ReverseTime is not null && !request.ReverseRefused && !AttemptTransitions.IsPaid(attempt.Attempt.State))
            {
                // We take it back, or have done so: what the channel took goes back, and this word of it comes too late to be a payment.
                if (!AttemptTransitions.IsOpen(attempt.Attempt.State) && !facts.Refunded)
                {
                    await moves.RaiseAsync(Item(ExceptionItem.Types.Kind.LatePayment, stored, attempt, evidenceId, "the channel shows a payment that was reversed"));
                }

                await KeepAsync("DUPLICATE");
                return Already(stored, moves);
            }

            var ours = attempt.Attempt.RefundedAmountMinor + attempt.Attempt.RefundReservedAmountMinor;
            if (request.ForeignRefund.Length > 0 || (facts.Refunded && ours == 0))
            {
                var which = request.ForeignRefund.Length > 0 ? $" ({request.ForeignRefund})" : "";
                await moves.RaiseAsync(
                    Item(ExceptionItem.Types.Kind.ForeignRefund, stored, attempt, evidenceId, $"the channel shows a refund that was not made here{which}"));
            }

            if (AttemptTransitions.IsPaid(attempt.Attempt.State))
            {
                await KeepAsync("DUPLICATE");
                return Already(stored, moves);
            }

            attempt.Attempt.PaidAmountMinor = facts.AmountMinor;
            attempt.Attempt.PaidTime = facts.PaidTime ?? Times.ToTimestamp(moves.Now.Ms());
            attempt.Attempt.ChannelOrderId = facts.ChannelOrderId;
            if (stored.Order.State == OrderState.Paid)
            {
                await moves.MoveAttemptAsync(attempt, AttemptState.ExtraPaid, request.Cause, evidenceId);
                await moves.RaiseAsync(Item(ExceptionItem.Types.Kind.SurplusPayment, stored, attempt, evidenceId, "a second payment of a paid order"));
            }
            else
            {
                stored.Order.Late = stored.Order.State is OrderState.Closed or OrderState.Failed;
                stored.Order.PaidTime = attempt.Attempt.PaidTime;
                stored.Order.FailureCode = stored.Order.FailureMessage = "";
                stored.ShowWinner(attempt.Attempt);
                await moves.MoveAttemptAsync(attempt, AttemptState.Won, request.Cause, evidenceId);
                await moves.MoveOrderAsync(stored, OrderState.Paid, request.Cause, evidenceId);
                if (stored.Order.Late)
                {
                    await moves.RaiseAsync(Item(ExceptionItem.Types.Kind.LatePayment, stored, attempt, evidenceId, "paid after the order had ended"));
                }
            }

            // Losing attempts are due for close at once, and late or surplus money for what the app's policy says of it.
            var losers = stored.Attempts.Any(a => AttemptTransitions.IsOpen(a.Attempt.State));
            var unexpected = stored.Order.Late || attempt.Attempt.State == AttemptState.ExtraPaid;
            moves.Schedule(stored, losers || unexpected ? moves.Now : null);
            await KeepAsync("APPLIED");
            return Moved(stored, moves);

            Task KeepAsync(string state) => request.Callback is null
                ? Task.CompletedTask
                : moves.KeepCallbackAsync(request.Callback, state, "", stored.Order.Id, attempt.Attempt.AttemptNo);
        });
    }

    /// <inheritdoc/>
    public override async Task<MoveReply> RequestReverse(RequestReverseRequest request, ServerCallContext context)
    {
        ArgumentNullException.ThrowIfNull(request);
        return await WriteAsync(request.AttemptNo, async (write, moves) =>
        {
            var stored = await write.LockByAttemptAsync(request.AttemptNo) ?? throw Refusals.NotFound("attempt");
            var attempt = Find(stored, request.AttemptNo);
            if (!AttemptTransitions.IsOpen(attempt.Attempt.State))
            {
                return NotAllowed(stored, $"the attempt is {EnumText<AttemptState>.Of(attempt.Attempt.State)}");
            }

            if (attempt.ReverseTime is not null)
            {
                return Already(stored, moves);
            }

            await write.WriteOneAsync(
                "UPDATE pay_attempt SET reverse_at = @now WHERE attempt_no = @attemptNo AND version = @version AND reverse_at IS NULL",
                new { attemptNo = request.AttemptNo, version = attempt.Version, now = moves.Now.Ms() });
            attempt.ReverseTime = Times.ToTimestamp(moves.Now.Ms());
            return Moved(stored, moves);
        });
    }

    /// <inheritdoc/>
    public override async Task<MoveReply> RecordAttemptClosed(RecordAttemptClosedRequest request, ServerCallContext context)
    {
        ArgumentNullException.ThrowIfNull(request);
        return await WriteAsync(request.AttemptNo, async (write, moves) =>
        {
            var stored = await write.LockByAttemptAsync(request.AttemptNo) ?? throw Refusals.NotFound("attempt");
            var attempt = Find(stored, request.AttemptNo);
            switch (AttemptTransitions.Table.Check(attempt.Attempt.State, AttemptState.Closed))
            {
                case Step.Allowed:
                    await moves.MoveAttemptAsync(attempt, AttemptState.Closed, request.Cause, "");
                    await moves.CloseOrderIfDoneAsync(stored, request.Cause);
                    moves.ScheduleByLadder(stored);
                    return Moved(stored, moves);
                case Step.AlreadyThere:
                    return Already(stored, moves);
                default:
                    return NotAllowed(stored, $"the attempt is {EnumText<AttemptState>.Of(attempt.Attempt.State)}");
            }
        });
    }

    /// <inheritdoc/>
    public override async Task<MoveReply> RequestClose(RequestCloseRequest request, ServerCallContext context)
    {
        ArgumentNullException.ThrowIfNull(request);
        if (request.Cause == "person")
        {
            Demand("by", request.By, 1, 64);
            Demand("reason", request.Reason, 0, 512);
        }

        return await WriteAsync(async (write, moves) =>
        {
            var stored = await write.LockAsync(request.OrderId) ?? throw Refusals.NotFound("order");
            switch (stored.Order.State)
            {
                case OrderState.Paid:
                    return NotAllowed(stored, "the order is PAID");
                case OrderState.Closed or OrderState.Failed:
                    return Already(stored, moves);
            }

            var isNew = !stored.Order.CloseRequested;
            var before = isNew && request.By.Length > 0 ? AuditLog.Show(stored.Order) : "";
            if (!stored.Order.CloseRequested)
            {
                stored.Order.CloseRequested = true;
                await write.ExecuteAsync(
                    "UPDATE pay_order SET close_requested = 1, close_cause = @cause WHERE id = @id AND close_requested = 0",
                    new { id = stored.Order.Id, cause = request.Cause });
            }

            if (stored.Order.State == OrderState.Created)
            {
                await moves.MoveOrderAsync(stored, OrderState.Closed, request.Cause, "");
            }
            else
            {
                await moves.CloseOrderIfDoneAsync(stored, request.Cause);
            }

            if (before.Length > 0)
            {
                await AuditLog.AppendAsync(write, moves.Now, new AuditEntry
                {
                    By = request.By, Action = "payment.close", Subject = stored.Order.Id, Before = before, After = AuditLog.Show(stored.Order, request.Reason),
                });
            }

            // Still open: OrderMonitor carries on at once if the caller does not.
            var due = OrderTransitions.IsOpen(stored.Order.State) ? moves.Now + CheckSchedule.Soonest : CheckSchedule.Next(stored, moves.Now);
            moves.Schedule(stored, due);
            return Moved(stored, moves);
        });
    }

    private static Task RecordUnknownAsync(WriteContext write, StoredAttempt attempt, bool answered)
    {
        attempt.CallLeaseTime = null;
        attempt.OpenCalls -= answered ? 1 : 0;
        return write.WriteOneAsync(
            "UPDATE pay_attempt SET open_calls = @calls, call_lease_at = NULL WHERE attempt_no = @attemptNo AND version = @version",
            new { attemptNo = attempt.Attempt.AttemptNo, calls = attempt.OpenCalls, version = attempt.Version });
    }

    private static async Task EndRefusedOrderAsync(OrderMoves moves, StoredOrder stored, StoredAttempt attempt)
    {
        if (await moves.CloseOrderIfDoneAsync(stored, "close"))
        {
            return;
        }

        if (stored.Order.State == OrderState.Paying && stored.Attempts.Count == 1 && stored.Order.Scene != Scene.Cashier)
        {
            stored.Order.FailureCode = attempt.Attempt.RefusalCode;
            stored.Order.FailureMessage = attempt.Attempt.RefusalMessage;
            await moves.MoveOrderAsync(stored, OrderState.Failed, "answer", "");
        }
    }

    private static StoredAttempt Find(StoredOrder stored, string attemptNo) => stored.Attempts.Single(a => a.Attempt.AttemptNo == attemptNo);

    private static ExceptionItem Item(ExceptionItem.Types.Kind kind, StoredOrder stored, StoredAttempt attempt, string callbackId, string detail) => new()
    {
        Kind = kind,
        AppId = stored.Order.AppId,
        OrderId = stored.Order.Id,
        AttemptNo = attempt.Attempt.AttemptNo,
        CallbackId = callbackId,
        Detail = detail,
    };
}
