using System.CommandLine;
using Microsoft.Extensions.Options;
using PayCore.Contracts.V1;
using PayCore.PayManagerSystem;
using PayCore.PayManagerSystem.People;
using PayCore.ServiceDefaults;
using PayCore.ServiceDefaults.Rpc;

namespace PayCore.Host.CommandLine;

/// <summary><c>paycore console …</c>: the way into a console that has no operator yet, or back in for one whom nobody else can help.</summary>
internal sealed class ConsoleCommands(CommandSession session)
{
    private readonly Argument<string> _name = new("NAME") { Description = "What the operator types at the log-in." };
    private readonly Option<string> _by = new("--by") { Description = "Who does it, for the audit log.", HelpName = "NAME", Required = true };

    /// <summary>The commands.</summary>
    public Command Build()
    {
        var link = new Command("setup-link", "Makes the one-time link by which the first operator is set up. It is dead when it was used, when a newer one was made, or after 24 hours.");
        link.SetAction((_, _) => LinkAsync());
        var reset = new Command("reset-second-factor", "Takes an operator's authenticator and recovery codes away: the next log-in connects a new one. Sessions end; a locked name is open again.") { _name, _by };
        reset.SetAction((arguments, _) => ResetAsync(arguments));
        return new Command("console", "The operators' web console.") { link, reset };
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

    private async Task<int> ResetAsync(ParseResult arguments)
    {
        session.UseRecords();
        var name = arguments.GetValue(_name)!;
        var found = await session.CallAsync(
            RoleNames.PayDatabase, (invoker, options) => new Operators.OperatorsClient(invoker).ReadCredentialsAsync(new ReadCredentialsRequest { Name = name }, options));
        var request = new ResetTotpRequest { OperatorId = found.Operator.OperatorId, By = arguments.GetValue(_by)! };
        await session.CallAsync(RoleNames.PayDatabase, (invoker, options) => new Operators.OperatorsClient(invoker).ResetTotpAsync(request, options));
        Console.WriteLine($"The next log-in of {name} connects a new authenticator.");
        return 0;
    }
}
