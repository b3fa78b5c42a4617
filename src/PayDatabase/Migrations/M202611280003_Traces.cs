using FluentMigrator;

namespace PayCore.PayDatabase.Migrations;

/// <summary>
/// The trace that attempts, refunds, transfers and deliveries belong to. And the expiry in the index of what is due, so that what is PAYING beyond it is found without
/// reading every open order; it never changes, so that no write is dearer.
/// </summary>
[Migration(202611280003)]
public sealed class Traces : Migration
{
    /// <inheritdoc/>
    public override void Up()
    {
        foreach (var table in (string[])["pay_attempt", "refund", "transfer", "notify_delivery", "pay_attempt_archive", "refund_archive", "notify_delivery_archive"])
        {
            if (!Schema.Table(table).Column("trace_parent").Exists())
            {
                Execute.Sql($"ALTER TABLE {table} ADD COLUMN trace_parent VARCHAR(55) NOT NULL DEFAULT ''");
            }
        }

        // The new index before the old one goes: who looks for what is due always has one.
        if (!Schema.Table("pay_order").Index("pay_order_due_expire").Exists())
        {
            Execute.Sql("CREATE INDEX pay_order_due_expire ON pay_order (due_at, id, expire_at)");
        }

        if (Schema.Table("pay_order").Index("pay_order_due").Exists())
        {
            IfDatabase("mysql", "mariadb").Execute.Sql("DROP INDEX pay_order_due ON pay_order");
            IfDatabase("sqlite").Execute.Sql("DROP INDEX pay_order_due");
        }
    }

    /// <inheritdoc/>
    public override void Down() => throw new NotSupportedException("Money is never dropped by a migration.");
}
