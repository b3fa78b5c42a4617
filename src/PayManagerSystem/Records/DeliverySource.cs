using PayCore.Contracts.V1;
using PayCore.PayManagerSystem.Permissions;
using DeliveryState = PayCore.Contracts.V1.Delivery.Types.State;

namespace PayCore.PayManagerSystem.Records;

/// <summary>Notifications on their way to merchants.</summary>
internal sealed class DeliverySource(ConsoleRecords.ConsoleRecordsClient records) : RecordSource<Delivery>(ConsolePages.Deliveries, _columns)
{
    private const int PageSize = 200;

    private static readonly RecordColumn<Delivery>[] _columns =
    [
        new("event", RecordTexts.Event, r => new NumberCell(r.EventType, $"/deliveries/{r.DeliveryId}", r.DeliveryId)),
        new("state", RecordTexts.State, r => new StateCell(EnumText<DeliveryState>.Show(r.State))),
        new("tries", RecordTexts.Tries, r => new CountCell(r.Tries), End: true),
        new("last", RecordTexts.LastTry, r => r.History.LastOrDefault() is { } last ? new TextCell(RecordWords.TryResult(last)) : new WordsCell("")),
        new("app", RecordTexts.App, r => new WordsCell(r.AppId, r.Url)),
        new("created", RecordTexts.Created, r => new WhenCell(r.CreateTime)),
        new("due", RecordTexts.NextTry, r => new WhenCell(r.State == DeliveryState.Pending ? r.DueTime : null)),
        new("order", RecordTexts.About, r => new NumberCell(r.OrderId), Shown: false),
        new("delivered", RecordTexts.DeliveredAt, r => new WhenCell(r.DeliveredTime), Shown: false),
        new("cycle", RecordTexts.Cycle, r => new CountCell(r.Cycle), Shown: false, End: true),
        new("event_id", RecordTexts.EventId, r => new NumberCell(r.EventId), Shown: false),
    ];

    /// <inheritdoc/>
    public override IReadOnlyList<RecordFilter> Filters { get; } =
    [
        new("state", RecordTexts.State, FilterKind.AnyOf, EnumText<DeliveryState>.All, InFront: true),
        new("app", RecordTexts.App, FilterKind.Words, InFront: true),
        .. CreatedFilters,
        new("event", RecordTexts.Event, FilterKind.Words),
        new("order", RecordTexts.About, FilterKind.Words),
        new("tries", RecordTexts.TriesMin, FilterKind.Count),
        new("due", RecordTexts.DueOnly, FilterKind.Only),
    ];

    /// <inheritdoc/>
    public override IReadOnlyList<QuickView> Views { get; } =
    [
        new(RecordTexts.All, ""),
        new(RecordTexts.GivenUp, "?state=DEAD"),
        new(RecordTexts.Waiting, "?state=PENDING&state=LEASED"),
        new(RecordTexts.Due, "?due=1"),
        new(RecordTexts.Delivered, "?state=DELIVERED"),
    ];

    /// <summary>Those of a list that a new cycle can be begun for, newest first; so many at most.</summary>
    public async Task<IReadOnlyList<string>> ResendableAsync(FilterValues filters, int most, CancellationToken cancellation)
    {
        var found = new List<string>();
        ListPlace? place = null;
        do
        {
            var reply = await ListAsync(filters, new ListPage { OlderThan = place, Limit = PageSize }, cancellation);
            found.AddRange(reply.Deliveries.Where(DeliveryWords.MayResend).Select(d => d.DeliveryId));
            place = reply.Places.Older;
        }
        while (place is not null && found.Count < most);

        return [.. found.Take(most)];
    }

    /// <inheritdoc/>
    public override async Task<RecordPage> ReadAsync(FilterValues filters, ListPage page, CancellationToken cancellation)
    {
        var reply = await ListAsync(filters, page, cancellation);
        return Rows(reply.Deliveries, r => r.DeliveryId, reply.Places);
    }

    private async Task<ListDeliveryRecordsReply> ListAsync(FilterValues filters, ListPage page, CancellationToken cancellation) =>
        await records.ListDeliveryRecordsAsync(
            new ListDeliveryRecordsRequest
            {
                States = { filters.AnyOf<DeliveryState>("state") },
                AppId = filters.Words("app"),
                EventType = filters.Words("event"),
                OrderId = filters.Words("order"),
                DueOnly = filters.Only("due"),
                TriesMin = filters.Count("tries"),
                CreatedFrom = filters.From("from"),
                CreatedBefore = filters.Before("to"),
                Page = page,
            },
            cancellationToken: cancellation);
}
