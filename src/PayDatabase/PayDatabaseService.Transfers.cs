using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using PayCore.Contracts.V1;
using PayCore.Payments;
using Decision = PayCore.Contracts.V1.DecideTransferRequest.Types.Decision;
using Result = PayCore.Contracts.V1.CreateTransferRowReply.Types.Result;
using TransferState = PayCore.Contracts.V1.Transfer.Types.State;

namespace PayCore.PayDatabase;

// Transfers: saving, deciding, calling in turn, and what the channel said.
public sealed partial class PayDatabaseService
{
    /// <inheritdoc/>
    public override async Task<CreateTransferRowReply> CreateTransfer(CreateTransferRowRequest request, ServerCallContext context)
    {
        ArgumentNullException.ThrowIfNull(request);
        if (request.Transfer.AmountMinor <= 0)
        {
            throw Refusals.InvalidArgument("amount_minor", "is at least 1");
        }

        try
        {
            var created = await WriteTransferAsync((_, moves) => InsertTransferAsync(moves, request));
            return new CreateTransferRowReply { Result = Result.Created, Transfer = created };
        }
        catch (DuplicateKeyException)
        {
            // The unique merchant number is the judge: whoever came first is the transfer.
            await using var connection = await database.OpenAsync(CancellationToken.None);
            var key = new MerchantTransferKey { AppId = request.Transfer.AppId, OutTransferNo = request.Transfer.OutTransferNo };
            var first = await connection.ReadAsync(new ReadTransferRequest { MerchantTransfer = key }) ?? throw Refusals.NotFound("transfer");
            var difference = FirstDifference(first, request);
            return new CreateTransferRowReply
            {
                Result = difference is null ? Result.Exists : Result.Different,
                DifferingField = difference ?? "",
                Transfer = first,
            };
        }
    }

    /// <inheritdoc/>
    public override async Task<StoredTransfer> ReadTransfer(ReadTransferRequest request, ServerCallContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        await using var connection = await database.OpenAsync(context.CancellationToken);
        return await connection.ReadAsync(request) ?? throw Refusals.NotFound("transfer");
    }

    /// <inheritdoc/>
    public override async Task<TransferMoveReply> DecideTransfer(DecideTransferRequest request, ServerCallContext context)
    {
        ArgumentNullException.ThrowIfNull(request);
        Demand("by", request.By, 1, 64);
        return await WriteTransferAsync(async (write, moves) =>
        {
            var stored = await write.LockTransferAsync(request.TransferId) ?? throw Refusals.NotFound("transfer");
            var before = AuditLog.Show(stored.Transfer);
            var (result, reason) = request.Decision switch
            {
                Decision.Approve => await ApproveAsync(moves, stored, request),
                Decision.Reject => await WithdrawAsync(moves, stored, request, "reject"),
                Decision.Cancel => await WithdrawAsync(moves, stored, request, "cancel"),
                _ => throw Refusals.InvalidArgument("decision", "is missing"),
            };
            if (result == MoveResult.Moved && request.Decision != Decision.Cancel)
            {
                await AuditLog.AppendAsync(write, moves.Now, new AuditEntry
                {
                    By = request.By,
                    Action = request.Decision == Decision.Approve ? "transfer.approve" : "transfer.reject",
                    Subject = request.TransferId,
                    Before = before,
                    After = AuditLog.Show(stored.Transfer),
                });
            }

            return Reply(result, reason, stored, moves);
        });
    }

    /// <inheritdoc/>
    public override async Task<ClaimTransferCallReply> ClaimTransferCall(ClaimTransferCallRequest request, ServerCallContext context)
    {
        ArgumentNullException.ThrowIfNull(request);
        return await WriteTransferAsync(async (write, moves) =>
        {
            var stored = await write.LockTransferAsync(request.TransferId) ?? throw Refusals.NotFound("transfer");
            var claimed = IsFree(stored.CallLeaseTime, moves) && await ClaimAsync(moves, stored, request);
            return new ClaimTransferCallReply { Claimed = claimed, Transfer = stored };
        });
    }

    /// <inheritdoc/>
    public override async Task<TransferMoveReply> RecordTransfer(RecordTransferRequest request, ServerCallContext context)
    {
        ArgumentNullException.ThrowIfNull(request);
        return await WriteTransferAsync(async (write, moves) =>
        {
            var stored = await write.LockTransferAsync(request.TransferId) ?? throw Refusals.NotFound("transfer");
            var steps = TransferWord.Steps(stored.Transfer.State, request.State);
            var reason = TransferWord.FirstDifference(stored.Transfer, request.Facts) ?? (steps is not null ? ""
                : $"the transfer is {EnumText<TransferState>.Of(stored.Transfer.State)} and the channel says {EnumText<ChannelTransferState>.Of(request.State)}");
            var result = MoveResult.NotAllowed;
            if (reason.Length > 0)
            {
                await moves.ContradictAsync(stored, request, reason);
            }
            else
            {
                result = await moves.HearAsync(stored, request, steps!) ? MoveResult.Moved : MoveResult.Already;
            }

            if (request.Callback is not null)
            {
                await moves.KeepCallbackAsync(request.Callback, Verdict(result), reason, stored.Transfer.Id, "");
            }

            return Reply(result, reason, stored, moves);
        });
    }

