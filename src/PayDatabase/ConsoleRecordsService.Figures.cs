using System.Data.Common;
using Dapper;
using Grpc.Core;
using PayCore.Contracts.V1;

namespace PayCore.PayDatabase;

// The figures of the first page.
public sealed partial class ConsoleRecordsService
{
    private const long Hour = 4 * Figures.Quarter;
    private const int OffsetMax = 14 * 60;
    private const int RefusalsMax = 20;

    private const int CountedMax = 1000;

    // What is not counted yet is counted while the caller waits: so many quarters and no more.
    private const int CountedNowMax = 8;

    private static readonly TimeSpan _rangeMax = TimeSpan.FromDays(62);

    /// <inheritdoc/>
    public override Task<SummarizePaymentsReply> SummarizePayments(SummarizePaymentsRequest request, ServerCallContext context)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(context);
        if (request.From is null)
        {
            throw Refusals.InvalidArgument("from", "is missing");
        }

        if (request.Before is null || request.Before.Ms() <= request.From.Ms() || request.Before.Ms() - request.From.Ms() > _rangeMax.TotalMilliseconds)
        {
            throw Refusals.InvalidArgument("before", $"is after from, and at most {_rangeMax.Days} days after it");
        }

        if (Math.Abs(request.UtcOffsetMinutes) > OffsetMax || request.UtcOffsetMinutes % 15 != 0)
        {
            throw Refusals.InvalidArgument("utc_offset_minutes", "is a multiple of 15 within 14 hours");
        }

