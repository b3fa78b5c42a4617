using System.Text.RegularExpressions;
using Microsoft.Extensions.DependencyInjection;
using PayCore.Host;
using PayCore.ServiceDefaults;
using PayCore.ServiceDefaults.Security;

namespace PayCore.Architecture.Tests;

/// <summary>Who calls whom: as the roles' containers have it, as inner ports allow it, and as the page shows it.</summary>
public sealed partial class CallGraphTests
{
    /// <summary>The arrows that there really are: the clients that each role registers.</summary>
    [Fact]
    public void Clients_OfEachRole_AreTheArrowsOfTheTable()
    {
        var real = Role.All.Select(role => (role.Name, Called: Calls(role))).Where(r => r.Called.Count > 0).ToDictionary(r => r.Name, r => r.Called);

        real.Should().BeEquivalentTo(RoleCalls.Table.ToDictionary(r => r.Key, r => r.Value.ToHashSet()));
    }

    /// <summary>Nobody gets at another role past the registration that the test above reads.</summary>
    [Fact]
    public void Invokers_AreMadeByRegistrationsOnly()
    {
        var found = Directory.EnumerateFiles(Product.Source, "*.cs", SearchOption.AllDirectories)
            .Where(f => !f.StartsWith(Path.Combine(Product.Source, "Host"), StringComparison.Ordinal))
            .Where(f => File.ReadAllText(f).Contains("etwork.InvokerFor(", StringComparison.Ordinal) || File.ReadAllText(f).Contains("ServiceNetwork>().InvokerFor(", StringComparison.Ordinal))
            .Select(Path.GetFileName);

        found.Should().BeEquivalentTo("ChannelClients.cs", "ServiceDefaultsExtensions.cs");
    }

    [Fact]
    public void Page_ShowsTheArrowsOfTheTable()
    {
        var page = File.ReadAllText(Path.Combine(Product.Root, "docs", "inside-traffic.md"));
        var shown = RowRule().Matches(page).Where(m => Role.All.Any(r => r.Name == m.Groups[1].Value)).ToDictionary(m => m.Groups[1].Value, m => m.Groups[2].Value.Split(", ").ToHashSet());

        shown.Should().BeEquivalentTo(RoleCalls.Table.ToDictionary(r => r.Key, r => r.Value.Select(c => c == RoleCalls.EveryChannel ? "every channel" : c).ToHashSet()));
    }

    [Fact]
    public void EveryRoleThatIsCalled_HasAnInnerPort()
    {
        var called = RoleCalls.Table.Values.SelectMany(c => c).Where(c => c != RoleCalls.EveryChannel).Concat(Role.Channels.Select(r => r.Name)).Distinct();

        Role.All.Where(r => r.InnerPort is not null).Select(r => r.Name).Should().BeEquivalentTo(called);
        Role.Channels.Select(r => r.Name).Should().OnlyContain(n => RoleNames.IsChannel(n));
    }

    private static HashSet<string> Calls(Role role)
    {
        var services = new ServiceCollection();
        role.Add(services);
        return [.. services.Select(s => s.ImplementationInstance).OfType<CalledRole>().Select(c => c.Name)];
    }

    [GeneratedRegex(@"^\| (\w+) \| ([\w, ]+) \|$", RegexOptions.Multiline)]
    private static partial Regex RowRule();
}
