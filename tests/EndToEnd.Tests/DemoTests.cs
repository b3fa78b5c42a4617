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
        var (code, output, _) = await RunAsync("--json", "--Outbound:AllowPrivateAddresses:0=192.0.2.1");

        code.Should().NotBe(0);
        output.Should().NotContain("\"acknowledged\": true");
    }

    /// <summary>Every scene of both providers, and what happens when money goes wrong.</summary>
    [Fact]
    public async Task DemoAll_PlaysEveryEntryAndEachIsOk()
    {
        var (code, output, error) = await RunAsync("--all", "--json");

        code.Should().Be(0, output + error);
        using var json = JsonDocument.Parse(output);
        json.RootElement.GetProperty("ok").GetBoolean().Should().BeTrue();
        json.RootElement.GetProperty("not_played").GetInt32().Should().Be(0);
        var entries = json.RootElement.GetProperty("entries").EnumerateArray().ToList();
        string[] both = ["wechat", "alipay"];
        entries.Select(e => e.GetProperty("name").GetString()).Should().Equal(
        [
            "wechat QR", "wechat JSAPI", "wechat MINI_PROGRAM", "wechat H5", "wechat APP", "wechat BARCODE",
            "alipay QR", "alipay PAGE", "alipay H5", "alipay APP", "alipay JSAPI", "alipay BARCODE",
            .. both.Select(p => $"{p} BARCODE with password"),
            .. both.Select(p => $"{p} partial refunds to the exact rest"),
            .. both.Select(p => $"{p} refund whose answer is lost"),
            .. both.Select(p => $"{p} transfer"),
            .. both.Select(p => $"{p} transfer whose answer is lost"),
            .. both.Select(p => $"{p} payment with all callbacks lost"),
            .. both.Select(p => $"{p} late payment"),
            .. both.Select(p => $"{p} surplus payment"),
            "merchant down at first",
            .. both.Select(p => $"{p} statement with a planted difference"),
        ]);
        entries.Should().OnlyContain(e => e.GetProperty("ok").GetBoolean() && e.GetProperty("seconds").GetDouble() > 0);
        entries.Should().OnlyContain(e => e.GetProperty("steps").GetArrayLength() >= 3);
    }

    [Fact]
    public async Task DemoAll_WhoseMerchantIsNeverTold_FailsLoudly()
    {
        var (code, output, _) = await RunAsync("--all", "--Outbound:AllowPrivateAddresses:1=192.0.2.1");

        code.Should().Be(1);
        output.Should().Contain("FAIL").And.Contain("wechat QR: acknowledged: it did not happen within").And.Contain("3 entries in a row failed: the other 28 are not played.").And.NotContain("entries are ok. The demo's clock was wound forward by 0");
    }

    [Fact]
    public async Task DemoAll_Split_IsRefused() => (await RunAsync("--all", "--split")).Should().Match<(int Code, string Output, string Error)>(r => r.Code == 1 && r.Error.Contains("leave --split out"));

    private static void AssertWalked((int Code, string Output, string Error) run)
    {
        run.Code.Should().Be(0, run.Output + run.Error);
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

    private static async Task<(int Code, string Output, string Error)> RunAsync(params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet", [HostProcess.Program, "demo", .. arguments]) { RedirectStandardOutput = true, RedirectStandardError = true };
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync();
        var error = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        return (process.ExitCode, await output, await error);
    }
}
