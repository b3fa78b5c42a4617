using System.CommandLine;
using System.Globalization;
using Google.Protobuf.WellKnownTypes;
using PayCore.Contracts.V1;

namespace PayCore.Host.CommandLine;

/// <summary><c>paycore archive</c>: moves orders that ended long ago into the archive tables. Once a month is enough; an interrupted run is simply started again.</summary>
internal sealed class ArchiveCommand(CommandSession session)
{
    private const int BatchSize = 50;
    private const int ProgressEvery = 5000;
    private const int DefaultDays = 400;

    private readonly Option<DateTimeOffset?> _before = new("--before")
    {
        Description = $"Only orders that ended before this moment, at least 60 days ago. Default: {DefaultDays} days ago.",
        HelpName = Times.MomentName,
        CustomParser = argument => Times.Moment(argument, TimeProvider.System),
    };

    private readonly Option<bool> _dryRun = new("--dry-run") { Description = "Counts what would move and what stays, and moves nothing." };

    /// <summary>The command.</summary>
    public Command Build()
    {
        var archive = new Command("archive", "Moves orders that ended long ago out of the way. Safe to repeat, to interrupt, and beside running services.") { _before, _dryRun };
        archive.SetAction((arguments, cancellation) => ArchiveAsync(arguments, cancellation));
        return archive;
    }

    private async Task<int> ArchiveAsync(ParseResult arguments, CancellationToken cancellation)
    {
        session.UseRecords();
        var before = arguments.GetValue(_before) ?? session.Time.GetUtcNow().AddDays(-DefaultDays);
        var dryRun = arguments.GetValue(_dryRun);
        var subject = $"orders ended before {before.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture)}";
        var request = new ArchiveOrdersRequest { Before = Timestamp.FromDateTimeOffset(before), Limit = BatchSize, DryRun = true };
        if (!dryRun)
        {
            // What is refused leaves no entry, and what cannot be recorded is not done.
            await session.CallDatabaseAsync((client, options) => client.ArchiveOrdersAsync(request, options));
            await AuditAsync("archive.begin", subject, "");
            request.DryRun = false;
        }

        var kept = new SortedDictionary<string, int>(StringComparer.Ordinal);
        var (moved, seen) = (0, 0);
        while (!cancellation.IsCancellationRequested)
        {
            var reply = await session.CallDatabaseAsync((client, options) => client.ArchiveOrdersAsync(request, options));
            foreach (var reason in reply.Kept)
            {
                kept[reason.Reason] = kept.GetValueOrDefault(reason.Reason) + reason.Orders;
            }

            moved += reply.Moved;
            if (reply.Done)
            {
                break;
            }

            var looked = reply.Moved + reply.Kept.Sum(k => k.Orders);
            if (seen / ProgressEvery != (seen + looked) / ProgressEvery)
            {
                Console.WriteLine($"  {seen + looked} orders looked at, {moved} {(dryRun ? "would move" : "moved")}, now at those of {reply.AfterAppId}");
            }

            seen += looked;
            (request.AfterAppId, request.AfterCreateTime, request.AfterOrderId) = (reply.AfterAppId, reply.AfterCreateTime, reply.AfterOrderId);
        }

        if (!dryRun)
        {
            await AuditAsync("archive.end", subject, $"{moved} orders moved");
        }

        Console.WriteLine($"{moved} {subject} {(dryRun ? "would move" : "moved")}; {kept.Values.Sum()} stay{(kept.Count == 0 ? "." : ":")}");
        foreach (var (reason, orders) in kept)
        {
            Console.WriteLine($"  {orders}  {reason}");
        }

        return cancellation.IsCancellationRequested ? throw new CommandFailedException("Interrupted; run it again to go on.") : 0;
    }

    private Task<AuditEntry> AuditAsync(string action, string subject, string after) => session.CallDatabaseAsync((client, options) => client.AppendAuditAsync(
        new AppendAuditRequest { Entry = new AuditEntry { By = AuditTrail.User, Action = action, Subject = subject, After = after } }, options));
}
