using System.Text.Json;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using PayCore.Contracts.V1;
using PayCore.MerchantApi;

namespace PayCore.QueryGateway;

// Lists: newest first, by keyset paging, without counts. The feed: oldest first, by number.
internal sealed partial class QueryService
{
    private const int PageMax = 200;
    private const int PageDefault = 50;
    private const int EventsDefault = 100;

    /// <inheritdoc/>
    public override async Task<ListPayOrdersResponse> ListPayOrders(ListPayOrdersRequest request, ServerCallContext context)
    {
        var list = NewList(context, request.PageSize, request.PageToken, request.CreatedFrom, request.CreatedBefore);
        list.States.AddRange(request.States.Select(s => StateName(PayOrder.Descriptor, (int)s)));
        list.Method = request.Method;
        var reply = await database.ListPayOrdersAsync(list);
        var (page, next) = Cut(reply.Orders, list, o => new PageToken(o.CreateTime, o.Id));
        return new ListPayOrdersResponse { Orders = { page }, NextPageToken = next };
    }

    /// <inheritdoc/>
    public override async Task<ListRefundsResponse> ListRefunds(ListRefundsRequest request, ServerCallContext context)
    {
        var list = NewList(context, request.PageSize, request.PageToken, request.CreatedFrom, request.CreatedBefore);
        list.States.AddRange(request.States.Select(s => StateName(Refund.Descriptor, (int)s)));
        list.OrderId = request.OrderId;
        var reply = await database.ListRefundsAsync(list);
        var (page, next) = Cut(reply.Refunds, list, r => new PageToken(r.CreateTime, r.Id));
        return new ListRefundsResponse { Refunds = { page }, NextPageToken = next };
    }

    /// <inheritdoc/>
    public override async Task<ListTransfersResponse> ListTransfers(ListTransfersRequest request, ServerCallContext context)
    {
        var list = NewList(context, request.PageSize, request.PageToken, request.CreatedFrom, request.CreatedBefore);
        list.States.AddRange(request.States.Select(s => StateName(Transfer.Descriptor, (int)s)));
        list.Method = request.Method;
        list.OutBatchNo = request.OutBatchNo;
        var reply = await database.ListTransfersAsync(list);
        var (page, next) = Cut(reply.Transfers, list, t => new PageToken(t.CreateTime, t.Id));
        return new ListTransfersResponse { Transfers = { page }, NextPageToken = next };
    }

    /// <inheritdoc/>
    public override async Task<ListEventsResponse> ListEvents(ListEventsRequest request, ServerCallContext context)
    {
        FieldRules.Demand(request.After >= 0, "after", ErrorReason.FieldRange, "is a number of an event, or 0");
        var reply = await database.ReadEventsAsync(new ReadEventsRequest
        {
            AppId = CallerOf(context),
            After = request.After,
            Limit = PageSize(request.PageSize, EventsDefault),
        });
        var response = new ListEventsResponse { After = reply.Events.Count > 0 ? reply.Events[^1].Number : request.After };
        response.Events.AddRange(reply.Events.Select(ToEvent));
        return response;
    }

    /// <summary>One more than the page is asked for: that there is one says that there is a next page.</summary>
    private static ListRequest NewList(ServerCallContext context, int pageSize, string pageToken, Timestamp? from, Timestamp? before)
    {
        var after = PageToken.Parse(pageToken);
        return new ListRequest
        {
            AppId = CallerOf(context),
            CreatedFrom = from,
            CreatedBefore = before,
            AfterCreateTime = after?.CreateTime,
            AfterId = after?.Id ?? "",
            Limit = PageSize(pageSize, PageDefault) + 1,
        };
    }

    private static (IEnumerable<T> Page, string Next) Cut<T>(IReadOnlyList<T> rows, ListRequest list, Func<T, PageToken> token) =>
        rows.Count < list.Limit ? (rows, "") : (rows.Take(list.Limit - 1), $"{token(rows[list.Limit - 2])}");

    private static int PageSize(int asked, int standard)
    {
        FieldRules.Demand(asked is >= 0 and <= PageMax, "page_size", ErrorReason.PageSizeInvalid, $"is 1 to {PageMax}, or 0 for {standard}");
        return asked == 0 ? standard : asked;
    }

    private static string StateName(MessageDescriptor message, int state) =>
        message.EnumTypes.Single(e => e.Name == "State").FindValueByNumber(state)?.Name
        ?? throw PayErrors.Field("states", ErrorReason.FieldEnum, "states has a value that is no state.");

    /// <summary>The event as its notification tells it.</summary>
    private static Event ToEvent(EventRow row)
    {
        using var body = JsonDocument.Parse(row.Body.Memory);
        var data = body.RootElement.GetProperty("data").GetRawText();
        var told = new Event { Number = row.Number, EventId = row.EventId, Type = row.Type, Time = row.CreateTime };
        switch (row.Type[..row.Type.IndexOf('.', StringComparison.Ordinal)])
        {
            case "payment":
                told.Order = JsonParser.Default.Parse<PayOrder>(data);
                break;
            case "refund":
                told.Refund = JsonParser.Default.Parse<Refund>(data);
                break;
            case "transfer":
                told.Transfer = JsonParser.Default.Parse<Transfer>(data);
                break;
            default:
                throw new InvalidOperationException($"{row.Type} is no event that a feed can tell.");
        }

        return told;
    }
}
