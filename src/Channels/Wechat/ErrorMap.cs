using System.Collections.Frozen;
using PayCore.Contracts.V1;

namespace PayCore.Channels.Wechat;

/// <summary>What an error code means for a call.</summary>
internal enum ErrorClass
{
    /// <summary>Nothing is known; repeat under the same number or query.</summary>
    Unknown,

    /// <summary>The platform refused for certain; nothing happened there.</summary>
    Refused,

    /// <summary>The number is paid, used or ended: a query decides now.</summary>
    QueryNow,

    /// <summary>The merchant's balance does not suffice: the same number again when it does.</summary>
    NoBalance,

    /// <summary>Not accepted, for it was asked too often: the same number again later.</summary>
    Later,
}

/// <summary>What one code means for each call that moves money; a code that does not belong to a call is a surprise there, and decides nothing.</summary>
internal sealed record ErrorMeaning(
    ErrorClass Pay = ErrorClass.Unknown, ErrorClass Refund = ErrorClass.Unknown, ErrorClass Transfer = ErrorClass.Unknown);

/// <summary>
/// Every error code of wechat-pay-v3.md 6.4, 7.6, 8.2, 10.2 and 10.3 with its meaning. Codes exist in two spellings and are compared without underscores; a
/// code that is not here is unknown.
/// </summary>
internal static class ErrorMap
{
    private static readonly ErrorMeaning _undecided = new();
    private static readonly ErrorMeaning _pay = new(Pay: ErrorClass.Refused);
    private static readonly ErrorMeaning _payOrRefund = new(ErrorClass.Refused, ErrorClass.Refused);
    private static readonly ErrorMeaning _all = new(ErrorClass.Refused, ErrorClass.Refused, ErrorClass.Refused);
    private static readonly ErrorMeaning _refund = new(Refund: ErrorClass.Refused);

    /// <summary>The number has a history there.</summary>
    private static readonly ErrorMeaning _history = new(Pay: ErrorClass.QueryNow);

    /// <summary>The codes of a 429.</summary>
    private static readonly FrozenSet<string> _tooOften = FrozenSet.Create(
        StringComparer.Ordinal, Plain("FREQUENCY_LIMITED"), Plain("RATELIMIT_EXCEEDED"), Plain("RATE_LIMITED"));

    private static readonly FrozenDictionary<string, ErrorMeaning> _codes = new Dictionary<string, ErrorMeaning>
    {
        // The platform refused the request itself: bad bytes, permission, binding. Nothing came into being.
        ["PARAM_ERROR"] = _all,
        ["NO_AUTH"] = _all,
        ["MCH_NOT_EXISTS"] = _payOrRefund,
        ["REQUEST_BLOCKED"] = _payOrRefund,
        ["APPID_MCHID_NOT_MATCH"] = _pay,
        // Keys and clocks are repaired, and what has a number then goes on under it. A user who pays does not wait.
        ["SIGN_ERROR"] = _pay,

        // It refused the business.
        ["RULE_LIMIT"] = _pay,
        ["TRADE_ERROR"] = _pay,
        ["ACCOUNT_ERROR"] = _pay,
        ["USER_ACCOUNT_ABNORMAL"] = _refund,
        ["USER_ERROR"] = new(Transfer: ErrorClass.Refused),

        // The number has a history there.
        ["ORDER_PAID"] = _history,
        ["ORDER_CLOSED"] = _history,
        ["OUT_TRADE_NO_USED"] = _history,
        // Re-entry with other parameters is among its meanings (3.3): then the first request to pay did arrive, and its action can be used. A refund or transfer
        // under the number would be an earlier call's, which whoever records a refusal knows of.
        ["INVALID_REQUEST"] = new(ErrorClass.QueryNow, ErrorClass.Refused, ErrorClass.Refused),

        // The merchant's balance. From a request to pay it is the payer's, and never a refusal (invariants, ground rule 2).
        ["NOT_ENOUGH"] = new(Refund: ErrorClass.NoBalance, Transfer: ErrorClass.NoBalance),

        // What a refund is for, or what was asked about, is not known there.
        ["RESOURCE_NOT_EXISTS"] = _refund,
        ["ORDER_NOT_EXIST"] = _undecided,
        ["NOT_FOUND"] = _undecided,

        // Not processed, or nobody can tell (10.3).
        ["SYSTEM_ERROR"] = _undecided,
        ["BANK_ERROR"] = _undecided,
        ["FREQUENCY_LIMITED"] = _undecided,
        ["RATELIMIT_EXCEEDED"] = _undecided,
        ["RATE_LIMITED"] = _undecided,
        ["SERVICE_UNAVAILABLE"] = _undecided,
        ["USERPAYING"] = _undecided,
        // Documented with status 500 although they are refusals; a 5xx decides nothing.
        ["OPENID_MISMATCH"] = _undecided,
        ["INVALID_TRANSACTIONID"] = _undecided,

        // Of bills.
        ["NO_STATEMENT_EXIST"] = _undecided,
        ["STATEMENT_CREATING"] = _undecided,
    }.ToFrozenDictionary(c => Plain(c.Key), c => c.Value, StringComparer.Ordinal);

