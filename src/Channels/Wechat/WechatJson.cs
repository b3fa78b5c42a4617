using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace PayCore.Channels.Wechat;

/// <summary>The request body of each way to pay (wechat-pay-v3.md 3.2, 3.6). Optional members without value are left out.</summary>
internal sealed record OrderRequest(
    [property: JsonPropertyName("appid")] string AppId,
    [property: JsonPropertyName("mchid")] string MchId,
    string Description,
    string OutTradeNo,
    string? TimeExpire,
    string? NotifyUrl,
    OrderAmount Amount,
    Payer? Payer,
    SceneInfo? SceneInfo);

/// <summary>Whole fen.</summary>
internal sealed record OrderAmount(long Total, string Currency);

/// <summary>Who pays: the open id under the AppID of the order, or the code that he shows.</summary>
internal sealed record Payer([property: JsonPropertyName("openid")] string? OpenId, string? AuthCode);

/// <summary>Where he pays: H5 needs the first two, a payment code the store.</summary>
internal sealed record SceneInfo(string? PayerClientIp, H5Info? H5Info, StoreInfo? StoreInfo);

/// <summary>The kind of browser: <c>Wap</c> is any.</summary>
internal sealed record H5Info(string Type);

/// <summary>The store, by its number.</summary>
internal sealed record StoreInfo(string Id);

/// <summary>The answer to an order, one member for each way to pay (3.1).</summary>
internal sealed record OrderAnswer(string? CodeUrl, string? PrepayId, string? H5Url);

/// <summary>The body of a close (4.1).</summary>
internal sealed record CloseRequest([property: JsonPropertyName("mchid")] string MchId);

/// <summary>The body of a reversal, and its answer (3.6).</summary>
internal sealed record Reversal(
    [property: JsonPropertyName("appid")] string? AppId, [property: JsonPropertyName("mchid")] string? MchId, string? OutTradeNo = null);

/// <summary>The body of a refund (6.1).</summary>
internal sealed record RefundRequest(string OutTradeNo, string OutRefundNo, string? Reason, string NotifyUrl, RefundRequestAmount Amount);

/// <summary>Whole fen: of this refund, and of the whole payment.</summary>
internal sealed record RefundRequestAmount(long Refund, long Total, string Currency);

/// <summary>A refund in an answer and in a decrypted callback, which spell its status differently (6.2, 6.5).</summary>
internal sealed record RefundObject(
    [property: JsonPropertyName("mchid")] string? MchId,
    string? RefundId,
    string? OutRefundNo,
    string? OutTradeNo,
    string? SuccessTime,
    string? Status,
    string? RefundStatus,
    RefundAmount? Amount)
{
    /// <summary>How it stands.</summary>
    [JsonIgnore]
    public string? State => Status ?? RefundStatus;
}

/// <summary>Whole fen of this refund.</summary>
internal sealed record RefundAmount(long? Refund, string? Currency);

/// <summary>The body of a transfer (7.1).</summary>
internal sealed record TransferRequest(
    [property: JsonPropertyName("appid")] string AppId,
    string OutBillNo,
    string TransferSceneId,
    [property: JsonPropertyName("openid")] string OpenId,
    string? UserName,
    long TransferAmount,
    string TransferRemark,
    string NotifyUrl,
    string? UserRecvPerception,
    IEnumerable<ReportInfo> TransferSceneReportInfos);

/// <summary>What a transfer is for, as its scene wants to know it.</summary>
internal sealed record ReportInfo(string InfoType, string InfoContent);

/// <summary>A transfer in an answer and in a decrypted callback (7.1, 7.4, 7.5, 7.7).</summary>
internal sealed record TransferBill(
    string? MchId,
    [property: JsonPropertyName("mchid")] string? MchIdInOneWord,
    [property: JsonPropertyName("appid")] string? AppId,
    string? OutBillNo,
    string? TransferBillNo,
    string? State,
    string? FailReason,
    string? PackageInfo,
    long? TransferAmount,
    string? UpdateTime)
{
    /// <summary>The merchant, in either spelling.</summary>
    [JsonIgnore]
    public string? Merchant => MchId ?? MchIdInOneWord;
}

/// <summary>Where a bill is, and the hash of its plain file (8.1).</summary>
internal sealed record BillAnswer(string? HashType, string? HashValue, string? DownloadUrl);

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
