using System.Text;
using System.Text.RegularExpressions;
using PayCore.Contracts.V1;

namespace PayCore.Channels.Alipay;

/// <summary>What can be sent at all (alipay.md 1.3, 4, 7.1, 8.1, 9.1). What cannot is refused here, before a byte leaves.</summary>
internal static partial class AlipayRules
{
    public const int SubjectCharsMax = 256;
    public const string Currency = "CNY";
    public const long AmountMinorMax = 100_000_000_00;
    public const long TransferMinorMin = 10;
    private const long RemarkFromMinor = 50_000_00;
    private const int RefundReasonCharsMax = 256;
    private const int TitleCharsMax = 128;
    private const int RemarkCharsMax = 200;
    private const int PayeeCharsMax = 128;
    private const int UrlCharsMax = 256;
    private const int StatementUrlCharsMax = 2048;
    private static readonly string[] _statementDomains = [".alipay.com", ".alipaydev.com"];

    /// <summary>The first thing wrong with a request to pay: a code and a sentence that names the field; or null.</summary>
    public static (string Code, string Message)? Refuse(ChannelPayRequest request)
    {
        if (!Capabilities.Scenes.Contains(request.Scene))
        {
            return ("NOT_SUPPORTED", "scene: this channel takes QR, PAGE, H5, JSAPI, MINI_PROGRAM, APP and BARCODE.");
        }

        if (RefuseMoney(request.AmountMinor, 1, AmountMinorMax, request.Currency) is { } refusal)
        {
            return refusal;
        }

        if (!IsNumber(request.AttemptNo))
        {
            return Invalid("attempt_no: 1 to 64 of [0-9A-Za-z_].");
        }

        if (request.Subject.Length == 0 || !IsText(request.Subject, SubjectCharsMax))
        {
            return Invalid("subject: 1 to 256 characters, none of them a control character.");
        }

        if (!IsUrl(request.CallbackUrl))
        {
            return Invalid("callback_url: an absolute address of at most 256 characters without a fragment.");
        }

        if (request.Scene is Scene.Page or Scene.H5 && request.ReturnUrl.Length > 0 && !IsUrl(request.ReturnUrl))
        {
            return Invalid("return_url: an absolute address of at most 256 characters without a fragment.");
        }

        if (request.Scene is Scene.Jsapi or Scene.MiniProgram && !BuyerRule().IsMatch(request.Buyer))
        {
            return Invalid("buyer: the user's open id, or his user id of 2088 and 12 digits.");
        }

        if (request.Scene == Scene.Barcode && !BarCodeRule().IsMatch(request.Buyer) && !IsFaceToken(request.Buyer))
        {
            return Invalid("buyer: the user's payment code, 16 to 24 digits that begin with 25 to 30.");
        }

        // Without an expiry a page stays payable for 15 days.
        return request.ExpireTime is null ? Invalid("expire_time: is missing.") : null;
    }

    /// <summary>The same for a refund.</summary>
    public static (string Code, string Message)? Refuse(ChannelRefundRequest request)
    {
        if (RefuseMoney(request.AmountMinor, 1, Math.Min(request.PaidAmountMinor, AmountMinorMax), request.Currency) is { } refusal)
        {
            return refusal;
        }

        if (RefuseNumbers(request.AttemptNo, request.RefundNo) is { } wrongNumber)
        {
            return wrongNumber;
        }

        return IsText(request.Reason, RefundReasonCharsMax) ? null : Invalid("reason: at most 256 characters, none of them a control character.");
    }

    /// <summary>The same for a transfer.</summary>
    public static (string Code, string Message)? Refuse(ChannelTransferRequest request)
    {
        if (RefuseMoney(request.AmountMinor, TransferMinorMin, AmountMinorMax, request.Currency) is { } refusal)
        {
            return refusal;
        }

        if (!IsNumber(request.TransferNo))
        {
            return Invalid("transfer_no: 1 to 64 of [0-9A-Za-z_].");
        }

        if (request.Title.Length == 0 || !IsText(request.Title, TitleCharsMax))
        {
            return Invalid("title: 1 to 128 characters, none of them a control character.");
        }

        if (!IsText(request.Remark, RemarkCharsMax) || (request.Remark.Length == 0 && request.AmountMinor >= RemarkFromMinor))
        {
            return Invalid("remark: at most 200 characters, none of them a control character; from 50000.00 up it is required.");
        }

        return Refuse(request.Payee);
    }

