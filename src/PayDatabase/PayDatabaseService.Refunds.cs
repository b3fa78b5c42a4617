using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using PayCore.Contracts.V1;
using PayCore.Payments;
using AttemptState = PayCore.Contracts.V1.Attempt.Types.State;
using RefundState = PayCore.Contracts.V1.Refund.Types.State;
using Result = PayCore.Contracts.V1.CreateRefundRowReply.Types.Result;

namespace PayCore.PayDatabase;

// Refunds: reserving, calling in turn, and what the channel said.
public sealed partial class PayDatabaseService
{
    /// <inheritdoc/>
    public override async Task<CreateRefundRowReply> CreateRefund(CreateRefundRowRequest request, ServerCallContext context)
    {
        ArgumentNullException.ThrowIfNull(request);
        if (request.Refund.AmountMinor <= 0)
        {
            throw Refusals.InvalidArgument("amount_minor", "is at least 1");
        }

        Demand("by", request.By, 0, 64);
        try
        {
            return await WriteRefundAsync((write, moves) => ReserveAndInsertAsync(write, moves, request));
        }
        catch (DuplicateKeyException)
        {
            // The same number at this very moment, of another attempt: whoever came first is the refund.
            return await WriteRefundAsync(async (write, _) => await FirstRefundAsync(write, request) ?? throw Refusals.NotFound("refund"));
        }
    }

    /// <inheritdoc/>
    public override async Task<StoredRefund> ReadRefund(ReadRefundRequest request, ServerCallContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        await using var connection = await database.OpenAsync(context.CancellationToken);
        return await connection.ReadAsync(request) ?? throw Refusals.NotFound("refund");
    }

    /// <inheritdoc/>
    public override async Task<ClaimRefundCallReply> ClaimRefundCall(ClaimRefundCallRequest request, ServerCallContext context)
    {
        ArgumentNullException.ThrowIfNull(request);
        return await WriteRefundAsync(async (write, moves) =>
        {
            var stored = await write.LockRefundAsync(request.RefundId) ?? throw Refusals.NotFound("refund");
            var turn = request.ForRefund ? await TurnAsync(write, moves, stored, request.SpacingSeconds) : Turn.Now;
            var isOpen = stored.Refund.State is RefundState.Sent || stored.Refund.State == (request.ForRefund ? RefundState.Created : RefundState.Abnormal);
            if (!isOpen || !turn.IsNow || !IsFree(stored.CallLeaseTime, moves))
            {
                if (stored.Refund.State == RefundState.Created && turn.NotBefore is { } at)
                {
                    stored.DueTime = at;
                    await moves.SaveAsync(stored);
                }

                return new ClaimRefundCallReply { Refund = stored, NotBefore = turn.NotBefore };
            }

            stored.CallLeaseTime = request.LeaseTime;
            if (request.ForRefund)
            {
                moves.BeginCall(stored, request.LeaseTime);
            }

            await (stored.Refund.State == RefundState.Created ? moves.MoveAsync(stored, RefundState.Sent, "call", "") : moves.SaveAsync(stored));
            return new ClaimRefundCallReply { Claimed = true, Refund = stored };
        });
    }

    /// <inheritdoc/>
    public override async Task<RefundMoveReply> RecordRefund(RecordRefundRequest request, ServerCallContext context)
    {
        ArgumentNullException.ThrowIfNull(request);
        return await WriteRefundAsync(async (write, moves) =>
        {
            var stored = await write.LockRefundAsync(request.RefundId) ?? throw Refusals.NotFound("refund");
            var reply = new RefundMoveReply { Refund = stored };
            if (request.Decision is not null)
            {
                reply.Result = await DecideAsync(write, moves, stored, request);
                reply.Reason = reply.Result == MoveResult.NotAllowed ? $"the refund is {EnumText<RefundState>.Of(stored.Refund.State)}" : "";
                reply.DeliveryIds.AddRange(moves.DeliveryIds);
                return reply;
            }

            reply.Reason = RefundWord.Contradiction(stored.Refund, request.State, request.Facts) ?? "";
            if (reply.Reason.Length > 0)
            {
                await moves.ContradictAsync(stored, request, reply.Reason);
                reply.Result = MoveResult.NotAllowed;
            }
            else
            {
                reply.Result = await moves.HearAsync(stored, request) ? MoveResult.Moved : MoveResult.Already;
            }

            if (request.Callback is not null)
            {
                await moves.KeepCallbackAsync(request.Callback, Verdict(reply.Result), reply.Reason, stored.Refund.OrderId, stored.Refund.AttemptNo);
            }

            reply.DeliveryIds.AddRange(moves.DeliveryIds);
            return reply;
        });
    }

