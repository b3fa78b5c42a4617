using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using PayCore.Contracts.V1;
using PayCore.Payments;
using PayCore.ServiceDefaults;
using RefundState = PayCore.Contracts.V1.Refund.Types.State;

namespace PayCore.PayDatabase;

/// <summary>
/// The steps of refunds. Each asks the transition table, moves the row by compare-and-set on state and version, settles the reservation on the attempt, and
/// writes the history row, and where merchants are told the event and its delivery. The attempt's row and then the refund's are locked by the caller's read.
/// </summary>
internal sealed class RefundMoves(WriteContext write, IdFactory ids, DateTimeOffset now) : Moves(write, ids, now)
{
    /// <summary>Saves a new refund, CREATED. The reservation was made by the caller in this transaction.</summary>
    public async Task InsertAsync(StoredRefund stored)
    {
        await Write.WriteOneAsync($"INSERT INTO refund ({RefundRow.Columns}) VALUES ({RefundRow.Values})", RefundRow.From(stored));
        await HistoryAsync(stored, "", "create", "");
        Count(stored);
    }

    /// <summary>Moves a refund; what its row holds besides is taken from <paramref name="stored"/>.</summary>
    public async Task MoveAsync(StoredRefund stored, RefundState to, string cause, string evidenceId)
    {
        var refund = stored.Refund;
        var (from, version) = (refund.State, refund.Version);
        Demand(RefundTransitions.Table.Check(from, to), "refund", refund.Id, $"{from}", $"{to}");
        refund.State = to;
        refund.Version++;
        if (!RefundTransitions.IsOpen(to))
        {
            stored.CallLeaseTime = null;
            stored.EndTime = Timestamp.FromDateTimeOffset(Now);
            await SettleAsync(refund);
        }

        Count(stored);

        stored.DueTime = NextLook(stored);
        KeepAnswer(stored);
        await SaveAsync(stored, from, version);
        await HistoryAsync(stored, EnumText<RefundState>.Of(from), cause, evidenceId);
        if (RefundTransitions.IsTold(to))
        {
            await AddEventAsync(new EventSubject(refund.AppId, refund.Id, refund.Version, refund.OrderId, stored.TraceParent), EventBody.TypeOf(to), refund, stored.DeliverUrl);
        }
    }

    /// <summary>Takes in a word that contradicts nothing, and gives the right to call back.</summary>
    /// <returns>Whether the refund moved.</returns>
    public async Task<bool> HearAsync(StoredRefund stored, RecordRefundRequest request)
    {
        if (!RefundTransitions.IsOpen(stored.Refund.State))
        {
            return false;
        }

        var keptOthersWaiting = KeepsOthersWaiting(stored);
        var moved = await FollowAsync(stored, request);
        if (keptOthersWaiting && !KeepsOthersWaiting(stored))
        {
            await WakeNextAsync(stored.Refund);
        }

        return moved;
    }

    private async Task<bool> FollowAsync(StoredRefund stored, RecordRefundRequest request)
    {
        // A refusal of one call proves nothing while an earlier one may have arrived, or the channel took the number before.
        var decides = request.State != ChannelRefundState.RefundRefused || request.Cause != "answer"
            || (stored.OpenCalls <= 1 && stored.CreateAnswer.IsEmpty);
        EndCall(stored, request);
        if (decides && RefundWord.Proves(request.State) is { } to && to != stored.Refund.State)
        {
            Learn(stored.Refund, request, to);
            var evidenceId = request.Callback?.CallbackId ?? "";
            await MoveAsync(stored, to, request.Cause, evidenceId);
            if (to == RefundState.Abnormal)
            {
                await RaiseAsync(AbnormalItem(stored, evidenceId));
            }

            return true;
        }

        await WaitAsync(stored, request);
        return false;
    }

