using System.CommandLine;
using System.CommandLine.Help;
using PayCore.Configuration;

namespace PayCore.Host.CommandLine;

/// <summary>
/// <c>./paycore</c>: what a person who runs PayCore does without the console. Works on the configuration's documents, and on channels and records through the
/// roles in this process; a running system sees a change within a second. Exit codes: 0 done, 1 refused (nothing was changed), 2 wrong usage.
/// </summary>
internal static class Commands
{
    private const int Refused = 1;
    private const int WrongUsage = 2;

    /// <summary>Runs one command.</summary>
    public static async Task<int> RunAsync(string[] args)
    {
        var (settings, rest) = Part(args);
        await using var session = new CommandSession(settings);
        try
        {
            var root = new Command("paycore", "Runs PayCore from the command line. Settings are those of ./run: --Data=FOLDER, --Config:Folder=…, --Database:ConnectionString=…")
            {
                new AppCommands(session).Build(),
                new KeyCommands(session).Build(),
                await new AccountCommands(session).BuildAsync(rest),
                new ConfigCommands(session).Build(),
                new OrderCommands(session).Build(),
                new TransferCommands(session).Build(),
                new ExceptionCommands(session).Build(),
                new StatementCommands(session).Build(),
                new AuditCommands(session).Build(),
                new ConsoleCommands(session).Build(),
                new CertificateCommands(session).Build(),
                new DatabaseCommands(session).Build(),
                new ArchiveCommand(session).Build(),
                new SeedCommand(session).Build(),
            };
            root.Options.Add(new HelpOption());
            return await RunAsync(root, rest);
        }
        catch (Exception e) when (e is CommandFailedException or DocumentRefusedException)
        {
            await Console.Error.WriteLineAsync($"Refused: {e.Message}");
            return Refused;
        }
        catch (Exception e) when (e is InvalidOperationException or ArgumentException or FormatException or IOException or UnauthorizedAccessException)
        {
            // A wrong setting, or a folder that cannot be used: say which, without a stack that hides it.
            await Console.Error.WriteLineAsync($"Failed: {e.Message}");
            return Refused;
        }
    }

    private static async Task<int> RunAsync(Command root, string[] args)
    {
        // @file is the value of a field here, not more arguments.
        var parsed = root.Parse(args, new ParserConfiguration { ResponseFileTokenReplacer = null });
        if (parsed.Errors.Count > 0 && parsed.Action is not HelpAction)
        {
            foreach (var error in parsed.Errors)
            {
                await Console.Error.WriteLineAsync(error.Message);
            }

            await Console.Error.WriteLineAsync("Add --help to see how the command is used.");
            return WrongUsage;
        }

        return await parsed.InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false });
    }

    /// <summary>Parts the host's settings from the command: a setting's name begins with a capital letter.</summary>
    private static (string[] Settings, string[] Command) Part(string[] args)
    {
        List<string> settings = [];
        List<string> rest = [];
        for (var i = 0; i < args.Length; i++)
        {
            if (args[i] is not ['-', '-', >= 'A' and <= 'Z', ..])
            {
                rest.Add(args[i]);
            }
            else if (args[i].Contains('=', StringComparison.Ordinal) || i + 1 == args.Length)
            {
                settings.Add(args[i]);
            }
            else
            {
                settings.Add($"{args[i]}={args[++i]}");
            }
        }

        return ([.. settings], [.. rest]);
    }
}
