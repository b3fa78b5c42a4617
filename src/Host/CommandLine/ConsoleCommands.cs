using System.CommandLine;
using Microsoft.Extensions.Options;
using PayCore.Contracts.V1;
using PayCore.PayManagerSystem;
using PayCore.PayManagerSystem.People;
using PayCore.ServiceDefaults;
using PayCore.ServiceDefaults.Rpc;

namespace PayCore.Host.CommandLine;

/// <summary><c>paycore console …</c>: the way into a console that has no operator yet.</summary>
internal sealed class ConsoleCommands(CommandSession session)
{
    /// <summary>The commands.</summary>
    public Command Build()
    {
        var link = new Command("setup-link", "Makes the one-time link by which the first operator is set up. It is dead when it was used, when a newer one was made, or after 24 hours.");
        link.SetAction((_, _) => LinkAsync());
        return new Command("console", "The operators' web console.") { link };
    }

    private async Task<int> LinkAsync()
    {
        session.UseOrMakeRecords();
        await session.CallDatabaseAsync((client, options) => client.ReadClockAsync(new ReadClockRequest(), options));
        var options = session.Get<IConfiguration>().GetSection("Console").Get<ConsoleOptions>() ?? new ConsoleOptions();
        var operators = new Operators.OperatorsClient(session.Get<ServiceNetwork>().InvokerFor(RoleNames.PayDatabase));
        var link = await new SetupLinks(operators, Options.Create(options), session.Random, session.Time).CreateAsync();
        Console.WriteLine(link ?? throw new CommandFailedException("The console has an operator already; others are invited on its page Operators."));
        return 0;
    }
}
