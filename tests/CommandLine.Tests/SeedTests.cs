using PayCore.CommandLine.Tests.Support;
using PayCore.TestKit;

namespace PayCore.CommandLine.Tests;

/// <summary><c>paycore seed</c>. That what it makes up keeps the rules is tested with PayDatabase.</summary>
public sealed class SeedTests
{
    [Fact]
    public async Task Seed_AnEmptyDatabase_IsFilledOnceAndCanBeLookedAt()
    {
        using var folder = new TemporaryFolder();

        var seeded = (await RunAsync("seed", "--orders", "300", "--seed", "42")).Done();
        seeded.Output.Should().Contain("seed 42").And.Contain("100 %").And.Contain("300 orders (");

        (await RunAsync("seed", "--orders", "10")).Refused("--add");
        (await RunAsync("seed", "--orders", "10", "--seed", "43", "--add")).Done();
        (await RunAsync("exception", "list")).Done().Output.Should().Contain("SURPLUS_PAYMENT");
        (await RunAsync("seed", "--orders", "0")).Misused("--orders");

        Task<CommandRun> RunAsync(params string[] command) => CommandRun.StartAsync(folder.Path, [.. command, $"--Data={folder.Path}"]);
    }
}