    /// <summary>The word of two people about a refund that the channel cannot pay.</summary>
    private static async Task<MoveResult> DecideAsync(WriteContext write, RefundMoves moves, StoredRefund stored, RecordRefundRequest request)
    {
        Demand("decision.asked_by", request.Decision.AskedBy, 1, 64);
        Demand("decision.decided_by", request.Decision.DecidedBy, 1, 64);
        Demand("decision.evidence", request.Decision.Evidence, 1, 512);
        if (request.Decision.AskedBy == request.Decision.DecidedBy)
        {
            throw new RpcException(new Status(StatusCode.PermissionDenied, "Two people decide about a refund."));
        }

        var to = RefundWord.Proves(request.State);
        if (to is not (RefundState.Succeeded or RefundState.Failed) || request.Cause != "person")
        {
            throw Refusals.InvalidArgument("state", "people decide for done or refused, with the cause person");
        }

        if (stored.Refund.State != RefundState.Abnormal)
        {
            return stored.Refund.State == to ? MoveResult.Already : MoveResult.NotAllowed;
        }

        var before = AuditLog.Show(stored.Refund);
        await moves.DecideAsync(stored, request, to.Value);
        await AuditLog.AppendAsync(write, moves.Now, new AuditEntry
        {
            By = request.Decision.DecidedBy,
            Action = "refund.decide",
            Subject = stored.Refund.Id,
            Before = before,
            After = $"{{\"refund\":{AuditLog.Show(stored.Refund)},\"decision\":{AuditLog.Show(request.Decision)}}}",
        });
        return MoveResult.Moved;
    }

    private static async Task<CreateRefundRowReply> ReserveAndInsertAsync(WriteContext write, RefundMoves moves, CreateRefundRowRequest request)
    {
        // The attempt's lock comes first: equal requests wait for one another here and then find the first one's refund.
        var attempt = await write.LockAttemptAsync(request.Refund.AttemptNo);
        if (attempt is null || attempt.OrderId != request.Refund.OrderId || attempt.AppId != request.Refund.AppId)
        {
            throw Refusals.NotFound("attempt");
        }

        if (await FirstRefundAsync(write, request) is { } first)
        {
            return first;
        }

        if (await WhyNotAsync(write, request, attempt) is { } why)
        {
            return NotAllowed(attempt, why);
        }

        // Read under the attempt's lock: of several at once each sees what the one before it reserved.
        if (request.HasTotalMinorMax && attempt.Refunded + attempt.RefundReserved + request.Refund.AmountMinor > request.TotalMinorMax)
        {
            return new CreateRefundRowReply { Result = Result.AboveTotal };
        }

        var stored = NewRefund(request, attempt, moves.Now);
        if (await ReserveAsync(write, stored.Refund) is { } refusal)
        {
            return NotAllowed(attempt, refusal);
        }

        stored.Refund.OutTradeNo = (await write.FirstAsync<string>("SELECT out_trade_no FROM pay_order WHERE id = @id", new { id = attempt.OrderId }))!;
        var turn = await TurnAsync(write, moves, stored, request.SpacingSeconds);
        stored.DueTime = turn.NotBefore ?? moves.NextLook(stored);
        await moves.InsertAsync(stored);
        if (turn.IsNow && request.CallLeaseTime is not null)
        {
            moves.BeginCall(stored, request.CallLeaseTime);
            await moves.MoveAsync(stored, RefundState.Sent, "create", "");
        }

        if (request.By.Length > 0)
        {
            await AuditLog.AppendAsync(write, moves.Now, new AuditEntry { By = request.By, Action = "refund.create", Subject = stored.Refund.Id, After = AuditLog.Show(stored.Refund) });
        }

        return new CreateRefundRowReply { Result = Result.Created, Refund = stored };
    }

    private static CreateRefundRowReply NotAllowed(AttemptRow attempt, string reason) =>
        new() { Result = Result.NotAllowed, LeftMinor = attempt.PaidAmount - attempt.Refunded - attempt.RefundReserved, Reason = reason };

    private static StoredRefund NewRefund(CreateRefundRowRequest request, AttemptRow attempt, DateTimeOffset now)
    {
        var refund = request.Refund.Clone();
        refund.State = RefundState.Created;
        refund.Version = 1;
        refund.CreateTime = Times.ToTimestamp(now.Ms());
        return new StoredRefund
        {
            Refund = refund,
            MerchantId = request.MerchantId,
            Channel = attempt.Channel,
            Account = attempt.Account,
            ChannelOrderId = attempt.ChannelOrderId,
            PaidAmountMinor = attempt.PaidAmount,
            NotifyUrl = request.NotifyUrl,
            DeliverUrl = request.DeliverUrl,
            TraceParent = Sane(request.TraceParent),
        };
    }