    /// <summary>Shows a person a message that is not followed; only the right to call is given back.</summary>
    public async Task ContradictAsync(StoredRefund stored, RecordRefundRequest request, string reason)
    {
        await RaiseAsync(Item(stored, ExceptionItem.Types.Kind.RefundConflict, request.Callback?.CallbackId ?? "", reason));
        if (request.Cause != "callback")
        {
            stored.CallLeaseTime = null;
            stored.DueTime = NextLook(stored);
            await SaveAsync(stored);
        }
    }

    /// <summary>Ends an abnormal refund as two people say.</summary>
    public async Task DecideAsync(StoredRefund stored, RecordRefundRequest request, RefundState to)
    {
        Learn(stored.Refund, request, to);
        await SettleAsync([Same(AbnormalItem(stored, ""))], request.Decision.DecidedBy, to == RefundState.Succeeded ? "succeeded" : "failed");
        await MoveAsync(stored, to, request.Cause, request.Decision.DecidedBy);
    }

    private static ExceptionItem AbnormalItem(StoredRefund stored, string callbackId) =>
        Item(stored, ExceptionItem.Types.Kind.RefundAbnormal, callbackId, "the channel took the refund and cannot pay the user");

    /// <summary>An item about a refund.</summary>
    private static ExceptionItem Item(StoredRefund stored, ExceptionItem.Types.Kind kind, string callbackId, string detail) => new()
    {
        Kind = kind,
        AppId = stored.Refund.AppId,
        OrderId = stored.Refund.OrderId,
        AttemptNo = stored.Refund.AttemptNo,
        RefundId = stored.Refund.Id,
        CallbackId = callbackId,
        Detail = detail,
    };

    /// <summary>Saves what changed without a step.</summary>
    public Task SaveAsync(StoredRefund stored) => SaveAsync(stored, stored.Refund.State, stored.Refund.Version);

    /// <summary>Whether no other refund of the attempt may be sent: a call for this one is under way, or nobody answered it. TurnAsync asks the same of the rows.</summary>
    private static bool KeepsOthersWaiting(StoredRefund stored) => stored.Refund.State == RefundState.Sent && stored.OpenCalls > 0 && stored.CreateAnswer.IsEmpty;

    /// <summary>The first of those that wait for their turn is due now; it will wake the next.</summary>
    private async Task WakeNextAsync(Refund ended) => await Write.ExecuteAsync(
        """
        UPDATE refund SET due_at = @now
         WHERE id = (SELECT id FROM (SELECT MIN(id) AS id FROM refund WHERE attempt_no = @attemptNo AND state = 'CREATED') AS waiting) AND due_at > @now
        """,
        new { now = Now.Ms(), attemptNo = ended.AttemptNo });

    /// <summary>Counts a call as begun, from now on. Why the one before was not taken is the past.</summary>
    public void BeginCall(StoredRefund stored, Timestamp lease)
    {
        stored.CallLeaseTime = lease;
        stored.OpenCalls++;
        stored.Refund.FailureCode = stored.Refund.FailureMessage = "";
        stored.LastSentTime = Timestamp.FromDateTimeOffset(Now);
        stored.FirstSentTime ??= stored.LastSentTime;
    }

    /// <summary>When to look again.</summary>
    public Timestamp? NextLook(StoredRefund stored) => RefundSchedule.Next(stored, Now) is { } next ? Timestamp.FromDateTimeOffset(next) : null;

    private void Count(StoredRefund stored)
    {
        var (refund, channel) = (stored.Refund, stored.Channel);
        var (state, appId, currency, amountMinor) = (refund.State, refund.AppId, refund.Currency, refund.AmountMinor);
        Counts.Add(metrics => metrics.Refund(EnumText<RefundState>.Of(state), channel, appId));
        if (state == RefundState.Succeeded)
        {
            Counts.Add(metrics => metrics.Refunded(channel, currency, amountMinor));
        }
    }

