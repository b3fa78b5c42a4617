using FluentMigrator;

namespace PayCore.PayDatabase.Migrations;

/// <summary>Which line of which statement an exception item is about, and the list of statements. Items that were raised before name none.</summary>
[Migration(202611300001)]
public sealed class StatementDifferences : Migration
{
    /// <inheritdoc/>
    public override void Up()
    {
        if (!Schema.Table("exception_item").Column("statement_id").Exists())
        {
            Execute.Sql("ALTER TABLE exception_item ADD COLUMN statement_id VARCHAR(32) NOT NULL DEFAULT ''");
        }

        if (!Schema.Table("exception_item").Column("statement_line").Exists())
        {
            Execute.Sql("ALTER TABLE exception_item ADD COLUMN statement_line INT NOT NULL DEFAULT 0");
        }

        if (!Schema.Table("exception_item").Index("exception_item_statement").Exists())
        {
            Execute.Sql("CREATE INDEX exception_item_statement ON exception_item (statement_id, exception_id)");
        }

        if (!Schema.Table("channel_statement").Index("channel_statement_time").Exists())
        {
            Execute.Sql("CREATE INDEX channel_statement_time ON channel_statement (created_at, statement_id)");
        }
    }

    /// <inheritdoc/>
    public override void Down() => throw new NotSupportedException("Money is never dropped by a migration.");
}
