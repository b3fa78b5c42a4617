using System.Text.Json;
using System.Text.Json.Nodes;

namespace PayCore.Configuration;

/// <summary>Goes through the values of a document.</summary>
internal static class DocumentValues
{
    private static readonly JsonDocumentOptions _asDocuments = new() { CommentHandling = JsonCommentHandling.Skip, AllowDuplicateProperties = false };

    /// <summary>A document as a tree.</summary>
    /// <exception cref="JsonException">It is none. The message may quote a value.</exception>
    public static JsonNode? Parse(ReadOnlyMemory<byte> content) => JsonNode.Parse(content.Span, documentOptions: _asDocuments);

    /// <summary>A tree as a document.</summary>
    public static byte[] Write(JsonNode node) => JsonSerializer.SerializeToUtf8Bytes(node, DocumentJson.Options);

    /// <summary>Replaces each value for which <paramref name="change"/> answers another.</summary>
    /// <param name="node">The tree.</param>
    /// <param name="change">From the members that lead to the value (the items of an array have the array's) and the value; null leaves it.</param>
    /// <param name="path">The members that lead here.</param>
    /// <returns>How many were replaced.</returns>
    public static int Change(JsonNode? node, Func<IReadOnlyList<string>, JsonValue, string?> change, params IReadOnlyList<string> path)
    {
        switch (node)
        {
            case JsonObject members:
                return members.ToList().Sum(m => Change(m.Value, change, [.. path, m.Key]));
            case JsonArray items:
                return items.ToList().Sum(i => Change(i, change, path));
            case JsonValue value when change(path, value) is { } changed:
                value.ReplaceWith(changed);
                return 1;
            default:
                return 0;
        }
    }
}