    /// <summary>The first definite answer to the create call is kept as it was, so that a repeat gets it again. While the refund is open it also says that the channel took the number.</summary>
    private static void KeepAnswer(StoredRefund stored, bool taken = false)
    {
        RefundAnswer.Types.Result? result = stored.Refund.State switch
        {
            RefundState.Succeeded => RefundAnswer.Types.Result.Done,
            RefundState.Failed => RefundAnswer.Types.Result.Declined,
            RefundState.Abnormal => RefundAnswer.Types.Result.Accepted,
            _ => taken ? RefundAnswer.Types.Result.Accepted : null,
        };
        if (stored.CreateAnswer.IsEmpty && result is { } definite)
        {
            stored.CreateAnswer = new RefundAnswer { Result = definite, Refund = stored.Refund }.ToByteString();
        }
    }

    private static void EndCall(StoredRefund stored, RecordRefundRequest request)
    {
        // A callback comes beside whatever call is under way.
        stored.CallLeaseTime = request.Cause == "callback" ? stored.CallLeaseTime : null;
        stored.OpenCalls -= request.EndsCall && stored.OpenCalls > 0 ? 1 : 0;
    }

    private void Learn(Refund refund, RecordRefundRequest request, RefundState to)
    {
        var done = to == RefundState.Succeeded;
        refund.ChannelRefundId = ChannelId(refund, request);
        refund.SuccessTime = done ? Times.ToTimestamp(request.Facts?.SuccessTime?.Ms() ?? Now.Ms()) : null;
        refund.FailureCode = done ? "" : Clip(request.Code, 64);
        refund.FailureMessage = done ? "" : Clip(request.Message, 255);
    }

    /// <summary>Not decided: it waits for the next look, and perhaps its reason to wait is known now.</summary>
    private async Task WaitAsync(StoredRefund stored, RecordRefundRequest request)
    {
        var taken = request.State == ChannelRefundState.RefundPending;
        var noBalance = request.State == ChannelRefundState.RefundNoBalance;
        var notNow = noBalance || request.NotExecuted;
        if (stored.Refund.State == RefundState.Sent && (taken || notNow))
        {
            stored.Refund.ChannelRefundId = ChannelId(stored.Refund, request);
            // Never empty while it waits: the schedule reads it.
            stored.Refund.FailureCode = !notNow ? "" : request.Code.Length > 0 ? Clip(request.Code, 64) : "NOT_NOW";
            stored.Refund.FailureMessage = notNow ? Clip(request.Message, 255) : "";
            KeepAnswer(stored, taken);
        }

        stored.DueTime = NextLook(stored);
        await SaveAsync(stored);
        if (noBalance)
        {
            await RaiseAsync(Item(stored, ExceptionItem.Types.Kind.NoBalance, "", "the account's balance does not suffice for the refund"));
        }
    }

    private static string ChannelId(Refund refund, RecordRefundRequest request) =>
        request.Facts?.ChannelRefundId is { Length: > 0 } id ? Clip(id, 64) : refund.ChannelRefundId;

    private Task SaveAsync(StoredRefund stored, RefundState from, int version) => Write.WriteOneAsync(
        $"UPDATE refund SET {RefundRow.Changes} WHERE id = @Id AND state = @from AND version = @fromVersion",
        RefundRow.From(stored), new { from = EnumText<RefundState>.Of(from), fromVersion = version });

    private Task SettleAsync(Refund refund) => Write.WriteOneAsync(
        """
        UPDATE pay_attempt SET refund_reserved = refund_reserved - @amount, refunded = refunded + @done
         WHERE attempt_no = @attemptNo AND refund_reserved >= @amount
        """,
        new { attemptNo = refund.AttemptNo, amount = refund.AmountMinor, done = refund.State == RefundState.Succeeded ? refund.AmountMinor : 0 });

    private Task HistoryAsync(StoredRefund stored, string from, string cause, string evidenceId) => HistoryAsync(
        "refund_history", "refund_id", stored.Refund.Id, stored.Refund.Version, from, EnumText<RefundState>.Of(stored.Refund.State), cause, evidenceId);
}
