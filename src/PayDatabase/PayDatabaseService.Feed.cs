using Dapper;
using Google.Protobuf;
using Grpc.Core;
using PayCore.Contracts.V1;

namespace PayCore.PayDatabase;

// The feed: every event has a number within its app, 1, 2, 3…, given after it was committed.
public sealed partial class PayDatabaseService
{
    private const string FeedLease = "event_feed";

    // An event waits for those of its subject's earlier versions, so that a feed tells them in order.
    private const string Unnumbered = """
        SELECT event_id, app_id FROM event e
         WHERE feed_seq IS NULL
           AND NOT EXISTS (SELECT 1 FROM event b WHERE b.subject_id = e.subject_id AND b.subject_version < e.subject_version AND b.feed_seq IS NULL)
         ORDER BY event_id LIMIT @limit
        """;

    /// <inheritdoc/>
    public override async Task<NumberEventsReply> NumberEvents(NumberEventsRequest request, ServerCallContext context)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(context);
        Demand("holder", request.Holder, 1, 128);

        // Looking costs no write, while the lease is somebody else's or nothing is there to number and the lease lasts.
        var limit = Math.Clamp(request.Limit, 1, ClaimMax);
        if (await IsIdleAsync(request, context.CancellationToken) is { } idle)
        {
            return idle;
        }

        return await WriteAsync(async (write, moves) => await TakeFeedLeaseAsync(write, request, moves.Now)
            ? new NumberEventsReply { Holds = true, Numbered = await NumberAsync(write, limit) }
            : new NumberEventsReply());
    }

    /// <inheritdoc/>
    public override async Task<ReadEventsReply> ReadEvents(ReadEventsRequest request, ServerCallContext context)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(context);
        await using var connection = await database.OpenAsync(context.CancellationToken);
        var rows = await connection.QueryAsync<FeedRow>(
            // A page of each, so that neither index is walked further than a page.
            $"""
            {Archive.Both(at => $"SELECT * FROM (SELECT feed_seq, event_id, event_type, body, created_at FROM event{at} WHERE app_id = @appId AND feed_seq > @after ORDER BY feed_seq LIMIT @limit) AS page")}
            ORDER BY feed_seq LIMIT @limit
            """,
            new { appId = request.AppId, after = request.After, limit = Limit(request.Limit) });
        var reply = new ReadEventsReply();
        reply.Events.AddRange(rows.Select(r => r.ToEvent()));
        return reply;
    }

    private async Task<NumberEventsReply?> IsIdleAsync(NumberEventsRequest request, CancellationToken cancellation)
    {
        await using var connection = await database.OpenAsync(cancellation);
        var lease = await connection.QuerySingleAsync<LeaseRow>("SELECT holder, lease_at FROM lease WHERE name = @name", new { name = FeedLease });
        var now = time.GetUtcNow();
        if (lease.Holder != request.Holder)
        {
            return lease.LeaseAt > now.Ms() ? new NumberEventsReply() : null;
        }

        var isFresh = lease.LeaseAt > now.AddSeconds(request.LeaseSeconds / 2.0).Ms();
        return isFresh && await connection.QueryFirstOrDefaultAsync<string>(Unnumbered, new { limit = 1 }) is null
            ? new NumberEventsReply { Holds = true }
            : null;
    }

    /// <summary>
    /// Takes or keeps the lease. Its row stays locked to the end of the transaction, so that two numberers that both believe to have it follow one another.
    /// </summary>
    private static async Task<bool> TakeFeedLeaseAsync(WriteContext write, NumberEventsRequest request, DateTimeOffset now) => await write.ExecuteAsync(
        "UPDATE lease SET holder = @holder, lease_at = @lease WHERE name = @name AND (holder = @holder OR lease_at <= @now)",
        new { name = FeedLease, holder = request.Holder, lease = now.AddSeconds(request.LeaseSeconds).Ms(), now = now.Ms() }) == 1;

    private static async Task<int> NumberAsync(WriteContext write, int limit)
    {
        var events = (await write.QueryAsync<UnnumberedRow>(Unnumbered, new { limit })).ToList();
        var numbered = 0;
        foreach (var app in events.GroupBy(e => e.AppId))
        {
            numbered += await NumberAsync(write, app.Key, app.Select(e => e.EventId));
        }

        return numbered;
    }

    private static async Task<int> NumberAsync(WriteContext write, string appId, IEnumerable<string> eventIds)
    {
        var first = await write.FirstAsync<long?>("SELECT last_number FROM app_feed WHERE app_id = @appId", new { appId });
        if (first is null)
        {
            await write.ExecuteAsync("INSERT INTO app_feed (app_id, last_number) VALUES (@appId, 0)", new { appId });
        }

        var last = first ?? 0;
        foreach (var id in eventIds)
        {
            last += await write.ExecuteAsync("UPDATE event SET feed_seq = @next WHERE event_id = @id AND feed_seq IS NULL", new { id, next = last + 1 });
        }

        await write.WriteOneAsync(
            "UPDATE app_feed SET last_number = @last WHERE app_id = @appId AND last_number = @first", new { appId, last, first = first ?? 0 });
        return (int)(last - (first ?? 0));
    }

    private sealed record LeaseRow
    {
        public string Holder { get; init; } = "";
        public long LeaseAt { get; init; }
    }

    private sealed record UnnumberedRow
    {
        public string EventId { get; init; } = "";
        public string AppId { get; init; } = "";
    }

    private sealed record FeedRow
    {
        public long FeedSeq { get; init; }
        public string EventId { get; init; } = "";
        public string EventType { get; init; } = "";
        public byte[] Body { get; init; } = [];
        public long CreatedAt { get; init; }

        public EventRow ToEvent() => new()
        {
            Number = FeedSeq,
            EventId = EventId,
            Type = EventType,
            Body = ByteString.CopyFrom(Body),
            CreateTime = Times.ToTimestamp(CreatedAt),
        };
    }
}
