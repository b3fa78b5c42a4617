using Dapper;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using PayCore.Contracts.V1;

namespace PayCore.PayDatabase;

// Orders, refunds and transfers that OrderMonitor is to look at.
public sealed partial class PayDatabaseService
{
    private const int ClaimMax = 500;

    private sealed record DueRow
    {
        public string Id { get; init; } = "";
        public long DueAt { get; init; }
    }

    /// <inheritdoc/>
    public override async Task<ClaimDueOrdersReply> ClaimDueOrders(ClaimDueOrdersRequest request, ServerCallContext context)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(context);
        var due = await DueAsync("pay_order", request.Limit, context.CancellationToken);
        var reply = new ClaimDueOrdersReply();
        return due.Count == 0 ? reply : await WriteAsync(async (write, moves) =>
        {
            reply.Orders.Clear();
            foreach (var id in await TakeAsync(write, "pay_order", due, moves.Now.AddSeconds(request.LeaseSeconds)))
            {
                reply.Orders.Add(await write.LockAsync(id));
            }

            return reply;
        });
    }

    /// <inheritdoc/>
    public override async Task<ClaimDueRefundsReply> ClaimDueRefunds(ClaimDueRequest request, ServerCallContext context)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(context);
        var due = await DueAsync("refund", request.Limit, context.CancellationToken);
        var reply = new ClaimDueRefundsReply();
        return due.Count == 0 ? reply : await WriteRefundAsync(async (write, moves) =>
        {
            reply.Refunds.Clear();
            foreach (var id in await TakeAsync(write, "refund", due, moves.Now.AddSeconds(request.LeaseSeconds)))
            {
                var row = await write.FirstAsync<RefundRow>($"SELECT {RefundRow.Columns} FROM refund WHERE id = @id", new { id });
                reply.Refunds.Add(row!.ToStored());
            }

            return reply;
        });
    }

    /// <inheritdoc/>
    public override async Task<ClaimDueTransfersReply> ClaimDueTransfers(ClaimDueRequest request, ServerCallContext context)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(context);
        var due = await DueAsync("transfer", request.Limit, context.CancellationToken);
        var reply = new ClaimDueTransfersReply();
        return due.Count == 0 ? reply : await WriteTransferAsync(async (write, moves) =>
        {
            reply.Transfers.Clear();
            foreach (var id in await TakeAsync(write, "transfer", due, moves.Now.AddSeconds(request.LeaseSeconds)))
            {
                reply.Transfers.Add(await write.LockTransferAsync(id));
            }

            return reply;
        });
    }

    /// <inheritdoc/>
    public override async Task<ScheduleOrderReply> ScheduleOrder(ScheduleOrderRequest request, ServerCallContext context)
    {
        ArgumentNullException.ThrowIfNull(request);
        return await ScheduleAsync("pay_order", request.OrderId, request.ClaimedDueTime, request.NextDueTime);
    }

    /// <inheritdoc/>
    public override async Task<ScheduleOrderReply> ScheduleLook(ScheduleLookRequest request, ServerCallContext context)
    {
        ArgumentNullException.ThrowIfNull(request);
        return request.RefundId.Length > 0
            ? await ScheduleAsync("refund", request.RefundId, request.ClaimedDueTime, request.NextDueTime)
            : await ScheduleAsync("transfer", request.TransferId, request.ClaimedDueTime, request.NextDueTime);
    }

    /// <summary>What is due, oldest first. Looking costs no write; only what is found is claimed.</summary>
    private async Task<IReadOnlyList<DueRow>> DueAsync(string table, int limit, CancellationToken cancellation)
    {
        await using var connection = await database.OpenAsync(cancellation);
        return [.. await connection.QueryAsync<DueRow>(
            $"SELECT id, due_at FROM {table} WHERE due_at <= @now ORDER BY due_at, id LIMIT @limit",
            new { now = time.GetUtcNow().Ms(), limit = Math.Clamp(limit, 1, ClaimMax) })];
    }

    /// <summary>Takes rows by compare-and-set on their due time; those that somebody else took are left out.</summary>
    private static async Task<IReadOnlyList<string>> TakeAsync(WriteContext write, string table, IEnumerable<DueRow> due, DateTimeOffset lease)
    {
        var mine = new List<string>();
        foreach (var row in due)
        {
            var rows = await write.ExecuteAsync(
                $"UPDATE {table} SET due_at = @lease WHERE id = @id AND due_at = @dueAt", new { id = row.Id, dueAt = row.DueAt, lease = lease.Ms() });
            if (rows == 1)
            {
                mine.Add(row.Id);
            }
        }

        return mine;
    }

    private Task<ScheduleOrderReply> ScheduleAsync(string table, string id, Timestamp claimed, Timestamp? next) => writes.WriteAsync(async write =>
    {
        var rows = await write.ExecuteAsync(
            $"UPDATE {table} SET due_at = @next WHERE id = @id AND due_at = @claimed", new { id, claimed = claimed.Ms(), next = next.MsOrNull() });
        return new ScheduleOrderReply { Scheduled = rows == 1 };
    });
}
