using PayCore.Contracts.V1;
using PayCore.PayManagerSystem.Permissions;
using PayCore.PayManagerSystem.Web;

namespace PayCore.PayManagerSystem.Records;

/// <summary>A column of a list.</summary>
/// <param name="Key">Its name in the address.</param>
/// <param name="Title">Its heading.</param>
/// <param name="Shown">Shown without choosing.</param>
/// <param name="End">Stands at the end of its space, as amounts do.</param>
/// <param name="IsMoney">In a file the currency gets a field of its own.</param>
public sealed record RecordColumn(string Key, Text Title, bool Shown, bool End, bool IsMoney);

/// <summary>A row of a list.</summary>
/// <param name="Id">Of what it shows.</param>
/// <param name="Cells">One for each column.</param>
public sealed record RecordRow(string Id, IReadOnlyList<Cell> Cells);

/// <summary>A page of a list.</summary>
/// <param name="Rows">Newest first.</param>
/// <param name="Places">Where the pages beside it are.</param>
public sealed record RecordPage(IReadOnlyList<RecordRow> Rows, ListPlaces Places);

/// <summary>One kind of records as lists show it and files have it: its filters, its columns, and how a page of it is read.</summary>
public abstract class RecordSource(ConsolePage page)
{
    /// <summary>The page that lists it.</summary>
    public ConsolePage Page { get; } = page;

    /// <summary>Its name: the page's address without the slash.</summary>
    public string Name { get; } = page.Route.TrimStart('/');

    /// <summary>How it can be made shorter.</summary>
    public abstract IReadOnlyList<RecordFilter> Filters { get; }

    /// <summary>Lists that many want; the first one is all.</summary>
    public abstract IReadOnlyList<QuickView> Views { get; }

    /// <summary>What there is to see of a row.</summary>
    public abstract IReadOnlyList<RecordColumn> Columns { get; }

    /// <summary>Reads a page.</summary>
    public abstract Task<RecordPage> ReadAsync(FilterValues filters, ListPage page, CancellationToken cancellation);

    /// <summary>An amount's bounds and what they are in.</summary>
    protected static IEnumerable<RecordFilter> AmountFilters { get; } =
    [
        new("currency", RecordTexts.Currency, FilterKind.Words),
        new("amount_min", RecordTexts.AmountMin, FilterKind.Amount),
        new("amount_max", RecordTexts.AmountMax, FilterKind.Amount),
    ];

    /// <summary>Whose it is and where it went.</summary>
    protected static IEnumerable<RecordFilter> OwnerFilters { get; } =
    [
        new("merchant", RecordTexts.Merchant, FilterKind.Words),
        new("channel", RecordTexts.Channel, FilterKind.Words),
        new("account", RecordTexts.Account, FilterKind.Words),
    ];

    /// <summary>When it came into being.</summary>
    protected static IEnumerable<RecordFilter> CreatedFilters { get; } =
    [
        new("from", RecordTexts.From, FilterKind.Day, InFront: true),
        new("to", RecordTexts.To, FilterKind.Day, InFront: true),
    ];
}

/// <summary>A column with what it has for a record.</summary>
internal sealed record RecordColumn<T>(string Key, Text Title, Func<T, Cell> Cell, bool Shown = true, bool End = false);

/// <summary>As <see cref="RecordSource"/>, from the records of one contract.</summary>
internal abstract class RecordSource<T>(ConsolePage page, IReadOnlyList<RecordColumn<T>> columns) : RecordSource(page)
{
    /// <inheritdoc/>
    public override IReadOnlyList<RecordColumn> Columns { get; } = [.. columns.Select(c => new RecordColumn(c.Key, c.Title, c.Shown, c.End, c.Key.StartsWith("amount", StringComparison.Ordinal)))];

    /// <summary>A page of records as rows.</summary>
    protected RecordPage Rows(IEnumerable<T> records, Func<T, string> id, ListPlaces places) =>
        new([.. records.Select(r => new RecordRow(id(r), [.. columns.Select(c => c.Cell(r))]))], places);
}
