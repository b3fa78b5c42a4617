using System.Text;
using System.Text.Json;
using System.Text.Unicode;
using Google.Protobuf.Reflection;

namespace PayCore.MerchantApi;

/// <summary>
/// One strict walk over the raw bytes of a JSON body against the message that it should be. The reader that follows is lenient (it drops
/// unknown members, takes the last duplicate, reads <c>null</c> as 0 and <c>" 1"</c> as 1), which is no way to take an amount of money.
/// </summary>
/// <remarks>
/// A member is known by its <c>json_name</c> only. Refused are: duplicates, unknown members, <c>null</c>, wrong JSON types, two members of
/// one oneof, and for whole numbers anything but <c>-?[0-9]+</c> as number or (64 bits) text, below 2^53 and in the field's range;
/// enumerations by any other than their names; ill-formed UTF-8 and lone surrogates; nesting deeper than <see cref="DepthMax"/>; comments;
/// anything behind the body.
/// </remarks>
public static class StrictJson
{
    /// <summary>How deep objects and arrays may be nested.</summary>
    public const int DepthMax = 16;

    /// <summary>How many violations are told; a body is small, so the walk goes to its end all the same.</summary>
    public const int ViolationsMax = 16;

    /// <summary>Checks a body.</summary>
    /// <param name="body">The raw bytes.</param>
    /// <param name="message">What the body should be.</param>
    /// <param name="boundElsewhere">Paths of fields that the route or query set already; the body may not repeat them.</param>
    /// <returns>What is wrong, in the order met; empty when the body is as it must be.</returns>
    public static IReadOnlyList<FieldViolation> Check(
        ReadOnlySpan<byte> body, MessageDescriptor message, IReadOnlySet<string>? boundElsewhere = null)
    {
        ArgumentNullException.ThrowIfNull(message);
        var walk = new Walk(boundElsewhere);
        walk.Run(body, (ref Utf8JsonReader reader) => walk.Message(ref reader, message, ""));
        return walk.Violations;
    }

    /// <summary>Checks a body that is one field of the request (<c>body: "field"</c> in the HTTP rule).</summary>
    /// <param name="body">The raw bytes.</param>
    /// <param name="field">The field that the body should be.</param>
    /// <returns>What is wrong, in the order met; empty when the body is as it must be.</returns>
    public static IReadOnlyList<FieldViolation> CheckField(ReadOnlySpan<byte> body, FieldDescriptor field)
    {
        ArgumentNullException.ThrowIfNull(field);
        var walk = new Walk(null);
        walk.Run(body, (ref Utf8JsonReader reader) => walk.Field(ref reader, field, field.JsonName));
        return walk.Violations;
    }

    private delegate void Step(ref Utf8JsonReader reader);

    private sealed class Walk(IReadOnlySet<string>? boundElsewhere)
    {
        private const int NameCharsShown = 64;

        public List<FieldViolation> Violations { get; } = [];

        public void Run(ReadOnlySpan<byte> body, Step step)
        {
            if (!Utf8.IsValid(body))
            {
                Refuse("", ErrorReason.JsonMalformed, "The body is not well-formed UTF-8.");
                return;
            }

            // The reader's own limit only ends absurd nesting; ours, below it, names the field.
            var strict = new JsonReaderOptions { CommentHandling = JsonCommentHandling.Disallow, MaxDepth = 4 * DepthMax };
            var reader = new Utf8JsonReader(body, strict);
            try
            {
                reader.Read();
                step(ref reader);
                while (reader.Read())
                {
                    // Only white space may follow; the reader throws at anything else.
                }
            }
            catch (JsonException)
            {
                Refuse("", ErrorReason.JsonMalformed, $"The body is not one JSON value; reading stopped near byte {reader.BytesConsumed}.");
            }
        }

