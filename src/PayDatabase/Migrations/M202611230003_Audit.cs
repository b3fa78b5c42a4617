using FluentMigrator;

namespace PayCore.PayDatabase.Migrations;

/// <summary>The audit log, and its end: whoever appends holds that row, so that entries follow one another.</summary>
[Migration(202611230003)]
public sealed class Audit : ResumableMigration
{
    /// <inheritdoc/>
    public override void Up()
    {
        if (!Schema.Table("audit_entry").Exists())
        {
            IfDatabase("mysql", "mariadb").Execute.Sql(Table("MEDIUMTEXT"));
            IfDatabase("sqlite").Execute.Sql(Table("TEXT"));
        }

        Once("CREATE INDEX audit_entry_subject ON audit_entry (subject, number)");
        Once("CREATE TABLE audit_end (id INT NOT NULL PRIMARY KEY, number BIGINT NOT NULL, hash CHAR(64) NOT NULL)");
        Execute.Sql(
            $"INSERT INTO audit_end (id, number, hash) SELECT 1, 0, '{new string('0', 64)}' FROM (SELECT 1 AS one) AS one WHERE NOT EXISTS (SELECT 1 FROM audit_end)");
    }

    /// <inheritdoc/>
    public override void Down() => throw new NotSupportedException("Money is never dropped by a migration.");

    private static string Table(string text) =>
        $"""
        CREATE TABLE audit_entry (
            number        BIGINT       NOT NULL PRIMARY KEY,
            created_at    BIGINT       NOT NULL,
            by_whom       VARCHAR(128) NOT NULL,
            action        VARCHAR(64)  NOT NULL,
            subject       VARCHAR(160) NOT NULL,
            before_text   {text}   NOT NULL,
            after_text    {text}   NOT NULL,
            previous_hash CHAR(64)     NOT NULL,
            hash          CHAR(64)     NOT NULL
        )
        """;
}
