using Grpc.Core;
using PayCore.Contracts.V1;

namespace PayCore.PayDatabase;

// What people changed.
public sealed partial class PayDatabaseService
{
    private const int AuditTextMax = 512 * 1024;

    /// <inheritdoc/>
    public override async Task<AuditEntry> AppendAudit(AppendAuditRequest request, ServerCallContext context)
    {
        ArgumentNullException.ThrowIfNull(request);
        var entry = request.Entry ?? throw Refusals.InvalidArgument("entry", "is missing");
        Demand("by", entry.By, 1, 128);
        Demand("action", entry.Action, 1, 64);
        Demand("subject", entry.Subject, 1, 160);
        Demand("before", entry.Before, 0, AuditTextMax);
        Demand("after", entry.After, 0, AuditTextMax);
        return await WriteAsync((write, moves) => AuditLog.AppendAsync(write, moves.Now, entry.Clone()));
    }

    /// <inheritdoc/>
    public override async Task<ListAuditReply> ListAudit(ListAuditRequest request, ServerCallContext context)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(context);
        var entries = await database.ReadListAsync(
            connection => AuditLog.ReadAsync(connection, request, Limit(request.Limit)), context.CancellationToken);
        return new ListAuditReply { Entries = { entries } };
    }

    /// <inheritdoc/>
    public override async Task<VerifyAuditReply> VerifyAudit(VerifyAuditRequest request, ServerCallContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        await using var connection = await database.OpenAsync(context.CancellationToken);
        return await AuditLog.VerifyAsync(connection);
    }
}
