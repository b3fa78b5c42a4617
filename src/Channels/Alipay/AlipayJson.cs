using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace PayCore.Channels.Alipay;

/// <summary>The business parameters of a payment, and those that only some scenes have (alipay.md 4). What is null is not sent.</summary>
internal sealed record PlaceTradeRequest(string OutTradeNo, string TotalAmount, string Subject, string ProductCode, string SellerId, string TimeExpire)
{
    /// <summary>H5: where the user goes who leaves without paying.</summary>
    public string? QuitUrl { get; init; }

    /// <summary>JSAPI and MINI_PROGRAM: the payer's user id.</summary>
    public string? BuyerId { get; init; }

    /// <summary>JSAPI and MINI_PROGRAM: the payer under the application that asks.</summary>
    public string? BuyerOpenId { get; init; }

    /// <summary>JSAPI and MINI_PROGRAM: the application in which the user pays.</summary>
    public string? OpAppId { get; init; }

    /// <summary>JSAPI and MINI_PROGRAM: the payer under that application, when it is another than the one that asks.</summary>
    public string? OpBuyerOpenId { get; init; }

    /// <summary>BARCODE: the kind of code.</summary>
    public string? Scene { get; init; }

    /// <summary>BARCODE: the code that the user shows.</summary>
    public string? AuthCode { get; init; }
}

/// <summary>The business parameters of a query, a close and a cancel, by our own number (5).</summary>
internal sealed record TradeNumber(string OutTradeNo);

/// <summary>What every answer's node begins with (3.1). The texts are for people.</summary>
internal sealed record AnswerHead(string? Code, string? Msg, string? SubCode, string? SubMsg);

/// <summary>The answer of precreate (4.5).</summary>
internal sealed record PrecreateAnswer(string? OutTradeNo, string? QrCode);

/// <summary>The answer of create (4.6).</summary>
internal sealed record CreateAnswer(string? OutTradeNo, string? TradeNo);

/// <summary>The answer of a cancel (5.3).</summary>
internal sealed record CancelAnswer(string? OutTradeNo, string? RetryFlag, string? Action);

/// <summary>The business parameters of a refund (7.1).</summary>
internal sealed record RefundTradeRequest(string OutTradeNo, string RefundAmount, string OutRequestNo, string? RefundReason, string[] QueryOptions);

/// <summary>The answer of a refund; <c>refund_fee</c> is the sum of all refunds of the trade.</summary>
internal sealed record RefundAnswer(
    string? OutTradeNo, string? TradeNo, string? FundChange, [property: JsonConverter(typeof(TextOrNumber))] string? RefundFee, string? GmtRefundPay);

/// <summary>The business parameters of a refund query (7.3).</summary>
internal sealed record RefundNumber(string OutTradeNo, string OutRequestNo, string[] QueryOptions);

/// <summary>The answer of a refund query; <c>refund_amount</c> is of this refund alone.</summary>
internal sealed record RefundQueryAnswer(
    string? OutTradeNo,
    string? OutRequestNo,
    [property: JsonConverter(typeof(TextOrNumber))] string? RefundAmount,
    string? RefundStatus,
    string? GmtRefundPay,
    string? ErrorCode,
    JsonElement? DepositBackInfo);

/// <summary>Who is paid (8.1).</summary>
internal sealed record PayeeInfo(string Identity, string IdentityType, string? Name)
{
    /// <summary>A bank account's own words.</summary>
    public BankCard? BankcardExtInfo { get; init; }
}

/// <summary>A bank account of a person (2) at that bank.</summary>
internal sealed record BankCard(string AccountType, string InstName);

/// <summary>The business parameters of a transfer (8.1).</summary>
internal sealed record PayOutRequest(
    string OutBizNo, string TransAmount, string ProductCode, string BizScene, string OrderTitle, PayeeInfo PayeeInfo, string? Remark);

/// <summary>The business parameters of a transfer query by our own number (8.2).</summary>
internal sealed record TransferNumber(string OutBizNo, string ProductCode, string BizScene);

/// <summary>What an answer or a message says of a transfer (8.1 to 8.3).</summary>
internal sealed record TransferAnswer(
    string? OutBizNo,
    string? OrderId,
    string? Status,
    [property: JsonConverter(typeof(TextOrNumber))] string? TransAmount,
    [property: JsonConverter(typeof(TextOrNumber))] string? Amount,
    string? TransDate,
    string? PayDate,
    string? ErrorCode,
    string? FailReason);

/// <summary>The business parameters of a balance query (8.4).</summary>
internal sealed record BalanceOwner(string AlipayUserId, string AccountType);

/// <summary>The answer of a balance query.</summary>
internal sealed record BalanceAnswer(
    [property: JsonConverter(typeof(TextOrNumber))] string? AvailableAmount, [property: JsonConverter(typeof(TextOrNumber))] string? FreezeAmount);

/// <summary>The business parameters of a statement's day (9.1).</summary>
internal sealed record BillNumber(string BillType, string BillDate);

/// <summary>The answer: where the statement is, for half a minute.</summary>
internal sealed record BillAnswer(string? BillDownloadUrl);

/// <summary>The answer of a query and of a payment by a code that the user shows (4.7, 5.1).</summary>
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
        // The platform takes neither null nor empty members (1.4).
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
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
