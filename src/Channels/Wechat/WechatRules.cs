using System.Net;
using System.Text;
using System.Text.RegularExpressions;
using PayCore.Contracts.V1;

namespace PayCore.Channels.Wechat;

/// <summary>What can be sent at all (wechat-pay-v3.md 1.2, 3.2, 3.6, 6.1, 7.1, 11). What cannot is refused here, before a byte leaves.</summary>
internal static partial class WechatRules
{
    public const int SubjectCharsMax = 127;
    public const string Currency = "CNY";
    public const long TransferMinorMin = 10;

    /// <summary>What is wrong with a number, in the words of a refusal.</summary>
    public const string AttemptNumber = "attempt_no: 6 to 32 of [0-9A-Za-z_-|*].";
    public const string RefundNumber = "refund_no: 1 to 64 of [0-9A-Za-z_-|*@].";
    public const string TransferNumber = "transfer_no: 1 to 32 of [0-9A-Za-z].";

    private const string CallbackUrl = "callback_url: an absolute address of at most 255 characters without a query.";
    private const int CallbackUrlCharsMax = 255;
    private const int ReasonCharsMax = 80;
    private const int TitleCharsMax = 32;

    /// <summary>From this amount on a transfer names its payee, and the platform compares.</summary>
    private const long NameFromMinor = 2_000_00;

    /// <summary>The first thing wrong with a request to pay: a code and a sentence that names the field; or null.</summary>
    public static (string Code, string Message)? Refuse(WechatAccount account, ChannelPayRequest request)
    {
        if (!Capabilities.ScenesOf(account).Contains(request.Scene))
        {
            return ("NOT_SUPPORTED", request.Scene == Scene.Barcode
                ? "scene: payment codes are switched off; barcode_store_id of the account switches them on."
                : "scene: this channel takes QR, H5, JSAPI, MINI_PROGRAM and APP, and BARCODE where the account allows it.");
        }

        if (RefuseMoney(request.AmountMinor, 1, long.MaxValue, request.Currency) is { } refusal)
        {
            return refusal;
        }

        if (!IsNumber(request.AttemptNo))
        {
            return Invalid(AttemptNumber);
        }

        if (request.Subject.Length is 0 or > SubjectCharsMax)
        {
            return Invalid("subject: 1 to 127 characters.");
        }

        if (PlainText.IsBeyondBasicPlane(request.Subject))
        {
            return Invalid("subject: has a character, such as an emoji, that the platform does not take.");
        }

        if (!IsCallbackUrl(request.CallbackUrl))
        {
            return Invalid(CallbackUrl);
        }

        return request.Scene switch
        {
            Scene.Jsapi or Scene.MiniProgram when !IsOpenId(request.Buyer) => Invalid("buyer: the user's open id under the AppID of this scene."),
            Scene.Barcode when !AuthCodeRule().IsMatch(request.Buyer) => Invalid("buyer: the user's payment code, 18 digits."),
            Scene.H5 when !IsOutside(request.ClientIp) => Invalid("client_ip: the user's IPv4 or IPv6 address, not one of this machine."),
            Scene.H5 when request.ReturnUrl.Length > 0 && !IsWebAddress(request.ReturnUrl) => Invalid("return_url: an absolute address of ASCII characters."),
            _ => null,
        };
    }

    /// <summary>The same for a refund.</summary>
    public static (string Code, string Message)? Refuse(ChannelRefundRequest request)
    {
        if (RefuseMoney(request.AmountMinor, 1, request.PaidAmountMinor, request.Currency) is { } refusal)
        {
            return refusal;
        }

        if (!IsNumber(request.AttemptNo))
        {
            return Invalid(AttemptNumber);
        }

        if (!IsRefundNumber(request.RefundNo))
        {
            return Invalid(RefundNumber);
        }

        if (!IsText(request.Reason, ReasonCharsMax))
        {
            return Invalid("reason: at most 80 characters, no control character and no emoji.");
        }

        return IsCallbackUrl(request.CallbackUrl) ? null : Invalid(CallbackUrl);
    }

