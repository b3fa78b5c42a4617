using System.Diagnostics;
using System.Text.Json;
using PayCore.Cluster.Tests.Support;
using PayCore.Host.Cluster;
using PayCore.TestKit;

namespace PayCore.Cluster.Tests;

/// <summary>The commands of <c>./cluster</c>. What <c>up</c> and <c>down</c> do is seen by <see cref="TestCluster"/>, which uses them.</summary>
[Collection(nameof(TestCluster))]
public sealed class Commands(TestCluster cluster)
{
    [Fact]
    public async Task Demo_PlaysEveryEntryAndEachIsOk()
    {
        var (code, output) = await cluster.RunAsync("demo", "--json");

        code.Should().Be(0, output);
        using var json = JsonDocument.Parse(output);
        json.RootElement.GetProperty("ok").GetBoolean().Should().BeTrue();
        json.RootElement.GetProperty("entries").EnumerateArray().Should().HaveCountGreaterThan(30).And.OnlyContain(e => e.GetProperty("ok").GetBoolean());
    }

    [Fact]
    public async Task Status_ShowsEveryProcessWithPidPortHealthAndMemory()
    {
        await cluster.UntilHealthyAsync();

        var (code, output) = await cluster.RunAsync("status", "--json");

        code.Should().Be(0, output);
        using var json = JsonDocument.Parse(output);
        var parts = json.RootElement.GetProperty("parts").EnumerateArray().ToList();
        parts.Select(p => p.GetProperty("name").GetString()).Should().BeEquivalentTo(
            ["MariaDB", "etcd", "epmd", "RabbitMQ", "Ingress", .. ClusterPlan.Instances.Select(i => i.Name)]);
        parts.Should().OnlyContain(p => p.GetProperty("health").GetString() == "healthy" && p.GetProperty("pid").GetInt32() > 1 && p.GetProperty("port").GetInt32() > 0);
        parts.Should().OnlyContain(p => p.GetProperty("memory_mb").GetDouble() > 1);
        var (_, table) = await cluster.RunAsync("status");
        table.Should().Contain("PayDatabase-2").And.Contain($"{parts.Count} of {parts.Count} are healthy");
    }

    [Fact]
    public async Task Up_OfACluster_ThatRuns_ChangesNothing()
    {
        await cluster.UntilHealthyAsync();
        var before = cluster.Parts.Select(p => p.Process).ToList();

        var (code, output) = await cluster.RunAsync("up");

        code.Should().Be(0, output);
        output.Should().Contain(cluster.Plan.Web).And.NotContain("Starting the cluster");
        cluster.Parts.Select(p => p.Process).Should().Equal(before);
    }

    [Fact]
    public async Task Up_WithAPartThatDoesNotStart_SaysWhichAndWhy_AndLeavesNothing()
    {
        using var folder = new TemporaryFolder();
        // The last setting of a name counts.
        var (code, output) = await cluster.RunAsync("up", $"--Data={folder.Path}", "--Database:Provider=oracle");

        code.Should().Be(1);
        output.Should().MatchRegex("PayDatabase-[12] ended with code 1").And.Contain("Database:Provider is 'oracle'");
        ClusterState.Read(folder.Path).Should().BeNull();
        ProcessesOf(folder.Path).Should().BeEmpty();
    }

    [Fact]
    public async Task Down_AfterTheSupervisorWasKilled_StopsWhatItLeft()
    {
        using var folder = new TemporaryFolder();
        var starting = cluster.RunAsync("up", $"--Data={folder.Path}");
        await TestCluster.UntilAsync(
            "something runs", TimeSpan.FromSeconds(120), () => Task.FromResult(ClusterState.Read(folder.Path) is { } s && s.Parts.Any(p => p is { Name: "MariaDB", Phase: PartPhase.Ready })));
        using (var supervisor = Process.GetProcessById(ClusterState.Read(folder.Path)!.Supervisor.Pid))
        {
            supervisor.Kill();
        }

        (await starting).Should().Match<(int Code, string Output)>(r => r.Code == 1 && r.Output.Contains("supervisor ended"));
        ProcessesOf(folder.Path).Should().NotBeEmpty("a supervisor takes nobody along");
        var (code, output) = await cluster.RunAsync("down", $"--Data={folder.Path}", "--wipe");

        code.Should().Be(0, output);
        ProcessesOf(folder.Path).Should().BeEmpty();
        Directory.Exists(folder.Path).Should().BeFalse();
    }

    /// <summary>What runs with a folder's name in its command line.</summary>
    private static IReadOnlyList<string> ProcessesOf(string folder) =>
    [
        .. Directory.EnumerateDirectories("/proc").Select(p => Path.GetFileName(p)).Where(p => int.TryParse(p, out _))
            .Where(p => CommandLineOf(p).Contains(folder, StringComparison.Ordinal)),
    ];

    private static string CommandLineOf(string pid)
    {
        try
        {
            return File.ReadAllText($"/proc/{pid}/cmdline");
        }
        catch (IOException)
        {
            return "";
        }
    }
}
