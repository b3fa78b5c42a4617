using Dapper;
using PayCore.Contracts.V1;

namespace PayCore.PayDatabase;

/// <summary>
/// A page of an app's orders, refunds or transfers: newest first, from the entry after which the page begins. It walks an index that begins with the app, or with the
/// order or batch that was asked for, in the order of the list, so that rows that come meanwhile move nothing and deep pages cost what the first one costs.
/// </summary>
internal sealed record ListQuery(string Sql, DynamicParameters Parameters)
{
    private const int Max = 201;

    // A paid order shows the wallet that paid it, whatever was asked for.
    private const string OrderMethod =
        "COALESCE((SELECT a.method FROM pay_attempt a WHERE a.attempt_no = pay_order.won_attempt_no), pay_order.method) = @method";

    public static ListQuery Orders(ListRequest request, bool isMySql) =>
        Build(request, "pay_order", "pay_order_created", isMySql, OrderRow.Columns, (request.Method.Length > 0, OrderMethod));

    public static ListQuery Refunds(ListRequest request, bool isMySql) =>
        Build(request, "refund", request.OrderId.Length > 0 ? "refund_order" : "refund_created", isMySql, RefundRow.Columns, (request.OrderId.Length > 0, "order_id = @orderId"));

    public static ListQuery Transfers(ListRequest request, bool isMySql) => Build(
        request, "transfer", request.OutBatchNo.Length > 0 ? "transfer_batch" : "transfer_created", isMySql, TransferRow.Columns,
        (request.Method.Length > 0, "method = @method"),
        (request.OutBatchNo.Length > 0, "out_batch_no = @outBatchNo"));

    private static ListQuery Build(
        ListRequest request, string table, string index, bool isMySql, string columns, params (bool Asked, string Condition)[] filters)
    {
        if (request.AppId.Length == 0)
        {
            throw Refusals.InvalidArgument("app_id", "is missing");
        }

        IEnumerable<(bool Asked, string Condition)> all =
        [
            (true, "app_id = @appId"),
            .. filters,
            (request.States.Count > 0, "state IN @states"),
            (request.CreatedFrom is not null, "created_at >= @from"),
            (request.CreatedBefore is not null, "created_at < @before"),
            (request.AfterId.Length > 0, "created_at <= @afterTime AND (created_at < @afterTime OR id < @afterId)"),
        ];
        var where = string.Join(" AND ", all.Where(c => c.Asked).Select(c => c.Condition));
        var parameters = new DynamicParameters(new
        {
            appId = request.AppId,
            method = request.Method,
            orderId = request.OrderId,
            outBatchNo = request.OutBatchNo,
            states = request.States,
            from = request.CreatedFrom.MsOrNull(),
            before = request.CreatedBefore.MsOrNull(),
            afterTime = request.AfterCreateTime.MsOrNull(),
            afterId = request.AfterId,
            limit = Math.Clamp(request.Limit, 1, Max),
        });
        return new ListQuery($"SELECT {columns} FROM {table} {IndexHint.Of(index, isMySql)} WHERE {where} ORDER BY created_at DESC, id DESC LIMIT @limit", parameters);
    }
}
