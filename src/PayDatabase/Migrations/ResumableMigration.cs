using System.Text.RegularExpressions;
using FluentMigrator;

namespace PayCore.PayDatabase.Migrations;

/// <summary>A step that may stop after any of its statements, since MySQL commits every one by itself, and goes on where it stopped.</summary>
public abstract partial class ResumableMigration : Migration
{
    /// <summary>Runs a statement whose table, index or column is not there yet: <c>CREATE TABLE</c>, <c>CREATE INDEX</c>, <c>ADD COLUMN</c> or <c>RENAME COLUMN</c>.</summary>
    /// <exception cref="ArgumentException">It makes nothing of these.</exception>
    protected void Once(string statement)
    {
        if (!IsThere(statement))
        {
            Execute.Sql(statement);
        }
    }

    /// <summary>Whether a table has that index.</summary>
    protected bool HasIndex(string table, string index) => Schema.Table(table).Exists() && Schema.Table(table).Index(index).Exists();

    /// <summary>Takes an index away; both databases have words of their own for it.</summary>
    protected void DropIndex(string table, string index)
    {
        IfDatabase("mysql", "mariadb").Execute.Sql($"DROP INDEX {index} ON {table}");
        IfDatabase("sqlite").Execute.Sql($"DROP INDEX {index}");
    }

    private bool IsThere(string statement)
    {
        var made = Made().Match(statement);
        var (table, index, column) = (made.Groups["table"].Value, made.Groups["index"].Value, made.Groups["column"].Value);
        return !made.Success ? throw new ArgumentException("It makes no table, index or column.", nameof(statement))
            : index.Length > 0 ? HasIndex(table, index)
            : column.Length > 0 ? Schema.Table(table).Column(column).Exists()
            : Schema.Table(table).Exists();
    }

    [GeneratedRegex(
        @"\A\s*(?:CREATE TABLE (?<table>\w+)|CREATE (?:UNIQUE )?INDEX (?<index>\w+) ON (?<table>\w+)|ALTER TABLE (?<table>\w+) (?:ADD COLUMN|RENAME COLUMN \w+ TO) (?<column>\w+))",
        RegexOptions.CultureInvariant)]
    private static partial Regex Made();
}
