using System.Text.RegularExpressions;
using Grpc.Core;
using PayCore.MerchantApi;
using PayCore.TestKit;

namespace PayCore.EndToEnd.Tests;

/// <summary><c>docs/errors.md</c> is the list of reasons that merchants read.</summary>
public sealed partial class ErrorPageTests
{
    private static readonly string[] _sections = Heading().Split(File.ReadAllText(Path.Combine(Repository.Root, "docs", "errors.md")))[1..];

    [Fact]
    public void Page_HasOneHeadingForEachReason() => Pairs().Select(p => p.Reason).Should().BeEquivalentTo(ErrorReason.All);

    [Fact]
    public void Section_SaysStatusNextStepAndWhetherARepeatIsSafe()
    {
        foreach (var (reason, text) in Pairs())
        {
            text.Should().Contain("\n- Next: ", reason).And.Contain("\n- Repeat: ", reason);
            var codes = Codes().Match(text);
            codes.Success.Should().BeTrue(reason);
            var code = Enum.Parse<StatusCode>(codes.Groups[2].Value.Replace("_", "", StringComparison.Ordinal), ignoreCase: true);
            MerchantErrors.HttpStatus(MerchantErrors.ToStatus(code, reason, "")).ToString().Should().Be(codes.Groups[1].Value, reason);
        }
    }

    private static IEnumerable<(string Reason, string Text)> Pairs() => _sections.Chunk(2).Select(s => (s[0], s[1]));

    [GeneratedRegex("^## (.+)$", RegexOptions.Multiline)]
    private static partial Regex Heading();

    [GeneratedRegex("^- HTTP ([0-9]{3}), gRPC ([A-Z_]+)", RegexOptions.Multiline)]
    private static partial Regex Codes();
}
