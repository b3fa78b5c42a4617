using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace PayCore.EndToEnd.Tests.Support;

/// <summary>Compares values with the schemas of an OpenAPI document: the part of JSON Schema that the document uses, and a failure for any other.</summary>
public sealed class OpenApiShape(JsonNode document)
{
    private static readonly HashSet<string> _words =
    [
        "$ref", "type", "properties", "required", "additionalProperties", "enum", "const", "items", "anyOf", "minProperties", "maxProperties", "format",
        "minimum", "maximum", "description",
    ];

    /// <summary>What of the value is not as the schema says; empty when all is.</summary>
    public IReadOnlyList<string> Differences(JsonNode schema, JsonNode? value, string at = "$")
    {
        var differences = new List<string>();
        Compare(schema.AsObject(), value, at, differences);
        return differences;
    }

    /// <summary>The schema of an operation's answer.</summary>
    public JsonNode Answer(string path, string verb, string status) =>
        Resolve(document["paths"]![path]![verb]!["responses"]![status]!)["content"]!["application/json"]!["schema"]!;

    /// <summary>The schema of an operation's body.</summary>
    public JsonNode Body(string path, string verb) => document["paths"]![path]![verb]!["requestBody"]!["content"]!["application/json"]!["schema"]!;

    /// <summary>The schema of a notification.</summary>
    public JsonNode Notification(string type) => document["webhooks"]![type]!["post"]!["requestBody"]!["content"]!["application/json"]!["schema"]!;

    /// <summary>What a reference refers to, or the thing itself.</summary>
    public JsonObject Resolve(JsonNode node)
    {
        while (node["$ref"]?.GetValue<string>() is { } reference)
        {
            node = reference[2..].Split('/').Aggregate(document, (at, name) => at[name] ?? throw new InvalidOperationException($"{reference} leads nowhere."));
        }

        return node.AsObject();
    }

    private void Compare(JsonObject named, JsonNode? value, string at, List<string> differences)
    {
        var schema = Resolve(named);
        foreach (var word in schema.Select(m => m.Key).Where(k => !_words.Contains(k)))
        {
            throw new NotSupportedException($"{at}: the comparison does not know {word}.");
        }

        if (schema["type"]?.GetValue<string>() is { } type && !IsOf(type, value))
        {
            differences.Add($"{at} is no {type}: {value?.ToJsonString() ?? "null"}");
            return;
        }

        if (schema["enum"] is JsonArray names && !names.Any(n => JsonNode.DeepEquals(n, value)))
        {
            differences.Add($"{at} is none of the names: {value}");
        }

        if (schema["const"] is { } constant && !JsonNode.DeepEquals(constant, value))
        {
            differences.Add($"{at} is not {constant}: {value}");
        }

        if (schema["format"]?.GetValue<string>() == "date-time"
            && !DateTimeOffset.TryParse(value!.GetValue<string>(), CultureInfo.InvariantCulture, DateTimeStyles.RoundtripKind, out _))
        {
            differences.Add($"{at} is no time: {value}");
        }

        if (schema["anyOf"] is JsonArray choices)
        {
            differences.AddRange(choices.Any(c => Differences(c!, value, at).Count == 0) ? [] : [$"{at} is none of the {choices.Count} choices: {value?.ToJsonString()}"]);
            return;
        }

        switch (value)
        {
            case JsonObject members:
                CompareMembers(schema, members, at, differences);
                break;
            case JsonArray items:
                for (var i = 0; i < items.Count; i++)
                {
                    Compare(schema["items"]!.AsObject(), items[i], $"{at}[{i}]", differences);
                }

                break;
            default:
                break;
        }
    }

    private void CompareMembers(JsonObject schema, JsonObject members, string at, List<string> differences)
    {
        differences.AddRange((schema["required"]?.AsArray() ?? []).Select(n => n!.GetValue<string>()).Where(n => !members.ContainsKey(n)).Select(n => $"{at}.{n} is missing"));
        if (members.Count < (schema["minProperties"]?.GetValue<int>() ?? 0) || members.Count > (schema["maxProperties"]?.GetValue<int>() ?? int.MaxValue))
        {
            differences.Add($"{at} has {members.Count} members");
        }

        foreach (var (name, value) in members)
        {
            if (schema["properties"]?[name] is { } known)
            {
                Compare(known.AsObject(), value, $"{at}.{name}", differences);
            }
            else if (schema["additionalProperties"] is JsonObject others)
            {
                Compare(others, value, $"{at}.{name}", differences);
            }
            else
            {
                differences.Add($"{at}.{name} is not described");
            }
        }
    }

    private static bool IsOf(string type, JsonNode? value) => (type, value?.GetValueKind()) switch
    {
        ("object", JsonValueKind.Object) or ("array", JsonValueKind.Array) or ("string", JsonValueKind.String) => true,
        ("boolean", JsonValueKind.True or JsonValueKind.False) => true,
        ("integer", JsonValueKind.Number) => long.TryParse(value!.ToJsonString(), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out _),
        _ => false,
    };
}
