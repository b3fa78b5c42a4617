using System.CommandLine;
using PayCore.PayDatabase;

namespace PayCore.Host.CommandLine;

/// <summary><c>paycore database …</c>: the schema, for a job that migrates before the services start.</summary>
internal sealed class DatabaseCommands(CommandSession session)
{
    /// <summary>The commands.</summary>
    public Command Build()
    {
        var status = new Command("status", "Shows the schema's version; refused when this program wants another.");
        status.SetAction((_, cancellation) => StatusAsync(cancellation));
        var migrate = new Command("migrate", "Brings the schema up to date. One at a time however many run it; safe to repeat and beside running services of the version before.");
        migrate.SetAction((_, cancellation) => MigrateAsync(cancellation));
        return new Command("database", "The database's schema.") { status, migrate };
    }

    private async Task<int> StatusAsync(CancellationToken cancellation)
    {
        session.UseRecords();
        var status = await session.SchemaAsync(migrator => migrator.StatusAsync(cancellation));
        if (status.Unknown.Count > 0)
        {
            throw new CommandFailedException($"The schema is at version {status.Unknown[^1]}, which is newer than this program.");
        }

        if (status.Pending.Count > 0)
        {
            throw new CommandFailedException(
                $"The schema is at version {(status.Applied.Count == 0 ? "none" : status.Applied[^1])} and lacks {string.Join(", ", status.Pending)}. Run ./paycore database migrate");
        }

        Console.WriteLine($"The schema is at version {status.Applied[^1]}, as this program wants it.");
        return 0;
    }

    private async Task<int> MigrateAsync(CancellationToken cancellation)
    {
        session.UseOrMakeRecords();
        var steps = await session.SchemaAsync(migrator => migrator.MigrateAsync(cancellation));
        var status = await session.SchemaAsync(migrator => migrator.StatusAsync(cancellation));
        Console.WriteLine($"{(steps == 0 ? "Nothing to do" : $"{steps} steps done")}: the schema is at version {status.Applied[^1]}.");
        return 0;
    }
}
