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
        var password = new Command("reset-password", "Makes the one-time link under which an operator who forgot the password chooses a new one. The old one stops working, sessions end; the authenticator stays.") { _name, _by };
        password.SetAction((arguments, _) => ResetPasswordAsync(arguments));
        return new Command("console", "The operators' web console.") { link, reset, password };
    }

    private async Task<int> LinkAsync()
    {
        session.UseOrMakeRecords();
        await session.CallDatabaseAsync((client, options) => client.ReadClockAsync(new ReadClockRequest(), options));
        Console.WriteLine(await Links().CreateAsync() ?? throw new CommandFailedException("The console has an operator already; others are invited on its page Operators."));
        return 0;
    }

    private async Task<int> ResetAsync(ParseResult arguments)
    {
        var found = await FindAsync(arguments);
        var request = new ResetTotpRequest { OperatorId = found.OperatorId, By = arguments.GetValue(_by)! };
        await session.CallAsync(RoleNames.PayDatabase, (invoker, options) => new Operators.OperatorsClient(invoker).ResetTotpAsync(request, options));
        Console.WriteLine($"The next log-in of {found.Name} connects a new authenticator.");
        return 0;
    }

    private async Task<int> ResetPasswordAsync(ParseResult arguments)
    {
        var found = await FindAsync(arguments);
        if (found.State != Operator.Types.State.Active)
        {
            throw new CommandFailedException($"{found.Name} is {EnumText<Operator.Types.State>.Of(found.State)}: only an active operator has a password to reset.");
        }

        Console.WriteLine((await Links().ResetPasswordAsync(found.OperatorId, arguments.GetValue(_by)!)).Link);
        return 0;
    }

    private async Task<Operator> FindAsync(ParseResult arguments)
    {
        session.UseRecords();
        var request = new ReadCredentialsRequest { Name = arguments.GetValue(_name)! };
        return (await session.CallAsync(RoleNames.PayDatabase, (invoker, options) => new Operators.OperatorsClient(invoker).ReadCredentialsAsync(request, options))).Operator;
    }

    private SetupLinks Links()
    {
        var options = session.Get<IConfiguration>().GetSection("Console").Get<ConsoleOptions>() ?? new ConsoleOptions();
        return new SetupLinks(new Operators.OperatorsClient(session.Get<ServiceNetwork>().InvokerFor(RoleNames.PayDatabase)), Options.Create(options), session.Random, session.Time);
    }
}
