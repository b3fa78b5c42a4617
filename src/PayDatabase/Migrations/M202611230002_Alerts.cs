using FluentMigrator;

namespace PayCore.PayDatabase.Migrations;

/// <summary>Which exception items nobody was told of yet: due for an alert until one is acknowledged; and which nobody settled.</summary>
[Migration(202611230002)]
public sealed class Alerts : ResumableMigration
{
    /// <inheritdoc/>
    public override void Up()
    {
        Once("ALTER TABLE exception_item ADD COLUMN alert_due_at BIGINT NULL");
        Once("CREATE INDEX exception_item_alert ON exception_item (alert_due_at, exception_id)");
        Once("CREATE INDEX exception_item_open ON exception_item (resolved_at, exception_id, kind, created_at)");
    }

    /// <inheritdoc/>
    public override void Down() => throw new NotSupportedException("Money is never dropped by a migration.");
}
