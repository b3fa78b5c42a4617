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
        var attemptNo = await write.FirstAsync<string>(Archive.Both(at => $"SELECT attempt_no FROM refund{at} WHERE id = @refundId"), new { refundId });
        if (attemptNo is null)
        {
            return null;
        }

        await write.LockAttemptAsync(attemptNo);
        return (await write.FirstAsync<RefundRow>($"SELECT {RefundRow.Columns} FROM refund WHERE id = @refundId{write.ForUpdate}", new { refundId }))?.ToStored();
    }

    /// <summary>Reads and locks an attempt's row inside a write. If its order is archived, all of it is brought back.</summary>
    public static async Task<AttemptRow?> LockAttemptAsync(this WriteContext write, string attemptNo)
    {
        return await LockRowAsync() ?? (await write.BringBackAsync("pay_attempt", "attempt_no", attemptNo) ? await LockRowAsync() : null);

        Task<AttemptRow?> LockRowAsync() => write.FirstAsync<AttemptRow>(
            $"SELECT {AttemptRow.Columns} FROM pay_attempt WHERE attempt_no = @attemptNo{write.ForUpdate}", new { attemptNo });
    }

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
        var row = await connection.QueryFirstOrDefaultAsync<RefundRow>(Archive.Both(at => $"SELECT {RefundRow.Columns} FROM refund{at} WHERE {where}"), parameters);
        var stored = row?.ToStored();
        if (stored is not null && request.WithHistory)
        {
            stored.History.AddRange(await connection.RefundHistoryAsync(stored.Refund.Id));
        }

        return stored;
    }

    /// <summary>The history of a refund, oldest first.</summary>
    public static Task<IEnumerable<HistoryEntry>> RefundHistoryAsync(this DbConnection connection, string id) =>
        connection.HistoryAsync(Archive.Both(at => $"SELECT {HistoryRow.Columns} FROM refund_history{at} WHERE refund_id = @id"), id);

    /// <summary>The history of a transfer, oldest first.</summary>
    public static Task<IEnumerable<HistoryEntry>> TransferHistoryAsync(this DbConnection connection, string id) =>
        connection.HistoryAsync($"SELECT {HistoryRow.Columns} FROM transfer_history WHERE transfer_id = @id", id);

    private static async Task<IEnumerable<HistoryEntry>> HistoryAsync(this DbConnection connection, string select, string id) =>
        (await connection.QueryAsync<HistoryRow>($"{select} ORDER BY version", new { id })).Select(r => r.ToEntry());
}
