using System.Text.RegularExpressions;
using System.Xml.Linq;
using Google.Protobuf.Reflection;
using PayCore.Contracts.V1;

namespace PayCore.Architecture.Tests;

/// <summary>What may know what.</summary>
public sealed partial class ShapeTests
{
    private static readonly string[] _services =
    [
        "PayGateway", "QueryGateway", "CallbackGateway", "NotifyGateway", "PayDatabase", "OrderMonitor", "PayCenter", "PayManagerSystem", "ChannelSimulator", "Wechat", "Alipay",
    ];

    [Fact]
    public void Services_KnowOneAnotherByContractOnly()
    {
        foreach (var project in Product.Projects.Where(p => _services.Contains(Path.GetFileNameWithoutExtension(p))))
        {
            References(project).Intersect(_services).Should().BeEmpty($"{Path.GetFileName(project)} speaks with other services through gRPC");
        }
    }

    [Fact]
    public void Simulator_SharesNoCodeWithTheChannels()
    {
        var simulator = Product.Projects.Single(p => Path.GetFileNameWithoutExtension(p) == "ChannelSimulator");

        References(simulator).Should().BeEmpty();
    }

    [Fact]
    public void Sql_IsKnownToPayDatabaseOnly()
    {
        var found = Product.Projects
            .Where(p => Packages(p).Any(n => n is "Dapper" or "MySqlConnector" or "Microsoft.Data.Sqlite" || n.StartsWith("FluentMigrator", StringComparison.Ordinal)))
            .Select(Path.GetFileNameWithoutExtension);

        found.Should().Equal("PayDatabase");
    }

    /// <summary>Ground rule 7: what decides is read from the primary; only rpcs that list or sum up may read elsewhere.</summary>
    [Fact]
    public void Replicas_ServeListsOnly()
    {
        var uses = Directory.EnumerateFiles(Path.Combine(Product.Source, "PayDatabase"), "*.cs")
            .Where(f => Path.GetFileName(f) != "SqlDatabase.cs")
            .SelectMany(f => MethodOrReplica().Matches(File.ReadAllText(f)).Aggregate(
                (Method: "", Users: Enumerable.Empty<string>()),
                (seen, m) => m.Groups[1].Success ? (m.Groups[1].Value, seen.Users) : (seen.Method, seen.Users.Append(seen.Method))).Users)
            .ToList();

        uses.Should().HaveCountGreaterThan(5).And.OnlyContain(m => m.StartsWith("List") || m.StartsWith("Summarize"));
    }

    /// <summary>I27: entries are added and read.</summary>
    [Fact]
    public void AuditEntries_AreNeverChangedOrRemoved()
    {
        var mentions = Directory.EnumerateFiles(Product.Source, "*.cs", SearchOption.AllDirectories)
            .SelectMany(f => AuditStatement().Matches(File.ReadAllText(f)).Select(m => m.Groups[1].Value.ToUpperInvariant()));

        mentions.Order().Should().Equal("CREATE TABLE", "FROM", "INSERT INTO", "ON", "ON");
    }

    /// <summary>Such an attribute converts its ends while it is shared: two hosts that start in one process at once may fail.</summary>
    [Fact]
    public void Ranges_AreNotGivenAsText() =>
        Directory.EnumerateFiles(Product.Source, "*.cs", SearchOption.AllDirectories)
            .Where(f => File.ReadAllText(f).Contains("[Range(typeof(", StringComparison.Ordinal))
            .Select(Path.GetFileName)
            .Should().BeEmpty();

    [Fact]
    public void Money_IsNeverAFloatingPointNumber()
    {
        var found = Directory.EnumerateFiles(Product.Source, "*.cs", SearchOption.AllDirectories)
            .Where(f => FloatingAmount().IsMatch(File.ReadAllText(f)))
            .Select(Path.GetFileName);

        found.Should().BeEmpty();
        Messages().SelectMany(m => m.Fields.InFieldNumberOrder())
            .Should().NotContain(f => f.FieldType == FieldType.Double || f.FieldType == FieldType.Float);
    }

