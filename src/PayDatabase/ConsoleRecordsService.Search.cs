using System.Text.Json;
using Dapper;
using Google.Protobuf;
using Grpc.Core;
using PayCore.Contracts.V1;
using SearchKind = PayCore.Contracts.V1.SearchHit.Types.Kind;

namespace PayCore.PayDatabase;

// Whatever has a number, and single entries.
public sealed partial class ConsoleRecordsService
{
    private const int HitsMax = 20;
    private const int NumberMin = 3;
    private const int NumberMax = 64;
    private const int DifferencesDefault = 50;
    private const int DifferencesMax = 200;

    private static readonly (string Table, SearchKind Kind, string MerchantNo, string ChannelNo)[] _money =
    [
        ("refund", SearchKind.Refund, "out_refund_no", "channel_refund_id"),
        ("transfer", SearchKind.Transfer, "out_transfer_no", "channel_transfer_id"),
    ];

    /// <inheritdoc/>
    public override async Task<SearchReply> Search(SearchRequest request, ServerCallContext context)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(context);
        var number = request.Number.Trim();
        if (number.Length is < NumberMin or > NumberMax)
        {
            throw Refusals.InvalidArgument("number", $"has {NumberMin} to {NumberMax} characters");
        }

        await using var connection = await database.OpenAsync(context.CancellationToken);
        var hits = new List<HitRow>();
        foreach (var sql in Searches())
        {
            hits.AddRange(await connection.QueryAsync<HitRow>($"{sql} LIMIT {HitsMax}", new { number }));
        }