    private static async Task<StoredTransfer> InsertTransferAsync(TransferMoves moves, CreateTransferRowRequest request)
    {
        var transfer = request.Transfer.Clone();
        transfer.State = TransferState.Created;
        transfer.Version = 1;
        transfer.CreateTime = Times.ToTimestamp(moves.Now.Ms());
        transfer.Payee = PayeeText.Hidden(request.Payee);
        var stored = new StoredTransfer
        {
            Transfer = transfer,
            MerchantId = request.MerchantId,
            Channel = request.Channel,
            Account = request.Account,
            Payee = request.Payee,
            NotifyUrl = request.NotifyUrl,
            DeliverUrl = request.DeliverUrl,
            NeedsApproval = request.NeedsApproval,
            TraceParent = Sane(request.TraceParent),
        };
        await moves.InsertAsync(stored);
        if (request.NeedsApproval)
        {
            await moves.AskForApprovalAsync(stored);
        }
        else
        {
            await moves.MoveAsync(stored, TransferState.Approved, "rule", "");
            await SendIfAskedAsync(moves, stored, request.CallLeaseTime, "create");
        }

        return stored;
    }

    private static Task SendIfAskedAsync(TransferMoves moves, StoredTransfer stored, Timestamp? lease, string cause) =>
        lease is null ? Task.CompletedTask : moves.SendAsync(stored, lease, cause);

    private static async Task<(MoveResult Result, string Reason)> ApproveAsync(TransferMoves moves, StoredTransfer stored, DecideTransferRequest request)
    {
        if (request.By == stored.MerchantId || request.By == stored.Transfer.AppId)
        {
            return (MoveResult.NotAllowed, "who asks for a transfer does not approve it");
        }

        switch (stored.Transfer.State)
        {
            case TransferState.Created:
                stored.ApprovedBy = request.By;
                await moves.EndApprovalAsync(stored, request.By, "approved");
                await moves.MoveAsync(stored, TransferState.Approved, "approve", request.By);
                await SendIfAskedAsync(moves, stored, request.CallLeaseTime, "approve");
                return (MoveResult.Moved, "");
            case TransferState.Cancelled:
                return (MoveResult.NotAllowed, "the transfer is CANCELLED");
            default:
                return (MoveResult.Already, "");
        }
    }

    private static async Task<(MoveResult Result, string Reason)> WithdrawAsync(
        TransferMoves moves, StoredTransfer stored, DecideTransferRequest request, string cause)
    {
        var state = stored.Transfer.State;
        switch (state)
        {
            case TransferState.Created or TransferState.Approved:
                stored.Transfer.FailureCode = cause == "reject" ? "REJECTED" : "CANCELLED";
                stored.Transfer.FailureMessage = request.Reason.Length <= 255 ? request.Reason : request.Reason[..255];
                await moves.EndApprovalAsync(stored, request.By, cause == "reject" ? "rejected" : "cancelled");
                await moves.MoveAsync(stored, TransferState.Cancelled, cause, request.By);
                return (MoveResult.Moved, "");
            case TransferState.Cancelled:
                return (MoveResult.Already, "");
            case TransferState.Sent or TransferState.WaitPayee when cause == "cancel":
                return (await AskForCancelAsync(moves, stored), "");
            default:
                return (MoveResult.NotAllowed, $"the transfer is {EnumText<TransferState>.Of(state)}");
        }
    }

    private static async Task<MoveResult> AskForCancelAsync(TransferMoves moves, StoredTransfer stored)
    {
        if (stored.CancelRequested)
        {
            return MoveResult.Already;
        }

        stored.CancelRequested = true;
        stored.DueTime = Timestamp.FromDateTimeOffset(moves.Now);
        await moves.SaveAsync(stored);
        return MoveResult.Moved;
    }

    private static async Task<bool> ClaimAsync(TransferMoves moves, StoredTransfer stored, ClaimTransferCallRequest request)
    {
        switch (stored.Transfer.State)
        {
            case TransferState.Approved when request.ForTransfer:
                await moves.SendAsync(stored, request.LeaseTime, "call");
                return true;
            case TransferState.Sent or TransferState.WaitPayee when request.ForTransfer && moves.MaySendAgain(stored):
                moves.BeginCall(stored, request.LeaseTime);
                stored.DueTime = moves.NextLook(stored);
                await moves.SaveAsync(stored);
                return true;
            case TransferState.Sent or TransferState.WaitPayee when !request.ForTransfer:
                stored.CallLeaseTime = request.LeaseTime;
                await moves.SaveAsync(stored);
                return true;
            default:
                return false;
        }
    }

    /// <summary>The first field of a repeat that is not what the first request said, in the order of the contract's fields. The batch is no part of a transfer.</summary>
    private static string? FirstDifference(StoredTransfer first, CreateTransferRowRequest repeat)
    {
        (string Field, bool Equal)[] fields =
        [
            ("amount_minor", first.Transfer.AmountMinor == repeat.Transfer.AmountMinor),
            ("currency", first.Transfer.Currency == repeat.Transfer.Currency),
            ("method", first.Transfer.Method == repeat.Transfer.Method),
            ("payee", first.Payee.Equals(repeat.Payee)),
            ("title", first.Transfer.Title == repeat.Transfer.Title),
            ("remark", first.Transfer.Remark == repeat.Transfer.Remark),
            ("notify_url", first.NotifyUrl == repeat.NotifyUrl),
        ];
        return fields.FirstOrDefault(f => !f.Equal).Field;
    }

    private static TransferMoveReply Reply(MoveResult result, string reason, StoredTransfer stored, TransferMoves moves)
    {
        var reply = new TransferMoveReply { Result = result, Reason = reason, Transfer = stored };
        reply.DeliveryIds.AddRange(moves.DeliveryIds);
        return reply;
    }
}
