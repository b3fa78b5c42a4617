using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace PayCore.Configuration;

/// <summary>Shows documents without their secrets: each stands as <c>(secret 3f9a01bc)</c>.</summary>
/// <param name="names">The members that are secrets, wherever they stand.</param>
public sealed class DocumentSecrets(IReadOnlySet<string> names)
{
    private const string Unreadable = "(no JSON)";
    private const string Hidden = "(secret)";

    /// <summary>Those of a document's class.</summary>
    public static DocumentSecrets Of<T>()
        where T : class => FromSchema(DocumentSchema.Of<T>());

    /// <summary>Those that a schema marks as <c>writeOnly</c>.</summary>
    public static DocumentSecrets FromSchema(string schema)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        Collect(JsonNode.Parse(schema), names);
        return new DocumentSecrets(names);
    }

    /// <summary>
    /// A document before and after a change; empty stays empty. Within one pair equal secrets read equal, so that a changed one shows; the mark is made with a key
    /// that is thrown away, and says nothing else about the secret.
    /// </summary>
    /// <param name="before">The document as it was.</param>
    /// <param name="after">The document as it will be.</param>
    /// <param name="fill">The source of randomness.</param>
    public (string Before, string After) Show(ReadOnlyMemory<byte> before, ReadOnlyMemory<byte> after, Action<Span<byte>> fill)
    {
        ArgumentNullException.ThrowIfNull(fill);
        var key = new byte[HMACSHA256.HashSizeInBytes];
        fill(key);
        return (Show(before, key), Show(after, key));
    }

    /// <summary>How many of a document's secrets are sealed, and how many are not.</summary>
    public (int Sealed, int Plain) Count(ReadOnlyMemory<byte> document)
    {
        var (isSealed, plain) = (0, 0);
        Change(document, value =>
        {
            _ = IsSealed(value) ? isSealed++ : plain++;
            return null;
        });
        return (isSealed, plain);
    }

    /// <summary>A document for the eyes of a person: its secrets are hidden, and what is sealed shows as that.</summary>
    public string Show(ReadOnlyMemory<byte> document) => Change(document, value => IsSealed(value) ? null : Hidden);

    /// <summary>Whether a value is a secret, by the members that lead to it.</summary>
    internal bool Contains(IEnumerable<string> path) => path.Any(names.Contains);

    private static bool IsSealed(JsonValue value) => value.GetValueKind() == JsonValueKind.String && DocumentSeals.IsSealed(value.GetValue<string>());

    private string Show(ReadOnlyMemory<byte> document, byte[] key) => document.IsEmpty ? "" : Change(document, value =>
        $"(secret {Convert.ToHexStringLower(HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(value.ToJsonString())))[..8]})");

    private string Change(ReadOnlyMemory<byte> document, Func<JsonValue, string?> change)
    {
        try
        {
            var node = DocumentValues.Parse(document);
            DocumentValues.Change(node, (path, value) => Contains(path) ? change(value) : null);
            return node?.ToJsonString(DocumentJson.Options) ?? "";
        }
        catch (JsonException)
        {
            // What cannot be read cannot be parted from its secrets.
            return Unreadable;
        }
    }

    private static void Collect(JsonNode? schema, HashSet<string> names)
    {
        if (schema is JsonObject node)
        {
            foreach (var (name, member) in node["properties"] as JsonObject ?? [])
            {
                if (member?["writeOnly"]?.GetValue<bool>() == true)
                {
                    names.Add(name);
                }
            }

            foreach (var (_, member) in node)
            {
                Collect(member, names);
            }
        }
        else if (schema is JsonArray items)
        {
            foreach (var item in items)
            {
                Collect(item, names);
            }
        }
    }
}
