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
        var payments = json.RootElement.GetProperty("payments").EnumerateArray().ToList();
        payments.Select(p => p.GetProperty("name").GetString()).Should().Equal(
            "wechat QR public-key", "wechat QR platform-certificate", "wechat QR during migration", "alipay QR key mode", "alipay QR certificate mode", "alipay page");
        payments.Should().OnlyContain(p => p.GetProperty("acknowledged").GetBoolean());
        string[] begin = ["page", "create", "verify and generate", "save"];
        string[] code = ["order request", "record", "QR code", "pay"];
        string[] page = ["sign", "record", "redirect", "order request", "pay", "return"];
        string[] end = ["callback", "verify", "update", "answer", "push", "pull", "notify", "record try", "result page", "shop"];
        foreach (var payment in payments)
        {
            var steps = payment.GetProperty("steps").EnumerateArray().Select(s => s.GetProperty("name").GetString());
            steps.Should().Equal([.. begin, .. payment.GetProperty("name").GetString() == "alipay page" ? page : code, .. end]);
        }
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
