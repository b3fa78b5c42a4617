using System.Text.RegularExpressions;
using PayCore.Host;
using PayCore.ServiceDefaults;
using PayCore.ServiceDefaults.Security;
using PayCore.TestKit;

namespace PayCore.Cluster.Tests;

/// <summary>The page of the deployment, held against the arrows that <c>Architecture.Tests</c> derives from the registered clients.</summary>
public sealed partial class CallGraph
{
    private static string Page => File.ReadAllText(Path.Combine(Repository.Root, "docs", "deployment.md"));

    [Fact]
    public void Diagram_HasExactlyTheArrowsThatThereAre() => Arrows().Matches(Page)
        .SelectMany(m => m.Groups[2].Value.Split(", ").Select(called => (m.Groups[1].Value, called)))
        .Should().BeEquivalentTo(RoleCalls.Table.SelectMany(r => r.Value.Select(called => (r.Key, called))));

    [Fact]
    public void Table_NamesEveryRole() => Rows().Matches(Page).Select(m => m.Groups[1].Value)
        .Should().BeEquivalentTo([.. Role.All.Select(r => r.Name).Where(r => !RoleNames.IsChannel(r)), RoleCalls.EveryChannel]);

    [GeneratedRegex(@"^(\w+) +→ ([\w*]+(?:, [\w*]+)*)$", RegexOptions.Multiline)]
    private static partial Regex Arrows();

    [GeneratedRegex(@"^\| `(Channel\*|\w+)` \|", RegexOptions.Multiline)]
    private static partial Regex Rows();
}
