using System.Data.Common;
using Dapper;
using PayCore.Contracts.V1;

namespace PayCore.PayDatabase;

/// <summary>Reads a transfer, inside a write or outside.</summary>
internal static class TransferReader
{
    /// <summary>Reads and locks a transfer inside a write.</summary>
    public static async Task<StoredTransfer?> LockTransferAsync(this WriteContext write, string transferId) =>
        (await write.FirstAsync<TransferRow>(
            $"SELECT {TransferRow.Columns} FROM transfer WHERE id = @transferId{write.ForUpdate}", new { transferId }))?.ToStored();

    /// <summary>Reads a transfer by any of its keys, or null.</summary>
    public static async Task<StoredTransfer?> ReadAsync(this DbConnection connection, ReadTransferRequest request)
    {
        var (where, parameters) = request.KeyCase switch
        {
            ReadTransferRequest.KeyOneofCase.TransferId => ("id = @id", (object)new { id = request.TransferId }),
            ReadTransferRequest.KeyOneofCase.MerchantTransfer => (
                "app_id = @appId AND out_transfer_no = @outTransferNo",
                new { appId = request.MerchantTransfer.AppId, outTransferNo = request.MerchantTransfer.OutTransferNo }),
            _ => throw Refusals.InvalidArgument("key", "is missing"),
        };
        var row = await connection.QueryFirstOrDefaultAsync<TransferRow>($"SELECT {TransferRow.Columns} FROM transfer WHERE {where}", parameters);
        var stored = row?.ToStored();
        if (stored is not null && request.WithHistory)
        {
            stored.History.AddRange(await connection.TransferHistoryAsync(stored.Transfer.Id));
        }

        return stored;
    }
}
