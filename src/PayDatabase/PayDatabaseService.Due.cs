using Grpc.Core;
using PayCore.Contracts.V1;

namespace PayCore.PayDatabase;

// Orders that OrderMonitor is to look at.
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

        // Looking costs no write; only what is found is claimed.
        IReadOnlyList<DueRow> due;
        await using (var connection = await database.OpenAsync(context.CancellationToken))
        {
            due = [.. await Dapper.SqlMapper.QueryAsync<DueRow>(
                connection,
                "SELECT id, due_at FROM pay_order WHERE due_at <= @now ORDER BY due_at, id LIMIT @limit",
                new { now = time.GetUtcNow().Ms(), limit = Math.Clamp(request.Limit, 1, ClaimMax) })];
        }

        if (due.Count == 0)
        {
            return new ClaimDueOrdersReply();
        }

        return await WriteAsync(async (write, moves) =>
        {
            var lease = moves.Now.AddSeconds(request.LeaseSeconds).Ms();
            var reply = new ClaimDueOrdersReply();
            foreach (var row in due)
            {
                var mine = await write.ExecuteAsync(
                    "UPDATE pay_order SET due_at = @lease WHERE id = @id AND due_at = @dueAt", new { id = row.Id, dueAt = row.DueAt, lease });
                if (mine == 1)
                {
                    reply.Orders.Add(await write.LockAsync(row.Id));
                }
            }

            return reply;
        });
    }

    /// <inheritdoc/>
    public override async Task<ScheduleOrderReply> ScheduleOrder(ScheduleOrderRequest request, ServerCallContext context)
    {
        ArgumentNullException.ThrowIfNull(request);
        return await WriteAsync(async (write, _) =>
        {
            var rows = await write.ExecuteAsync(
                "UPDATE pay_order SET due_at = @next WHERE id = @id AND due_at = @claimed",
                new { id = request.OrderId, claimed = request.ClaimedDueTime.Ms(), next = request.NextDueTime.MsOrNull() });
            return new ScheduleOrderReply { Scheduled = rows == 1 };
        });
    }
}
