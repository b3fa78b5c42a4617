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
        var query = ListQuery.Orders(request);
        await using var connection = await database.OpenAsync(context.CancellationToken);
        var rows = (await connection.QueryAsync<OrderRow>(query.Sql, query.Parameters)).ToList();
        var won = (await connection.QueryAsync<AttemptRow>(
            $"SELECT {AttemptRow.Columns} FROM pay_attempt WHERE attempt_no IN @won",
            new { won = rows.Select(r => r.WonAttemptNo).OfType<string>() })).ToLookup(a => a.OrderId);
        var reply = new ListPayOrdersRowsReply();
        reply.Orders.AddRange(rows.Select(r => r.ToStored(won[r.Id]).Order));
        return reply;
    }

    /// <inheritdoc/>
    public override async Task<ListRefundsRowsReply> ListRefunds(ListRequest request, ServerCallContext context)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(context);
        var query = ListQuery.Refunds(request);
        await using var connection = await database.OpenAsync(context.CancellationToken);
        var reply = new ListRefundsRowsReply();
        reply.Refunds.AddRange((await connection.QueryAsync<RefundRow>(query.Sql, query.Parameters)).Select(r => r.ToRefund()));
        return reply;
    }

    /// <inheritdoc/>
    public override async Task<ListTransfersRowsReply> ListTransfers(ListRequest request, ServerCallContext context)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(context);
        var query = ListQuery.Transfers(request);
        await using var connection = await database.OpenAsync(context.CancellationToken);
        var reply = new ListTransfersRowsReply();
        reply.Transfers.AddRange((await connection.QueryAsync<TransferRow>(query.Sql, query.Parameters)).Select(r => r.ToTransfer()));
        return reply;
    }
}
