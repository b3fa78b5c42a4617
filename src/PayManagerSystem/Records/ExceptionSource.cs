using PayCore.Contracts.V1;
using PayCore.PayManagerSystem.Permissions;
using ExceptionKind = PayCore.Contracts.V1.ExceptionItem.Types.Kind;
using Standing = PayCore.Contracts.V1.ListExceptionRecordsRequest.Types.Standing;

namespace PayCore.PayManagerSystem.Records;

/// <summary>What a person must look at, or looked at.</summary>
internal sealed class ExceptionSource(ConsoleRecords.ConsoleRecordsClient records) : RecordSource<ExceptionRecord>(ConsolePages.Exceptions, _columns)
{
    private static readonly RecordColumn<ExceptionRecord>[] _columns =
    [
        new("exception", RecordTexts.Exception, r => new TitleCell(ExceptionWords.Title(r.Item.Kind), EnumText<ExceptionKind>.Show(r.Item.Kind), $"/exceptions/{r.Item.ExceptionId}", r.Item.ExceptionId)),
        new("state", RecordTexts.State, r => new StateCell(r.Item.Resolved ? "SETTLED" : "OPEN")),
        new("amount", RecordTexts.Amount, r => new MoneyCell(r.AmountMinor, r.Currency), End: true),
        new("detail", RecordTexts.Detail, r => new WordsCell(r.Item.Detail)),
        new("app", RecordTexts.App, r => new WordsCell(r.Item.AppId)),
        new("created", RecordTexts.Since, r => new WhenCell(r.Item.CreateTime)),
        new("settled_by", RecordTexts.SettledBy, r => new WordsCell(r.Item.ResolvedBy, r.Item.Resolution), Shown: false),
        new("settled", RecordTexts.SettledAt, r => new WhenCell(r.Item.ResolveTime), Shown: false),
        new("note", RecordTexts.Note, r => new WordsCell(r.Item.Note), Shown: false),
        new("about", RecordTexts.About, r => new NumberCell(RecordWords.AboutOf(r.Item)), Shown: false),
    ];

    /// <inheritdoc/>
    public override IReadOnlyList<RecordFilter> Filters { get; } =
    [
        new("kind", RecordTexts.Kind, FilterKind.AnyOf, EnumText<ExceptionKind>.All, InFront: true),
        new("app", RecordTexts.App, FilterKind.Words, InFront: true),
        .. CreatedFilters,
        new("standing", RecordTexts.State, FilterKind.AnyOf, EnumText<Standing>.All),
    ];

    /// <inheritdoc/>
    public override IReadOnlyList<QuickView> Views { get; } =
    [
        new(RecordTexts.All, ""),
        new(RecordTexts.Open, "?standing=OPEN"),
        new(RecordTexts.MoneyUnasked, "?kind=LATE_PAYMENT&kind=SURPLUS_PAYMENT&standing=OPEN"),
        new(RecordTexts.Conflicts, "?kind=CALLBACK_CONFLICT&kind=QUERY_CONFLICT&kind=REFUND_CONFLICT&kind=TRANSFER_CONFLICT&kind=FOREIGN_REFUND&standing=OPEN"),
        new(RecordTexts.Overdue, "?kind=OVERDUE&kind=REFUND_OVERDUE&kind=TRANSFER_OVERDUE&kind=NO_BALANCE&kind=REFUND_ABNORMAL&standing=OPEN"),
        new(RecordTexts.Statements, "?kind=STATEMENT_OURS_ONLY&kind=STATEMENT_THEIRS_ONLY&kind=STATEMENT_AMOUNT&kind=STATEMENT_STATE&kind=STATEMENT_OVERDUE&standing=OPEN"),
        new(RecordTexts.Settled, "?standing=SETTLED"),
    ];

    /// <inheritdoc/>
    public override async Task<RecordPage> ReadAsync(FilterValues filters, ListPage page, CancellationToken cancellation)
    {
        var standings = filters.AnyOf<Standing>("standing").ToList();
        var reply = await records.ListExceptionRecordsAsync(
            new ListExceptionRecordsRequest
            {
                Kinds = { filters.AnyOf<ExceptionKind>("kind") },
                Standing = standings.Count == 1 ? standings[0] : Standing.Any,
                AppId = filters.Words("app"),
                CreatedFrom = filters.From("from"),
                CreatedBefore = filters.Before("to"),
                Page = page,
            },
            cancellationToken: cancellation);
        return Rows(reply.Exceptions, r => r.Item.ExceptionId, reply.Places);
    }
}
