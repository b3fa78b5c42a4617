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
    private const int EndpointMax = 512;

    private sealed record DeliveryLock
    {
        public string DeliveryId { get; init; } = "";
        public string State { get; init; } = "";
        public int Version { get; init; }
        public long? DueAt { get; init; }
    }

    /// <inheritdoc/>
    public override async Task<ClaimDueDeliveriesReply> ClaimDueDeliveries(ClaimDueDeliveriesRequest request, ServerCallContext context)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(context);
        IReadOnlyList<string> due;
        await using (var connection = await database.OpenAsync(context.CancellationToken))
        {
            // Looking costs no write, and nothing but the index.
            var limit = Math.Clamp(request.Limit, 1, ClaimMax);
            var now = time.GetUtcNow().Ms();
            due = [.. await connection.QueryAsync<string>(
                "SELECT delivery_id FROM notify_delivery WHERE due_at <= @now ORDER BY due_at, delivery_id LIMIT @limit", new { now, limit })];
            if (due.Count == limit)
            {
                // A backlog: half of the places are for what became due last, which else would wait until all of it was taken.
                var newest = await connection.QueryAsync<string>(
                    "SELECT delivery_id FROM notify_delivery WHERE due_at <= @now ORDER BY due_at DESC, delivery_id DESC LIMIT @half", new { now, half = limit / 2 });
                due = [.. due.Take(limit - (limit / 2)).Union(newest).Union(due).Take(limit)];
            }
        }

        if (due.Count == 0)
        {
            return new ClaimDueDeliveriesReply();
        }

        return await WriteAsync(async (write, moves) =>
        {
            // A lease that ran out is taken in the same way: PENDING or LEASED, and due. What somebody else took in between is not due any more.
            var mine = (await LockAsync(write, due)).Where(row => row.DueAt <= moves.Now.Ms()).Select(row => row.DeliveryId).ToHashSet();
            var reply = new ClaimDueDeliveriesReply();
            if (mine.Count > 0)
            {
                await write.ExecuteAsync(
                    "UPDATE notify_delivery SET state = 'LEASED', version = version + 1, due_at = @lease, turn_at = NULL WHERE delivery_id IN @mine",
                    new { mine, lease = moves.Now.AddSeconds(request.LeaseSeconds).Ms() });
                var taken = (await write.QueryAsync<DeliveryRow>($"{DeliveryRow.Select()} WHERE d.delivery_id IN @mine", new { mine })).ToDictionary(row => row.DeliveryId);
                reply.Deliveries.AddRange(due.Where(mine.Contains).Select(id => taken[id].ToDelivery()));
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
    public override async Task<LineUpDeliveriesReply> LineUpDeliveries(LineUpDeliveriesRequest request, ServerCallContext context)
    {
        ArgumentNullException.ThrowIfNull(request);
        Demand("endpoint", request.Endpoint, 1, EndpointMax);
        if (request.Deliveries.Count is 0 or > ClaimMax)
        {
            throw Refusals.InvalidArgument("deliveries", $"are 1 to {ClaimMax}");
        }

        if (request.FirstTime is null || request.EveryMs < 1)
        {
            throw Refusals.InvalidArgument("every_ms", "is at least 1, from the first_time on");
        }

        return await writes.WriteAsync(
            async write =>
            {
                var held = (await LockAsync(write, [.. request.Deliveries.Select(d => d.DeliveryId)])).ToDictionary(row => row.DeliveryId);
                // Two instances may read the same end; then two have the same turn.
                var end = await write.FirstAsync<long?>("SELECT MAX(turn_at) FROM notify_delivery WHERE waits_for = @Endpoint", new { request.Endpoint });
                var turn = Math.Max(request.FirstTime.Ms(), (end ?? 0) + request.EveryMs);
                var reply = new LineUpDeliveriesReply();
                foreach (var taken in request.Deliveries)
                {
                    if (held.TryGetValue(taken.DeliveryId, out var row) && row.State == "LEASED" && row.Version == taken.Version)
                    {
                        await write.WriteOneAsync(
                            """
                            UPDATE notify_delivery SET state = 'PENDING', version = version + 1, due_at = @turn, waits_for = @Endpoint, turn_at = @turn
                             WHERE delivery_id = @DeliveryId
                            """,
                            new { taken.DeliveryId, request.Endpoint, turn });
                        turn += request.EveryMs;
                        reply.LinedUp++;
                    }
                }

                return reply;
            },
            alone: true);
    }

    /// <inheritdoc/>
    public override async Task<PullDeliveriesReply> PullDeliveries(PullDeliveriesRequest request, ServerCallContext context)
    {
        ArgumentNullException.ThrowIfNull(request);
        Demand("endpoint", request.Endpoint, 1, EndpointMax);
        return await writes.WriteAsync(
            async write =>
            {
                var now = time.GetUtcNow().Ms();
                IReadOnlyList<string> ids = [.. await write.QueryAsync<string>(
                    "SELECT delivery_id FROM notify_delivery WHERE waits_for = @Endpoint AND turn_at > @now ORDER BY turn_at DESC LIMIT @limit",
                    new { request.Endpoint, now, limit = Math.Clamp(request.Limit, 1, ClaimMax) })];
                // One that somebody pulled, reopened or took in between has no turn any more.
                var pulled = ids.Count == 0
                    ? 0
                    : await write.ExecuteAsync("UPDATE notify_delivery SET due_at = @now, turn_at = NULL WHERE delivery_id IN @ids AND turn_at > @now", new { ids, now });
                return new PullDeliveriesReply { Pulled = pulled };
            },
            alone: true);
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
                   SET state = @next, version = version + 1, tries = tries + 1, due_at = @due, delivered_at = @deliveredAt, waits_for = NULL
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
            // LEASED and PENDING are under way anyway; asking again changes nothing. What waits in the line of its endpoint may have long to wait: whoever asks has reason to
            // think that the endpoint works.
            var reopened = await write.ExecuteAsync(
                """
                UPDATE notify_delivery
                   SET state = 'PENDING', version = version + 1, cycle = cycle + 1, tries = 0, due_at = @now, delivered_at = NULL, waits_for = NULL, turn_at = NULL
                 WHERE delivery_id = @id AND (state IN ('DEAD', 'DELIVERED') OR turn_at > @now)
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

    /// <summary>Reads deliveries whose rows nobody else changes before the commit.</summary>
    private static async Task<IEnumerable<DeliveryLock>> LockAsync(WriteContext write, IReadOnlyCollection<string> ids) => await write.QueryAsync<DeliveryLock>(
        $"SELECT delivery_id, state, version, due_at FROM notify_delivery WHERE delivery_id IN @ids ORDER BY delivery_id{write.ForUpdate}", new { ids });

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
