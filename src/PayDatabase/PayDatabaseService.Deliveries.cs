using System.Data.Common;
using Dapper;
using Google.Protobuf;
using Grpc.Core;
using PayCore.Contracts.V1;
using DeliveryState = PayCore.Contracts.V1.Delivery.Types.State;

namespace PayCore.PayDatabase;

// Deliveries: the rows are the truth about what merchants were told.
public sealed partial class PayDatabaseService
{
    private sealed record DueDelivery
    {
        public string DeliveryId { get; init; } = "";
        public int Version { get; init; }
    }

    /// <inheritdoc/>
    public override async Task<ClaimDueDeliveriesReply> ClaimDueDeliveries(ClaimDueDeliveriesRequest request, ServerCallContext context)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(context);
        IReadOnlyList<DueDelivery> due;
        await using (var connection = await database.OpenAsync(context.CancellationToken))
        {
            var except = request.ExceptUrls.Count == 0 ? "" : " AND url NOT IN @except";
            due = [.. await connection.QueryAsync<DueDelivery>(
                $"SELECT delivery_id, version FROM notify_delivery WHERE due_at <= @now{except} ORDER BY due_at, delivery_id LIMIT @limit",
                new { now = time.GetUtcNow().Ms(), except = request.ExceptUrls, limit = Math.Clamp(request.Limit, 1, ClaimMax) })];
        }

        if (due.Count == 0)
        {
            return new ClaimDueDeliveriesReply();
        }