    /// <summary>The same for a transfer.</summary>
    public static (string Code, string Message)? Refuse(ChannelTransferRequest request)
    {
        if (RefuseMoney(request.AmountMinor, TransferMinorMin, long.MaxValue, request.Currency) is { } refusal)
        {
            return refusal;
        }

        if (!IsTransferNumber(request.TransferNo))
        {
            return Invalid(TransferNumber);
        }

        if (request.Title.Length == 0 || !IsText(request.Title, TitleCharsMax))
        {
            return Invalid("title: 1 to 32 characters, no control character and no emoji.");
        }

        if (request.Payee is not { Kind: Payee.Types.Kind.OpenId } payee)
        {
            return ("NOT_SUPPORTED", "payee.kind: this channel pays OPEN_ID only.");
        }

        if (!IsOpenId(payee.Id))
        {
            return Invalid("payee.id: the user's open id under the account's AppID.");
        }

        if ((payee.Name.Length == 0 && request.AmountMinor >= NameFromMinor) || !IsText(payee.Name, WechatPlatformKey.SealedBytesMax)
            || Encoding.UTF8.GetByteCount(payee.Name) > WechatPlatformKey.SealedBytesMax)
        {
            return Invalid($"payee.name: the user's real name, at most {WechatPlatformKey.SealedBytesMax} bytes in UTF-8; from 2000.00 up it is required.");
        }

        return IsCallbackUrl(request.CallbackUrl) ? null : Invalid(CallbackUrl);
    }

    /// <summary>A number that the platform takes as <c>out_trade_no</c>.</summary>
    public static bool IsNumber(string attemptNo) => NumberRule().IsMatch(attemptNo);

    /// <summary>A number that the platform takes as <c>out_refund_no</c>.</summary>
    public static bool IsRefundNumber(string refundNo) => RefundNumberRule().IsMatch(refundNo);

    /// <summary>A number that the platform takes as <c>out_bill_no</c>.</summary>
    public static bool IsTransferNumber(string transferNo) => TransferNumberRule().IsMatch(transferNo);

    /// <summary>An address that the platform takes as <c>notify_url</c>.</summary>
    public static bool IsCallbackUrl(string text) =>
        text.Length <= CallbackUrlCharsMax && !text.Contains('?', StringComparison.Ordinal) && !text.Contains('#', StringComparison.Ordinal) && IsWebAddress(text);

    /// <summary>An absolute address of the web.</summary>
    public static bool IsWebAddress(string? text) =>
        text is not null && text.All(char.IsAscii) && Uri.TryCreate(text, UriKind.Absolute, out var url) && (url.Scheme == Uri.UriSchemeHttps || url.Scheme == Uri.UriSchemeHttp);

    /// <summary>Text of people that the platform takes.</summary>
    public static bool IsText(string text, int charsMax) => text.Length <= charsMax && !text.Any(char.IsControl) && !PlainText.IsBeyondBasicPlane(text);

    /// <summary>Not this machine: H5 refuses such a payer (3.2).</summary>
    private static bool IsOutside(string clientIp) =>
        IPAddress.TryParse(clientIp, out var address) && !IPAddress.IsLoopback(address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address);

    private static (string Code, string Message)? RefuseMoney(long amountMinor, long min, long max, string currency)
    {
        if (currency != Currency)
        {
            return ("NOT_SUPPORTED", "currency: this channel takes CNY only.");
        }

        return amountMinor < min || amountMinor > max ? Invalid(max == long.MaxValue ? $"amount_minor: at least {min}." : $"amount_minor: {min} to {max}.") : null;
    }

    private static (string Code, string Message) Invalid(string message) => ("FIELD_INVALID", message);

    private static bool IsOpenId(string text) => OpenIdRule().IsMatch(text);

    [GeneratedRegex(@"^[0-9A-Za-z_\-|*]{6,32}\z", RegexOptions.CultureInvariant)]
    private static partial Regex NumberRule();

    [GeneratedRegex(@"^[0-9A-Za-z_\-|*@]{1,64}\z", RegexOptions.CultureInvariant)]
    private static partial Regex RefundNumberRule();

    [GeneratedRegex(@"^[0-9A-Za-z]{1,32}\z", RegexOptions.CultureInvariant)]
    private static partial Regex TransferNumberRule();

    [GeneratedRegex(@"^[0-9A-Za-z_-]{1,128}\z", RegexOptions.CultureInvariant)]
    private static partial Regex OpenIdRule();

    [GeneratedRegex(@"^[0-9]{18}\z", RegexOptions.CultureInvariant)]
    private static partial Regex AuthCodeRule();
}
