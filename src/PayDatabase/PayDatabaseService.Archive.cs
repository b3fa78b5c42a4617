using Dapper;
using Grpc.Core;
using PayCore.Contracts.V1;
using PayCore.Payments;
using OrderState = PayCore.Contracts.V1.PayOrder.Types.State;

namespace PayCore.PayDatabase;

// Orders that ended long ago, moved out of the way of the others.
public sealed partial class PayDatabaseService
{
    private const int ArchiveMax = 100;

    // Before that the channels' statements, refunds and late payments still come.
    private static readonly TimeSpan _archiveAgeMin = TimeSpan.FromDays(60);

    /// <summary>What keeps an order where it is, besides not having ended.</summary>
    private static readonly (string Reason, string Orders)[] _keeps =
    [
        ("an attempt can still be paid", "SELECT order_id FROM pay_attempt WHERE order_id IN @ids AND (state IN ('SENT', 'OPEN') OR refund_reserved <> 0)"),
        ("a refund is not decided, or ended later", "SELECT order_id FROM refund WHERE order_id IN @ids AND (ended_at IS NULL OR ended_at >= @before OR due_at IS NOT NULL)"),
        ("a notification is on its way", "SELECT order_id FROM notify_delivery WHERE order_id IN @ids AND due_at IS NOT NULL"),
        ("an event has no number in the feed yet",
            """
            SELECT subject_id FROM event WHERE subject_id IN @ids AND feed_seq IS NULL
            UNION ALL
            SELECT r.order_id FROM refund r JOIN event e ON e.subject_id = r.id WHERE r.order_id IN @ids AND e.feed_seq IS NULL
            """),
        ("an exception item is open", "SELECT order_id FROM exception_item WHERE order_id IN @ids AND resolved_at IS NULL"),
    ];

    private sealed record CandidateRow
    {
        public string Id { get; init; } = "";
        public string AppId { get; init; } = "";
        public long CreatedAt { get; init; }
        public string State { get; init; } = "";
        public long? EndedAt { get; init; }
        public long? DueAt { get; init; }
    }

    private sealed record BookedRow
    {
        public string OrderId { get; init; } = "";
        public string Channel { get; init; } = "";
        public string Account { get; init; } = "";
        public long At { get; init; }

        /// <summary>The days whose statements may list it.</summary>
        public IEnumerable<string> Days => new[] { -1, 0, 1 }.Select(d => StatementDay(DateTimeOffset.FromUnixTimeMilliseconds(At).AddDays(d)));
    }

    /// <inheritdoc/>
    public override async Task<ArchiveOrdersReply> ArchiveOrders(ArchiveOrdersRequest request, ServerCallContext context)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(context);
        if (request.Before is null || time.GetUtcNow() - request.Before.ToDateTimeOffset() < _archiveAgeMin)
        {
            throw Refusals.InvalidArgument("before", $"is at least {_archiveAgeMin.Days} days ago");
        }

        var page = await CandidatesAsync(request, context.CancellationToken);
        if (page.Count == 0)
        {
            return new ArchiveOrdersReply { Done = true };
        }

