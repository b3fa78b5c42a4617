using System.Data.Common;
using Dapper;
using Grpc.Core;
using PayCore.Contracts.V1;

namespace PayCore.PayDatabase;

// Lists across all apps: the keys of a page by an index, then what its rows show, by key.
public sealed partial class ConsoleRecordsService
{
    // Everything but what was answered and what tells a way in.
    private const string OrderColumns = """
        id, merchant_id, app_id, out_trade_no, state, version, amount_minor, currency, subject, method, scene, attach, expire_at, attempt_count, won_attempt_no,
        paid_at, late, close_requested, failure_code, failure_message, created_at, ended_at
        """;

    private const string AttemptColumns = """
        attempt_no, order_id, seq, channel, account, method, scene, state, amount_minor, currency, channel_order_id, paid_amount, refund_reserved, refunded, paid_at,
        created_at, expire_at
        """;

    /// <inheritdoc/>
    public override Task<ListPaymentRecordsReply> ListPaymentRecords(ListPaymentRecordsRequest request, ServerCallContext context)
    {
        ArgumentNullException.ThrowIfNull(request);
        var query = ConsoleQueries.Payments(request, time.GetUtcNow().Ms(), database.IsMySql);
        return ListAsync(context, query, async (connection, ids, places) =>
        {
            var attempts = (await connection.QueryAsync<AttemptRow>($"SELECT {AttemptColumns} FROM pay_attempt WHERE order_id IN @ids", new { ids = ids.OrNone() }))
                .ToLookup(a => a.OrderId);
            var rows = await connection.QueryAsync<OrderRow>($"SELECT {OrderColumns} FROM pay_order WHERE id IN @ids", new { ids = ids.OrNone() });
            return new ListPaymentRecordsReply { Payments = { InOrder(ids, rows, r => r.Id).Select(r => Payment(r, [.. attempts[r.Id]])) }, Places = places };
        });
    }

    /// <inheritdoc/>
    public override Task<ListRefundRecordsReply> ListRefundRecords(ListRefundRecordsRequest request, ServerCallContext context)
    {
        ArgumentNullException.ThrowIfNull(request);
        return ListAsync(context, ConsoleQueries.Refunds(request, database.IsMySql), async (connection, ids, places) =>
        {
            var rows = await connection.QueryAsync<RefundRow>($"SELECT {RefundRow.Columns} FROM refund WHERE id IN @ids", new { ids = ids.OrNone() });
            return new ListRefundRecordsReply
            {
                Refunds =
                {
                    InOrder(ids, rows, r => r.Id).Select(r => new RefundRecord
                    {
                        Refund = r.ToRefund(),
                        MerchantId = r.MerchantId,
                        Channel = r.Channel,
                        Account = r.Account,
                        PaidAmountMinor = r.PaidAmount,
                        EndTime = Times.ToTimestamp(r.EndedAt),
                        DueTime = Times.ToTimestamp(r.DueAt),
                    }),
                },
                Places = places,
            };
        });
    }

    /// <inheritdoc/>
    public override Task<ListTransferRecordsReply> ListTransferRecords(ListTransferRecordsRequest request, ServerCallContext context)
    {
        ArgumentNullException.ThrowIfNull(request);
        return ListAsync(context, ConsoleQueries.Transfers(request, database.IsMySql), async (connection, ids, places) =>
        {
            var rows = await connection.QueryAsync<TransferRow>($"SELECT {TransferRow.Columns} FROM transfer WHERE id IN @ids", new { ids = ids.OrNone() });
            return new ListTransferRecordsReply
            {
                Transfers =
                {
                    InOrder(ids, rows, r => r.Id).Select(r => new TransferRecord
                    {
                        Transfer = r.ToTransfer(),
                        MerchantId = r.MerchantId,
                        Channel = r.Channel,
                        Account = r.Account,
                        NeedsApproval = r.NeedsApproval != 0,
                        ApprovedBy = r.ApprovedBy,
                        EndTime = Times.ToTimestamp(r.EndedAt),
                        DueTime = Times.ToTimestamp(r.DueAt),
                    }),
                },
                Places = places,
            };
        });
    }

