using PayCore.Contracts.V1;
using PayCore.PayManagerSystem.People;
using PayCore.PayManagerSystem.Permissions;
using PayCore.PayManagerSystem.Records;
using ExceptionKind = PayCore.Contracts.V1.ExceptionItem.Types.Kind;

namespace PayCore.Console.Tests;

/// <summary>What the records keep as words of the contract has plain ones, in both languages.</summary>
public sealed class PlainWords
{
    /// <summary>Actions that change no record of others and so stand in no audit log, or stand there under the name of what they did.</summary>
    private static readonly string[] _notAudited =
    [
        "approval.run-again", "audit.verify", "view.keep", "transfer.ask", "account.add", "account.change", "account.enable", "account.disable", "account.roll-back", "account.examine",
        "app.create", "app.change", "app.enable", "app.disable", "app.add-key", "app.retire-key", "app.webhook", "app.add-webhook-secret", "app.remove-webhook-secret", "app.routes", "app.roll-back",
    ];

    [Fact]
    public void EveryActionOfTheAuditLog_HasWords() =>
        ConsoleActions.All.Select(a => a.Name).Except(_notAudited).Should().OnlyContain(name => AuditWords.Knows(name));

    [Fact]
    public void EveryKindOfException_HasItsOwnWords()
    {
        var kinds = Enum.GetValues<ExceptionKind>().Where(k => k != ExceptionKind.Unspecified).ToList();

        kinds.Select(k => ExceptionWords.Title(k).English).Should().OnlyHaveUniqueItems().And.NotContain(ExceptionWords.Title(ExceptionKind.Unspecified).English);
        kinds.Select(k => ExceptionWords.Title(k).Chinese).Should().OnlyHaveUniqueItems();
        kinds.Select(k => ExceptionWords.Several(k).English).Should().OnlyHaveUniqueItems().And.NotContain(ExceptionWords.Several(ExceptionKind.Unspecified).English);
    }

    [Theory]
    [InlineData("P0101M82N8J0Z4Q7D3R1K6T9V2W5X", "/payments/P0101M82N8J0Z4Q7D3R1K6T9V2W5X")]
    [InlineData("X0101M82N8J0Z4Q7D3R1K6T9V2W5X", "/exceptions/X0101M82N8J0Z4Q7D3R1K6T9V2W5X")]
    [InlineData("apps/tea house", "/apps/tea%20house")]
    [InlineData("wechat/1900000001", "/accounts/wechat/1900000001")]
    [InlineData("roles/auditor", "/roles")]
    [InlineData("O0101M82N8J0Z4Q7D3R1K6T9V2W5X", null)]
    [InlineData("payments", null)]
    public void Subject_OfAnEntry_LeadsToItsPage(string subject, string? page) => AuditWords.AddressOf(subject).Should().Be(page);
}
