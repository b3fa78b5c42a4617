using System.Globalization;
using System.Text.RegularExpressions;
using Google.Protobuf.Reflection;

namespace PayCore.MerchantApi;

/// <summary>How one value must be written, the same in a JSON body, a query and a path.</summary>
internal static partial class StrictScalar
{
    /// <summary>Numbers reach further in protobuf, but not every JSON reader keeps them exact beyond this.</summary>
    private const long NumberLimit = 1L << 53;

    /// <summary>No number below 2^53 needs more, even with a few zeros in front.</summary>
    private const int NumberCharsMax = 20;

    /// <summary>The wrapper, time and mask types of protobuf whose JSON is one value and not an object.</summary>
    public static bool IsSingleValue(MessageDescriptor message) =>
        message.FullName is "google.protobuf.Timestamp" or "google.protobuf.Duration" || Wrapped(message) is not null;

    /// <summary>The field inside a wrapper such as <c>google.protobuf.Int64Value</c>, or nothing when the message is none.</summary>
    public static FieldDescriptor? Wrapped(MessageDescriptor message) =>
        message.File.Name == "google/protobuf/wrappers.proto" ? message.FindFieldByNumber(1) : null;

    /// <summary>Checks text that stands for a field's value; for JSON only where text is a right type for the field.</summary>
    /// <returns>Reason and message, or nothing when the text is as it must be.</returns>
    public static (string Reason, string Message)? CheckText(FieldDescriptor field, string text)
    {
        switch (field.FieldType)
        {
            case FieldType.Int64 or FieldType.SInt64 or FieldType.SFixed64:
                return CheckInteger(text, 1 - NumberLimit, NumberLimit - 1);
            case FieldType.UInt64 or FieldType.Fixed64:
                return CheckInteger(text, 0, NumberLimit - 1);
            case FieldType.Int32 or FieldType.SInt32 or FieldType.SFixed32:
                return CheckInteger(text, int.MinValue, int.MaxValue);
            case FieldType.UInt32 or FieldType.Fixed32:
                return CheckInteger(text, 0, uint.MaxValue);
            case FieldType.Bool:
                return text is "true" or "false" ? null : (ErrorReason.FieldFormat, "must be true or false");
            case FieldType.Enum:
                return field.EnumType.FindValueByName(text) is null
                    ? (ErrorReason.FieldEnum, $"must be one of {string.Join(", ", field.EnumType.Values.Select(value => value.Name))}")
                    : null;
            case FieldType.Bytes:
                return IsBase64(text) ? null : (ErrorReason.FieldFormat, "must be padded standard base64");
            case FieldType.Double or FieldType.Float:
                return JsonNumber().IsMatch(text)
                    && double.TryParse(text, CultureInfo.InvariantCulture, out var number)
                    && double.IsFinite(number)
                    ? null
                    : (ErrorReason.FieldFormat, "must be a number");
            case FieldType.String:
                return null;
            case FieldType.Message when Wrapped(field.MessageType) is { } wrapped:
                return CheckText(wrapped, text);
            case FieldType.Message when field.MessageType.FullName == "google.protobuf.Timestamp":
                return CheckTimestamp(text);
            case FieldType.Message when field.MessageType.FullName == "google.protobuf.Duration":
                return CheckDuration(text);
            default:
                return (ErrorReason.FieldType, "cannot be given as text");
        }
    }

    /// <summary>Optional minus, digits, nothing else. So 1.0, 1e3, +1 and " 1" are refused, which lenient readers take.</summary>
    public static (string Reason, string Message)? CheckInteger(ReadOnlySpan<char> text, long min, long max)
    {
        var digits = text.StartsWith("-") ? text[1..] : text;
        if (digits.IsEmpty || digits.ContainsAnyExceptInRange('0', '9'))
        {
            return (ErrorReason.FieldFormat, "must be a whole number, written with digits only");
        }

        return text.Length <= NumberCharsMax
            && long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value)
            && value >= min && value <= max
            && !(min == 0 && text[0] == '-')
            ? null
            : (ErrorReason.FieldRange, string.Create(CultureInfo.InvariantCulture, $"must be between {min} and {max}"));
    }

    private static (string Reason, string Message)? CheckTimestamp(string text)
    {
        const string Seconds = "yyyy-MM-dd'T'HH:mm:ss";
        if (Timestamp().Match(text) is { Success: true } match
            && DateTime.TryParseExact(match.Groups[1].ValueSpan, Seconds, CultureInfo.InvariantCulture, DateTimeStyles.None, out var local)
            && TryOffset(match.Groups[2].ValueSpan, out var offset)
            && local.Ticks - offset.Ticks >= DateTime.MinValue.Ticks
            && local.Ticks - offset.Ticks <= DateTime.MaxValue.Ticks)
        {
            return null;
        }

        return (ErrorReason.FieldFormat, "must be a time by RFC 3339, as 2026-01-31T12:00:00Z");
    }

    private static bool TryOffset(ReadOnlySpan<char> text, out TimeSpan offset)
    {
        offset = TimeSpan.Zero;
        if (text is "Z")
        {
            return true;
        }

        var hours = int.Parse(text[1..3], CultureInfo.InvariantCulture);
        var minutes = int.Parse(text[4..6], CultureInfo.InvariantCulture);
        offset = new TimeSpan(hours, minutes, 0) * (text[0] == '-' ? -1 : 1);

        // -00:00 means "offset not known" in RFC 3339.
        return hours <= 18 && minutes <= 59 && (hours * 60) + minutes <= 18 * 60 && text is not "-00:00";
    }

    private static (string Reason, string Message)? CheckDuration(string text)
    {
        const long SecondsMax = 315_576_000_000;
        return Duration().Match(text) is { Success: true } match
            && long.Parse(match.Groups[1].ValueSpan, CultureInfo.InvariantCulture) <= SecondsMax
            ? null
            : (ErrorReason.FieldFormat, "must be seconds with an s, as 90s or 1.5s");
    }

    private static bool IsBase64(string text)
    {
        var buffer = new byte[(text.Length / 4 * 3) + 3];
        return Convert.TryFromBase64String(text, buffer, out var written) && Convert.ToBase64String(buffer, 0, written) == text;
    }

    [GeneratedRegex(@"\A(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.\d{1,9})?(Z|[+-]\d\d:\d\d)\z", RegexOptions.ECMAScript)]
    private static partial Regex Timestamp();

    [GeneratedRegex(@"\A-?([0-9]{1,12})(?:\.[0-9]{1,9})?s\z")]
    private static partial Regex Duration();

    [GeneratedRegex(@"\A-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?\z")]
    private static partial Regex JsonNumber();
}