    /// <inheritdoc/>
    public override Task<ListDeliveryRecordsReply> ListDeliveryRecords(ListDeliveryRecordsRequest request, ServerCallContext context)
    {
        ArgumentNullException.ThrowIfNull(request);
        var query = ConsoleQueries.Deliveries(request, time.GetUtcNow().Ms(), database.IsMySql);
        return ListAsync(context, query, async (connection, ids, places) =>
        {
            var rows = await connection.QueryAsync<DeliveryRow>($"{DeliveryRow.SelectWithoutBody} WHERE d.delivery_id IN @ids", new { ids = ids.OrNone() });
            var tries = (await connection.QueryAsync<TryRow>(
                """
                SELECT t.delivery_id, t.cycle, t.number, t.started_at, t.duration_ms, t.http_status, t.result, t.answer
                  FROM notify_delivery d JOIN notify_try t ON t.delivery_id = d.delivery_id AND t.cycle = d.cycle AND t.number = d.tries WHERE d.delivery_id IN @ids
                """,
                new { ids = ids.OrNone() })).ToDictionary(t => t.DeliveryId);
            var reply = new ListDeliveryRecordsReply { Places = places };
            foreach (var delivery in InOrder(ids, rows, r => r.DeliveryId).Select(r => r.ToDelivery()))
            {
                if (tries.TryGetValue(delivery.DeliveryId, out var newest))
                {
                    delivery.History.Add(newest.ToTry());
                }

                reply.Deliveries.Add(delivery);
            }

            return reply;
        });
    }

    /// <inheritdoc/>
    public override Task<ListCallbackRecordsReply> ListCallbackRecords(ListCallbackRecordsRequest request, ServerCallContext context)
    {
        ArgumentNullException.ThrowIfNull(request);
        return ListAsync(context, ConsoleQueries.Callbacks(request, database.IsMySql), async (connection, ids, places) =>
        {
            var rows = await connection.QueryAsync<CallbackTableRow>($"SELECT {CallbackTableRow.Columns} FROM callback WHERE callback_id IN @ids", new { ids = ids.OrNone() });
            return new ListCallbackRecordsReply { Callbacks = { InOrder(ids, rows, r => r.CallbackId).Select(r => r.ToRecord()) }, Places = places };
        });
    }

    /// <inheritdoc/>
    public override Task<ListExceptionRecordsReply> ListExceptionRecords(ListExceptionRecordsRequest request, ServerCallContext context)
    {
        ArgumentNullException.ThrowIfNull(request);
        return ListAsync(context, ConsoleQueries.Exceptions(request, database.IsMySql), async (connection, ids, places) =>
        {
            var rows = (await connection.QueryAsync<ExceptionRow>(
                $"SELECT {ExceptionRow.Columns} FROM exception_item WHERE exception_id IN @ids", new { ids = ids.OrNone() })).ToList();
            var money = await MoneyAsync(connection, rows);
            return new ListExceptionRecordsReply { Exceptions = { InOrder(ids, rows, r => r.ExceptionId).Select(r => Exception(r, money)) }, Places = places };
        });
    }

    /// <inheritdoc/>
    public override Task<ListStatementRecordsReply> ListStatementRecords(ListStatementRecordsRequest request, ServerCallContext context)
    {
        ArgumentNullException.ThrowIfNull(request);
        return ListAsync(context, ConsoleQueries.Statements(request, database.IsMySql), async (connection, ids, places) =>
        {
            var rows = await connection.QueryAsync<StatementHead>($"{StatementHead.Select} WHERE statement_id IN @ids", new { ids = ids.OrNone() });
            return new ListStatementRecordsReply { Statements = { InOrder(ids, rows, r => r.StatementId).Select(r => r.ToRecord()) }, Places = places };
        });
    }

