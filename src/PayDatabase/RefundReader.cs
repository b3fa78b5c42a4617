using System.Data.Common;
using Dapper;
using PayCore.Contracts.V1;

namespace PayCore.PayDatabase;

/// <summary>Reads a refund, inside a write or outside.</summary>
internal static class RefundReader
{
    /// <summary>Reads a refund inside a write and locks it, after its attempt: the order in which everybody locks them.</summary>
    public static async Task<StoredRefund?> LockRefundAsync(this WriteContext write, string refundId)
    {
        // The refund's attempt never changes, so that it may be read before the locks.
        var attemptNo = await write.FirstAsync<string>("SELECT attempt_no FROM refund WHERE id = @refundId", new { refundId });
        if (attemptNo is null)
        {
            return null;
        }

        await write.LockAttemptAsync(attemptNo);
        return (await write.FirstAsync<RefundRow>($"SELECT {RefundRow.Columns} FROM refund WHERE id = @refundId{write.ForUpdate}", new { refundId }))?.ToStored();
    }

    /// <summary>Reads and locks an attempt's row inside a write.</summary>
    public static Task<AttemptRow?> LockAttemptAsync(this WriteContext write, string attemptNo) => write.FirstAsync<AttemptRow>(
        $"SELECT {AttemptRow.Columns} FROM pay_attempt WHERE attempt_no = @attemptNo{write.ForUpdate}", new { attemptNo });

    /// <summary>Reads a refund by any of its keys, or null.</summary>
    public static async Task<StoredRefund?> ReadAsync(this DbConnection connection, ReadRefundRequest request)
    {
        var (where, parameters) = request.KeyCase switch
        {
            ReadRefundRequest.KeyOneofCase.RefundId => ("id = @id", (object)new { id = request.RefundId }),
            ReadRefundRequest.KeyOneofCase.MerchantRefund => (
                "app_id = @appId AND out_refund_no = @outRefundNo",
                new { appId = request.MerchantRefund.AppId, outRefundNo = request.MerchantRefund.OutRefundNo }),
            _ => throw Refusals.InvalidArgument("key", "is missing"),
        };
        var row = await connection.QueryFirstOrDefaultAsync<RefundRow>($"SELECT {RefundRow.Columns} FROM refund WHERE {where}", parameters);
        var stored = row?.ToStored();
        if (stored is not null && request.WithHistory)
        {
            stored.History.AddRange(await connection.HistoryAsync("refund", stored.Refund.Id));
        }

        return stored;
    }

    /// <summary>The history of a refund or a transfer, oldest first.</summary>
    public static async Task<IEnumerable<HistoryEntry>> HistoryAsync(this DbConnection connection, string table, string id)
    {
        var rows = await connection.QueryAsync<HistoryRow>(
            $"SELECT version, from_state, to_state, cause, evidence_id, at FROM {table}_history WHERE {table}_id = @id ORDER BY version", new { id });
        return rows.Select(r => r.ToEntry());
    }
}
