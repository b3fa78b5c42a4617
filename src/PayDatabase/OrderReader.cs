using System.Data.Common;
using Dapper;
using PayCore.Contracts.V1;

namespace PayCore.PayDatabase;

/// <summary>Reads an order with its attempts, inside a write or outside.</summary>
internal static class OrderReader
{
    /// <summary>Reads and locks an order by id inside a write. An archived one is brought back.</summary>
    public static async Task<StoredOrder?> LockAsync(this WriteContext write, string orderId)
    {
        write.DropAhead(orderId);
        var row = await LockRowAsync();
        if (row is null && await write.BringBackAsync("pay_order", "id", orderId))
        {
            row = await LockRowAsync();
        }

        return row?.ToStored(await write.QueryAsync<AttemptRow>(Attempts("", "@id"), new { id = orderId }));

        Task<OrderRow?> LockRowAsync() => write.FirstAsync<OrderRow>(
            $"SELECT {OrderRow.Columns} FROM pay_order WHERE id = @id{write.ForUpdate}", new { id = orderId });
    }

    /// <summary>Reads and locks the order of an attempt inside a write.</summary>
    public static async Task<StoredOrder?> LockByAttemptAsync(this WriteContext write, string attemptNo)
    {
        if (write.TakeAhead(attemptNo) is { } stored)
        {
            return stored;
        }

        // The attempt's order never changes, so that it may be read before the lock.
        var orderId = await write.FirstAsync<string>(Archive.Both(at => $"SELECT order_id FROM pay_attempt{at} WHERE attempt_no = @attemptNo"), new { attemptNo });
        return orderId is null ? null : await write.LockAsync(orderId);
    }

    /// <summary>
    /// Reads and locks the orders of attempts together, before the commands that begin with them. Of several attempts of an order the first command to lock it has it as it was read;
    /// the others, and what is archived or unknown, are left to <see cref="LockAsync"/>, which sees what was made of it.
    /// </summary>
    public static async Task LockAheadAsync(this WriteContext write, IReadOnlyCollection<string> attemptNos)
    {
        if (attemptNos.Count == 0)
        {
            return;
        }

        var orderIds = await write.QueryAsync<string>("SELECT DISTINCT order_id FROM pay_attempt WHERE attempt_no IN @attemptNos", new { attemptNos });
        var (orders, attempts) = await write.QueryBothAsync<OrderRow, AttemptRow>(
            $"SELECT {OrderRow.Columns} FROM pay_order WHERE id IN @ids ORDER BY id{write.ForUpdate}",
            $"SELECT {AttemptRow.Columns} FROM pay_attempt WHERE order_id IN @ids ORDER BY order_id, seq",
            new { ids = orderIds.OrNone() });
        var attemptsOf = attempts.ToLookup(a => a.OrderId);
        foreach (var order in orders)
        {
            if (attemptsOf[order.Id].FirstOrDefault(a => attemptNos.Contains(a.AttemptNo)) is { } first)
            {
                write.KeepAhead(first.AttemptNo, order.ToStored(attemptsOf[order.Id]));
            }
        }
    }

    /// <summary>Reads an order by any of its keys, or null.</summary>
    public static async Task<StoredOrder?> ReadAsync(this DbConnection connection, ReadOrderRequest request)
    {
        Func<string, string> id;
        object parameters;
        switch (request.KeyCase)
        {
            case ReadOrderRequest.KeyOneofCase.OrderId:
                (id, parameters) = (_ => "@orderId", new { orderId = request.OrderId });
                break;
            case ReadOrderRequest.KeyOneofCase.MerchantOrder:
                id = at => $"(SELECT id FROM pay_order{at} WHERE app_id = @appId AND out_trade_no = @outTradeNo)";
                parameters = new { appId = request.MerchantOrder.AppId, outTradeNo = request.MerchantOrder.OutTradeNo };
                break;
            case ReadOrderRequest.KeyOneofCase.PageToken:
                (id, parameters) = (at => $"(SELECT id FROM pay_order{at} WHERE page_token = @pageToken)", new { pageToken = request.PageToken });
                break;
            case ReadOrderRequest.KeyOneofCase.AttemptNo:
                (id, parameters) = (at => $"(SELECT order_id FROM pay_attempt{at} WHERE attempt_no = @attemptNo)", new { attemptNo = request.AttemptNo });
                break;
            default:
                throw Refusals.InvalidArgument("key", "is missing");
        }

        foreach (var at in Archive.Places)
        {
            if (await connection.ReadAsync(at, id(at), parameters, request.WithHistory) is { } stored)
            {
                return stored;
            }
        }

        return null;
    }

    /// <summary>The words of the request as they were kept, wherever the order is.</summary>
    public static Task<OrderRow> ReadRowAsync(this DbConnection connection, string orderId) => connection.QuerySingleAsync<OrderRow>(
        Archive.Both(at => $"SELECT {OrderRow.Columns} FROM pay_order{at} WHERE id = @orderId"), new { orderId });

    private static async Task<StoredOrder?> ReadAsync(this DbConnection connection, string at, string id, object parameters, bool withHistory)
    {
        OrderRow? row;
        List<AttemptRow> attempts;
        await using (var both = await connection.QueryMultipleAsync($"SELECT {OrderRow.Columns} FROM pay_order{at} WHERE id = {id};\n{Attempts(at, id)}", parameters))
        {
            row = await both.ReadFirstOrDefaultAsync<OrderRow>();
            attempts = (await both.ReadAsync<AttemptRow>()).AsList();
        }

        if (row is null || attempts.Count < row.AttemptCount)
        {
            // Not here, or moved just now.
            return null;
        }

        var stored = row.ToStored(attempts);
        if (withHistory)
        {
            var history = await connection.QueryAsync<HistoryRow>(
                $"""
                SELECT '' AS attempt_no, version, from_state, to_state, cause, evidence_id, at FROM pay_order_history{at} WHERE order_id = @id
                UNION ALL
                SELECT h.attempt_no, h.version, h.from_state, h.to_state, h.cause, h.evidence_id, h.at
                  FROM pay_attempt{at} a JOIN pay_attempt_history{at} h ON h.attempt_no = a.attempt_no WHERE a.order_id = @id
                """,
                new { id = row.Id });
            stored.History.AddRange(history.OrderBy(h => h.At).ThenBy(h => h.Version).Select(h => h.ToEntry()));
        }

        return stored;
    }

    private static string Attempts(string at, string id) => $"SELECT {AttemptRow.Columns} FROM pay_attempt{at} WHERE order_id = {id} ORDER BY seq";
}
