using Dapper;
using Grpc.Core;
using PayCore.Contracts.V1;

namespace PayCore.PayDatabase;

// What a person must look at.
public sealed partial class PayDatabaseService
{
    private const int ListMax = 200;

    // After its expiry an order is looked at each minute, and a look takes less than another one.
    private static readonly TimeSpan _lookSoon = TimeSpan.FromMinutes(2);

    private sealed record StuckRow
    {
        public string Kind { get; init; } = "";
        public string Currency { get; init; } = "";
        public long Count { get; init; }
        public long AmountMinor { get; init; }
        public long Oldest { get; init; }

        public StuckMoney ToMessage() => new()
        {
            Kind = EnumText<StuckMoney.Types.Kind>.Parse(Kind),
            Currency = Currency,
            Count = Count,
            AmountMinor = AmountMinor,
            OldestTime = Times.ToTimestamp(Oldest),
        };
    }

    /// <inheritdoc/>
    public override async Task<RaiseExceptionReply> RaiseException(RaiseExceptionRequest request, ServerCallContext context)
    {
        ArgumentNullException.ThrowIfNull(request);
        try
        {
            return await WriteAsync(async (_, moves) => new RaiseExceptionReply { Raised = await moves.RaiseAsync(request.Exception) });
        }
        catch (DuplicateKeyException)
        {
            // The same item was raised at this very moment.
            return new RaiseExceptionReply();
        }
    }

