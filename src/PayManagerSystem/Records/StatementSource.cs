using PayCore.Contracts.V1;
using PayCore.PayManagerSystem.Permissions;
using StatementState = PayCore.Contracts.V1.StatementRecord.Types.State;

namespace PayCore.PayManagerSystem.Records;

/// <summary>What providers say of each day of an account, and how far it was compared with ours.</summary>
internal sealed class StatementSource(ConsoleRecords.ConsoleRecordsClient records) : RecordSource<StatementRecord>(ConsolePages.Statements, _columns)
{
    private static readonly RecordColumn<StatementRecord>[] _columns =
    [
        new("day", RecordTexts.Day, r => new NumberCell(r.Day, $"{ConsolePages.Statements.Route}/{r.StatementId}", r.StatementId)),
        new("state", RecordTexts.State, r => new StateCell(EnumText<StatementState>.Show(r.State), r.Differences > 0 ? RecordTexts.Different : null)),
        new("account", RecordTexts.Account, r => new WordsCell(r.Account, r.Channel)),
        new("lines", RecordTexts.Lines, r => new CountCell(r.Rows), End: true),
        new("compared", RecordTexts.Compared, r => new CountCell(r.MatchedRows), End: true),
        new("differences", RecordTexts.Differences, r => new CountCell(r.Differences), End: true),
        new("updated", RecordTexts.Updated, r => new WhenCell(r.UpdateTime)),
        new("message", RecordTexts.Message, r => new WordsCell(r.Message), Shown: false),
    ];

    /// <inheritdoc/>
    public override IReadOnlyList<RecordFilter> Filters { get; } =
    [
        new("state", RecordTexts.State, FilterKind.AnyOf, EnumText<StatementState>.All, InFront: true),
        new("account", RecordTexts.Account, FilterKind.Words, InFront: true),
        .. CreatedFilters,
        new("channel", RecordTexts.Channel, FilterKind.Words),
        new("different", RecordTexts.DifferentOnly, FilterKind.Only),
    ];

    /// <inheritdoc/>
    public override IReadOnlyList<QuickView> Views { get; } =
    [
        new(RecordTexts.All, ""),
        new(RecordTexts.Different, "?different=1"),
        new(RecordTexts.Failed, "?state=FAILED"),
    ];

    /// <inheritdoc/>
    public override async Task<RecordPage> ReadAsync(FilterValues filters, ListPage page, CancellationToken cancellation)
    {
        var reply = await records.ListStatementRecordsAsync(
            new ListStatementRecordsRequest
            {
                States = { filters.AnyOf<StatementState>("state") },
                Channel = filters.Words("channel"),
                Account = filters.Words("account"),
                DifferentOnly = filters.Only("different"),
                CreatedFrom = filters.From("from"),
                CreatedBefore = filters.Before("to"),
                Page = page,
            },
            cancellationToken: cancellation);
        return Rows(reply.Statements, r => r.StatementId, reply.Places);
    }
}
