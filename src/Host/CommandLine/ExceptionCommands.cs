using System.CommandLine;
using PayCore.Contracts.V1;

namespace PayCore.Host.CommandLine;

/// <summary><c>paycore exception …</c>: what a person must look at, and how it was settled. Settling an item moves no money.</summary>
internal sealed class ExceptionCommands(CommandSession session)
{
    private const int PageSize = 100;

    private readonly Argument<string> _id = new("ID") { Description = "The item's id." };
    private readonly Option<bool> _all = new("--all") { Description = "Shows settled items too." };
    private readonly Option<string> _by = new("--by") { Description = "Who settles it.", HelpName = "NAME", Required = true };
    private readonly Option<string> _as = new("--as") { Description = "How it was settled.", HelpName = "accepted|refunded|repaired|dismissed", Required = true };
    private readonly Option<string> _note = new("--note") { Description = "A note for whoever reads it later.", DefaultValueFactory = _ => "" };

    /// <summary>The commands.</summary>
    public Command Build()
    {
        _as.AcceptOnlyFromAmong("accepted", "refunded", "repaired", "dismissed");
        var list = new Command("list", "Lists what a person must look at, oldest first.") { _all };
        list.SetAction((arguments, _) => ListAsync(arguments.GetValue(_all)));
        var resolve = new Command("resolve", "Marks an item as settled. Safe to repeat; the first resolution stands. It moves no money.") { _id, _by, _as, _note };
        resolve.SetAction((arguments, _) => ResolveAsync(arguments));
        return new Command("exception", "What a person must look at.") { list, resolve };
    }

    private async Task<int> ListAsync(bool all)
    {
        session.UseRecords();
        var after = "";
        var shown = 0;
        while (true)
        {
            var page = await session.CallDatabaseAsync((client, options) =>
                client.ListExceptionsAsync(new ListExceptionsRequest { AfterExceptionId = after, Limit = PageSize, OpenOnly = !all }, options));
            foreach (var item in page.Exceptions)
            {
                Write(item);
                shown++;
            }

            if (page.Exceptions.Count < PageSize)
            {
                break;
            }

            after = page.Exceptions[^1].ExceptionId;
        }

        Console.WriteLine(shown == 0 ? "Nothing to look at." : $"{shown} items.");
        return 0;
    }

    private async Task<int> ResolveAsync(ParseResult arguments)
    {
        session.UseRecords();
        Write(await session.CallDatabaseAsync((client, options) => client.ResolveExceptionAsync(
            new ResolveExceptionRequest
            {
                ExceptionId = arguments.GetValue(_id),
                By = arguments.GetValue(_by),
                Resolution = arguments.GetValue(_as),
                Note = arguments.GetValue(_note),
            },
            options)));
        return 0;
    }

    private void Write(ExceptionItem item)
    {
        Console.WriteLine($"{item.ExceptionId}  {Times.Show(item.CreateTime.ToDateTimeOffset(), session.Time)}  {Names.Of(item.Kind)}");
        string[] about = [item.AppId, item.OrderId, item.AttemptNo, item.RefundId, item.TransferId];
        Console.WriteLine($"  {string.Join(' ', about.Where(a => a.Length > 0))}  {item.Detail}");
        if (item.Resolved)
        {
            Console.WriteLine($"  {item.Resolution} by {item.ResolvedBy} {item.Note}".TrimEnd());
        }
    }
}
