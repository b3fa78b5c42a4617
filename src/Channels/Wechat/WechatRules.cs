using System.Text.RegularExpressions;
using PayCore.Contracts.V1;

namespace PayCore.Channels.Wechat;

/// <summary>What can be sent at all (wechat-pay-v3.md 1.2, 3.2, 11). What cannot is refused here, before a byte leaves.</summary>
internal static partial class WechatRules
{
    public const int SubjectCharsMax = 127;
    public const string Currency = "CNY";
    private const int CallbackUrlCharsMax = 255;

    /// <summary>The first thing wrong with a request to pay: a code and a sentence that names the field; or null.</summary>
    public static (string Code, string Message)? Refuse(ChannelPayRequest request)
    {
        if (request.Scene != Scene.Qr)
        {
            return ("NOT_SUPPORTED", "scene: this channel takes QR only.");
        }

        if (request.Currency != Currency)
        {
            return ("NOT_SUPPORTED", "currency: this channel takes CNY only.");
        }

        if (request.AmountMinor < 1)
        {
            return ("FIELD_INVALID", "amount_minor: at least 1.");
        }

        if (!IsNumber(request.AttemptNo))
        {
            return ("FIELD_INVALID", "attempt_no: 6 to 32 of [0-9A-Za-z_-|*].");
        }

        if (request.Subject.Length is 0 or > SubjectCharsMax)
        {
            return ("FIELD_INVALID", "subject: 1 to 127 characters.");
        }

        if (PlainText.IsBeyondBasicPlane(request.Subject))
        {
            return ("FIELD_INVALID", "subject: has a character, such as an emoji, that the platform does not take.");
        }

        return IsCallbackUrl(request.CallbackUrl) ? null : ("FIELD_INVALID", "callback_url: an absolute address of at most 255 characters without a query.");
    }

    /// <summary>A number that the platform takes as <c>out_trade_no</c>.</summary>
    public static bool IsNumber(string attemptNo) => NumberRule().IsMatch(attemptNo);

    /// <summary>An address that the platform takes as <c>notify_url</c>.</summary>
    public static bool IsCallbackUrl(string text) =>
        text.Length <= CallbackUrlCharsMax && text.All(char.IsAscii) && !text.Contains('?', StringComparison.Ordinal) && !text.Contains('#', StringComparison.Ordinal)
        && Uri.TryCreate(text, UriKind.Absolute, out var url) && (url.Scheme == Uri.UriSchemeHttps || url.Scheme == Uri.UriSchemeHttp);

    [GeneratedRegex(@"^[0-9A-Za-z_\-|*]{6,32}\z", RegexOptions.CultureInvariant)]
    private static partial Regex NumberRule();
}
