using System.Diagnostics;
using PayCore.TestKit;

namespace PayCore.CommandLine.Tests;

/// <summary>The script <c>./paycore</c>, with a stand-in for dotnet that writes down how it was called.</summary>
public sealed class ScriptTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public ScriptTests()
    {
        Directory.CreateDirectory(_folder.File("root/src/Host"));
        Directory.CreateDirectory(_folder.File("root/protos"));
        Directory.CreateDirectory(_folder.File("bin"));
        File.WriteAllText(_folder.File("root/Directory.Build.props"), "");
        File.WriteAllText(_folder.File("root/global.json"), "");
        Directory.CreateDirectory(_folder.File("root/deploy"));
        File.Copy(Path.Combine(Repository.Root, "paycore"), _folder.File("root/paycore"));
        File.Copy(Path.Combine(Repository.Root, "deploy", "build-host"), _folder.File("root/deploy/build-host"));
        File.WriteAllText(_folder.File("bin/dotnet"), $"""
            #!/usr/bin/env bash
            if [ "$1" = build ]; then
                echo "noise of the build"
                echo "build" >> {_folder.File("calls")}
                mkdir -p {_folder.File("root/artifacts/bin/Host/release")} && touch {_folder.File("root/artifacts/bin/Host/release/paycore-host.dll")}
            else
                (printf '%s|' "$Data" "$PWD" "$@" && echo) >> {_folder.File("calls")}
            fi
            """);
        File.SetUnixFileMode(_folder.File("bin/dotnet"), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Script_BuildsOnceAndAgainWhenASourceChanged_WithoutNoiseInTheOutput()
    {
        (await RunAsync("app", "list")).Should().BeEmpty("what the build says is no output of a command");
        await RunAsync("app", "list");
        Calls().Count(c => c == "build").Should().Be(1);

        File.WriteAllText(_folder.File("root/src/Host/New.cs"), "");
        await RunAsync("app", "list");
        Calls().Count(c => c == "build").Should().Be(2);

        File.Delete(_folder.File("root/src/Host/New.cs"));
        await RunAsync("app", "list");
        Calls().Count(c => c == "build").Should().Be(3);
    }

    [Fact]
    public async Task Script_RunsWhereItWasCalled_OnTheDataOfItsOwnFolder_WithArgumentsAsTheyAre()
    {
        await RunAsync("app", "create", "a b", "*", "--name", "");

        var program = _folder.File("root/artifacts/bin/Host/release/paycore-host.dll");
        Calls()[^1].Should().Be($"{_folder.File("root/data")}|{_folder.Path}|{program}|cli|app|create|a b|*|--name||");
    }

    private string[] Calls() => File.ReadAllLines(_folder.File("calls"));

    private async Task<string> RunAsync(params string[] arguments)
    {
        var start = new ProcessStartInfo(_folder.File("root/paycore"), arguments)
        {
            WorkingDirectory = _folder.Path, RedirectStandardOutput = true, RedirectStandardError = true,
        };
        start.Environment["PATH"] = $"{_folder.File("bin")}:{Environment.GetEnvironmentVariable("PATH")}";
        start.Environment.Remove("Data");
        using var process = Process.Start(start)!;
        var error = process.StandardError.ReadToEndAsync();
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        process.ExitCode.Should().Be(0, await error);
        return output;
    }
}
