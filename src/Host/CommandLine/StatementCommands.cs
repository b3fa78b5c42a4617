using System.CommandLine;
using PayCore.Contracts.V1;
using PayCore.ServiceDefaults;
using QueryClient = PayCore.Contracts.V1.QueryGatewayInner.QueryGatewayInnerClient;

namespace PayCore.Host.CommandLine;

/// <summary><c>paycore statement …</c>: a provider's statement of a day against our records. A running OrderMonitor does the same each day by itself.</summary>
internal sealed class StatementCommands(CommandSession session)
{
    private static readonly TimeSpan _patience = TimeSpan.FromMinutes(10);

    private readonly Argument<string> _channel = new("CHANNEL") { Description = "The channel." };
    private readonly Argument<string> _account = new("ACCOUNT") { Description = "The account's name." };
    private readonly Argument<string> _day = new("DAY") { Description = "The provider's day, yyyy-MM-dd." };
    private readonly Option<bool> _again = new("--again") { Description = "Fetches it anew although it is there." };

    /// <summary>The commands.</summary>
    public Command Build()
    {
        var fetch = new Command("fetch", "Fetches a day's statement of an account. Safe to repeat; goes on where it stopped.") { _channel, _account, _day, _again };
        fetch.SetAction((arguments, _) => FetchAsync(arguments));
        var match = new Command("match", "Compares it with our records, repairs what a question to the channel proves, lists what differs. Safe to repeat.")
        {
            _channel, _account, _day,
        };
        match.SetAction((arguments, _) => MatchAsync(arguments));
        var show = new Command("show", "Shows the statements of an account and how far their check is.") { _channel, _account };
        show.SetAction((arguments, _) => ShowAsync(arguments));
        return new Command("statement", "Providers' statements against our records.") { fetch, match, show };
    }

    private async Task<int> FetchAsync(ParseResult arguments)
    {
        Use();
        var fetched = await session.CallAsync(RoleNames.QueryGateway, (invoker, options) => new QueryClient(invoker).FetchStatementAsync(
            new FetchStatementRequest
            {
                Channel = arguments.GetValue(_channel),
                Account = arguments.GetValue(_account),
                Day = arguments.GetValue(_day),
                Again = arguments.GetValue(_again),
            },
            options), _patience);
        if (!fetched.Ready)
        {
            throw new CommandFailedException($"The statement is not there: {fetched.Message}");
        }

        Console.WriteLine($"Statement {fetched.StatementId}: {fetched.Rows} rows.");
        return 0;
    }

    private async Task<int> MatchAsync(ParseResult arguments)
    {
        Use();
        var matched = await session.CallAsync(RoleNames.QueryGateway, (invoker, options) => new QueryClient(invoker).MatchStatementAsync(
            new MatchStatementRequest { Channel = arguments.GetValue(_channel), Account = arguments.GetValue(_account), Day = arguments.GetValue(_day) },
            options), _patience);
        Console.WriteLine($"Statement {matched.StatementId}: {matched.Rows} rows, {matched.Repaired} repaired, {matched.Differences} differences.");
        if (matched.Differences > 0)
        {
            Console.WriteLine("See ./paycore exception list");
        }

        return 0;
    }

    private async Task<int> ShowAsync(ParseResult arguments)
    {
        session.UseRecords();
        var list = await session.CallDatabaseAsync((client, options) => client.ListStatementsAsync(
            new ListStatementsRequest { Channel = arguments.GetValue(_channel), Account = arguments.GetValue(_account), Limit = 100 }, options));
        foreach (var statement in list.Statements)
        {
            Console.WriteLine(
                $"{statement.Day}  {Names.Of(statement.State)}  {statement.Rows} rows, {statement.MatchedRows} compared, {statement.Differences} differences  {statement.Message}".TrimEnd());
        }

        if (list.Statements.Count == 0)
        {
            Console.WriteLine("No statement was fetched yet.");
        }

        return 0;
    }

    private void Use() => session.UseRecords([RoleNames.QueryGateway, .. Role.Channels.Select(r => r.Name)]);
}
