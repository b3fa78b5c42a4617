using PayCore.Contracts.V1;

namespace PayCore.Channels.Wechat;

/// <summary>What an error code means for a request to pay.</summary>
internal enum PayErrorClass
{
    /// <summary>The platform refused for certain; nothing happened there.</summary>
    Refused,

    /// <summary>The number is paid, used or ended: a query decides now.</summary>
    QueryNow,

    /// <summary>Nothing is known; repeat under the same number or query.</summary>
    Unknown,
}

/// <summary>
/// Every error code of wechat-pay-v3.md 10.3 with its meaning. Codes exist in two spellings and are compared without underscores; a code that is not here is
/// unknown.
/// </summary>
internal static class ErrorMap
{
    private static readonly Dictionary<string, PayErrorClass> _pay = new(StringComparer.Ordinal)
    {
        ["SYSTEMERROR"] = PayErrorClass.Unknown,
        ["BANKERROR"] = PayErrorClass.Unknown,
        ["FREQUENCYLIMITED"] = PayErrorClass.Unknown,
        ["RATELIMITEXCEEDED"] = PayErrorClass.Unknown,
        ["RATELIMITED"] = PayErrorClass.Unknown,
        ["SERVICEUNAVAILABLE"] = PayErrorClass.Unknown,
        ["USERPAYING"] = PayErrorClass.Unknown,
        ["ORDERPAID"] = PayErrorClass.QueryNow,
        ["ORDERCLOSED"] = PayErrorClass.QueryNow,
        ["OUTTRADENOUSED"] = PayErrorClass.QueryNow,
        // Re-entry with other parameters is among its meanings: then the first request did arrive.
        ["INVALIDREQUEST"] = PayErrorClass.QueryNow,
        ["ORDERNOTEXIST"] = PayErrorClass.Unknown,
        ["PARAMERROR"] = PayErrorClass.Refused,
        ["SIGNERROR"] = PayErrorClass.Refused,
        ["NOAUTH"] = PayErrorClass.Refused,
        ["RULELIMIT"] = PayErrorClass.Refused,
        ["TRADEERROR"] = PayErrorClass.Refused,
        ["NOTENOUGH"] = PayErrorClass.Refused,
        ["ACCOUNTERROR"] = PayErrorClass.Refused,
        ["USERACCOUNTABNORMAL"] = PayErrorClass.Refused,
        ["APPIDMCHIDNOTMATCH"] = PayErrorClass.Refused,
        ["MCHNOTEXISTS"] = PayErrorClass.Refused,
        // Documented with status 500 although they are refusals; a 5xx decides nothing.
        ["OPENIDMISMATCH"] = PayErrorClass.Unknown,
        ["INVALIDTRANSACTIONID"] = PayErrorClass.Unknown,
        ["RESOURCENOTEXISTS"] = PayErrorClass.Unknown,
    };

    /// <summary>What an error answer to a request to pay means. A 5xx decides nothing, whatever its code.</summary>
    public static PayErrorClass OfPay(int status, string? code) =>
        status is >= 400 and < 500 && status != 429 ? _pay.GetValueOrDefault(Plain(code), PayErrorClass.Unknown) : PayErrorClass.Unknown;

    /// <summary>What an error answer to a query or close says of the payment.</summary>
    public static ChannelPayState StateOf(int status, string? code) => (status, Plain(code)) switch
    {
        (404, "ORDERNOTEXIST" or "RESOURCENOTEXISTS") => ChannelPayState.ChannelNotFound,
        (>= 400 and < 500, "ORDERPAID") => ChannelPayState.ChannelPaid,
        (>= 400 and < 500, "ORDERCLOSED") => ChannelPayState.ChannelClosed,
        _ => ChannelPayState.ChannelUnknown,
    };

    private static string Plain(string? code) => (code ?? "").Replace("_", "", StringComparison.Ordinal);
}
