using System.CommandLine;
using Google.Protobuf;
using PayCore.Contracts.V1;

namespace PayCore.Host.CommandLine;

/// <summary><c>paycore audit …</c>: what people changed, and whether the log of it is whole.</summary>
internal sealed class AuditCommands(CommandSession session)
{
    private const int PageSize = 200;

    private readonly Argument<string?> _subject = new("SUBJECT")
    {
        Description = "Only what was done to this: an id, apps/APP_ID or CHANNEL/ACCOUNT.",
        Arity = ArgumentArity.ZeroOrOne,
    };

    private readonly Option<long> _after = new("--after") { Description = "Only entries behind this number.", HelpName = "NUMBER" };
    private readonly Option<bool> _json = new("--json") { Description = "One JSON object a line, with how it was and how it is." };

    /// <summary>The commands.</summary>
    public Command Build()
    {
        var list = new Command("list", "Lists what people changed, oldest first.") { _subject, _after, _json };
        list.SetAction((arguments, _) => ListAsync(arguments));
        var verify = new Command("verify", "Walks the log's chain of hashes. A changed, missing or cut entry is refused with its number.") { _json };
        verify.SetAction((arguments, _) => VerifyAsync(arguments));
        return new Command("audit", "The log of what people changed.") { list, verify };
    }

    private async Task<int> ListAsync(ParseResult arguments)
    {
        session.UseRecords();
        var request = new ListAuditRequest { AfterNumber = arguments.GetValue(_after), Subject = arguments.GetValue(_subject) ?? "", Limit = PageSize };
        while (true)
        {
            var page = (await session.CallDatabaseAsync((client, options) => client.ListAuditAsync(request, options))).Entries;
            foreach (var entry in page)
            {
                Console.WriteLine(arguments.GetValue(_json)
                    ? JsonFormatter.Default.Format(entry)
                    : $"{entry.Number,6}  {Times.Show(entry.Time.ToDateTimeOffset(), session.Time)}  {entry.By,-20} {entry.Action,-20} {entry.Subject}");
            }

            if (page.Count < PageSize)
            {
                return 0;
            }

            request.AfterNumber = page[^1].Number;
        }
    }

    private async Task<int> VerifyAsync(ParseResult arguments)
    {
        session.UseRecords();
        var held = await session.CallDatabaseAsync((client, options) => client.VerifyAuditAsync(new VerifyAuditRequest(), options));
        if (arguments.GetValue(_json))
        {
            Console.WriteLine(JsonFormatter.Default.Format(held));
        }
        else if (held.BrokenNumber == 0)
        {
            Console.WriteLine($"The audit log is whole: {held.Entries} entries, the last with hash {held.LastHash}.");
        }

        return held.BrokenNumber == 0 ? 0 : throw new CommandFailedException($"The audit log is broken at entry {held.BrokenNumber}: {held.Reason}.");
    }
}
