using System.Text.Json;
using System.Text.Json.Nodes;
using Google.Protobuf;
using PayCore.Configuration;
using PayCore.Contracts.V1;
using PayCore.ServiceDefaults;
using Level = PayCore.Contracts.V1.AccountFinding.Types.Level;

namespace PayCore.Host.CommandLine;

/// <summary>A member of a channel's account document.</summary>
/// <param name="Name">As the document writes it.</param>
/// <param name="Kind"><c>string</c>, <c>boolean</c>, <c>integer</c>, or <c>object</c>, which is given as JSON; empty for one that a command line cannot hold.</param>
/// <param name="Description">What it is.</param>
/// <param name="IsSecret">It is written and never shown.</param>
/// <param name="IsRequired">A document without it is refused.</param>
internal sealed record AccountField(string Name, string Kind, string Description, bool IsSecret, bool IsRequired);

/// <summary>
/// A channel's account documents, as the channel itself describes and judges them: nothing here knows what a channel's accounts are made of.
/// </summary>
/// <param name="Session">Where the channel is called.</param>
/// <param name="Role">The channel's role.</param>
/// <param name="Name">The channel.</param>
/// <param name="Fields">The members of a document, in their order.</param>
/// <param name="Secrets">What is not shown of a document.</param>
internal sealed record ChannelDocuments(CommandSession Session, string Role, string Name, IReadOnlyList<AccountField> Fields, DocumentSecrets Secrets)
{
    private static readonly JsonDocumentOptions _asDocuments = new() { CommentHandling = JsonCommentHandling.Skip, AllowDuplicateProperties = false };
    private static readonly JsonNodeOptions _exact = new() { PropertyNameCaseInsensitive = false };

    /// <summary>The channels of this program.</summary>
    public static async Task<IReadOnlyList<ChannelDocuments>> AllAsync(CommandSession session)
    {
        session.Use(Host.Role.Channels);
        var all = new List<ChannelDocuments>();
        foreach (var role in Host.Role.Channels)
        {
            var reply = await session.CallAsync(role.Name, (invoker, options) => new PayChannel.PayChannelClient(invoker).DescribeAsync(new DescribeRequest(), options));
            all.Add(new ChannelDocuments(
                session, role.Name, reply.Channel, [.. FieldsOf(JsonNode.Parse(reply.AccountSchema)!)], DocumentSecrets.FromSchema(reply.AccountSchema)));
        }

        return all;
    }

    /// <summary>What the channel finds when it examines the document.</summary>
    /// <param name="account">The account's name.</param>
    /// <param name="document">The document.</param>
    /// <param name="callbackUrl">Where the provider would call back; empty leaves that out.</param>
    /// <param name="offline">Call nobody.</param>
    public async Task<IReadOnlyList<AccountFinding>> ExamineAsync(string account, ReadOnlyMemory<byte> document, string callbackUrl, bool offline)
    {
        var request = new CheckAccountRequest { Account = account, Document = ByteString.CopyFrom(document.Span), CallbackUrl = callbackUrl, Offline = offline };
        return (await Session.CallAsync(Role, (invoker, options) => new PayChannel.PayChannelClient(invoker).CheckAccountAsync(request, options))).Findings;
    }

    /// <summary>The bytes of a document that the channel accepts.</summary>
    public async Task<byte[]> WriteAsync(string account, JsonObject document, bool isChinese)
    {
        var content = JsonSerializer.SerializeToUtf8Bytes(document, DocumentJson.Options);
        var refusal = (await ExamineAsync(account, content, "", offline: true)).FirstOrDefault(f => f.Level == Level.Failure);
        return refusal is null ? content : throw new CommandFailedException(isChinese ? refusal.TextZh : refusal.TextEn);
    }

    /// <summary>Reads a document's members.</summary>
    public static JsonObject Read(string what, ReadOnlySpan<byte> content)
    {
        try
        {
            return JsonNode.Parse(content, _exact, _asDocuments) as JsonObject ?? throw new CommandFailedException($"{what}: is no JSON object.");
        }
        catch (JsonException e)
        {
            // The message could quote a value.
            throw new CommandFailedException($"{what}: is no JSON (line {e.LineNumber + 1}).");
        }
    }

    private static IEnumerable<AccountField> FieldsOf(JsonNode schema)
    {
        var required = schema["required"]?.AsArray().Select(r => r!.GetValue<string>()).ToHashSet(StringComparer.Ordinal) ?? [];
        foreach (var (name, member) in schema["properties"]!.AsObject())
        {
            var types = member!["type"] switch { JsonArray several => several.Select(t => t!.GetValue<string>()), { } one => [one.GetValue<string>()], null => [] };
            var kind = types.FirstOrDefault(t => t is "string" or "boolean" or "integer" or "object") ?? (member["enum"] is null ? "" : "string");
            yield return new AccountField(
                name, kind, member["description"]?.GetValue<string>() ?? "", member["writeOnly"]?.GetValue<bool>() ?? false, required.Contains(name));
        }
    }
}
