using FluentMigrator;

namespace PayCore.PayDatabase.Migrations;

/// <summary>An account's statements, newest first, by an index of their own.</summary>
[Migration(202611280002)]
public sealed class StatementsOfAnAccount : Migration
{
    /// <inheritdoc/>
    public override void Up()
    {
        if (!Schema.Table("channel_statement").Index("channel_statement_account").Exists())
        {
            Execute.Sql("CREATE INDEX channel_statement_account ON channel_statement (channel, account, statement_id)");
        }
    }

    /// <inheritdoc/>
    public override void Down() => throw new NotSupportedException("Money is never dropped by a migration.");
}