        // On its way to or from the archive a row can be met twice.
        return new SearchReply { Hits = { hits.DistinctBy(h => (h.Kind, h.Id)).Take(HitsMax).Select(h => h.ToHit()) } };
    }

    /// <inheritdoc/>
    public override async Task<CallbackContent> ReadCallback(ReadCallbackRecordRequest request, ServerCallContext context)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(context);
        await using var connection = await database.OpenAsync(context.CancellationToken);
        var row = await connection.QueryFirstOrDefaultAsync<CallbackTableRow>(
            Archive.Both(at => $"SELECT {CallbackTableRow.Columns}, http_method, target, headers, body FROM callback{at} WHERE callback_id = @id"),
            new { id = request.CallbackId }) ?? throw Refusals.NotFound("callback");
        var headers = JsonSerializer.Deserialize<string[][]>(row.Headers)!;
        return new CallbackContent
        {
            Callback = row.ToRecord(),
            HttpMethod = row.HttpMethod,
            Target = row.Target,
            Headers = { headers.Select(h => new RawHeader { Name = h[0], Value = h[1] }) },
            Body = ByteString.CopyFrom(row.Body),
        };
    }

    /// <inheritdoc/>
    public override async Task<Delivery> ReadDelivery(ReadDeliveryRecordRequest request, ServerCallContext context)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(context);
        await using var connection = await database.OpenAsync(context.CancellationToken);
        var row = await connection.QueryFirstOrDefaultAsync<DeliveryRow>(
            Archive.Both(at => $"{DeliveryRow.Select(at)} WHERE d.delivery_id = @id"), new { id = request.DeliveryId }) ?? throw Refusals.NotFound("delivery");
        var tries = await connection.QueryAsync<TryRow>(
            $"""
            {Archive.Both(at => $"SELECT delivery_id, cycle, number, started_at, duration_ms, http_status, result, answer FROM notify_try{at} WHERE delivery_id = @id")}
            ORDER BY cycle, number
            """,
            new { id = request.DeliveryId });
        var delivery = row.ToDelivery();
        delivery.History.AddRange(tries.Select(t => t.ToTry()));
        return delivery;
    }

    /// <inheritdoc/>
    public override async Task<ExceptionRecord> ReadException(ReadExceptionRecordRequest request, ServerCallContext context)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(context);
        await using var connection = await database.OpenAsync(context.CancellationToken);
        var row = await connection.QueryFirstOrDefaultAsync<ExceptionRow>(
            $"SELECT {ExceptionRow.Columns} FROM exception_item WHERE exception_id = @id", new { id = request.ExceptionId }) ?? throw Refusals.NotFound("exception item");
        return Exception(row, await MoneyAsync(connection, [row]));
    }

    /// <inheritdoc/>
    public override async Task<StatementContent> ReadStatement(ReadStatementRecordRequest request, ServerCallContext context)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(context);
        if (request.AfterExceptionId.Length > 0 && request.BeforeExceptionId.Length > 0)
        {
            throw Refusals.InvalidArgument("before_exception_id", "not together with after_exception_id");
        }

        var limit = request.Limit switch
        {
            0 => DifferencesDefault,
            < 0 or > DifferencesMax => throw Refusals.InvalidArgument("limit", $"is 1 to {DifferencesMax}"),
            var asked => asked,
        };
        await using var connection = await database.OpenAsync(context.CancellationToken);
        var head = await connection.QueryFirstOrDefaultAsync<StatementHead>(
            $"{StatementHead.Select} WHERE statement_id = @id", new { id = request.StatementId }) ?? throw Refusals.NotFound("statement");
        var (range, order) = request.BeforeExceptionId.Length > 0 ? ("exception_id < @before", "DESC") : ("exception_id > @after", "ASC");
        var items = (await connection.QueryAsync<ExceptionRow>(
            $"SELECT {ExceptionRow.Columns} FROM exception_item WHERE statement_id = @id AND {range} ORDER BY exception_id {order} LIMIT @limit",
            new { id = head.StatementId, after = request.AfterExceptionId, before = request.BeforeExceptionId, limit })).ToList();
        var lines = (await connection.QueryAsync<StatementLine>(
            $"SELECT {StatementLine.Columns} FROM channel_statement_row WHERE statement_id = @id AND line IN @lines",
            new { id = head.StatementId, lines = items.Select(i => i.StatementLine).Append(0).Distinct() })).ToDictionary(l => l.Line);
        var money = await MoneyAsync(connection, items);
        var content = new StatementContent { Statement = head.ToRecord() };
        content.Differences.AddRange(items.Select(item =>
        {
            var ours = Exception(item, money);
            return new StatementDifference
            {
                Item = ours.Item, Theirs = lines.GetValueOrDefault(item.StatementLine)?.ToRow(), AmountMinor = ours.AmountMinor, Currency = ours.Currency,
            };
        }));
        return content;
    }

    /// <summary>One statement for each number that something can be found by; each is a look into an index.</summary>
    private static IEnumerable<string> Searches()
    {
        foreach (var at in Archive.Places)
        {
            const string Order = "id, app_id, id AS order_id, state, amount_minor, currency, created_at";
            yield return Select(SearchKind.Payment, "OUR_ID", Order, $"pay_order{at}", "id = @number", at);
            yield return Select(SearchKind.Payment, "MERCHANT_NO", Order, $"pay_order{at}", OfAnyApp($"pay_order{at}", "out_trade_no"), at, $"pay_order{at}");
            foreach (var (column, by) in ((string, string)[])[("attempt_no", "ATTEMPT_NO"), ("channel_order_id", "CHANNEL_NO")])
            {
                yield return Select(
                    SearchKind.Payment, by, "o.id, o.app_id, o.id AS order_id, o.state, o.amount_minor, o.currency, o.created_at",
                    $"pay_attempt{at} a JOIN pay_order{at} o ON o.id = a.order_id", $"a.{column} = @number", at);
            }

            foreach (var (table, kind, merchantNo, channelNo) in _money.Where(m => at.Length == 0 || m.Kind == SearchKind.Refund))
            {
                var columns = $"id, app_id, {(kind == SearchKind.Refund ? "order_id" : "id")} AS order_id, state, amount_minor, currency, created_at";
                yield return Select(kind, "OUR_ID", columns, table + at, "id = @number", at);
                yield return Select(kind, "MERCHANT_NO", columns, table + at, OfAnyApp(table + at, merchantNo), at, table + at);
                yield return Select(kind, "CHANNEL_NO", columns, table + at, $"{channelNo} = @number", at);
            }

            const string Delivery = "delivery_id AS id, app_id, order_id, state, 0 AS amount_minor, '' AS currency, created_at";
            yield return Select(SearchKind.Delivery, "OUR_ID", Delivery, $"notify_delivery{at}", "delivery_id = @number", at);
            yield return Select(SearchKind.Delivery, "EVENT_ID", Delivery, $"notify_delivery{at}", "event_id = @number", at);
            yield return Select(
                SearchKind.Callback, "OUR_ID", "callback_id AS id, '' AS app_id, order_id, state, 0 AS amount_minor, '' AS currency, received_at AS created_at",
                $"callback{at}", "callback_id = @number", at);
        }

        yield return Select(
            SearchKind.Exception, "OUR_ID", "exception_id AS id, app_id, order_id, kind AS state, 0 AS amount_minor, '' AS currency, created_at",
            "exception_item", "exception_id = @number", "");
    }

    private static string Select(SearchKind kind, string by, string columns, string from, string where, string at, string? appsOf = null)
    {
        var apps = appsOf is null ? "" : Apps(appsOf);
        return $"{apps}SELECT '{EnumText<SearchKind>.Of(kind)}' AS kind, '{by}' AS found_by, {(at.Length == 0 ? 0 : 1)} AS archived, {columns} FROM {from} WHERE {where}";
    }

    /// <summary>The apps of a table, one look into an index for each: a merchant's number stands behind its app there.</summary>
    private static string Apps(string table) => $"""
        WITH RECURSIVE app (app_id) AS (
          SELECT MIN(app_id) FROM {table}
          UNION ALL
          SELECT (SELECT MIN(t.app_id) FROM {table} t WHERE t.app_id > app.app_id) FROM app WHERE app.app_id IS NOT NULL
        )

        """;

    private static string OfAnyApp(string table, string column) => $"{table}.app_id IN (SELECT app_id FROM app WHERE app_id IS NOT NULL) AND {table}.{column} = @number";

    private sealed record HitRow
    {
        public string Kind { get; init; } = "";
        public string FoundBy { get; init; } = "";
        public long Archived { get; init; }
        public string Id { get; init; } = "";
        public string AppId { get; init; } = "";
        public string OrderId { get; init; } = "";
        public string State { get; init; } = "";
        public long AmountMinor { get; init; }
        public string Currency { get; init; } = "";
        public long CreatedAt { get; init; }

        public SearchHit ToHit() => new()
        {
            Kind = EnumText<SearchKind>.Parse(Kind),
            By = EnumText<SearchHit.Types.By>.Parse(FoundBy),
            Archived = Archived != 0,
            Id = Id,
            AppId = AppId,
            OrderId = OrderId,
            State = State,
            AmountMinor = AmountMinor,
            Currency = Currency,
            CreateTime = Times.ToTimestamp(CreatedAt),
        };
    }
}
