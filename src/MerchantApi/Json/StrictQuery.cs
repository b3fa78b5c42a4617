using System.Text;
using System.Text.Unicode;
using Google.Protobuf.Reflection;

namespace PayCore.MerchantApi;

/// <summary>The strictness of <see cref="StrictJson"/> for the query of a request and the variables in its path.</summary>
public static class StrictQuery
{
    /// <summary>
    /// Checks a raw query string. Each name is the path of a field (<c>after</c>, <c>page.size</c>), known by json_name; only a repeated
    /// field may be named twice.
    /// </summary>
    /// <param name="query">The raw query, with or without its question mark; empty for none.</param>
    /// <param name="message">The request message whose fields the query may set.</param>
    /// <param name="boundElsewhere">Paths of fields that the path or body set already; a field below one of them counts too.</param>
    /// <param name="takesNone">The whole message is the body, so that no parameter is known.</param>
    /// <returns>What is wrong, in the order met; empty when the query is as it must be.</returns>
    public static IReadOnlyList<FieldViolation> Check(
        string? query, MessageDescriptor message, IReadOnlySet<string>? boundElsewhere = null, bool takesNone = false)
    {
        ArgumentNullException.ThrowIfNull(message);
        var violations = new List<FieldViolation>();
        var text = query.AsSpan();
        text = text.StartsWith("?") ? text[1..] : text;
        if (text.IsEmpty)
        {
            return violations;
        }

        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var range in text.Split('&'))
        {
            if (violations.Count == StrictJson.ViolationsMax)
            {
                break;
            }

            var pair = text[range];
            var equals = pair.IndexOf('=');
            var rawName = equals < 0 ? pair : pair[..equals];
            var rawValue = equals < 0 ? [] : pair[(equals + 1)..];
            if (!TryDecode(rawName, out var name) || name.Length == 0 || !TryDecode(rawValue, out var value))
            {
                violations.Add(new FieldViolation(name, ErrorReason.FieldFormat, "The query has an empty name or a wrong percent escape."));
                continue;
            }

            var field = takesNone ? null : Resolve(message, name);
            if (field is null)
            {
                violations.Add(new FieldViolation(Shown(name), ErrorReason.FieldUnknown, "is not a query parameter of this method"));
            }
            else if (IsBound(name, boundElsewhere))
            {
                violations.Add(new FieldViolation(name, ErrorReason.FieldDuplicate, "is set by the path or the body already"));
            }
            else if (!seen.Add(name) && !field.IsRepeated)
            {
                violations.Add(new FieldViolation(name, ErrorReason.FieldDuplicate, "is given twice"));
            }
            else if (StrictScalar.CheckText(field, value) is { } wrong)
            {
                violations.Add(new FieldViolation(name, wrong.Reason, wrong.Message));
            }
        }

        return violations;
    }

    /// <summary>Checks the decoded value of one variable in a path.</summary>
    /// <param name="path">The field's path, as in the HTTP rule.</param>
    /// <param name="value">The decoded value.</param>
    /// <param name="message">The request message.</param>
    /// <returns>What is wrong, or nothing.</returns>
    public static FieldViolation? CheckPathValue(string path, string value, MessageDescriptor message)
    {
        ArgumentNullException.ThrowIfNull(path);
        ArgumentNullException.ThrowIfNull(message);
        return Resolve(message, path) is { } field && StrictScalar.CheckText(field, value) is { } wrong
            ? new FieldViolation(path, wrong.Reason, wrong.Message)
            : null;
    }

    /// <summary>The field at the end of a dotted path, when it can stand in a query: a single value, or a repeated one.</summary>
    private static FieldDescriptor? Resolve(MessageDescriptor message, string path)
    {
        FieldDescriptor? field = null;
        var at = message;
        foreach (var name in path.Split('.'))
        {
            if (at is null)
            {
                return null;
            }

            field = StrictJson.Find(at, name);
            if (field is null || field.IsMap)
            {
                return null;
            }

            var hasFields = field.FieldType == FieldType.Message && !field.IsRepeated && !StrictScalar.IsSingleValue(field.MessageType);
            at = hasFields ? field.MessageType : null;
        }

        var isValue = at is null && (field!.FieldType != FieldType.Message || StrictScalar.IsSingleValue(field.MessageType));
        return isValue ? field : null;
    }

    private static bool IsBound(string path, IReadOnlySet<string>? boundElsewhere)
    {
        foreach (var bound in boundElsewhere ?? new HashSet<string>())
        {
            if (path == bound || (path.StartsWith(bound, StringComparison.Ordinal) && path[bound.Length] == '.'))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Percent and plus decoding where a wrong escape is an error and the result is well-formed UTF-8.</summary>
    private static bool TryDecode(ReadOnlySpan<char> text, out string decoded)
    {
        decoded = "";
        var bytes = new List<byte>(text.Length);
        for (var i = 0; i < text.Length; i++)
        {
            switch (text[i])
            {
                case '%' when i + 2 < text.Length && char.IsAsciiHexDigit(text[i + 1]) && char.IsAsciiHexDigit(text[i + 2]):
                    bytes.Add(Convert.FromHexString(text.Slice(i + 1, 2))[0]);
                    i += 2;
                    break;
                case '%' or > '~' or <= ' ':
                    return false;
                case '+':
                    bytes.Add((byte)' ');
                    break;
                default:
                    bytes.Add((byte)text[i]);
                    break;
            }
        }

        var whole = bytes.ToArray();
        if (!Utf8.IsValid(whole))
        {
            return false;
        }

        decoded = Encoding.UTF8.GetString(whole);
        return true;
    }

    private static string Shown(string name) => name.Length <= 64 ? name : $"{name[..64]}…";
}