        return await WriteAsync(async (write, moves) =>
        {
            var lease = moves.Now.AddSeconds(request.LeaseSeconds).Ms();
            var reply = new ClaimDueDeliveriesReply();
            foreach (var row in due)
            {
                // A lease that ran out is taken in the same way: PENDING or LEASED, and due.
                var mine = await write.ExecuteAsync(
                    """
                    UPDATE notify_delivery SET state = 'LEASED', version = version + 1, due_at = @lease
                     WHERE delivery_id = @id AND version = @version AND due_at <= @now
                    """,
                    new { id = row.DeliveryId, version = row.Version, lease, now = moves.Now.Ms() });
                if (mine == 1)
                {
                    reply.Deliveries.Add((await ReadAsync(write, row.DeliveryId))!);
                }
            }

            return reply;
        });
    }

    /// <inheritdoc/>
    public override async Task<RenewDeliveryReply> RenewDelivery(RenewDeliveryRequest request, ServerCallContext context)
    {
        ArgumentNullException.ThrowIfNull(request);
        return await WriteAsync(async (write, moves) =>
        {
            var rows = await write.ExecuteAsync(
                "UPDATE notify_delivery SET due_at = @lease WHERE delivery_id = @id AND version = @version AND state = 'LEASED'",
                new { id = request.DeliveryId, version = request.Version, lease = moves.Now.AddSeconds(request.LeaseSeconds).Ms() });
            return new RenewDeliveryReply { Renewed = rows == 1 };
        });
    }

    /// <inheritdoc/>
    public override async Task<RecordTryReply> RecordTry(RecordTryRequest request, ServerCallContext context)
    {
        ArgumentNullException.ThrowIfNull(request);
        if (request.NextState is not (DeliveryState.Delivered or DeliveryState.Pending or DeliveryState.Dead))
        {
            throw Refusals.InvalidArgument("next_state", "is DELIVERED, PENDING or DEAD");
        }

        return await WriteAsync(async (write, moves) =>
        {
            var delivered = request.NextState == DeliveryState.Delivered;
            var rows = await write.ExecuteAsync(
                """
                UPDATE notify_delivery
                   SET state = @next, version = version + 1, tries = tries + 1, due_at = @due, delivered_at = @deliveredAt
                 WHERE delivery_id = @id AND version = @version AND state = 'LEASED'
                """,
                new
                {
                    id = request.DeliveryId,
                    version = request.Version,
                    next = EnumText<DeliveryState>.Of(request.NextState),
                    due = request.NextState == DeliveryState.Pending ? request.NextDueTime.MsOrNull() : null,
                    deliveredAt = delivered ? moves.Now.Ms() : (long?)null,
                });
            if (rows == 0)
            {
                // The lease was lost: somebody else tells this merchant, and this worker writes nothing.
                return new RecordTryReply { Recorded = false };
            }

            var delivery = (await ReadAsync(write, request.DeliveryId))!;
            await write.ExecuteAsync(
                """
                INSERT INTO notify_try (delivery_id, cycle, number, started_at, duration_ms, http_status, result, answer)
                VALUES (@id, @cycle, @number, @startedAt, @durationMs, @httpStatus, @result, @answer)
                """,
                new
                {
                    id = request.DeliveryId,
                    cycle = delivery.Cycle,
                    number = delivery.Tries,
                    startedAt = request.Try.StartTime.Ms(),
                    durationMs = request.Try.DurationMs,
                    httpStatus = request.Try.HttpStatus,
                    result = request.Try.Result,
                    answer = request.Try.Answer.Length <= 255 ? request.Try.Answer : request.Try.Answer[..255],
                });
            return new RecordTryReply { Recorded = true, Delivery = delivery };
        });
    }

    /// <inheritdoc/>
    public override async Task<Delivery> ReopenDelivery(ReopenDeliveryRequest request, ServerCallContext context)
    {
        ArgumentNullException.ThrowIfNull(request);
        Demand("by", request.By, 1, 64);
        Demand("reason", request.Reason, 0, 512);
        return await WriteAsync(async (write, moves) =>
        {
            var before = await ReadAsync(write, request.DeliveryId)
                ?? (await write.BringBackAsync("notify_delivery", "delivery_id", request.DeliveryId) ? await ReadAsync(write, request.DeliveryId) : null)
                ?? throw Refusals.NotFound("delivery");
            // PENDING and LEASED are under way anyway; asking again changes nothing.
            var reopened = await write.ExecuteAsync(
                """
                UPDATE notify_delivery
                   SET state = 'PENDING', version = version + 1, cycle = cycle + 1, tries = 0, due_at = @now, delivered_at = NULL
                 WHERE delivery_id = @id AND state IN ('DEAD', 'DELIVERED')
                """,
                new { id = request.DeliveryId, now = moves.Now.Ms() });
            var after = (await ReadAsync(write, request.DeliveryId))!;
            if (reopened == 1)
            {
                await AuditLog.AppendAsync(write, moves.Now, new AuditEntry
                {
                    By = request.By,
                    Action = "delivery.resend",
                    Subject = request.DeliveryId,
                    Before = AuditLog.Show(WithoutBody(before)),
                    After = AuditLog.Show(WithoutBody(after), request.Reason),
                });
            }

            return after;
        });
    }

    /// <inheritdoc/>
    public override async Task<ListDeliveriesResponse> ReadDeliveries(ListDeliveriesRequest request, ServerCallContext context)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(context);
        await using var connection = await database.OpenAsync(context.CancellationToken);
        // Of an order wherever it is; by state those of orders that are not archived, and of transfers.
        var select = request.OrderId.Length > 0
            ? DeliveriesOfOrder("AND d.delivery_id > @after")
            : $"{DeliveryRow.Select()} WHERE d.state = @state AND {AfterDelivery}";
        var reply = new ListDeliveriesResponse();
        reply.Deliveries.AddRange(await DeliveriesAsync(connection, select, new
        {
            orderId = request.OrderId,
            state = EnumText<DeliveryState>.Of(request.State),
            after = request.AfterDeliveryId,
            max = Limit(request.Limit),
        }, request.OrderId.Length > 0 ? "delivery_id" : "d.created_at, d.delivery_id"));
        return reply;
    }

    private static string DeliveriesOfOrder(string and = "") => Archive.Both(at => $"{DeliveryRow.Select(at)} WHERE d.order_id = @orderId {and}");

    // By the time of the entry that the page before ended with; from the beginning when there is none.
    private const string AfterDelivery = """
        d.created_at >= COALESCE((SELECT created_at FROM notify_delivery WHERE delivery_id = @after), 0)
          AND (d.created_at > COALESCE((SELECT created_at FROM notify_delivery WHERE delivery_id = @after), 0) OR d.delivery_id > @after)
        """;

    /// <summary>Deliveries with their tries, oldest first, at most <c>@max</c>.</summary>
    private static async Task<IReadOnlyList<Delivery>> DeliveriesAsync(DbConnection connection, string select, object parameters, string order = "delivery_id")
    {
        var rows = await connection.QueryAsync<DeliveryRow>($"{select} ORDER BY {order} LIMIT @max", parameters);
        var deliveries = rows.Select(r => r.ToDelivery()).ToList();
        if (deliveries.Count == 0)
        {
            return deliveries;
        }

        var tries = (await connection.QueryAsync<TryRow>(
            $"""
            {Archive.Both(at => $"SELECT delivery_id, cycle, number, started_at, duration_ms, http_status, result, answer FROM notify_try{at} WHERE delivery_id IN @ids")}
            ORDER BY delivery_id, cycle, number
            """,
            new { ids = deliveries.Select(d => d.DeliveryId) })).ToLookup(t => t.DeliveryId);
        foreach (var delivery in deliveries)
        {
            delivery.History.AddRange(tries[delivery.DeliveryId].Select(t => t.ToTry()));
        }

        return deliveries;
    }

    private static async Task<Delivery?> ReadAsync(WriteContext write, string deliveryId) =>
        (await write.FirstAsync<DeliveryRow>($"{DeliveryRow.Select()} WHERE d.delivery_id = @deliveryId", new { deliveryId }))?.ToDelivery();

    /// <summary>The content is the event's, which nobody changes.</summary>
    private static Delivery WithoutBody(Delivery delivery)
    {
        var shown = delivery.Clone();
        shown.Body = ByteString.Empty;
        shown.History.Clear();
        return shown;
    }
}
