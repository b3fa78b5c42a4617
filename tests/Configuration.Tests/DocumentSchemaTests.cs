using System.ComponentModel;
using System.Text.Json.Nodes;

namespace PayCore.Configuration.Tests;

public sealed class DocumentSchemaTests
{
    private static readonly JsonNode _schema = JsonNode.Parse(DocumentSchema.Of<Sample>())!;

    [Fact]
    public void Schema_SaysWhatMustBeThereAndRefusesTheRest()
    {
        _schema["required"]!.AsArray().Select(r => r!.GetValue<string>()).Should().Equal("account_no", "private_key");
        _schema["additionalProperties"]!.GetValue<bool>().Should().BeFalse();
    }

    [Fact]
    public void Schema_MarksSecretsOnly()
    {
        var secrets = _schema["properties"]!.AsObject().Where(p => p.Value!["writeOnly"]?.GetValue<bool>() == true).Select(p => p.Key);

        secrets.Should().Equal("private_key");
    }

    [Fact]
    public void Schema_HasTheWordsAndKindsOfMembers()
    {
        var properties = _schema["properties"]!;

        properties["account_no"]!["description"]!.GetValue<string>().Should().Be("账号 The number.");
        properties["account_no"]!["type"]!.GetValue<string>().Should().Be("string");
        properties["is_on"]!["type"]!.ToJsonString().Should().Contain("boolean");
        properties["is_on"]!["description"].Should().BeNull();
    }

    private sealed record Sample
    {
        [Description("账号 The number.")]
        public required string AccountNo { get; init; }

        [Secret]
        public required string PrivateKey { get; init; }

        public bool? IsOn { get; init; }
    }
}
