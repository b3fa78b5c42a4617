using PayCore.Contracts.V1;

namespace PayCore.PayManagerSystem.Overview;

/// <summary>One bar of the chart.</summary>
/// <param name="Start">When it begins.</param>
/// <param name="Minor">Paid in it, in minor units.</param>
/// <param name="BeforeMinor">Paid in the same bar of the period before.</param>
/// <param name="Count">How many were paid.</param>
public sealed record Bar(DateTimeOffset Start, long Minor, long BeforeMinor, long Count);

/// <summary>A figure beside the one of the period before.</summary>
public readonly record struct Compared(long Now, long Before);

/// <summary>What the first page shows of one currency in one period.</summary>
/// <param name="Currency">The currency; empty when nothing came in at all.</param>
/// <param name="Currencies">All that there is something of, the busiest first.</param>
/// <param name="Bars">Oldest first.</param>
/// <param name="PaidMinor">Paid, in minor units.</param>
/// <param name="Paid">Paid, in number.</param>
/// <param name="Success">Of 10,000 attempts that were decided, so many paid; null when none was decided.</param>
/// <param name="SuccessBefore">The same of the period before.</param>
public sealed record Board(
    string Currency, IReadOnlyList<string> Currencies, IReadOnlyList<Bar> Bars, Compared PaidMinor, Compared Paid, long? Success, long? SuccessBefore)
{
    private const long Whole = 10_000;

    /// <summary>Puts the figures of a period and of the one before it side by side.</summary>
    public static Board Of(Period period, DateTimeOffset start, string? currency, SummarizePaymentsReply now, SummarizePaymentsReply before)
    {
        var currencies = now.Hours.Concat(before.Hours).GroupBy(h => h.Currency).OrderByDescending(g => g.Sum(h => h.Created)).ThenBy(g => g.Key, StringComparer.Ordinal).Select(g => g.Key).ToList();
        var shown = currency is not null && currencies.Contains(currency) ? currency : currencies.FirstOrDefault() ?? "";
        var minor = new long[period.Bars];
        var count = new long[period.Bars];
        var minorBefore = new long[period.Bars];
        var countBefore = 0L;
        foreach (var hour in now.Hours.Where(h => h.Currency == shown))
        {
            var bar = Index(period, start, hour);
            minor[bar] += hour.PaidMinor;
            count[bar] += hour.Paid;
        }

        foreach (var hour in before.Hours.Where(h => h.Currency == shown))
        {
            minorBefore[Index(period, start - period.Length, hour)] += hour.PaidMinor;
            countBefore += hour.Paid;
        }

        return new Board(
            shown,
            currencies,
            [.. Enumerable.Range(0, period.Bars).Select(i => new Bar(start + (i * period.Bar), minor[i], minorBefore[i], count[i]))],
            new Compared(minor.Sum(), minorBefore.Sum()),
            new Compared(count.Sum(), countBefore),
            SuccessOf(now.Channels),
            SuccessOf(before.Channels));
    }

    /// <summary>Of 10,000 decided attempts, so many paid; null when none was decided.</summary>
    public static long? SuccessOf(IEnumerable<ChannelFigures> channels)
    {
        var (paid, decided) = channels.Aggregate((Paid: 0L, Decided: 0L), (sum, c) => (sum.Paid + c.Paid, sum.Decided + c.Paid + c.Refused + c.Closed));
        return decided == 0 ? null : paid * Whole / decided;
    }

    private static int Index(Period period, DateTimeOffset start, PaymentHour hour) =>
        Math.Clamp((int)((hour.StartTime.ToDateTimeOffset() - start) / period.Bar), 0, period.Bars - 1);
}
