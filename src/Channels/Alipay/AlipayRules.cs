using System.Text;
using System.Text.RegularExpressions;
using PayCore.Contracts.V1;

namespace PayCore.Channels.Alipay;

/// <summary>What can be sent at all (alipay.md 1.3, 4.1). What cannot is refused here, before a byte leaves.</summary>
internal static partial class AlipayRules
{
    public const int SubjectCharsMax = 256;
    public const string Currency = "CNY";
    private const long AmountMinorMax = 100_000_000_00;
    private const int UrlCharsMax = 256;

    /// <summary>The first thing wrong with a request to pay: a code and a sentence that names the field; or null.</summary>
    public static (string Code, string Message)? Refuse(ChannelPayRequest request)
    {
        if (request.Scene is not (Scene.Qr or Scene.Page))
        {
            return ("NOT_SUPPORTED", "scene: this channel takes QR and PAGE only.");
        }

        if (request.Currency != Currency)
        {
            return ("NOT_SUPPORTED", "currency: this channel takes CNY only.");
        }

        if (request.AmountMinor is < 1 or > AmountMinorMax)
        {
            return ("FIELD_INVALID", "amount_minor: 1 to 10000000000.");
        }

        if (!IsNumber(request.AttemptNo))
        {
            return ("FIELD_INVALID", "attempt_no: 1 to 64 of [0-9A-Za-z_].");
        }

        if (request.Subject.Length is 0 or > SubjectCharsMax || !IsPlain(request.Subject))
        {
            return ("FIELD_INVALID", "subject: 1 to 256 characters, none of them a control character.");
        }

        if (!IsUrl(request.CallbackUrl))
        {
            return ("FIELD_INVALID", "callback_url: an absolute address of at most 256 characters without a fragment.");
        }

        if (request.Scene == Scene.Page && request.ReturnUrl.Length > 0 && !IsUrl(request.ReturnUrl))
        {
            return ("FIELD_INVALID", "return_url: an absolute address of at most 256 characters without a fragment.");
        }

        // Without an expiry a page stays payable for 15 days.
        return request.ExpireTime is null ? ("FIELD_INVALID", "expire_time: is missing.") : null;
    }

    /// <summary>A number that the platform takes as <c>out_trade_no</c>.</summary>
    public static bool IsNumber(string attemptNo) => NumberRule().IsMatch(attemptNo);

    /// <summary>An address that the platform takes for callbacks and for the way back.</summary>
    public static bool IsUrl(string text) =>
        text.Length <= UrlCharsMax && text.All(char.IsAscii) && !text.Any(char.IsControl) && !text.Contains('#', StringComparison.Ordinal)
        && Uri.TryCreate(text, UriKind.Absolute, out var url) && (url.Scheme == Uri.UriSchemeHttps || url.Scheme == Uri.UriSchemeHttp);

    /// <summary>The subject as it is sent: the platform does not take <c>/</c>, <c>=</c> and <c>&amp;</c>, so their full-width forms go instead.</summary>
    public static string Subject(string subject) => subject.Replace('/', '／').Replace('=', '＝').Replace('&', '＆');

    /// <summary>No control character, and no half of a surrogate pair, which is no text that can be sent.</summary>
    private static bool IsPlain(string text) => !text.EnumerateRunes().Any(r => Rune.IsControl(r) || r == Rune.ReplacementChar);

    [GeneratedRegex(@"^[0-9A-Za-z_]{1,64}\z", RegexOptions.CultureInvariant)]
    private static partial Regex NumberRule();
}
