using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using PayCore.Contracts.V1;
using PayCore.Payments;
using PayCore.ServiceDefaults;
using TransferState = PayCore.Contracts.V1.Transfer.Types.State;

namespace PayCore.PayDatabase;

/// <summary>
/// The steps of transfers. Each asks the transition table, moves the row by compare-and-set on state and version, and writes the history row, and where
/// merchants are told the event and its delivery. The row is locked by the caller's read.
/// </summary>
internal sealed class TransferMoves(WriteContext write, IdFactory ids, DateTimeOffset now) : Moves(write, ids, now)
{
    /// <summary>Saves a new transfer, CREATED.</summary>
    public async Task InsertAsync(StoredTransfer stored)
    {
        await Write.WriteOneAsync($"INSERT INTO transfer ({TransferRow.Columns}) VALUES ({TransferRow.Values})", TransferRow.From(stored));
        await HistoryAsync(stored, "", "create", "");
        Count(stored);
    }

    /// <summary>Moves a transfer; what its row holds besides is taken from <paramref name="stored"/>.</summary>
    public Task MoveAsync(StoredTransfer stored, TransferState to, string cause, string evidenceId) => MoveAsync(stored, to, cause, evidenceId, taken: false);

    private async Task MoveAsync(StoredTransfer stored, TransferState to, string cause, string evidenceId, bool taken)
    {
        var transfer = stored.Transfer;
        var (from, version) = (transfer.State, transfer.Version);
        Demand(TransferTransitions.Table.Check(from, to), "transfer", transfer.Id, $"{from}", $"{to}");
        transfer.State = to;
        transfer.Version++;
        if (TransferTransitions.IsTold(to))
        {
            stored.CallLeaseTime = null;
            stored.EndTime = Timestamp.FromDateTimeOffset(Now);
            transfer.Action = null;
        }

        Count(stored);
        KeepAnswer(stored, taken);
        stored.DueTime = NextLook(stored);
        await SaveAsync(stored, from, version);
        await HistoryAsync(stored, EnumText<TransferState>.Of(from), cause, evidenceId);
        if (TransferTransitions.IsTold(to))
        {
            await AddEventAsync(
                new EventSubject(transfer.AppId, transfer.Id, transfer.Version, transfer.Id, stored.TraceParent), EventBody.TypeOf(to), transfer, stored.DeliverUrl);
        }
    }

    /// <summary>Saves what changed without a step.</summary>
    public Task SaveAsync(StoredTransfer stored) => SaveAsync(stored, stored.Transfer.State, stored.Transfer.Version);

    /// <summary>APPROVED → SENT: the first call counts as begun, from now on.</summary>
    public Task SendAsync(StoredTransfer stored, Timestamp lease, string cause)
    {
        BeginCall(stored, lease);
        return MoveAsync(stored, TransferState.Sent, cause, "");
    }

    /// <summary>Counts a call as begun, from now on; after the first, as sent again.</summary>
    public void BeginCall(StoredTransfer stored, Timestamp lease)
    {
        stored.CallLeaseTime = lease;
        stored.OpenCalls++;
        stored.NotFounds = 0;
        stored.Transfer.FailureCode = stored.Transfer.FailureMessage = "";
        stored.Resends += stored.FirstSentTime is null ? 0 : 1;
        stored.LastSentTime = Timestamp.FromDateTimeOffset(Now);
        stored.FirstSentTime ??= stored.LastSentTime;
    }

    /// <summary>
    /// Whether a transfer may be sent again, under the same number (docs/states.md). One whose calls were all answered, and that the channel did not take, was never on
    /// its way: it had nothing sent, was not executed, or had no balance. One that the channel has, and asks for once more, is paid once however often it is asked for.
    /// </summary>
    public bool MaySendAgain(StoredTransfer stored)
    {
        if (stored.CancelRequested || !stored.CreateAnswer.IsEmpty)
        {
            return false;
        }

        var last = stored.LastSentTime.ToDateTimeOffset();
        return stored.OpenCalls == 0 || TransferSchedule.AsksForRepeat(stored)
            ? Now - last >= TransferSchedule.ResendAfter
            : TransferSchedule.MayResend(stored.FirstSentTime.ToDateTimeOffset(), last, stored.NotFounds, stored.Resends, Now);
    }

