using Dapper;
using Grpc.Core;
using PayCore.Contracts.V1;

namespace PayCore.PayDatabase;

// What needs two people.
public sealed partial class OperatorsService
{
    /// <inheritdoc/>
    public override async Task<Approval> RequestApproval(RequestApprovalRequest request, ServerCallContext context)
    {
        ArgumentNullException.ThrowIfNull(request);
        var asked = request.Approval ?? throw Refusals.InvalidArgument("approval", "is missing");
        Demand("approval.subject", asked.Subject, 1, 160);
        Demand("approval.summary", asked.Summary, 1, 512);
        Demand("approval.action", asked.Action, 1, ActionCharactersMax);
        Demand("approval.requested_by", asked.RequestedBy, 1, 64);
        Demand("approval.request_reason", asked.RequestReason, 1, 512);
        try
        {
            return await writes.WriteAsync(write => RequestApprovalAsync(write, asked));
        }
        catch (DuplicateKeyException)
        {
            // Asked for by two at this very moment: whoever came first is the approval.
            return await writes.WriteAsync(write => RequestApprovalAsync(write, asked));
        }
    }

    /// <inheritdoc/>
    public override async Task<Approval> ReadApproval(ReadApprovalRequest request, ServerCallContext context)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(context);
        await using var connection = await database.OpenAsync(context.CancellationToken);
        return (await connection.QueryFirstOrDefaultAsync<ApprovalRow>($"{ApprovalRow.Select} WHERE approval_id = @ApprovalId", new { request.ApprovalId }))?.ToMessage()
            ?? throw Refusals.NotFound("approval");
    }

    /// <inheritdoc/>
    public override async Task<ListApprovalsReply> ListApprovals(ListApprovalsRequest request, ServerCallContext context)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(context);
        await using var connection = await database.OpenAsync(context.CancellationToken);
        var upwards = request.AfterApprovalId.Length > 0;
        var which = (request.OpenOnly ? " AND state IN ('OPEN', 'APPROVED')" : "")
            + (upwards ? " AND approval_id > @AfterApprovalId" : request.BeforeApprovalId.Length > 0 ? " AND approval_id < @BeforeApprovalId" : "");
        var rows = await connection.QueryAsync<ApprovalRow>(
            $"{ApprovalRow.Select} WHERE 1 = 1{which} ORDER BY approval_id {(upwards ? "ASC" : "DESC")} LIMIT @limit",
            new { request.BeforeApprovalId, request.AfterApprovalId, limit = Limit(request.Limit) });
        return new ListApprovalsReply { Approvals = { rows.Select(r => r.ToMessage()) } };
    }

    /// <inheritdoc/>
    public override Task<Approval> DecideApproval(DecideApprovalRequest request, ServerCallContext context)
    {
        ArgumentNullException.ThrowIfNull(request);
        Demand("by", request.By, 1, 64);
        Demand("reason", request.Reason, 1, 512);
        return writes.WriteAsync(async write =>
        {
            var row = await LockApprovalAsync(write, request.ApprovalId);
            if (row.RequestedBy == request.By)
            {
                throw new RpcException(new Status(StatusCode.PermissionDenied, "Who asks for an approval does not decide it."));
            }

            if (row.State != "OPEN")
            {
                var wasApproved = row.State != "DECLINED";
                return row.DecidedBy == request.By && wasApproved == request.Approve
                    ? row.ToMessage()
                    : throw Refusals.FailedPrecondition($"The approval is {row.State}.");
            }

            await write.WriteOneAsync(
                """
                UPDATE approval SET state = @state, open_subject = @openSubject, decided_by = @By, decide_reason = @Reason, decided_at = @now
                 WHERE approval_id = @ApprovalId AND state = 'OPEN'
                """,
                // What is approved and not done yet may still be done: the same wish once more would do it twice.
                new { openSubject = request.Approve ? OpenSubject(row.Kind, row.Subject) : null, state = request.Approve ? "APPROVED" : "DECLINED", request.By, request.Reason, now = time.GetUtcNow().Ms(), request.ApprovalId });
            return await ApprovalChangedAsync(write, request.By, request.Approve ? "approval.approve" : "approval.decline", row.ApprovalId, row);
        });
    }

    /// <inheritdoc/>
    public override Task<Approval> ClaimApproval(ClaimApprovalRequest request, ServerCallContext context)
    {
        ArgumentNullException.ThrowIfNull(request);
        var lease = (request.LeaseTime ?? throw Refusals.InvalidArgument("lease_time", "is missing")).Ms();
        return writes.WriteAsync(async write =>
        {
            var row = await LockApprovalAsync(write, request.ApprovalId);
            if (row.State != "APPROVED" || row.LeaseUntil > time.GetUtcNow().Ms())
            {
                throw Refusals.FailedPrecondition(row.State == "APPROVED" ? "The approval is being executed." : $"The approval is {row.State}.");
            }

            await write.WriteOneAsync("UPDATE approval SET lease_until = @lease WHERE approval_id = @ApprovalId", new { lease, row.ApprovalId });
            return row.ToMessage();
        });
    }

    /// <inheritdoc/>
    public override Task<Approval> RecordExecution(RecordExecutionRequest request, ServerCallContext context)
    {
        ArgumentNullException.ThrowIfNull(request);
        Demand("by", request.By, 1, 64);
        return writes.WriteAsync(async write =>
        {
            var row = await LockApprovalAsync(write, request.ApprovalId);
            if (row.State != "APPROVED")
            {
                return row.ToMessage();
            }

            await write.WriteOneAsync(
                "UPDATE approval SET state = @state, open_subject = NULL, lease_until = NULL, outcome = @outcome WHERE approval_id = @ApprovalId AND state = 'APPROVED'",
                new { state = request.Succeeded ? "EXECUTED" : "FAILED", outcome = Moves.Clip(request.Outcome, 512), row.ApprovalId });
            return await ApprovalChangedAsync(write, request.By, "approval.execute", row.ApprovalId, row);
        });
    }

    private async Task<Approval> RequestApprovalAsync(WriteContext write, Approval asked)
    {
        var kind = EnumText<Approval.Types.Kind>.Of(asked.Kind);
        var openSubject = OpenSubject(kind, asked.Subject);
        var open = await write.FirstAsync<ApprovalRow>($"{ApprovalRow.Select} WHERE open_subject = @openSubject{write.ForUpdate}", new { openSubject });
        if (open is not null)
        {
            return open.ToMessage();
        }

        var id = ids.NewApprovalId();
        await write.WriteOneAsync(
            """
            INSERT INTO approval (approval_id, kind, state, subject, open_subject, summary, action, amount_minor, currency, requested_by, request_reason, requested_at,
                                  decided_by, decide_reason, decided_at, lease_until, outcome)
            VALUES (@id, @kind, 'OPEN', @Subject, @openSubject, @Summary, @Action, @AmountMinor, @Currency, @RequestedBy, @RequestReason, @now, '', '', NULL, NULL, '')
            """,
            new
            {
                id,
                kind,
                asked.Subject,
                openSubject,
                asked.Summary,
                asked.Action,
                asked.AmountMinor,
                asked.Currency,
                asked.RequestedBy,
                asked.RequestReason,
                now = time.GetUtcNow().Ms(),
            });
        return await ApprovalChangedAsync(write, asked.RequestedBy, "approval.request", id, null);
    }

    private static string OpenSubject(string kind, string subject) => $"{kind} {subject}";

    private static async Task<ApprovalRow> LockApprovalAsync(WriteContext write, string approvalId) =>
        await write.FirstAsync<ApprovalRow>($"{ApprovalRow.Select} WHERE approval_id = @approvalId{write.ForUpdate}", new { approvalId }) ?? throw Refusals.NotFound("approval");

    /// <summary>The approval as it is now, which the audit log has too.</summary>
    private async Task<Approval> ApprovalChangedAsync(WriteContext write, string by, string action, string approvalId, ApprovalRow? before)
    {
        var after = (await write.FirstAsync<ApprovalRow>($"{ApprovalRow.Select} WHERE approval_id = @approvalId", new { approvalId }))!.ToMessage();
        await AuditAsync(write, by, action, approvalId, before is null ? "" : AuditLog.Show(before.ToMessage()), AuditLog.Show(after));
        return after;
    }
}
