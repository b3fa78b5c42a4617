using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace PayCore.Configuration;

/// <summary>A member of a document, as its schema describes it.</summary>
/// <param name="Name">As the document writes it.</param>
/// <param name="Kind"><c>string</c>, <c>boolean</c>, <c>integer</c>, or <c>object</c>, which is given as JSON; empty for one that a single text cannot hold.</param>
/// <param name="Description">What it is.</param>
/// <param name="ChineseDescription">The same in Chinese; English where the schema has none.</param>
/// <param name="IsSecret">It is written and never shown.</param>
/// <param name="IsPem">It is a key or certificate of several lines.</param>
/// <param name="IsRequired">A document without it is refused.</param>
/// <param name="IsNullable">It may be left out, which means something else than each of its values.</param>
/// <param name="Choices">The only texts that it can be; empty: any.</param>
public sealed record DocumentField(
    string Name, string Kind, string Description, string ChineseDescription, bool IsSecret, bool IsPem, bool IsRequired, bool IsNullable, IReadOnlyList<string> Choices)
{
    /// <summary>A change of it changes who can sign or whose signatures are believed.</summary>
    public bool IsKey => IsSecret || IsPem;

    /// <summary>The member's value out of a text that somebody typed.</summary>
    /// <exception cref="InvalidDocumentException">It is none.</exception>
    public JsonNode Parse(string text) => Kind switch
    {
        "boolean" => bool.TryParse(text, out var value) ? value : throw new InvalidDocumentException(Name, "is true or false"),
        "integer" => long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number)
            ? number
            : throw new InvalidDocumentException(Name, "is a whole number"),
        "object" => Members(text),
        _ => text,
    };

    /// <summary>The text that <see cref="Parse"/> reads as this value.</summary>
    public static string Write(JsonNode? value) => value switch
    {
        null => "",
        JsonValue => value.ToString(),
        _ => value.ToJsonString(DocumentJson.Options),
    };

    /// <summary>The members that a JSON Schema names, in its order.</summary>
    public static IReadOnlyList<DocumentField> FromSchema(string schema)
    {
        var node = JsonNode.Parse(schema)!;
        var required = node["required"]?.AsArray().Select(r => r!.GetValue<string>()).ToHashSet(StringComparer.Ordinal) ?? [];
        return [.. node["properties"]!.AsObject().Select(member => Of(member.Key, member.Value!, required.Contains(member.Key)))];
    }

    private JsonObject Members(string text)
    {
        try
        {
            return JsonNode.Parse(text) as JsonObject ?? throw new JsonException();
        }
        catch (JsonException)
        {
            // The message could quote a value.
            throw new InvalidDocumentException(Name, "is a JSON object, such as {\"name\": \"text\"}");
        }
    }

    private static DocumentField Of(string name, JsonNode member, bool isRequired)
    {
        var types = member["type"] switch { JsonArray several => several.Select(t => t!.GetValue<string>()).ToList(), { } one => [one.GetValue<string>()], null => [] };
        var description = member["description"]?.GetValue<string>() ?? "";
        return new DocumentField(
            name,
            types.FirstOrDefault(t => t is "string" or "boolean" or "integer" or "object") ?? (member["enum"] is null ? "" : "string"),
            description,
            member["x-description-zh"]?.GetValue<string>() ?? description,
            member["writeOnly"]?.GetValue<bool>() ?? false,
            member["contentMediaType"]?.GetValue<string>() == "application/x-pem-file",
            isRequired,
            types.Contains("null"),
            [.. member["enum"]?.AsArray().Select(e => e?.GetValue<string>()).OfType<string>() ?? []]);
    }
}
