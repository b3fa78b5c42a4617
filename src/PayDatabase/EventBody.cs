using System.Text.Json;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using Google.Protobuf.WellKnownTypes;
using PayCore.Contracts.V1;

namespace PayCore.PayDatabase;

/// <summary>
/// What a merchant is told: <c>{"type":"payment.paid","timestamp":"…","data":{…}}</c>, where data is the order, refund or transfer as of that version, with
/// the field names and JSON types of the REST API. Written once, in the transaction of the move; every try sends these bytes.
/// </summary>
internal static class EventBody
{
    private static readonly JsonWriterOptions _plainText = new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The event of a terminal state.</summary>
    public static string TypeOf(PayOrder.Types.State state) => state switch
    {
        PayOrder.Types.State.Paid => "payment.paid",
        PayOrder.Types.State.Closed => "payment.closed",
        PayOrder.Types.State.Failed => "payment.failed",
        _ => throw new ArgumentOutOfRangeException(nameof(state), state, "Merchants are told of terminal states only."),
    };

    /// <summary>The event of a refund's state that merchants are told of.</summary>
    public static string TypeOf(Refund.Types.State state) => state switch
    {
        Refund.Types.State.Succeeded => "refund.succeeded",
        Refund.Types.State.Failed => "refund.failed",
        Refund.Types.State.Abnormal => "refund.abnormal",
        _ => throw new ArgumentOutOfRangeException(nameof(state), state, "Merchants are not told of this state."),
    };

    /// <summary>The event of a transfer's state that merchants are told of.</summary>
    public static string TypeOf(Transfer.Types.State state) => state switch
    {
        Transfer.Types.State.Succeeded => "transfer.succeeded",
        Transfer.Types.State.Failed => "transfer.failed",
        Transfer.Types.State.Cancelled => "transfer.cancelled",
        Transfer.Types.State.Returned => "transfer.returned",
        _ => throw new ArgumentOutOfRangeException(nameof(state), state, "Merchants are not told of this state."),
    };

    /// <summary>The bytes to sign and send.</summary>
    public static byte[] Write(string type, IMessage data, DateTimeOffset now)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer, _plainText))
        {
            json.WriteStartObject();
            json.WriteString("type", type);
            json.WriteString("timestamp", Text(Timestamp.FromDateTimeOffset(now)));
            json.WritePropertyName("data");
            WriteMessage(json, data);
            json.WriteEndObject();
        }

        return buffer.ToArray();
    }

    private static void WriteMessage(Utf8JsonWriter json, IMessage message)
    {
        json.WriteStartObject();
        foreach (var field in message.Descriptor.Fields.InFieldNumberOrder())
        {
            var value = field.Accessor.GetValue(message);
            if (value is null)
            {
                continue;
            }

            json.WritePropertyName(field.JsonName);
            switch (field.FieldType)
            {
                case FieldType.String:
                    json.WriteStringValue((string)value);
                    break;
                case FieldType.Bool:
                    json.WriteBooleanValue((bool)value);
                    break;
                case FieldType.Int32:
                    json.WriteNumberValue((int)value);
                    break;
                case FieldType.Int64:
                    json.WriteNumberValue((long)value);
                    break;
                case FieldType.Enum:
                    json.WriteStringValue(field.EnumType.FindValueByNumber(Convert.ToInt32(value, System.Globalization.CultureInfo.InvariantCulture)).Name);
                    break;
                case FieldType.Message when value is Timestamp time:
                    json.WriteStringValue(Text(time));
                    break;
                default:
                    throw new NotSupportedException($"{field.FullName} has a type that events do not carry yet.");
            }
        }

        json.WriteEndObject();
    }

    // Timestamp's own text is the RFC 3339 form of proto JSON, in quotes.
    private static string Text(Timestamp time) => time.ToString().Trim('"');
}
