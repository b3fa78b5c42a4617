using FluentMigrator;

namespace PayCore.PayDatabase.Migrations;

/// <summary>What processes say of themselves, and what the doctor found of accounts.</summary>
[Migration(202611290003)]
public sealed class InstancesAndVerdicts : Migration
{
    /// <inheritdoc/>
    public override void Up()
    {
        if (!Schema.Table("instance").Exists())
        {
            IfDatabase("mysql", "mariadb").Execute.Sql(Instances("MEDIUMTEXT"));
            IfDatabase("sqlite").Execute.Sql(Instances("TEXT"));
        }

        if (!Schema.Table("instance").Index("instance_seen").Exists())
        {
            Execute.Sql("CREATE INDEX instance_seen ON instance (seen_at)");
        }

        if (!Schema.Table("account_verdict").Exists())
        {
            IfDatabase("mysql", "mariadb").Execute.Sql(Verdicts("MEDIUMTEXT"));
            IfDatabase("sqlite").Execute.Sql(Verdicts("TEXT"));
        }
    }

    /// <inheritdoc/>
    public override void Down() => throw new NotSupportedException("Money is never dropped by a migration.");

    private static string Instances(string text) =>
        $"""
        CREATE TABLE instance (
            instance_id VARCHAR(64) NOT NULL PRIMARY KEY,
            seen_at     BIGINT      NOT NULL,
            report      {text}      NOT NULL
        )
        """;

    private static string Verdicts(string text) =>
        $"""
        CREATE TABLE account_verdict (
            channel          VARCHAR(32)  NOT NULL,
            account          VARCHAR(128) NOT NULL,
            checked_at       BIGINT       NOT NULL,
            by_whom          VARCHAR(64)  NOT NULL,
            document_version VARCHAR(128) NOT NULL,
            findings         {text}       NOT NULL,
            PRIMARY KEY (channel, account)
        )
        """;
}