        var reply = await writes.WriteAsync(write => ArchiveAsync(write, request, [.. page.Select(c => c.Id)]), alone: true);
        var last = page[^1];
        (reply.AfterAppId, reply.AfterCreateTime, reply.AfterOrderId) = (last.AppId, Times.ToTimestamp(last.CreatedAt), last.Id);
        return reply;
    }

    /// <summary>The next orders by the index of an app's orders, from one app to the next; an order that ended before a time was made before it.</summary>
    private async Task<IReadOnlyList<CandidateRow>> CandidatesAsync(ArchiveOrdersRequest request, CancellationToken cancellation)
    {
        var limit = Math.Clamp(request.Limit, 1, ArchiveMax);
        await using var connection = await database.OpenAsync(cancellation);
        var (app, after, afterId) = (request.AfterAppId, request.AfterCreateTime?.Ms() ?? 0, request.AfterOrderId);
        while (true)
        {
            var page = (await connection.QueryAsync<CandidateRow>(
                """
                SELECT id, app_id, created_at FROM pay_order
                 WHERE app_id = @app AND created_at < @before AND created_at >= @after AND (created_at > @after OR id > @afterId)
                 ORDER BY created_at, id LIMIT @limit
                """,
                new { app, before = request.Before.Ms(), after, afterId, limit })).ToList();
            if (page.Count > 0)
            {
                return page;
            }

            var next = await connection.QueryFirstOrDefaultAsync<string>("SELECT app_id FROM pay_order WHERE app_id > @app ORDER BY app_id LIMIT 1", new { app });
            if (next is null)
            {
                return [];
            }

            (app, after, afterId) = (next, 0, "");
        }
    }

    private static async Task<ArchiveOrdersReply> ArchiveAsync(WriteContext write, ArchiveOrdersRequest request, IReadOnlyCollection<string> ids)
    {
        var before = request.Before.Ms();
        var reply = new ArchiveOrdersReply();
        var movable = await LockEndedAsync(write, ids, before);
        Keep("it is open, or ended later", ids.Except(movable));
        foreach (var (reason, sql) in _keeps)
        {
            Keep(reason, movable.Count == 0 ? [] : await write.QueryAsync<string>(sql, new { ids = movable, before }));
        }

        Keep("a statement of its day is not compared yet", movable.Count == 0 ? [] : await WithOpenStatementAsync(write, movable));
        if (movable.Count > 0 && !request.DryRun)
        {
            await write.PutAwayAsync(movable);
        }

        reply.Moved = movable.Count;
        return reply;

        void Keep(string reason, IEnumerable<string> kept)
        {
            var orders = kept.Distinct().ToList();
            movable.ExceptWith(orders);
            if (orders.Count > 0)
            {
                reply.Kept.Add(new ArchiveKept { Reason = reason, Orders = orders.Count });
            }
        }
    }

    /// <summary>
    /// Those of the orders that ended before a time. They are locked with whatever may be changed without their own lock, in the order in which everybody locks: who wants to
    /// change one from now on waits, and then finds it in the archive.
    /// </summary>
    private static async Task<HashSet<string>> LockEndedAsync(WriteContext write, IReadOnlyCollection<string> ids, long before)
    {
        var orders = await write.QueryAsync<CandidateRow>(
            $"SELECT id, state, ended_at, due_at FROM pay_order WHERE id IN @ids ORDER BY id{write.ForUpdate}", new { ids });
        await write.QueryAsync<string>($"SELECT attempt_no FROM pay_attempt WHERE order_id IN @ids{write.ForUpdate}", new { ids });
        await write.QueryAsync<string>($"SELECT delivery_id FROM notify_delivery WHERE order_id IN @ids{write.ForUpdate}", new { ids });
        return [.. orders.Where(o => !OrderTransitions.IsOpen(EnumText<OrderState>.Parse(o.State)) && o.EndedAt < before && o.DueAt is null).Select(o => o.Id)];
    }

    /// <summary>Orders with a payment or refund that a statement which is not compared yet may list.</summary>
    private static async Task<IEnumerable<string>> WithOpenStatementAsync(WriteContext write, IReadOnlyCollection<string> ids)
    {
        var booked = (await write.QueryAsync<BookedRow>(
            """
            SELECT order_id, channel, account, paid_at AS at FROM pay_attempt WHERE order_id IN @ids AND paid_at IS NOT NULL
            UNION ALL
            SELECT order_id, channel, account, last_sent_at AS at FROM refund WHERE order_id IN @ids AND last_sent_at IS NOT NULL
            """,
            new { ids })).ToList();
        var open = new List<string>();
        foreach (var account in booked.GroupBy(b => (b.Channel, b.Account)))
        {
            var days = (await write.QueryAsync<string>(
                """
                SELECT day FROM channel_statement
                 WHERE channel = @Channel AND account = @Account AND day IN @days AND state NOT IN ('MATCHED', 'EMPTY')
                """,
                new { account.Key.Channel, account.Key.Account, days = account.SelectMany(b => b.Days).Distinct() })).ToHashSet();
            open.AddRange(account.Where(b => b.Days.Any(days.Contains)).Select(b => b.OrderId));
        }

        return open;
    }
}
