using System.Data;
using Dapper;
using FluentMigrator;

namespace PayCore.PayDatabase.Migrations;

/// <summary>A table beside each one that holds rows of orders, with the columns and indexes that it has at this step: where orders go that ended long ago.</summary>
[Migration(202611280001)]
public sealed class ArchiveTables : Migration
{
    private static readonly string[] _tables =
    [
        "pay_order", "pay_order_history", "pay_attempt", "pay_attempt_history", "refund", "refund_history", "event", "notify_delivery", "notify_try", "callback",
        "channel_call",
    ];

    /// <inheritdoc/>
    public override void Up()
    {
        foreach (var table in _tables)
        {
            IfDatabase("mysql", "mariadb").Execute.Sql($"CREATE TABLE IF NOT EXISTS {table}_archive LIKE {table}");
            IfDatabase("sqlite").Execute.WithConnection((connection, transaction) => Copy(connection, transaction, table));
        }
    }

    /// <inheritdoc/>
    public override void Down() => throw new NotSupportedException("Money is never dropped by a migration.");

    /// <summary>SQLite keeps the words that a table and its indexes were made with.</summary>
    private static void Copy(IDbConnection connection, IDbTransaction transaction, string table)
    {
        var words = connection.Query<string>(
            "SELECT sql FROM sqlite_master WHERE tbl_name = @table AND sql IS NOT NULL ORDER BY type DESC", new { table }, transaction);
        foreach (var sql in words)
        {
            // TABLE pay_order ( … ), INDEX pay_order_due ON pay_order ( … ): every name that begins with the table's own.
            var open = sql.IndexOf('(', StringComparison.Ordinal);
            var names = sql[..open].Split(' ', StringSplitOptions.RemoveEmptyEntries)
                .Select(w => w.Trim('"') is var name && name.StartsWith(table, StringComparison.Ordinal) ? $"{name}_archive" : w);
            connection.Execute($"{string.Join(' ', names)} {sql[open..]}", transaction: transaction);
        }
    }
}