    private static (string Code, string Message)? Refuse(Payee? payee)
    {
        if (payee is null || !Capabilities.PayeeKinds.Contains(payee.Kind))
        {
            return ("NOT_SUPPORTED", "payee.kind: this channel pays OPEN_ID, USER_ID, LOGIN_ID and BANK_ACCOUNT.");
        }

        var isIdentity = payee.Kind switch
        {
            Payee.Types.Kind.UserId => IsUserId(payee.Id),
            Payee.Types.Kind.OpenId => BuyerRule().IsMatch(payee.Id),
            _ => payee.Id.Length > 0 && IsText(payee.Id, PayeeCharsMax),
        };
        var isNamed = payee.Kind is Payee.Types.Kind.LoginId or Payee.Types.Kind.BankAccount;
        return !isIdentity ? Invalid("payee.id: is none of this kind.")
            : (isNamed && payee.Name.Length == 0) || !IsText(payee.Name, PayeeCharsMax) ? Invalid("payee.name: is required for this kind, at most 128 characters.")
            : payee.Kind == Payee.Types.Kind.BankAccount && (payee.Bank.Length == 0 || !IsText(payee.Bank, PayeeCharsMax))
                ? Invalid("payee.bank: is required for a bank account, at most 128 characters.")
            : null;
    }

    /// <summary>What is wrong with the numbers of a refund, or null.</summary>
    public static (string Code, string Message)? RefuseNumbers(string attemptNo, string refundNo) =>
        !IsNumber(attemptNo) ? Invalid("attempt_no: 1 to 64 of [0-9A-Za-z_].")
        : !IsNumber(refundNo) ? Invalid("refund_no: 1 to 64 of [0-9A-Za-z_].")
        : null;

    /// <summary>A number that the platform takes as <c>out_trade_no</c>.</summary>
    public static bool IsNumber(string attemptNo) => NumberRule().IsMatch(attemptNo);

    /// <summary>An address that the platform takes for callbacks and for the way back.</summary>
    public static bool IsUrl(string text) =>
        text.Length <= UrlCharsMax && text.All(char.IsAscii) && !text.Any(char.IsControl) && !text.Contains('#', StringComparison.Ordinal)
        && Uri.TryCreate(text, UriKind.Absolute, out var url) && (url.Scheme == Uri.UriSchemeHttps || url.Scheme == Uri.UriSchemeHttp);

    /// <summary>
    /// Where a statement may be downloaded from, or null (9.1): the platform's own hosts or the gateway's, by https even where the platform still writes http; with a
    /// gateway on loopback, loopback alone.
    /// </summary>
    public static Uri? StatementAddress(Uri gateway, string? text)
    {
        if (text is null or { Length: > StatementUrlCharsMax } || !Uri.TryCreate(text, UriKind.Absolute, out var url) || url.UserInfo.Length > 0
            || !(url.Scheme == Uri.UriSchemeHttps || url.Scheme == Uri.UriSchemeHttp))
        {
            return null;
        }

        if (gateway.IsLoopback)
        {
            return url.IsLoopback ? url : null;
        }

        var isKnown = url.IdnHost == gateway.IdnHost || _statementDomains.Any(d => url.IdnHost.EndsWith(d, StringComparison.OrdinalIgnoreCase));
        return isKnown && url.IsDefaultPort ? new UriBuilder(url) { Scheme = Uri.UriSchemeHttps, Port = 443 }.Uri : null;
    }

    /// <summary>The subject as it is sent: the platform does not take <c>/</c>, <c>=</c> and <c>&amp;</c>, so their full-width forms go instead.</summary>
    public static string Subject(string subject) => subject.Replace('/', '／').Replace('=', '＝').Replace('&', '＆');

    /// <summary>A payment code read from the user's face, which the platform takes under another name (4.7).</summary>
    public static bool IsFaceToken(string code) => FaceTokenRule().IsMatch(code);

    /// <summary>The platform's own number of a user, as opposed to his open id under an application.</summary>
    public static bool IsUserId(string buyer) => UserIdRule().IsMatch(buyer);

    private static (string Code, string Message)? RefuseMoney(long amountMinor, long min, long max, string currency)
    {
        if (currency != Currency)
        {
            return ("NOT_SUPPORTED", "currency: this channel takes CNY only.");
        }

        return amountMinor < min || amountMinor > max ? Invalid($"amount_minor: {min} to {max}.") : null;
    }

    private static (string Code, string Message) Invalid(string message) => ("FIELD_INVALID", message);

    private static bool IsText(string text, int charsMax) => text.Length <= charsMax && IsPlain(text);

    /// <summary>No control character, and no half of a surrogate pair, which is no text that can be sent.</summary>
    private static bool IsPlain(string text) => !text.EnumerateRunes().Any(r => Rune.IsControl(r) || r == Rune.ReplacementChar);

    [GeneratedRegex(@"^[0-9A-Za-z_]{1,64}\z", RegexOptions.CultureInvariant)]
    private static partial Regex NumberRule();

    [GeneratedRegex(@"^[0-9A-Za-z_-]{1,128}\z", RegexOptions.CultureInvariant)]
    private static partial Regex BuyerRule();

    [GeneratedRegex(@"^2088[0-9]{12}\z", RegexOptions.CultureInvariant)]
    private static partial Regex UserIdRule();

    [GeneratedRegex(@"^(2[5-9]|30)[0-9]{14,22}\z", RegexOptions.CultureInvariant)]
    private static partial Regex BarCodeRule();

    [GeneratedRegex(@"^fp[0-9A-Za-z]{33}\z", RegexOptions.CultureInvariant)]
    private static partial Regex FaceTokenRule();
}
