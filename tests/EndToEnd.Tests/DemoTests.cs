using System.Diagnostics;
using System.Text.Json;
using PayCore.EndToEnd.Tests.Support;
using PayCore.TestKit;

namespace PayCore.EndToEnd.Tests;

/// <summary>The demo command itself, all in one and with every role in a process of its own.</summary>
public sealed class DemoTests
{
    [Fact]
    public async Task Demo_AllInOne_WalksEveryArrowAndEndsWell() => AssertWalked(await RunAsync("--json"));

    [Fact]
    public async Task Demo_RolesAsSeparateProcessesOnMariaDb_WalksEveryArrowAndEndsWell()
    {
        var connection = await (await MariaDbServer.SharedAsync()).CreateDatabaseAsync();

        AssertWalked(await RunAsync("--json", "--split", "--Database:Provider=mysql", $"--Database:ConnectionString={connection}"));
    }

    [Fact]
    public async Task Demo_ThatCannotNotify_FailsLoudly()
    {
        // Without the allowance for the shop's private address the merchant is never told.
        var (code, output) = await RunAsync("--json", "--Outbound:AllowPrivateAddresses:0=192.0.2.1");

        code.Should().NotBe(0);
        output.Should().NotContain("\"acknowledged\": true");
    }

    private static void AssertWalked((int Code, string Output) run)
    {
        run.Code.Should().Be(0, run.Output);
        using var json = JsonDocument.Parse(run.Output);
        var payment = json.RootElement.GetProperty("payments").EnumerateArray().Should().ContainSingle().Subject;
        payment.GetProperty("acknowledged").GetBoolean().Should().BeTrue();
        var steps = payment.GetProperty("steps").EnumerateArray().Select(s => s.GetProperty("name").GetString()).ToList();
        steps.Should().Equal(
            "page", "create", "verify and generate", "save", "order request", "record", "QR code", "pay", "callback", "verify", "update", "answer", "push",
            "pull", "notify", "record try", "result page", "shop");
    }

    private static async Task<(int Code, string Output)> RunAsync(params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet", [HostProcess.Program, "demo", .. arguments]) { RedirectStandardOutput = true, RedirectStandardError = true };
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync();
        var error = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        return (process.ExitCode, await output + await error);
    }
}