        public void Message(ref Utf8JsonReader reader, MessageDescriptor message, string path)
        {
            if (!Enter(ref reader, JsonTokenType.StartObject, path, "must be an object"))
            {
                return;
            }

            var seen = new HashSet<string>(StringComparer.Ordinal);
            var groups = new Dictionary<OneofDescriptor, string>();
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var name = Text(ref reader);
                if (name is null)
                {
                    Refuse(path, ErrorReason.JsonMalformed, "A member's name has a lone surrogate.");
                    SkipValue(ref reader);
                    continue;
                }

                var field = Find(message, name);
                var child = Join(path, Shown(name));
                var group = field?.RealContainingOneof;
                if (!seen.Add(name))
                {
                    Refuse(child, ErrorReason.FieldDuplicate, "is given twice");
                }
                else if (field is null)
                {
                    Refuse(child, ErrorReason.FieldUnknown, "is not a field of this request");
                }
                else if (boundElsewhere?.Contains(child) == true)
                {
                    Refuse(child, ErrorReason.FieldDuplicate, "is set by the path already");
                }
                else if (group is not null && !groups.TryAdd(group, name))
                {
                    Refuse(child, ErrorReason.FieldDuplicate, $"cannot be given together with {groups[group]}");
                }
                else
                {
                    reader.Read();
                    Field(ref reader, field, child);
                    continue;
                }

                SkipValue(ref reader);
            }
        }

        public void Field(ref Utf8JsonReader reader, FieldDescriptor field, string path)
        {
            if (field.IsMap)
            {
                Map(ref reader, field, path);
            }
            else if (field.IsRepeated)
            {
                Array(ref reader, field, path);
            }
            else
            {
                Value(ref reader, field, path);
            }
        }

        private void Array(ref Utf8JsonReader reader, FieldDescriptor field, string path)
        {
            if (!Enter(ref reader, JsonTokenType.StartArray, path, "must be an array"))
            {
                return;
            }

            for (var index = 0; reader.Read() && reader.TokenType != JsonTokenType.EndArray; index++)
            {
                Value(ref reader, field, $"{path}[{index}]");
            }
        }

