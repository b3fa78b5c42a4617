using PayCore.Contracts.V1;

namespace PayCore.PayDatabase;

/// <summary>
/// Orders that ended long ago stand in tables of their own (<c>pay_order_archive</c> and so on), with everything that belongs to them. They are moved whole, in one
/// transaction, one way or the other: a write that needs an archived order brings it back first, so that each rule about orders holds for it unchanged.
/// Exception items and statements stay where they are.
/// </summary>
internal static class Archive
{
    private const string Suffix = "_archive";

    /// <summary>Where rows of orders are: beside the running ones, and archived.</summary>
    public static IReadOnlyList<string> Places { get; } = ["", Suffix];

    /// <summary>A SELECT over both places, for what may stand in either.</summary>
    public static string Both(Func<string, string> select) => string.Join("\nUNION ALL\n", Places.Select(select));

    /// <summary>Moves orders to the archive. Their rows, and those that decide about them, are locked by the caller.</summary>
    public static Task PutAwayAsync(this WriteContext write, IReadOnlyCollection<string> orderIds) => MoveAsync(write, "", Suffix, orderIds);

    /// <summary>Brings the order that a row belongs to back from the archive.</summary>
    /// <param name="write">The transaction.</param>
    /// <param name="table">The row's table.</param>
    /// <param name="key">The column that names the row.</param>
    /// <param name="value">Its value there.</param>
    /// <returns>False: the row is not archived.</returns>
    public static async Task<bool> BringBackAsync(this WriteContext write, string table, string key, string value)
    {
        var order = table == "pay_order" ? "id" : "order_id";
        var orderId = await write.FirstAsync<string>($"SELECT {order} FROM {table}{Suffix} WHERE {key} = @value", new { value });
        if (orderId is null)
        {
            return false;
        }

        // Whoever waited here for another one that brought it back finds nothing to do.
        if (await write.FirstAsync<string>($"SELECT id FROM pay_order{Suffix} WHERE id = @orderId{write.ForUpdate}", new { orderId }) is not null)
        {
            await MoveAsync(write, Suffix, "", [orderId]);
        }

        return true;
    }

    private static async Task MoveAsync(WriteContext write, string from, string to, IReadOnlyCollection<string> orderIds)
    {
        var attempts = await KeysAsync("attempt_no", "pay_attempt");
        var refunds = await KeysAsync("id", "refund");
        var deliveries = await KeysAsync("delivery_id", "notify_delivery");
        foreach (var (table, column, keys) in ((string, string, IReadOnlyCollection<string>)[])
                 [
                     ("pay_order", "id", orderIds),
                     ("pay_order_history", "order_id", orderIds),
                     ("pay_attempt", "order_id", orderIds),
                     ("pay_attempt_history", "attempt_no", attempts),
                     ("refund", "order_id", orderIds),
                     ("refund_history", "refund_id", refunds),
                     ("event", "subject_id", [.. orderIds, .. refunds]),
                     ("notify_delivery", "order_id", orderIds),
                     ("notify_try", "delivery_id", deliveries),
                     ("callback", "order_id", orderIds),
                     ("channel_call", "order_id", orderIds),
                 ])
        {
            if (keys.Count > 0)
            {
                await MoveRowsAsync(write, table + from, table + to, column, keys);
            }
        }

        async Task<IReadOnlyCollection<string>> KeysAsync(string key, string table) =>
            [.. await write.QueryAsync<string>($"SELECT {key} FROM {table}{from} WHERE order_id IN @orderIds", new { orderIds })];
    }

    private static async Task MoveRowsAsync(WriteContext write, string from, string to, string column, IReadOnlyCollection<string> keys)
    {
        // All columns, whatever they are: the two tables have the same ones in the same order.
        var copied = await write.ExecuteAsync($"INSERT INTO {to} SELECT * FROM {from} WHERE {column} IN @keys", new { keys });
        var removed = await write.ExecuteAsync($"DELETE FROM {from} WHERE {column} IN @keys", new { keys });
        if (copied != removed)
        {
            // A row came in between. Nothing is moved; the next run sees it.
            throw Refusals.FailedPrecondition($"{from}: {copied} rows were copied and {removed} removed.");
        }
    }
}