    /// <summary>The codes that have a row, without underscores.</summary>
    internal static IEnumerable<string> Codes => _codes.Keys;

    /// <summary>What an error answer to a request to pay means. Only the statuses of a considered refusal decide anything, whatever the code.</summary>
    public static ErrorClass OfPay(int status, string? code) => Of(status, code).Pay;

    /// <summary>What an error answer to a refund means. Nothing unsigned refuses it.</summary>
    public static ErrorClass OfRefund(WechatResponse response, string? code) => Signed(response, code).Refund;

    /// <summary>
    /// What an error answer to a transfer means. Nothing unsigned refuses it; and a refusal counts only when the number is not known either (7.6). A signed 429 was not
    /// accepted, which nobody says of a refund (6.4).
    /// </summary>
    public static ErrorClass OfTransfer(WechatResponse response, string? code) =>
        response is { IsSigned: true, Status: 429 } && _tooOften.Contains(Plain(code)) ? ErrorClass.Later : Signed(response, code).Transfer;

    /// <summary>What an error answer to a query or close says of the payment. A query answer must not be believed paid or closed by it (2.2).</summary>
    public static ChannelPayState StateOf(int status, string? code) => (IsRefusal(status), Plain(code)) switch
    {
        (true, "ORDERNOTEXIST" or "RESOURCENOTEXISTS") when status == 404 => ChannelPayState.ChannelNotFound,
        (true, "ORDERPAID") => ChannelPayState.ChannelPaid,
        (true, "ORDERCLOSED") => ChannelPayState.ChannelClosed,
        _ => ChannelPayState.ChannelUnknown,
    };

    /// <summary>Whether a query of a refund or transfer was answered with "there is none", signed (6.4, 7.6).</summary>
    public static bool IsNumberUnknown(WechatResponse response, string? code) =>
        response is { IsSigned: true, Status: 404 } && Plain(code) is "RESOURCENOTEXISTS" or "NOTFOUND";

    /// <summary>Whether the day has no bill, signed (8.2).</summary>
    public static bool IsNoStatement(WechatResponse response, string? code) => response is { IsSigned: true, Status: 400 } && Plain(code) == "NOSTATEMENTEXIST";

    /// <summary>Whether the bill is still being made (8.2).</summary>
    public static bool IsStatementCreating(WechatResponse response, string? code) => response.Status == 400 && Plain(code) == "STATEMENTCREATING";

    /// <summary>Whether the platform did not accept our signature.</summary>
    public static bool IsSignError(int status, string? code) => status == 401 && Plain(code) == "SIGNERROR";

    private static ErrorMeaning Signed(WechatResponse response, string? code) => response.IsSigned ? Of(response.Status, code) : _undecided;

    private static ErrorMeaning Of(int status, string? code) => IsRefusal(status) ? _codes.GetValueOrDefault(Plain(code), _undecided) : _undecided;

    private static bool IsRefusal(int status) => status is 400 or 401 or 403 or 404;

    private static string Plain(string? code) => (code ?? "").Replace("_", "", StringComparison.Ordinal);
}
