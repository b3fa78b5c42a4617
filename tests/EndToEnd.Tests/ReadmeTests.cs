using System.Diagnostics;
using System.Text.RegularExpressions;
using PayCore.ServiceDefaults.Ports;
using PayCore.TestKit;

namespace PayCore.EndToEnd.Tests;

/// <summary>The README's commands, as a stranger types them.</summary>
public sealed partial class ReadmeTests
{
    /// <summary>Where each command of the README's first screen is run; one that is not here is run by nobody.</summary>
    private static readonly Dictionary<string, string> _runBy = new()
    {
        ["./run"] = nameof(Run_AsWritten_ServesTheShopThatItPrints),
        ["./demo"] = nameof(Demo_AsWritten_PaysInEveryWay),
        ["./cluster"] = "tests/Cluster.Tests",
        ["./paycore"] = "tests/CommandLine.Tests, with docs/command-line.md",
        ["./test"] = "whoever runs this",
    };

    [Fact]
    public void FirstScreen_NamesTheCommandsThatAreTested()
    {
        var readme = File.ReadAllText(Path.Combine(Repository.Root, "README.md"));

        Command().Matches(readme.Split("```")[1]).Select(m => m.Value).Should().Equal(_runBy.Keys);
    }

    [Fact]
    public async Task Demo_AsWritten_PaysInEveryWay()
    {
        using var demo = Start("./demo", []);
        var output = await demo.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await demo.WaitForExitAsync(TestContext.Current.CancellationToken);

        demo.ExitCode.Should().Be(0, output);
        output.Split("acknowledged by the merchant").Should().HaveCount(7);
    }

    [Fact]
    public async Task Run_AsWritten_ServesTheShopThatItPrints()
    {
        using var folder = new TemporaryFolder();
        var ports = FreePorts.Take(4);
        using var run = Start("./run", [$"--Data={folder.Path}", $"--Ports:Web={ports[0]}", $"--Ports:MerchantGrpc={ports[1]}", $"--Ports:Simulator={ports[2]}", $"--Ports:Console={ports[3]}", "--Ports:Operations=0"]);
        try
        {
            var printed = "";
            while (!printed.Contains("Stop with Ctrl+C", StringComparison.Ordinal))
            {
                var line = await run.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken);
                line.Should().NotBeNull($"it runs until it is stopped; it printed {printed}");
                printed += line + "\n";
            }

            using var browser = new HttpClient();
            foreach (var address in Address().Matches(printed).Select(m => m.Value))
            {
                using var answer = await browser.GetAsync(new Uri(address), TestContext.Current.CancellationToken);
                ((int)answer.StatusCode).Should().BeOneOf([200, 401], address);
            }

            Address().Count(printed).Should().BeGreaterThanOrEqualTo(4);
        }
        finally
        {
            // As Ctrl+C does; the script has become the program.
            using var stop = Process.Start("kill", ["-INT", $"{run.Id}"]);
            await run.WaitForExitAsync(TestContext.Current.CancellationToken);
        }

        run.ExitCode.Should().Be(0);
    }

    private static Process Start(string command, string[] arguments) =>
        Process.Start(new ProcessStartInfo(Path.Combine(Repository.Root, command), arguments) { WorkingDirectory = Repository.Root, RedirectStandardOutput = true })!;

    [GeneratedRegex(@"^\./\w+", RegexOptions.Multiline)]
    private static partial Regex Command();

    [GeneratedRegex(@"http://127\.0\.0\.1:[0-9]+/[\w./-]+")]
    private static partial Regex Address();
}
