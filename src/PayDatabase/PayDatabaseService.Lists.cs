using Dapper;
using Grpc.Core;
using PayCore.Contracts.V1;

namespace PayCore.PayDatabase;

// Lists of one app, newest first.
public sealed partial class PayDatabaseService
{
    /// <inheritdoc/>
    public override async Task<ListPayOrdersRowsReply> ListPayOrders(ListRequest request, ServerCallContext context)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(context);
        var query = ListQuery.Orders(request, database.IsMySql);
        return await database.ReadListAsync(
            async connection =>
            {
                var rows = (await connection.QueryAsync<OrderRow>(query.Sql, query.Parameters)).ToList();
                var won = (await connection.QueryAsync<AttemptRow>(
                    $"SELECT {AttemptRow.Columns} FROM pay_attempt WHERE attempt_no IN @won",
                    new { won = rows.Select(r => r.WonAttemptNo).OfType<string>().OrNone() })).ToLookup(a => a.OrderId);
                return new ListPayOrdersRowsReply { Orders = { rows.Select(r => r.ToStored(won[r.Id]).Order) } };
            },
            context.CancellationToken);
    }

    /// <inheritdoc/>
    public override async Task<ListRefundsRowsReply> ListRefunds(ListRequest request, ServerCallContext context)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(context);
        var query = ListQuery.Refunds(request, database.IsMySql);
        var rows = await database.ReadListAsync(connection => connection.QueryAsync<RefundRow>(query.Sql, query.Parameters), context.CancellationToken);
        return new ListRefundsRowsReply { Refunds = { rows.Select(r => r.ToRefund()) } };
    }

    /// <inheritdoc/>
    public override async Task<ListTransfersRowsReply> ListTransfers(ListRequest request, ServerCallContext context)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(context);
        var query = ListQuery.Transfers(request, database.IsMySql);
        var rows = await database.ReadListAsync(connection => connection.QueryAsync<TransferRow>(query.Sql, query.Parameters), context.CancellationToken);
        return new ListTransfersRowsReply { Transfers = { rows.Select(r => r.ToTransfer()) } };
    }
}
