using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace PayCore.Configuration;

/// <summary>How configuration documents are read: snake_case members, unknown and repeated members refused, comments allowed.</summary>
public static class DocumentJson
{
    /// <summary>The reading rules.</summary>
    public static JsonSerializerOptions Options { get; } = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        AllowDuplicateProperties = false,
        ReadCommentHandling = JsonCommentHandling.Skip,
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
        WriteIndented = true,
        // People read documents too: Chinese stays Chinese.
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        TypeInfoResolver = new DefaultJsonTypeInfoResolver(),
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower, allowIntegerValues: false) },
    };

    /// <summary>Reads a document's members as they stand in it.</summary>
    /// <exception cref="DocumentRefusedException">It is no JSON object.</exception>
    public static JsonObject ReadMembers(string what, ReadOnlyMemory<byte> content)
    {
        try
        {
            return DocumentValues.Parse(content) as JsonObject ?? throw new DocumentRefusedException($"{what}: is no JSON object.");
        }
        catch (JsonException e)
        {
            // The message could quote a value.
            throw new DocumentRefusedException($"{what}: is no JSON (line {e.LineNumber + 1}).");
        }
    }

    /// <summary>Writes members as a document.</summary>
    public static byte[] WriteMembers(JsonObject members) => JsonSerializer.SerializeToUtf8Bytes(members, Options);

    /// <summary>Reads a document.</summary>
    /// <exception cref="InvalidDocumentException">It is no JSON of that shape; names the place, never a value.</exception>
    public static T Read<T>(ReadOnlyMemory<byte> content)
        where T : class
    {
        try
        {
            return JsonSerializer.Deserialize<T>(content.Span, Options) ?? throw new InvalidDocumentException("document", "is null");
        }
        catch (JsonException e)
        {
            // Messages about members name members; others may quote a value, and the place is enough.
            if (e.Message.Contains("missing required properties", StringComparison.Ordinal))
            {
                throw new InvalidDocumentException(e.Path ?? "document", e.Message[e.Message.IndexOf("missing", StringComparison.Ordinal)..]);
            }

            throw new InvalidDocumentException(e.Path ?? "document", $"is not what is expected there (line {e.LineNumber + 1})");
        }
    }
}
