using PayCore.Contracts.V1;
using PayCore.PayManagerSystem.Permissions;

namespace PayCore.PayManagerSystem.Records;

/// <summary>What channels called back with.</summary>
internal sealed class CallbackSource(ConsoleRecords.ConsoleRecordsClient records) : RecordSource<CallbackRecord>(ConsolePages.Callbacks, _columns)
{
    private static readonly RecordColumn<CallbackRecord>[] _columns =
    [
        new("callback", RecordTexts.Callback, r => new NumberCell(r.CallbackId, $"/callbacks/{r.CallbackId}")),
        new("verdict", RecordTexts.Verdict, r => new StateCell(RecordWords.Of(r.Verdict))),
        new("reason", RecordTexts.Why, r => new WordsCell(r.Reason)),
        new("channel", RecordTexts.Channel, r => new WordsCell(r.Channel, r.Account)),
        new("attempt", RecordTexts.AttemptNo, r => new NumberCell(r.AttemptNo)),
        new("received", RecordTexts.Received, r => new WhenCell(r.ReceiveTime)),
        new("order", RecordTexts.About, r => new NumberCell(r.OrderId), Shown: false),
        new("message", RecordTexts.MessageId, r => new NumberCell(r.MessageId), Shown: false),
    ];

    /// <inheritdoc/>
    public override IReadOnlyList<RecordFilter> Filters { get; } =
    [
        new("verdict", RecordTexts.Verdict, FilterKind.AnyOf, RecordWords.Verdicts, InFront: true),
        new("channel", RecordTexts.Channel, FilterKind.Words, InFront: true),
        .. CreatedFilters,
        new("account", RecordTexts.Account, FilterKind.Words),
        new("reason", RecordTexts.Why, FilterKind.Words),
        new("order", RecordTexts.About, FilterKind.Words),
    ];

    /// <inheritdoc/>
    public override IReadOnlyList<QuickView> Views { get; } =
    [
        new(RecordTexts.All, ""),
        new(RecordTexts.Applied, "?verdict=APPLIED"),
        new(RecordTexts.Rejected, "?verdict=REJECTED"),
        new(RecordTexts.Conflicts, "?verdict=CONFLICT"),
        new(RecordTexts.Duplicates, "?verdict=DUPLICATE"),
    ];

    /// <inheritdoc/>
    public override async Task<RecordPage> ReadAsync(FilterValues filters, ListPage page, CancellationToken cancellation)
    {
        var reply = await records.ListCallbackRecordsAsync(
            new ListCallbackRecordsRequest
            {
                Verdicts = { filters.Chosen("verdict").Select(w => RecordWords.Verdict(w) ?? throw new FilterException(RecordTexts.FilterWord, "verdict")) },
                Channel = filters.Words("channel"),
                Account = filters.Words("account"),
                Reason = filters.Words("reason"),
                OrderId = filters.Words("order"),
                ReceivedFrom = filters.From("from"),
                ReceivedBefore = filters.Before("to"),
                Page = page,
            },
            cancellationToken: cancellation);
        return Rows(reply.Callbacks, r => r.CallbackId, reply.Places);
    }
}