        var from = Figures.Begin(request.From.Ms());
        var before = Figures.Begin(Math.Min(request.Before.Ms(), time.GetUtcNow().Ms()) + Figures.Quarter - 1);
        return database.ReadListAsync(connection => SummarizeAsync(connection, from, before, request.UtcOffsetMinutes * 60_000L), context.CancellationToken);
    }

    private async Task<SummarizePaymentsReply> SummarizeAsync(DbConnection connection, long from, long before, long offset)
    {
        var reply = new SummarizePaymentsReply();
        var (missing, wholeFrom) = await MissingAsync(connection, from, before);
        reply.WholeFrom = Times.ToTimestamp(wholeFrom);
        var range = new { from, before, offset };
        var hours = (await connection.QueryAsync<FigureRow>(
            $"""
            SELECT at + @offset - (at + @offset) % {Hour} AS at, kind, subject, SUM(entries) AS entries, SUM(amount_minor) AS amount_minor
              FROM quarter_figure WHERE at >= @from AND at < @before AND kind IN ('CREATED', 'PAID') GROUP BY 1, 2, 3
            """,
            range)).ToList();
        var totals = (await connection.QueryAsync<FigureRow>(
            "SELECT kind, subject, word, SUM(entries) AS entries FROM quarter_figure WHERE at >= @from AND at < @before AND kind <> 'PAID' GROUP BY kind, subject, word",
            range)).ToList();
        foreach (var (begin, end) in missing)
        {
            var now = await connection.CountAsync(begin, end, database.IsMySql);
            hours.AddRange(now.Where(r => r.Kind is "CREATED" or "PAID").Select(r => r with { At = r.At + offset - ((r.At + offset) % Hour) }));
            totals.AddRange(now.Where(r => r.Kind != "PAID"));
        }

        reply.Hours.AddRange(hours.GroupBy(h => (h.At, h.Subject)).OrderBy(g => g.Key).Select(g => new PaymentHour
        {
            StartTime = Times.ToTimestamp(g.Key.At - offset),
            Currency = g.Key.Subject,
            Created = g.Where(h => h.Kind == "CREATED").Sum(h => h.Entries),
            CreatedMinor = g.Where(h => h.Kind == "CREATED").Sum(h => h.AmountMinor),
            Paid = g.Where(h => h.Kind == "PAID").Sum(h => h.Entries),
            PaidMinor = g.Where(h => h.Kind == "PAID").Sum(h => h.AmountMinor),
        }));
        reply.Channels.AddRange(totals.Where(t => t.Kind == "ATTEMPT").GroupBy(t => t.Subject).OrderBy(g => g.Key, StringComparer.Ordinal).Select(Channel));
        reply.Funnel = new PaymentFunnel
        {
            Created = totals.Where(t => t.Kind == "CREATED").Sum(t => t.Entries),
            Shown = Funnel("SHOWN"),
            Paid = Funnel("PAID"),
            Notified = Funnel("NOTIFIED"),
        };
        reply.Refusals.AddRange(totals.Where(t => t.Kind == "REFUSED").GroupBy(t => (t.Subject, t.Word))
            .Select(g => new RefusalFigures { Channel = g.Key.Subject, Code = g.Key.Word, Attempts = g.Sum(t => t.Entries) })
            .OrderByDescending(r => r.Attempts).ThenBy(r => r.Code, StringComparer.Ordinal).Take(RefusalsMax));
        return reply;

        long Funnel(string word) => totals.Where(t => t.Kind == "FUNNEL" && t.Word == word).Sum(t => t.Entries);
    }

    private static ChannelFigures Channel(IGrouping<string, FigureRow> of)
    {
        return new ChannelFigures
        {
            Channel = of.Key,
            Attempts = of.Sum(t => t.Entries),
            Paid = In("WON", "EXTRA_PAID"),
            Refused = In("REFUSED"),
            Closed = In("CLOSED"),
            Undecided = In("SENT", "OPEN"),
        };

        long In(params string[] states) => of.Where(t => states.Contains(t.Word)).Sum(t => t.Entries);
    }

    /// <summary>The ranges of quarters that nobody counted, as many as may be counted now, and from where on the figures are whole then.</summary>
    private static async Task<(IReadOnlyList<(long From, long Before)> Missing, long? WholeFrom)> MissingAsync(DbConnection connection, long from, long before)
    {
        if (await connection.ExecuteScalarAsync<long?>("SELECT MIN(created_at) FROM pay_order") is not { } oldest)
        {
            return ([], null);
        }

        var counted = (await connection.QueryAsync<long>("SELECT at FROM figure_quarter WHERE at >= @from AND at < @before", new { from, before })).ToHashSet();
        var ranges = new List<(long From, long Before)>();
        var left = CountedNowMax;
        for (var at = before - Figures.Quarter; at >= Math.Max(from, Figures.Begin(oldest)); at -= Figures.Quarter)
        {
            if (counted.Contains(at))
            {
                continue;
            }

            if (left-- == 0)
            {
                return (ranges, at + Figures.Quarter);
            }

            var joins = ranges.Count > 0 && ranges[^1].From == at + Figures.Quarter;
            var range = (at, joins ? ranges[^1].Before : at + Figures.Quarter);
            _ = joins ? ranges[^1] = range : default;
            if (!joins)
            {
                ranges.Add(range);
            }
        }

        return (ranges, null);
    }

    /// <inheritdoc/>
    public override Task<SummarizeNotificationsReply> SummarizeNotifications(SummarizeNotificationsRequest request, ServerCallContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        return database.ReadListAsync(
            async connection =>
            {
                var (tries, delivered) = await connection.QuerySingleAsync<(long Tries, long? Delivered)>(
                    FirstTries(), new { from = time.GetUtcNow().AddHours(-1).Ms() });
                return new SummarizeNotificationsReply { FirstTries = tries, FirstTriesDelivered = delivered ?? 0 };
            },
            context.CancellationToken);
    }

    /// <summary>By the states, since the index by time begins with them.</summary>
    internal static string FirstTries() =>
        """
        SELECT COUNT(*), SUM(CASE WHEN t.result = 'delivered' THEN 1 ELSE 0 END)
          FROM notify_delivery d JOIN notify_try t ON t.delivery_id = d.delivery_id AND t.cycle = 1 AND t.number = 1
         WHERE d.state IN ('PENDING', 'LEASED', 'DELIVERED', 'DEAD') AND d.created_at >= @from
        """;

    /// <inheritdoc/>
    public override async Task<SummarizeDatabaseReply> SummarizeDatabase(SummarizeDatabaseRequest request, ServerCallContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        await using var connection = await database.OpenAsync(context.CancellationToken);
        var (hasReplica, answers, lag) = await database.ReplicaAsync(context.CancellationToken);
        var reply = new SummarizeDatabaseReply
        {
            Provider = database.IsMySql ? "mysql" : "sqlite",
            ServerVersion = connection.ServerVersion,
            SchemaVersion = await connection.ExecuteScalarAsync<long>($"SELECT MAX(Version) FROM {Migrator.VersionTable.Name}"),
            HasReplica = hasReplica,
            ReplicaAnswers = answers,
            EventsUnnumbered = await connection.ExecuteScalarAsync<long>($"SELECT COUNT(*) FROM (SELECT event_id FROM event WHERE feed_seq IS NULL LIMIT {CountedMax}) page"),
        };
        if (lag is { } seconds)
        {
            reply.ReplicaLagSeconds = seconds;
        }

        var now = time.GetUtcNow().Ms();
        foreach (var (name, table) in ((string, string)[])[("orders", "pay_order"), ("refunds", "refund"), ("transfers", "transfer"), ("deliveries", "notify_delivery")])
        {
            var (due, oldest) = await connection.QuerySingleAsync<(long Due, long? Oldest)>(
                $"SELECT COUNT(*), MIN(due_at) FROM (SELECT due_at FROM {table} WHERE due_at <= @now ORDER BY due_at LIMIT {CountedMax}) page", new { now });
            reply.Due.Add(new DueWork { Table = name, Due = due, OldestDueTime = Times.ToTimestamp(oldest) });
        }

        return reply;
    }
}
