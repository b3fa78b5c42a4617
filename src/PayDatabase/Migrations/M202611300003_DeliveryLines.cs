using FluentMigrator;

namespace PayCore.PayDatabase.Migrations;

/// <summary>
/// The line of an endpoint: whom a delivery waits for that found no place, and when it is its turn (docs/decisions/0020-lines-of-endpoints.md). Both are empty in all others,
/// so that no write of those is dearer.
/// </summary>
[Migration(202611300003)]
public sealed class DeliveryLines : Migration
{
    /// <inheritdoc/>
    public override void Up()
    {
        foreach (var table in (string[])["notify_delivery", "notify_delivery_archive"])
        {
            if (!Schema.Table(table).Column("waits_for").Exists())
            {
                Execute.Sql($"ALTER TABLE {table} ADD COLUMN waits_for VARCHAR(512) NULL");
            }

            if (!Schema.Table(table).Column("turn_at").Exists())
            {
                Execute.Sql($"ALTER TABLE {table} ADD COLUMN turn_at BIGINT NULL");
            }
        }

        if (!Schema.Table("notify_delivery").Index("notify_delivery_line").Exists())
        {
            Execute.Sql("CREATE INDEX notify_delivery_line ON notify_delivery (waits_for, turn_at)");
        }
    }

    /// <inheritdoc/>
    public override void Down() => throw new NotSupportedException("Money is never dropped by a migration.");
}
