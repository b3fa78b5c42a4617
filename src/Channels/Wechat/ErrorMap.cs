using System.Collections.Frozen;
using PayCore.Contracts.V1;

namespace PayCore.Channels.Wechat;

/// <summary>What an error code means for a request to pay.</summary>
internal enum PayErrorClass
{
    /// <summary>Nothing is known; repeat under the same number or query.</summary>
    Unknown,

    /// <summary>The platform refused for certain; nothing happened there.</summary>
    Refused,

    /// <summary>The number is paid, used or ended: a query decides now.</summary>
    QueryNow,
}

/// <summary>
/// Every error code of wechat-pay-v3.md 6.4, 7.6, 8.2, 10.2 and 10.3 with its meaning for a payment. Codes exist in two spellings and are compared without
/// underscores; a code that is not here is unknown.
/// </summary>
internal static class ErrorMap
{
    private static readonly FrozenDictionary<string, PayErrorClass> _pay = new Dictionary<string, PayErrorClass>
    {
        // The platform refused the request itself: bad bytes, keys, permission, binding. No order came into being.
        ["PARAM_ERROR"] = PayErrorClass.Refused,
        ["SIGN_ERROR"] = PayErrorClass.Refused,
        ["NO_AUTH"] = PayErrorClass.Refused,
        ["APPID_MCHID_NOT_MATCH"] = PayErrorClass.Refused,
        ["MCH_NOT_EXISTS"] = PayErrorClass.Refused,

        // It refused the business.
        ["RULE_LIMIT"] = PayErrorClass.Refused,
        ["TRADE_ERROR"] = PayErrorClass.Refused,
        ["ACCOUNT_ERROR"] = PayErrorClass.Refused,
        ["REQUEST_BLOCKED"] = PayErrorClass.Refused,

        // The number has a history there.
        ["ORDER_PAID"] = PayErrorClass.QueryNow,
        ["ORDER_CLOSED"] = PayErrorClass.QueryNow,
        ["OUT_TRADE_NO_USED"] = PayErrorClass.QueryNow,
        // Re-entry with other parameters is among its meanings (3.3): then the first request did arrive, and can be paid.
        ["INVALID_REQUEST"] = PayErrorClass.QueryNow,

        // Not processed, or nobody can tell (10.3).
        ["SYSTEM_ERROR"] = PayErrorClass.Unknown,
        ["BANK_ERROR"] = PayErrorClass.Unknown,
        ["FREQUENCY_LIMITED"] = PayErrorClass.Unknown,
        ["RATELIMIT_EXCEEDED"] = PayErrorClass.Unknown,
        ["RATE_LIMITED"] = PayErrorClass.Unknown,
        ["SERVICE_UNAVAILABLE"] = PayErrorClass.Unknown,
        ["USERPAYING"] = PayErrorClass.Unknown,
        ["ORDER_NOT_EXIST"] = PayErrorClass.Unknown,
        ["RESOURCE_NOT_EXISTS"] = PayErrorClass.Unknown,
        // Documented with status 500 although they are refusals; a 5xx decides nothing.
        ["OPENID_MISMATCH"] = PayErrorClass.Unknown,
        ["INVALID_TRANSACTIONID"] = PayErrorClass.Unknown,

        // Of refunds, transfers and bills; from a request to pay they would be a surprise. "Not enough balance" is never a refusal (invariants, ground rule 2).
        ["NOT_ENOUGH"] = PayErrorClass.Unknown,
        ["USER_ACCOUNT_ABNORMAL"] = PayErrorClass.Unknown,
        ["USER_ERROR"] = PayErrorClass.Unknown,
        ["NOT_FOUND"] = PayErrorClass.Unknown,
        ["NO_STATEMENT_EXIST"] = PayErrorClass.Unknown,
        ["STATEMENT_CREATING"] = PayErrorClass.Unknown,
    }.ToFrozenDictionary(c => Plain(c.Key), c => c.Value, StringComparer.Ordinal);

    /// <summary>What an error answer to a request to pay means. Only the statuses of a considered refusal decide anything, whatever the code.</summary>
    public static PayErrorClass OfPay(int status, string? code) =>
        IsRefusal(status) ? _pay.GetValueOrDefault(Plain(code), PayErrorClass.Unknown) : PayErrorClass.Unknown;

    /// <summary>What an error answer to a query or close says of the payment. A query answer must not be believed paid or closed by it (2.2).</summary>
    public static ChannelPayState StateOf(int status, string? code) => (IsRefusal(status), Plain(code)) switch
    {
        (true, "ORDERNOTEXIST" or "RESOURCENOTEXISTS") when status == 404 => ChannelPayState.ChannelNotFound,
        (true, "ORDERPAID") => ChannelPayState.ChannelPaid,
        (true, "ORDERCLOSED") => ChannelPayState.ChannelClosed,
        _ => ChannelPayState.ChannelUnknown,
    };

    /// <summary>Whether the platform did not accept our signature.</summary>
    public static bool IsSignError(int status, string? code) => status == 401 && Plain(code) == "SIGNERROR";

    private static bool IsRefusal(int status) => status is 400 or 401 or 403 or 404;

    private static string Plain(string? code) => (code ?? "").Replace("_", "", StringComparison.Ordinal);
}