    /// <inheritdoc/>
    public override async Task<ListExceptionsReply> ListExceptions(ListExceptionsRequest request, ServerCallContext context)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(context);
        var filters = (request.OrderId.Length == 0 ? "" : " AND order_id = @orderId") + (request.OpenOnly ? " AND resolved_at IS NULL" : "");
        var rows = await database.ReadListAsync(
            connection => connection.QueryAsync<ExceptionRow>(
                $"SELECT {ExceptionRow.Columns} FROM exception_item WHERE exception_id > @after{filters} ORDER BY exception_id LIMIT @limit",
                new { after = request.AfterExceptionId, orderId = request.OrderId, limit = Limit(request.Limit) }),
            context.CancellationToken);
        var reply = new ListExceptionsReply();
        reply.Exceptions.AddRange(rows.Select(r => r.ToItem()));
        return reply;
    }

    /// <inheritdoc/>
    public override async Task<SummarizeExceptionsReply> SummarizeExceptions(SummarizeExceptionsRequest request, ServerCallContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        var rows = await database.ReadListAsync(
            connection => connection.QueryAsync<(string Kind, long Open, long Oldest)>(
                "SELECT kind, COUNT(*), MIN(created_at) FROM exception_item WHERE resolved_at IS NULL GROUP BY kind ORDER BY kind"),
            context.CancellationToken);
        return new SummarizeExceptionsReply
        {
            Summaries =
            {
                rows.Select(r => new ExceptionSummary { Kind = EnumText<ExceptionItem.Types.Kind>.Parse(r.Kind), Open = r.Open, OldestTime = Times.ToTimestamp(r.Oldest) }),
            },
        };
    }

    /// <inheritdoc/>
    public override async Task<SummarizeWaitingReply> SummarizeWaiting(SummarizeWaitingRequest request, ServerCallContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        await using var connection = await database.OpenAsync(context.CancellationToken);
        var now = time.GetUtcNow().Ms();
        // What is open is due for a look; an order beyond its expiry within the next minute or so.
        var stuck = await connection.QueryAsync<StuckRow>(
            $"""
            SELECT 'ORDER' AS kind, currency, COUNT(*) AS count, SUM(amount_minor) AS amount_minor, MIN(expire_at) AS oldest
              FROM pay_order {IndexHint.Of("pay_order_due_expire", database.IsMySql)} WHERE due_at <= @soon AND expire_at <= @now AND state = 'PAYING' GROUP BY currency
             UNION ALL
            SELECT CASE state WHEN 'ABNORMAL' THEN 'REFUND_ABNORMAL' ELSE 'REFUND' END, currency, COUNT(*), SUM(amount_minor), MIN(COALESCE(first_sent_at, created_at))
              FROM refund {IndexHint.Of("refund_due", database.IsMySql)} WHERE due_at IS NOT NULL AND state IN ('CREATED', 'SENT', 'ABNORMAL') GROUP BY 1, currency
             UNION ALL
            SELECT CASE state WHEN 'SENT' THEN 'TRANSFER' ELSE 'TRANSFER_WAIT_PAYEE' END, currency, COUNT(*), SUM(amount_minor), MIN(first_sent_at)
              FROM transfer {IndexHint.Of("transfer_due", database.IsMySql)} WHERE due_at IS NOT NULL AND state IN ('SENT', 'WAIT_PAYEE') GROUP BY 1, currency
            """,
            new { now, soon = now + (long)_lookSoon.TotalMilliseconds });
        var (due, oldest) = await connection.QuerySingleAsync<(long Count, long? Oldest)>("SELECT COUNT(*), MIN(due_at) FROM notify_delivery WHERE due_at <= @now", new { now });
        return new SummarizeWaitingReply
        {
            Stuck = { stuck.Select(s => s.ToMessage()) },
            DeliveriesDue = due,
            OldestDeliveryDueTime = Times.ToTimestamp(oldest),
            DeliveriesWaiting = await connection.ExecuteScalarAsync<long>("SELECT COUNT(*) FROM notify_delivery WHERE due_at > @now", new { now }),
            DeliveriesDead = await connection.ExecuteScalarAsync<long>("SELECT COUNT(*) FROM notify_delivery WHERE state = 'DEAD'"),
        };
    }

    /// <inheritdoc/>
    public override async Task<ExceptionItem> ResolveException(ResolveExceptionRequest request, ServerCallContext context)
    {
        ArgumentNullException.ThrowIfNull(request);
        Demand("by", request.By, 1, 64);
        Demand("resolution", request.Resolution, 1, 32);
        Demand("note", request.Note, 0, 512);
        return await WriteAsync(async (write, moves) =>
        {
            var before = await ReadItemAsync(write, request.ExceptionId) ?? throw Refusals.NotFound("exception item");
            // The first resolution stands: a repeat finds no row to change.
            var resolved = await write.ExecuteAsync(
                """
                UPDATE exception_item SET resolved_at = @now, resolved_by = @by, resolution = @resolution, note = @note, alert_due_at = NULL
                 WHERE exception_id = @id AND resolved_at IS NULL
                """,
                new { id = request.ExceptionId, now = moves.Now.Ms(), by = request.By, resolution = request.Resolution, note = request.Note });
            var after = (await ReadItemAsync(write, request.ExceptionId))!;
            if (resolved == 1)
            {
                await AuditLog.AppendAsync(write, moves.Now, new AuditEntry
                {
                    By = request.By,
                    Action = "exception.resolve",
                    Subject = request.ExceptionId,
                    Before = AuditLog.Show(before),
                    After = AuditLog.Show(after),
                });
            }

            return after;
        });
    }

    /// <inheritdoc/>
    public override async Task<ClaimAlertsReply> ClaimAlerts(ClaimAlertsRequest request, ServerCallContext context)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(context);
        if (!await IsAlertDueAsync(context.CancellationToken))
        {
            return new ClaimAlertsReply();
        }

        return await WriteAsync(async (write, moves) =>
        {
            var due = (await write.QueryAsync<ExceptionRow>(
                $"SELECT {ExceptionRow.Columns} FROM exception_item WHERE alert_due_at <= @now ORDER BY alert_due_at, exception_id LIMIT @limit{write.ForUpdate}",
                new { now = moves.Now.Ms(), limit = Limit(request.Limit) })).ToList();
            await AlertAgainAsync(write, due.Select(d => d.ExceptionId), moves.Now.AddSeconds(request.LeaseSeconds).Ms());
            return new ClaimAlertsReply { Exceptions = { due.Select(d => d.ToItem()) } };
        });
    }

    /// <inheritdoc/>
    public override async Task<SettleAlertsReply> SettleAlerts(SettleAlertsRequest request, ServerCallContext context)
    {
        ArgumentNullException.ThrowIfNull(request);
        return await WriteAsync(async (write, _) =>
        {
            await AlertAgainAsync(write, request.ExceptionIds, null);
            return new SettleAlertsReply();
        });
    }

    private static async Task<ExceptionItem?> ReadItemAsync(WriteContext write, string id) =>
        (await write.FirstAsync<ExceptionRow>($"SELECT {ExceptionRow.Columns} FROM exception_item WHERE exception_id = @id{write.ForUpdate}", new { id }))?.ToItem();

    /// <summary>Looking costs no write.</summary>
    private async Task<bool> IsAlertDueAsync(CancellationToken cancellation)
    {
        await using var connection = await database.OpenAsync(cancellation);
        return await connection.QueryFirstOrDefaultAsync<string>(
            "SELECT exception_id FROM exception_item WHERE alert_due_at <= @now LIMIT 1", new { now = time.GetUtcNow().Ms() }) is not null;
    }

    private static async Task AlertAgainAsync(WriteContext write, IEnumerable<string> ids, long? due)
    {
        foreach (var id in ids)
        {
            await write.ExecuteAsync("UPDATE exception_item SET alert_due_at = @due WHERE exception_id = @id", new { id, due });
        }
    }

    private static void Demand(string field, string value, int shortest, int longest)
    {
        if (value.Length < shortest || value.Length > longest)
        {
            throw Refusals.InvalidArgument(field, $"has {shortest} to {longest} characters");
        }
    }

    private static int Limit(int asked) => asked <= 0 ? 50 : Math.Min(asked, ListMax);
}
