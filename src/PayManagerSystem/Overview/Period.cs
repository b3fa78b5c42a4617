using PayCore.PayManagerSystem.Web;

namespace PayCore.PayManagerSystem.Overview;

/// <summary>What the first page looks back on: a number of bars that end with the one under way.</summary>
/// <param name="Name">As the address writes it.</param>
/// <param name="Title">As the page writes it.</param>
/// <param name="Bars">How many.</param>
/// <param name="Bar">How long each is.</param>
public sealed record Period(string Name, Text Title, int Bars, TimeSpan Bar)
{
    /// <summary>All, the first one by default.</summary>
    public static IReadOnlyList<Period> All { get; } =
    [
        new("day", OverviewTexts.Day, 24, TimeSpan.FromHours(1)),
        new("week", OverviewTexts.Week, 7, TimeSpan.FromDays(1)),
        new("month", OverviewTexts.Month, 30, TimeSpan.FromDays(1)),
    ];

    /// <summary>From the first bar's beginning to the last one's end.</summary>
    public TimeSpan Length => Bars * Bar;

    /// <summary>The one of an address.</summary>
    public static Period Of(string? name) => All.FirstOrDefault(p => p.Name == name) ?? All[0];

    /// <summary>Where the first bar begins: bars are whole hours or days of the operator's time zone.</summary>
    public DateTimeOffset Start(DateTimeOffset now, TimeSpan offset)
    {
        var here = now.ToOffset(offset);
        var current = new DateTimeOffset(here.Ticks - (here.Ticks % Bar.Ticks), offset);
        return current - ((Bars - 1) * Bar);
    }
}