    /// <summary>Takes in a word that contradicts nothing, and gives the right to call back.</summary>
    /// <param name="stored">The transfer.</param>
    /// <param name="request">The word.</param>
    /// <param name="steps">The steps that it proves.</param>
    /// <returns>Whether the transfer moved.</returns>
    public async Task<bool> HearAsync(StoredTransfer stored, RecordTransferRequest request, IReadOnlyList<TransferState> steps)
    {
        // A refusal of one call proves nothing while an earlier one may have arrived, or the channel took the number before.
        var decides = request.State != ChannelTransferState.TransferRefused || request.Cause != "answer"
            || (stored.OpenCalls <= 1 && stored.CreateAnswer.IsEmpty && !TransferSchedule.AsksForRepeat(stored));
        EndCall(stored, request);
        if (!decides || steps.Count == 0)
        {
            await WaitAsync(stored, request);
            return false;
        }

        var evidenceId = request.Callback?.CallbackId ?? "";
        foreach (var step in steps)
        {
            Learn(stored.Transfer, request, step);
            await MoveAsync(stored, step, request.Cause, evidenceId, taken: step == TransferState.WaitPayee && !request.Repeatable);
        }

        if (steps[^1] == TransferState.Returned)
        {
            await RaiseAsync(Item(stored, ExceptionItem.Types.Kind.TransferReturned, evidenceId, "the bank sent the transfer back"));
        }

        return true;
    }

    /// <summary>Shows a person a message that is not followed; only the right to call is given back.</summary>
    public async Task ContradictAsync(StoredTransfer stored, RecordTransferRequest request, string reason)
    {
        await RaiseAsync(Item(stored, ExceptionItem.Types.Kind.TransferConflict, request.Callback?.CallbackId ?? "", reason));
        if (request.Cause != "callback")
        {
            stored.CallLeaseTime = null;
            stored.DueTime = NextLook(stored);
            await SaveAsync(stored);
        }
    }

    /// <summary>Shows people that one of them is to decide.</summary>
    public Task AskForApprovalAsync(StoredTransfer stored) => RaiseAsync(ApprovalItem(stored));

    /// <summary>Somebody decided.</summary>
    public Task EndApprovalAsync(StoredTransfer stored, string by, string resolution) => SettleAsync([Same(ApprovalItem(stored))], by, resolution);

    /// <summary>When to look again.</summary>
    public Timestamp? NextLook(StoredTransfer stored) => TransferSchedule.Next(stored, Now) is { } next ? Timestamp.FromDateTimeOffset(next) : null;

    private void Count(StoredTransfer stored)
    {
        var (transfer, channel) = (stored.Transfer, stored.Channel);
        var (state, appId, currency, amountMinor) = (transfer.State, transfer.AppId, transfer.Currency, transfer.AmountMinor);
        Counts.Add(metrics => metrics.Transfer(EnumText<TransferState>.Of(state), channel, appId));
        if (state == TransferState.Succeeded)
        {
            Counts.Add(metrics => metrics.Transferred(channel, currency, amountMinor));
        }
    }

    /// <summary>
    /// The first definite answer to the create call is kept as it was, so that a repeat gets it again. While the transfer is not decided it also says that the channel took
    /// the number and wants no repeat; one that waits for its payee has none before what opens the wallet's page is known.
    /// </summary>
    private static void KeepAnswer(StoredTransfer stored, bool taken)
    {
        TransferAnswer.Types.Result? result = stored.Transfer.State switch
        {
            TransferState.Succeeded => TransferAnswer.Types.Result.Done,
            TransferState.Failed => TransferAnswer.Types.Result.Declined,
            TransferState.Cancelled => TransferAnswer.Types.Result.Cancelled,
            TransferState.WaitPayee when stored.Transfer.Action is not null => TransferAnswer.Types.Result.Accepted,
            _ => taken ? TransferAnswer.Types.Result.Accepted : null,
        };
        if (stored.CreateAnswer.IsEmpty && result is { } definite)
        {
            stored.CreateAnswer = new TransferAnswer { Result = definite, Transfer = stored.Transfer }.ToByteString();
        }
    }

