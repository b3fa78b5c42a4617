using System.Diagnostics;
using System.Text.RegularExpressions;

namespace PayCore.Architecture.Tests;

/// <summary>
/// Each invariant that docs/invariants.md lists has mutants that break it (<c>./mutants</c>), and these still fit the code and the tests that see them.
/// </summary>
public sealed partial class MutantTests
{
    private static readonly string[] _invariants = [.. Enumerable.Range(1, 28).Select(i => $"I{i}")];

    public static TheoryData<string> Names => [.. Directory.EnumerateFiles(Folder, "*.patch").Select(f => Path.GetFileNameWithoutExtension(f)).Order()];

    private static string Folder => Path.Combine(Product.Root, "tests", "mutants");

    [Theory]
    [MemberData(nameof(Names))]
    public void Mutant_StillFitsTheCodeAndItsTests(string name)
    {
        var file = Path.Combine(Folder, $"{name}.patch");
        var text = File.ReadAllText(file);

        Applies(file).Should().BeEmpty();
        ChangedFile().Matches(text).Select(m => m.Groups[1].Value).Should().NotBeEmpty().And.OnlyContain(f => f.StartsWith("src/", StringComparison.Ordinal));
        Header(text, "Invariant").Should().Be(name.Split('-')[0]);
        Header(text, "Breaks").Should().EndWith(".");
        var tests = Header(text, "Tests").Split(' ');
        var sources = Directory.EnumerateFiles(Path.Combine(Product.Root, "tests", $"{tests[0]}.Tests"), "*.cs").Select(File.ReadAllText).ToList();
        tests.Skip(1).Should().NotBeEmpty().And.OnlyContain(pattern => sources.Any(s => Holds(s, pattern)), "the tests that see it are there");
    }

    [Fact]
    public void Page_ListsEveryInvariantWithItsFilesTestsAndMutants()
    {
        var rows = File.ReadAllLines(Path.Combine(Product.Root, "docs", "invariants.md"))
            .Where(l => l.StartsWith("| I", StringComparison.Ordinal)).Select(l => l.Split('|', StringSplitOptions.TrimEntries)).ToList();
        var sources = Directory.EnumerateFiles(Path.Combine(Product.Root, "tests"), "*.cs", SearchOption.AllDirectories).Select(File.ReadAllText).ToList();
        var names = Directory.EnumerateFiles(Folder, "*.patch").Select(f => Path.GetFileNameWithoutExtension(f)).ToList();

        rows.Select(r => r[1]).Should().Equal(_invariants);
        foreach (var row in rows)
        {
            Code().Matches(row[3]).Select(m => m.Groups[1].Value).Should().NotBeEmpty(row[1])
                .And.OnlyContain(f => Path.Exists(Path.Combine(Product.Root, f)), $"what keeps {row[1]} is there");
            Code().Matches(row[4]).Select(m => m.Groups[1].Value).Should().NotBeEmpty(row[1])
                .And.OnlyContain(t => sources.Any(s => Holds(s, t)), $"the tests of {row[1]} are there");
            Code().Matches(row[5]).Select(m => $"{row[1]}-{m.Groups[1].Value}").Should().NotBeEmpty(row[1])
                .And.BeEquivalentTo(names.Where(n => n.StartsWith($"{row[1]}-", StringComparison.Ordinal)), $"these are the mutants of {row[1]}");
        }
    }

    /// <summary>What git has against the patch.</summary>
    private static string Applies(string patch)
    {
        using var git = Process.Start(new ProcessStartInfo("git", ["apply", "--check", patch]) { WorkingDirectory = Product.Root, RedirectStandardError = true })!;
        var complaint = git.StandardError.ReadToEnd();
        git.WaitForExit();
        return complaint;
    }

    private static string Header(string patch, string name) => Regex.Match(patch, $"^{name}: (.+)$", RegexOptions.Multiline).Groups[1].Value;

    /// <summary>The file has the class, and when one is named a method that begins like this; <c>*</c> at an end stands for anything.</summary>
    private static bool Holds(string source, string pattern)
    {
        var parts = pattern.Trim('*').Split('.');
        return source.Contains($"class {parts[0]}", StringComparison.Ordinal)
            && (parts is [_] or [_, ""] || source.Contains($" {parts[1]}", StringComparison.Ordinal));
    }

    [GeneratedRegex(@"^\+\+\+ b/(.+)$", RegexOptions.Multiline)]
    private static partial Regex ChangedFile();

    [GeneratedRegex("`([^`]+)`")]
    private static partial Regex Code();
}