    /// <summary>What each item is about, by its id.</summary>
    private static async Task<Dictionary<string, (string Id, long AmountMinor, string Currency)>> MoneyAsync(DbConnection connection, IReadOnlyList<ExceptionRow> rows) =>
        (await connection.QueryAsync<(string Id, long AmountMinor, string Currency)>(
            $"""
            SELECT id, amount_minor, currency FROM transfer WHERE id IN @transfers
            UNION ALL
            {Archive.Both(at => $"SELECT id, amount_minor, currency FROM refund{at} WHERE id IN @refunds")}
            UNION ALL
            {Archive.Both(at => $"SELECT id, amount_minor, currency FROM pay_order{at} WHERE id IN @orders")}
            """,
            new
            {
                transfers = Named(rows, r => r.TransferId),
                refunds = Named(rows, r => r.RefundId),
                orders = Named(rows, r => r.OrderId),
            })).DistinctBy(m => m.Id).ToDictionary(m => m.Id);

    private static ExceptionRecord Exception(ExceptionRow row, Dictionary<string, (string Id, long AmountMinor, string Currency)> money)
    {
        var about = ((string[])[row.TransferId, row.RefundId, row.OrderId]).FirstOrDefault(money.ContainsKey);
        var record = new ExceptionRecord { Item = row.ToItem() };
        if (about is not null)
        {
            (_, record.AmountMinor, record.Currency) = money[about];
        }

        return record;
    }

    private static IReadOnlyCollection<string> Named(IEnumerable<ExceptionRow> rows, Func<ExceptionRow, string> id) =>
        rows.Select(id).Where(i => i.Length > 0).Distinct().OrNone();

    private static PaymentRecord Payment(OrderRow row, IReadOnlyList<AttemptRow> attempts)
    {
        var stored = row.ToStored(attempts);
        var shown = attempts.FirstOrDefault(a => a.AttemptNo == row.WonAttemptNo) ?? attempts.MaxBy(a => a.Seq);
        return new PaymentRecord
        {
            Order = stored.Order,
            MerchantId = row.MerchantId,
            Channel = shown?.Channel ?? "",
            Account = shown?.Account ?? "",
            RefundReservedMinor = shown?.RefundReserved ?? 0,
            Attempts = row.AttemptCount,
            EndTime = stored.EndTime,
        };
    }

    private Task<T> ListAsync<T>(ServerCallContext context, RecordQuery query, Func<DbConnection, IReadOnlyList<string>, ListPlaces, Task<T>> read)
    {
        ArgumentNullException.ThrowIfNull(context);
        return database.ReadListAsync(
            async connection =>
            {
                var (ids, places) = await query.ReadAsync(connection);
                return await read(connection, ids, places);
            },
            context.CancellationToken);
    }

    /// <summary>The rows in the order of the page. What was archived in between is not there any more.</summary>
    private static IEnumerable<T> InOrder<T>(IEnumerable<string> ids, IEnumerable<T> rows, Func<T, string> id)
    {
        var byId = rows.ToDictionary(id);
        return ids.Where(byId.ContainsKey).Select(i => byId[i]);
    }

    /// <summary>A row of <c>callback</c>.</summary>
    private sealed record CallbackTableRow
    {
        public const string Columns = "callback_id, channel, account, received_at, state, reason, order_id, attempt_no, message_id";

        public string CallbackId { get; init; } = "";
        public string Channel { get; init; } = "";
        public string Account { get; init; } = "";
        public long ReceivedAt { get; init; }
        public string State { get; init; } = "";
        public string Reason { get; init; } = "";
        public string OrderId { get; init; } = "";
        public string AttemptNo { get; init; } = "";
        public string MessageId { get; init; } = "";
        public string HttpMethod { get; init; } = "";
        public string Target { get; init; } = "";
        public string Headers { get; init; } = "";
        public byte[] Body { get; init; } = [];

        public CallbackRecord ToRecord() => new()
        {
            CallbackId = CallbackId,
            Channel = Channel,
            Account = Account,
            ReceiveTime = Times.ToTimestamp(ReceivedAt),
            Verdict = ConsoleQueries.Verdict(State),
            Reason = Reason,
            OrderId = OrderId,
            AttemptNo = AttemptNo,
            MessageId = MessageId,
        };
    }
}