    [Fact]
    public void ProvidersNames_AreInNoContractRuleOrGateway()
    {
        string[] folders = ["src/Payments", "src/PayDatabase", "src/PayGateway", "src/QueryGateway", "src/CallbackGateway", "src/OrderMonitor", "src/ChannelAccess"];
        var protos = Directory.EnumerateFiles(Path.Combine(Product.Root, "protos"), "*.proto", SearchOption.AllDirectories);
        var sources = folders.SelectMany(f => Directory.EnumerateFiles(Path.Combine(Product.Root, f), "*.cs", SearchOption.AllDirectories));
        var found = protos.Concat(sources)
            .SelectMany(f => File.ReadLines(f).Select(line => (File: Path.GetFileName(f), Line: line)))
            .Where(l => ProviderName().IsMatch(l.Line) && !ExampleInWords().IsMatch(l.Line))
            .Select(l => $"{l.File}: {l.Line.Trim()}");

        found.Should().BeEmpty();
    }

    [Fact]
    public void JsonNames_OfWhatMerchantsSee_EqualProtoNames()
    {
        var seen = new HashSet<MessageDescriptor>();
        foreach (var service in (ServiceDescriptor[])[Contracts.V1.PayGateway.Descriptor, Contracts.V1.QueryGateway.Descriptor])
        {
            foreach (var method in service.Methods)
            {
                Collect(method.InputType, seen);
                Collect(method.OutputType, seen);
            }
        }

        seen.Count.Should().BeGreaterThan(8);
        var fields = seen.Where(m => m.File.Package == "paycore.v1").SelectMany(m => m.Fields.InFieldNumberOrder());
        foreach (var merchantField in fields)
        {
            merchantField.JsonName.Should().Be(merchantField.Name, $"{merchantField.FullName} needs json_name");
        }
    }

    private static void Collect(MessageDescriptor message, HashSet<MessageDescriptor> seen)
    {
        if (seen.Add(message))
        {
            foreach (var merchantField in message.Fields.InFieldNumberOrder().Where(f => f.FieldType == FieldType.Message))
            {
                Collect(merchantField.MessageType, seen);
            }
        }
    }

    private static IEnumerable<MessageDescriptor> Messages() =>
        ((FileDescriptor[])[CommonReflection.Descriptor, PayGatewayReflection.Descriptor, PayDatabaseReflection.Descriptor, PayChannelReflection.Descriptor])
        .SelectMany(f => f.MessageTypes);

    private static IEnumerable<string> References(string project) =>
        XDocument.Load(project).Descendants("ProjectReference").Select(r => Path.GetFileNameWithoutExtension((string)r.Attribute("Include")!));

    private static IEnumerable<string> Packages(string project) =>
        XDocument.Load(project).Descendants("PackageReference").Select(r => (string)r.Attribute("Include")!);

    [GeneratedRegex(@"\b(double|float|decimal)\s+\w*(amount|money|price|fen)\w*", RegexOptions.IgnoreCase)]
    private static partial Regex FloatingAmount();

    [GeneratedRegex(@"^    (?:public|private|internal|protected) [^=;(]*?(\w+)(?:<\w+>)?\(|\bReadListAsync\(", RegexOptions.Multiline)]
    private static partial Regex MethodOrReplica();

    [GeneratedRegex("wechat|weixin|alipay|tenpay", RegexOptions.IgnoreCase)]
    private static partial Regex ProviderName();

    // Documentation may give a wallet's name as an example of a value.
    [GeneratedRegex(@"(\w+(?: TABLE| INTO)?)\s+audit_entry\b", RegexOptions.IgnoreCase)]
    private static partial Regex AuditStatement();

    [GeneratedRegex("(///|//).*|for example wechat", RegexOptions.IgnoreCase)]
    private static partial Regex ExampleInWords();
}