    private static void EndCall(StoredTransfer stored, RecordTransferRequest request)
    {
        // A callback comes beside whatever call is under way.
        stored.CallLeaseTime = request.Cause == "callback" ? stored.CallLeaseTime : null;
        if (!request.EndsCall || stored.OpenCalls == 0)
        {
            return;
        }

        stored.OpenCalls--;
        if (request.Repeatable || request.State is ChannelTransferState.TransferUnknown or ChannelTransferState.TransferNoBalance)
        {
            // This call is no doubt: it is not one of those that may be lost, and what the channel said before it of the others holds.
            stored.Resends -= stored.Resends > 0 ? 1 : 0;
            stored.NotFounds = TransferSchedule.ResendAfterNotFounds;
        }
    }

    private void Learn(Transfer transfer, RecordTransferRequest request, TransferState to)
    {
        var wellDone = to is TransferState.Succeeded or TransferState.WaitPayee;
        transfer.ChannelTransferId = ChannelId(transfer, request);
        transfer.Action = to == TransferState.WaitPayee ? request.Action : null;
        transfer.FailureCode = wellDone ? "" : Clip(request.Code, 64);
        transfer.FailureMessage = wellDone ? "" : Clip(request.Message, 255);
        if (to == TransferState.Succeeded)
        {
            transfer.SuccessTime = Times.ToTimestamp(request.Facts?.SuccessTime?.Ms() ?? Now.Ms());
        }
    }

    /// <summary>Not decided: it waits for the next look, and perhaps its reason to wait is known now.</summary>
    private async Task WaitAsync(StoredTransfer stored, RecordTransferRequest request)
    {
        var transfer = stored.Transfer;
        if (!TransferTransitions.IsUndecided(transfer.State))
        {
            return;
        }

        switch (request.State)
        {
            case ChannelTransferState.TransferPending or ChannelTransferState.TransferWaitPayee:
                transfer.ChannelTransferId = ChannelId(transfer, request);
                transfer.Action = transfer.State == TransferState.WaitPayee ? request.Action ?? transfer.Action : null;
                transfer.FailureCode = transfer.FailureMessage = "";
                KeepAnswer(stored, taken: !request.Repeatable);
                break;
            case ChannelTransferState.TransferNotFound:
                stored.NotFounds++;
                break;
            case ChannelTransferState.TransferNoBalance:
            case ChannelTransferState.TransferUnknown when request.NotExecuted && transfer.State == TransferState.Sent:
                transfer.FailureCode = Clip(request.Code, 64);
                transfer.FailureMessage = Clip(request.Message, 255);
                break;
        }

        stored.DueTime = NextLook(stored);
        await SaveAsync(stored);
        if (request.State == ChannelTransferState.TransferNoBalance)
        {
            await RaiseAsync(Item(stored, ExceptionItem.Types.Kind.NoBalance, "", "the account's balance does not suffice for the transfer"));
        }
    }

    private static ExceptionItem ApprovalItem(StoredTransfer stored) => Item(
        stored, ExceptionItem.Types.Kind.TransferApproval, "",
        $"{Amounts.Format(stored.Transfer.AmountMinor, stored.Transfer.Currency)} to {stored.Transfer.Payee} waits for approval by somebody who did not ask for it");

    private static ExceptionItem Item(StoredTransfer stored, ExceptionItem.Types.Kind kind, string callbackId, string detail) => new()
    {
        Kind = kind,
        AppId = stored.Transfer.AppId,
        TransferId = stored.Transfer.Id,
        CallbackId = callbackId,
        Detail = detail,
    };

    private static string ChannelId(Transfer transfer, RecordTransferRequest request) =>
        request.Facts?.ChannelTransferId is { Length: > 0 } id ? Clip(id, 64) : transfer.ChannelTransferId;

    private Task SaveAsync(StoredTransfer stored, TransferState from, int version) => Write.WriteOneAsync(
        $"UPDATE transfer SET {TransferRow.Changes} WHERE id = @Id AND state = @from AND version = @fromVersion",
        TransferRow.From(stored), new { from = EnumText<TransferState>.Of(from), fromVersion = version });

    private Task HistoryAsync(StoredTransfer stored, string from, string cause, string evidenceId) => HistoryAsync(
        "transfer_history", "transfer_id", stored.Transfer.Id, stored.Transfer.Version, from, EnumText<TransferState>.Of(stored.Transfer.State), cause,
        evidenceId);
}
