using PayCore.PayManagerSystem.Web;

namespace PayCore.PayManagerSystem.Records;

/// <summary>How a filter is chosen.</summary>
public enum FilterKind
{
    /// <summary>Typed words, compared as a whole.</summary>
    Words,

    /// <summary>An amount as people type it.</summary>
    Amount,

    /// <summary>A whole number.</summary>
    Count,

    /// <summary>A day in the operator's time zone, the whole of it.</summary>
    Day,

    /// <summary>Any of some words.</summary>
    AnyOf,

    /// <summary>Yes, or not asked for.</summary>
    Only,
}

/// <summary>A way to make a list shorter.</summary>
/// <param name="Key">Its name in the address.</param>
/// <param name="Title">What the page calls it.</param>
/// <param name="Kind">How it is chosen.</param>
/// <param name="Words">What may be chosen, of <see cref="FilterKind.AnyOf"/>.</param>
/// <param name="InFront">Shown at once; others behind "more filters".</param>
public sealed record RecordFilter(string Key, Text Title, FilterKind Kind, IReadOnlyList<string>? Words = null, bool InFront = false);

/// <summary>A list that many want, one press away.</summary>
/// <param name="Title">Its name.</param>
/// <param name="Query">Its filters, as in the address; empty: none.</param>
public sealed record QuickView(Text Title, string Query);

/// <summary>A filter says nothing that makes sense.</summary>
internal sealed class FilterException(Text text, string field) : Exception(text.English)
{
    /// <summary>What is wrong.</summary>
    public Text Text { get; } = text;

    /// <summary>The filter's name in the address.</summary>
    public string Field { get; } = field;
}
