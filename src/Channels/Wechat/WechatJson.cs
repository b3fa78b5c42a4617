using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace PayCore.Channels.Wechat;

/// <summary>The request body of <c>POST /v3/pay/transactions/native</c> (wechat-pay-v3.md 3.2). Optional members without value are left out.</summary>
internal sealed record NativeRequest(
    [property: JsonPropertyName("appid")] string AppId,
    [property: JsonPropertyName("mchid")] string MchId,
    string Description,
    string OutTradeNo,
    string? TimeExpire,
    string NotifyUrl,
    NativeAmount Amount);

/// <summary>Whole fen.</summary>
internal sealed record NativeAmount(long Total, string Currency);

/// <summary>The answer of Native (3.1).</summary>
internal sealed record NativeAnswer(string? CodeUrl);

/// <summary>The body of a close (4.1).</summary>
internal sealed record CloseRequest([property: JsonPropertyName("mchid")] string MchId);

/// <summary>The transaction object of a query answer and of a decrypted callback (4.2).</summary>
internal sealed record Transaction(
    [property: JsonPropertyName("appid")] string? AppId,
    [property: JsonPropertyName("mchid")] string? MchId,
    string? OutTradeNo,
    string? TradeState,
    string? TransactionId,
    string? SuccessTime,
    TransactionAmount? Amount);

/// <summary>Whole fen; what the order asked for is <c>total</c>, not <c>payer_total</c>.</summary>
internal sealed record TransactionAmount(long? Total, string? Currency);

/// <summary>An error answer (10.1). The message is for people.</summary>
internal sealed record ErrorAnswer(string? Code, string? Message);

/// <summary>The envelope of a callback (5.1).</summary>
internal sealed record CallbackEnvelope(string? Id, string? EventType, string? ResourceType, CallbackResource? Resource);

/// <summary>The encrypted part (5.3).</summary>
internal sealed record CallbackResource(string? OriginalType, string? Algorithm, string? Ciphertext, string? AssociatedData, string? Nonce);

/// <summary>The answer of <c>GET /v3/certificates</c> (2.5).</summary>
internal sealed record CertificateList(IReadOnlyList<CertificateEntry>? Data);

/// <summary>One certificate; its times are those of the certificate itself.</summary>
internal sealed record CertificateEntry(string? SerialNo, CallbackResource? EncryptCertificate);

/// <summary>
/// How the platform's JSON is read and written: snake_case, whole numbers only where numbers are money, unknown members ignored because answers may hold
/// new ones at any time, repeated members refused.
/// </summary>
internal static class WechatJson
{
    private static readonly JsonSerializerOptions _options = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        NumberHandling = JsonNumberHandling.Strict,
        AllowDuplicateProperties = false,
        // Chinese stays Chinese on the wire.
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>The bytes to sign and send.</summary>
    public static byte[] Write<T>(T value) => JsonSerializer.SerializeToUtf8Bytes(value, _options);

    /// <summary>Reads an object, or answers null when the bytes are something else. Call it after the signature was checked, never before.</summary>
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
