using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace PayCore.Channels.Alipay;

/// <summary>The business parameters of <c>alipay.trade.precreate</c> and <c>alipay.trade.page.pay</c> (alipay.md 4.1, 4.3, 4.5).</summary>
internal sealed record PlaceTradeRequest(string OutTradeNo, string TotalAmount, string Subject, string ProductCode, string SellerId, string TimeExpire);

/// <summary>The business parameters of a query and of a close, by our own number (5.1, 5.2).</summary>
internal sealed record TradeNumber(string OutTradeNo);

/// <summary>What every answer's node begins with (3.1). The texts are for people.</summary>
internal sealed record AnswerHead(string? Code, string? Msg, string? SubCode, string? SubMsg);

/// <summary>The answer of precreate (4.5).</summary>
internal sealed record PrecreateAnswer(string? OutTradeNo, string? QrCode);

/// <summary>The answer of a query (5.1).</summary>
internal sealed record Trade(
    string? OutTradeNo,
    string? TradeNo,
    string? TradeStatus,
    [property: JsonConverter(typeof(TextOrNumber))] string? TotalAmount,
    string? SendPayDate,
    string? CreditPayMode);

/// <summary>
/// How the platform's JSON is read and written: snake_case, unknown members ignored because answers may hold new ones at any time, repeated members refused.
/// </summary>
internal static class AlipayJson
{
    private static readonly JsonSerializerOptions _options = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        AllowDuplicateProperties = false,
        // Chinese stays Chinese on the wire.
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>The text to sign and send.</summary>
    public static string Write<T>(T value) => JsonSerializer.Serialize(value, _options);

    /// <summary>Reads an object, or answers null when the bytes are something else. Believe it only when its signature was checked.</summary>
    public static T? Read<T>(ReadOnlySpan<byte> bytes)
        where T : class
    {
        try
        {
            return JsonSerializer.Deserialize<T>(bytes, _options);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}

/// <summary>Amounts are text; a number is taken with the digits that it was written with (3.1).</summary>
internal sealed class TextOrNumber : JsonConverter<string>
{
    /// <inheritdoc/>
    public override string? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => reader.TokenType switch
    {
        JsonTokenType.String => reader.GetString(),
        JsonTokenType.Number => Encoding.ASCII.GetString(reader.ValueSpan),
        _ => throw new JsonException(),
    };

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, string value, JsonSerializerOptions options) => writer.WriteStringValue(value);
}
