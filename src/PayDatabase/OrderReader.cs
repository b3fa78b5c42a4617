using System.Data.Common;
using Dapper;
using PayCore.Contracts.V1;

namespace PayCore.PayDatabase;

/// <summary>Reads an order with its attempts, inside a write or outside.</summary>
internal static class OrderReader
{
    private const string Attempts = $"SELECT {AttemptRow.Columns} FROM pay_attempt WHERE order_id = @id ORDER BY seq";

    /// <summary>Reads and locks an order by id inside a write.</summary>
    public static async Task<StoredOrder?> LockAsync(this WriteContext write, string orderId)
    {
        var row = await write.FirstAsync<OrderRow>(
            $"SELECT {OrderRow.Columns} FROM pay_order WHERE id = @id{write.ForUpdate}", new { id = orderId });
        return row?.ToStored(await write.QueryAsync<AttemptRow>(Attempts, new { id = orderId }));
    }

    /// <summary>Reads and locks the order of an attempt inside a write.</summary>
    public static async Task<StoredOrder?> LockByAttemptAsync(this WriteContext write, string attemptNo)
    {
        // The attempt's order never changes, so that it may be read before the lock.
        var orderId = await write.FirstAsync<string>("SELECT order_id FROM pay_attempt WHERE attempt_no = @attemptNo", new { attemptNo });
        return orderId is null ? null : await write.LockAsync(orderId);
    }

    /// <summary>Reads an order by any of its keys, or null.</summary>
    public static async Task<StoredOrder?> ReadAsync(this DbConnection connection, ReadOrderRequest request)
    {
        var (where, parameters) = request.KeyCase switch
        {
            ReadOrderRequest.KeyOneofCase.OrderId => ("id = @orderId", (object)new { orderId = request.OrderId }),
            ReadOrderRequest.KeyOneofCase.MerchantOrder => (
                "app_id = @appId AND out_trade_no = @outTradeNo",
                new { appId = request.MerchantOrder.AppId, outTradeNo = request.MerchantOrder.OutTradeNo }),
            ReadOrderRequest.KeyOneofCase.PageToken => ("page_token = @pageToken", new { pageToken = request.PageToken }),
            ReadOrderRequest.KeyOneofCase.AttemptNo => (
                "id = (SELECT order_id FROM pay_attempt WHERE attempt_no = @attemptNo)", new { attemptNo = request.AttemptNo }),
            _ => throw Refusals.InvalidArgument("key", "is missing"),
        };
        var row = await connection.QueryFirstOrDefaultAsync<OrderRow>($"SELECT {OrderRow.Columns} FROM pay_order WHERE {where}", parameters);
        if (row is null)
        {
            return null;
        }

        var stored = row.ToStored(await connection.QueryAsync<AttemptRow>(Attempts, new { id = row.Id }));
        if (request.WithHistory)
        {
            var history = await connection.QueryAsync<HistoryRow>(
                """
                SELECT '' AS attempt_no, version, from_state, to_state, cause, evidence_id, at FROM pay_order_history WHERE order_id = @id
                UNION ALL
                SELECT h.attempt_no, h.version, h.from_state, h.to_state, h.cause, h.evidence_id, h.at
                  FROM pay_attempt a JOIN pay_attempt_history h ON h.attempt_no = a.attempt_no WHERE a.order_id = @id
                """,
                new { id = row.Id });
            stored.History.AddRange(history.OrderBy(h => h.At).ThenBy(h => h.Version).Select(h => h.ToEntry()));
        }

        return stored;
    }
}
