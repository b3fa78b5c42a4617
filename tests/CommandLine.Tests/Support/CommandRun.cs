using System.Diagnostics;
using PayCore.Host.CommandLine;

namespace PayCore.CommandLine.Tests.Support;

/// <summary>One run of a command: its exit code, and what it wrote.</summary>
internal sealed record CommandRun(int Code, string Output, string Error)
{
    /// <summary>The program, as it was built for the tests.</summary>
    public static string Program => Path.Combine(AppContext.BaseDirectory, "paycore-host.dll");

    /// <summary>Runs a command as a process of its own, as <c>./paycore</c> does.</summary>
    /// <param name="folder">Where it runs.</param>
    /// <param name="arguments">Settings and command.</param>
    /// <param name="input">Its standard input.</param>
    /// <param name="language">LANG.</param>
    public static async Task<CommandRun> StartAsync(string folder, IEnumerable<string> arguments, string input = "", string language = "C.UTF-8")
    {
        var start = new ProcessStartInfo("dotnet", [Program, "cli", .. arguments])
        {
            RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = folder,
        };
        start.Environment["LANG"] = language;
        start.Environment.Remove("LC_ALL");
        using var process = Process.Start(start)!;
        try
        {
            await process.StandardInput.WriteAsync(input);
            process.StandardInput.Close();
        }
        catch (IOException)
        {
            // It was refused before it read.
        }

        var output = process.StandardOutput.ReadToEndAsync();
        var error = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        return Shown(arguments, new CommandRun(process.ExitCode, await output, await error));
    }

    /// <summary>Runs a command in this process: of what starting another one takes, nine tenths are the runtime's own work.</summary>
    /// <param name="folder">Where it runs.</param>
    /// <param name="arguments">Settings and command.</param>
    public static async Task<CommandRun> RunAsync(string folder, IReadOnlyList<string> arguments)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        var code = await ThisProcess.RunAsync(folder, output, error, () => Commands.RunAsync([.. arguments]));
        return Shown(arguments, new CommandRun(code, output.ToString(), error.ToString()));
    }

    /// <summary>It did what it was asked.</summary>
    public CommandRun Done()
    {
        Code.Should().Be(0, Output + Error);
        return this;
    }

    /// <summary>It was refused, and says why.</summary>
    public CommandRun Refused(string why) => Ended(1, why);

    /// <summary>It was used wrongly, and says how.</summary>
    public CommandRun Misused(string how) => Ended(2, how);

    /// <summary>The value on the line that begins with this name.</summary>
    public string Value(string name) =>
        Output.Split('\n').Select(l => l.Trim()).Single(l => l.StartsWith(name, StringComparison.Ordinal))[name.Length..].Trim().Split("  ")[0];

    private static CommandRun Shown(IEnumerable<string> arguments, CommandRun run)
    {
        TestContext.Current.TestOutputHelper?.WriteLine($"$ {string.Join(' ', arguments)}\n{run.Output}{run.Error}→ {run.Code}");
        (run.Output + run.Error).Should().NotContain("   at ", "nobody is shown a stack");
        return run;
    }

    private CommandRun Ended(int code, string words)
    {
        Code.Should().Be(code, Output + Error);
        Error.Should().Contain(words);
        Output.Should().BeEmpty("a refusal goes to the error stream");
        return this;
    }
}