    private static async Task<string?> WhyNotAsync(WriteContext write, CreateRefundRowRequest request, AttemptRow attempt)
    {
        if (!AttemptTransitions.IsPaid(EnumText<AttemptState>.Parse(attempt.State)))
        {
            return $"the attempt is {attempt.State}";
        }

        if (request.Refund.Currency != attempt.Currency)
        {
            return $"the payment's currency is {attempt.Currency}";
        }

        if (request.RefundsPerPaymentMax > 0)
        {
            var made = await write.FirstAsync<long>(
                "SELECT COUNT(*) FROM refund WHERE attempt_no = @attemptNo AND state <> 'FAILED'", new { attemptNo = attempt.AttemptNo });
            if (made >= request.RefundsPerPaymentMax)
            {
                return $"the payment has {made} refunds and the channel allows {request.RefundsPerPaymentMax}";
            }
        }

        return null;
    }

    /// <summary>The reservation: one conditional update, whatever was read before.</summary>
    private static async Task<string?> ReserveAsync(WriteContext write, Refund refund)
    {
        var rows = await write.ExecuteAsync(
            """
            UPDATE pay_attempt SET refund_reserved = refund_reserved + @amount
             WHERE attempt_no = @attemptNo AND state IN ('WON', 'EXTRA_PAID') AND @amount > 0
               AND refunded + refund_reserved + @amount <= paid_amount
            """,
            new { attemptNo = refund.AttemptNo, amount = refund.AmountMinor });
        return rows == 1 ? null : "not enough of the payment is left";
    }

    /// <summary>What a repeat is answered with, or null when the number is new.</summary>
    private static async Task<CreateRefundRowReply?> FirstRefundAsync(WriteContext write, CreateRefundRowRequest request)
    {
        var row = await write.FirstAsync<RefundRow>(
            Archive.Both(at => $"SELECT {RefundRow.Columns} FROM refund{at} WHERE app_id = @appId AND out_refund_no = @outRefundNo"),
            new { appId = request.Refund.AppId, outRefundNo = request.Refund.OutRefundNo });
        if (row is null)
        {
            return null;
        }

        var difference = FirstDifference(row, request);
        return new CreateRefundRowReply
        {
            Result = difference is null ? Result.Exists : Result.Different,
            DifferingField = difference ?? "",
            Refund = row.ToStored(),
        };
    }

    /// <summary>The first field of a repeat that is not what the first request said, in the order of the contract's fields.</summary>
    private static string? FirstDifference(RefundRow first, CreateRefundRowRequest repeat)
    {
        (string Field, bool Equal)[] fields =
        [
            ("order_id", first.OrderId == repeat.Refund.OrderId),
            ("amount_minor", first.AmountMinor == repeat.Refund.AmountMinor),
            ("currency", first.Currency == repeat.Refund.Currency),
            ("reason", first.Reason == repeat.Refund.Reason),
            ("notify_url", first.NotifyUrl == repeat.NotifyUrl),
            ("attempt_no", first.AttemptNo == repeat.Refund.AttemptNo),
            ("by_policy", first.ByPolicy == (repeat.Refund.ByPolicy ? 1 : 0)),
        ];
        return fields.FirstOrDefault(f => !f.Equal).Field;
    }

    /// <summary>Whether the channel may be called for a refund now, or from when on. Not while another refund of the attempt has a call that nobody answered.</summary>
    private static async Task<Turn> TurnAsync(WriteContext write, RefundMoves moves, StoredRefund stored, int spacingSeconds)
    {
        var about = new { attemptNo = stored.Refund.AttemptNo, id = stored.Refund.Id };
        const string Others = "FROM refund WHERE attempt_no = @attemptNo AND id <> @id AND last_sent_at IS NOT NULL";
        if (await write.FirstAsync<string>($"SELECT id {Others} AND state = 'SENT' AND open_calls > 0 AND create_answer IS NULL LIMIT 1", about) is not null)
        {
            return Turn.Unknown;
        }

        var lastOfOthers = await write.FirstAsync<long?>($"SELECT MAX(last_sent_at) {Others}", about);
        var afterOthers = lastOfOthers is { } last ? last + (spacingSeconds * 1000L) : 0;
        var afterOwn = stored.OpenCalls == 0 && !RefundSchedule.WasToldNotNow(stored) ? 0 : stored.LastSentTime.Ms() + (long)RefundSchedule.RepeatAfter.TotalMilliseconds;
        var notBefore = Math.Max(afterOthers, afterOwn);
        return notBefore <= moves.Now.Ms() ? Turn.Now : new Turn(false, Times.ToTimestamp(notBefore));
    }

    private static bool IsFree(Timestamp? lease, Moves moves) => lease is null || lease.Ms() <= moves.Now.Ms();

    private static string Verdict(MoveResult result) => result switch
    {
        MoveResult.Moved => "APPLIED",
        MoveResult.Already => "DUPLICATE",
        _ => "CONFLICT",
    };

    private sealed record Turn(bool IsNow, Timestamp? NotBefore)
    {
        public static Turn Now { get; } = new(true, null);

        public static Turn Unknown { get; } = new(false, null);
    }
}