        private void Map(ref Utf8JsonReader reader, FieldDescriptor field, string path)
        {
            if (!Enter(ref reader, JsonTokenType.StartObject, path, "must be an object"))
            {
                return;
            }

            var keyField = field.MessageType.FindFieldByNumber(1);
            var valueField = field.MessageType.FindFieldByNumber(2);
            var seen = new HashSet<string>(StringComparer.Ordinal);
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var key = Text(ref reader);
                var child = $"{path}[\"{Shown(key ?? "")}\"]";
                if (key is null)
                {
                    Refuse(child, ErrorReason.FieldFormat, "the key has a lone surrogate");
                }
                else if (!seen.Add(key))
                {
                    Refuse(child, ErrorReason.FieldDuplicate, "is given twice");
                }
                else if (StrictScalar.CheckText(keyField, key) is { } wrongKey)
                {
                    Refuse(child, wrongKey.Reason, $"the key {wrongKey.Message}");
                }
                else
                {
                    reader.Read();
                    Value(ref reader, valueField, child);
                    continue;
                }

                SkipValue(ref reader);
            }
        }

        private void Value(ref Utf8JsonReader reader, FieldDescriptor field, string path)
        {
            if (field.FieldType is FieldType.Message or FieldType.Group && !StrictScalar.IsSingleValue(field.MessageType))
            {
                if (IsFreeForm(field.MessageType))
                {
                    Refuse(path, ErrorReason.FieldType, "has a type that cannot be given in JSON");
                    reader.Skip();
                    return;
                }

                Message(ref reader, field.MessageType, path);
                return;
            }

            var leaf = field.FieldType == FieldType.Message ? StrictScalar.Wrapped(field.MessageType) ?? field : field;
            var (isInteger, wanted) = Expectation(leaf);
            switch (reader.TokenType)
            {
                case JsonTokenType.Null:
                    Refuse(path, ErrorReason.FieldNull, "must not be null; leave the member out instead");
                    return;
                case JsonTokenType.True or JsonTokenType.False when leaf.FieldType == FieldType.Bool:
                    return;
                case JsonTokenType.Number when isInteger || leaf.FieldType is FieldType.Double or FieldType.Float:
                    Report(StrictScalar.CheckText(leaf, Encoding.UTF8.GetString(reader.ValueSpan)), path);
                    return;
                case JsonTokenType.String when TakesText(leaf):
                    if (Text(ref reader) is { } text)
                    {
                        Report(StrictScalar.CheckText(leaf, text), path);
                    }
                    else
                    {
                        Refuse(path, ErrorReason.FieldFormat, "has a lone surrogate");
                    }

                    return;
                default:
                    Refuse(path, ErrorReason.FieldType, wanted);
                    reader.Skip();
                    return;
            }
        }

        private static (bool IsInteger, string Wanted) Expectation(FieldDescriptor leaf) => leaf.FieldType switch
        {
            FieldType.Bool => (false, "must be true or false"),
            FieldType.Double or FieldType.Float => (false, "must be a number"),
            FieldType.String or FieldType.Bytes or FieldType.Enum or FieldType.Message => (false, "must be text"),
            _ when IsNarrow(leaf) => (true, "must be a whole number, not text"),
            _ => (true, "must be a whole number, as a number or as text"),
        };

        /// <summary>
        /// Transcoding reads text as a whole number of 64 bits, but not of 32, and would refuse it without naming the field.
        /// </summary>
        private static bool IsNarrow(FieldDescriptor leaf) =>
            leaf.FieldType is FieldType.Int32 or FieldType.SInt32 or FieldType.SFixed32 or FieldType.UInt32 or FieldType.Fixed32;

        private static bool TakesText(FieldDescriptor leaf) =>
            leaf.FieldType is not (FieldType.Bool or FieldType.Double or FieldType.Float) && !IsNarrow(leaf);

        /// <summary>Any, Struct and the like would let arbitrary content in; no request of ours has them.</summary>
        private static bool IsFreeForm(MessageDescriptor message) =>
            message.FullName is "google.protobuf.Any" or "google.protobuf.FieldMask" || message.File.Name == "google/protobuf/struct.proto";

        private bool Enter(ref Utf8JsonReader reader, JsonTokenType wanted, string path, string otherwise)
        {
            if (reader.TokenType == wanted && reader.CurrentDepth < DepthMax)
            {
                return true;
            }

            if (reader.TokenType == wanted)
            {
                Refuse(path, ErrorReason.JsonTooDeep, $"is nested deeper than {DepthMax} levels");
            }
            else if (reader.TokenType == JsonTokenType.Null)
            {
                Refuse(path, ErrorReason.FieldNull, "must not be null; leave the member out instead");
            }
            else
            {
                Refuse(path, ErrorReason.FieldType, path.Length == 0 ? $"The body {otherwise}." : otherwise);
            }

            reader.Skip();
            return false;
        }

        private static void SkipValue(ref Utf8JsonReader reader)
        {
            reader.Read();
            reader.Skip();
        }

        /// <summary>The text of a name or string, or nothing when an escape in it stands for half a character.</summary>
        private static string? Text(ref Utf8JsonReader reader)
        {
            try
            {
                return reader.GetString();
            }
            catch (InvalidOperationException)
            {
                return null;
            }
        }

        private static string Shown(string name) => name.Length <= NameCharsShown ? name : $"{name[..NameCharsShown]}…";

        private void Report((string Reason, string Message)? wrong, string path)
        {
            if (wrong is { } it)
            {
                Refuse(path, it.Reason, it.Message);
            }
        }

        private void Refuse(string path, string reason, string message)
        {
            if (Violations.Count < ViolationsMax)
            {
                Violations.Add(new FieldViolation(path, reason, message));
            }
        }
    }

    internal static string Join(string path, string name) => path.Length == 0 ? name : $"{path}.{name}";

    /// <summary>The field with this json_name, which is its only name in JSON. Messages are short; no index is needed.</summary>
    internal static FieldDescriptor? Find(MessageDescriptor message, string name)
    {
        foreach (var field in message.Fields.InDeclarationOrder())
        {
            if (field.JsonName == name)
            {
                return field;
            }
        }

        return null;
    }
}
