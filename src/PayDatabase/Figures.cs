using System.Data.Common;
using Dapper;

namespace PayCore.PayDatabase;

/// <summary>
/// What is counted of payments, by quarters of an hour (every offset from UTC is a multiple of one): <c>CREATED</c> and <c>PAID</c> by currency and by the time of either;
/// of the orders created in the quarter, how many were <c>SHOWN</c>, paid and notified (<c>FUNNEL</c>), their attempts by channel and state (<c>ATTEMPT</c>), and the
/// refused ones by channel and code (<c>REFUSED</c>).
/// </summary>
internal static class Figures
{
    /// <summary>A quarter of an hour in milliseconds.</summary>
    public const long Quarter = 15 * 60 * 1000;

    /// <summary>The beginning of the quarter that a time stands in.</summary>
    public static long Begin(long ms) => ms - (ms % Quarter);

    /// <summary>Counts from the orders themselves.</summary>
    public static async Task<IReadOnlyList<FigureRow>> CountAsync(this DbConnection connection, long from, long before, bool isMySql)
    {
        var rows = new List<FigureRow>();
        foreach (var sql in Counts(isMySql))
        {
            rows.AddRange(await connection.QueryAsync<FigureRow>(sql, new { from, before }));
        }

        return rows;
    }

    /// <summary>The statements that count; each begins with a range of an index by time.</summary>
    internal static IEnumerable<string> Counts(bool isMySql)
    {
        var byTime = Hint("pay_order_time");
        var created = $"created_at - created_at % {Quarter}";
        var paid = $"paid_at - paid_at % {Quarter}";
        var quarter = $"o.created_at - o.created_at % {Quarter}";
        var range = "WHERE o.created_at >= @from AND o.created_at < @before";
        var orders = $"FROM pay_order o {byTime} {range}";
        yield return $"""
            SELECT {created} AS at, 'CREATED' AS kind, currency AS subject, '' AS word, COUNT(*) AS entries, SUM(amount_minor) AS amount_minor
              FROM pay_order {byTime} WHERE created_at >= @from AND created_at < @before GROUP BY {created}, currency
            """;
        yield return $"""
            SELECT {paid} AS at, 'PAID' AS kind, currency AS subject, '' AS word, COUNT(*) AS entries, SUM(amount_minor) AS amount_minor
              FROM pay_order {Hint("pay_order_paid")} WHERE paid_at >= @from AND paid_at < @before GROUP BY {paid}, currency
            """;
        // Counts in place of EXISTS: that one may be answered by reading the whole inner table once, and here it must be asked for each order.
        // What was paid was shown, a code that the merchant scanned too.
        yield return Funnel("SHOWN", $"(SELECT COUNT(*) FROM pay_attempt a {Hint("pay_attempt_seq")} WHERE a.order_id = o.id AND (a.action IS NOT NULL OR a.state IN ('WON', 'EXTRA_PAID'))) > 0");
        yield return Funnel("PAID", "o.state = 'PAID'");
        yield return Funnel(
            "NOTIFIED",
            $"""
            o.state = 'PAID' AND (SELECT COUNT(*) FROM notify_delivery d {Hint("notify_delivery_order")} JOIN event e ON e.event_id = d.event_id
                                   WHERE d.order_id = o.id AND d.state = 'DELIVERED' AND e.event_type = 'payment.paid') > 0
            """);
        var attempts = $"FROM pay_order o {byTime} JOIN pay_attempt a ON a.order_id = o.id {range}";
        yield return $"""
            SELECT {quarter} AS at, 'ATTEMPT' AS kind, a.channel AS subject, a.state AS word, COUNT(*) AS entries, 0 AS amount_minor
              {attempts} GROUP BY {quarter}, a.channel, a.state
            """;
        yield return $"""
            SELECT {quarter} AS at, 'REFUSED' AS kind, a.channel AS subject, a.refusal_code AS word, COUNT(*) AS entries, 0 AS amount_minor
              {attempts} AND a.state = 'REFUSED' GROUP BY {quarter}, a.channel, a.refusal_code
            """;

        string Hint(string index) => IndexHint.Of(index, isMySql);

        string Funnel(string word, string condition) => $"""
            SELECT {quarter} AS at, 'FUNNEL' AS kind, '' AS subject, '{word}' AS word, COUNT(*) AS entries, 0 AS amount_minor {orders} AND {condition} GROUP BY {quarter}
            """;
    }
}

/// <summary>A row of <c>quarter_figure</c>.</summary>
internal sealed record FigureRow
{
    public long At { get; init; }
    public string Kind { get; init; } = "";
    public string Subject { get; init; } = "";
    public string Word { get; init; } = "";
    public long Entries { get; init; }
    public long AmountMinor { get; init; }
}
