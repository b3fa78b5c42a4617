using System.Collections.Frozen;
using PayCore.Contracts.V1;

namespace PayCore.Channels.Alipay;

/// <summary>What an error answer means for a request to pay.</summary>
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
/// Every sub code of alipay.md 12 and every gateway code of 3.3 with its meaning for a payment. Sub codes are compared without case and without the prefixes
/// that the platform mixes up (<c>ACQ.</c>, <c>AQC.</c>, <c>aop.</c>); a business code that is not here is unknown.
/// </summary>
internal static class ErrorMap
{
    private const string TradeNotExist = "TRADE_NOT_EXIST";
    private const string BusinessFailed = "40004";

    /// <summary>Said before the application is known, so before anything could be done, and therefore without a signature (3.2).</summary>
    private const string InvalidAppId = "isv.invalid-app-id";

    private static readonly FrozenSet<string> _refusingCodes = FrozenSet.Create(StringComparer.Ordinal, "20001", "40001", "40002", "40003", "40005", "40006");

    private static readonly FrozenDictionary<string, PayErrorClass> _pay = new Dictionary<string, PayErrorClass>
    {
        // The number has a history there.
        ["TRADE_HAS_SUCCESS"] = PayErrorClass.QueryNow,
        ["TRADE_HAS_CLOSE"] = PayErrorClass.QueryNow,
        ["TRADE_HAS_FINISHED"] = PayErrorClass.QueryNow,
        ["TRADE_STATUS_ERROR"] = PayErrorClass.QueryNow,
        ["REASON_TRADE_STATUS_INVALID"] = PayErrorClass.QueryNow,
        ["REASON_ILLEGAL_STATUS"] = PayErrorClass.QueryNow,
        ["CONTEXT_INCONSISTENT"] = PayErrorClass.QueryNow,
        // Asked twice: the first code lives, and can be scanned.
        ["APPLY_PC_MERCHANT_CODE_ERROR"] = PayErrorClass.QueryNow,

        // The request, the contract or the receiving account.
        ["INVALID_PARAMETER"] = PayErrorClass.Refused,
        ["ACCESS_FORBIDDEN"] = PayErrorClass.Refused,
        ["PARTNER_ERROR"] = PayErrorClass.Refused,
        ["MERCHANT_AGREEMENT_NOT_EXIST"] = PayErrorClass.Refused,
        ["MERCHANT_AGREEMENT_INVALID"] = PayErrorClass.Refused,
        ["UN_SUPPORT_TRADE_SCENE"] = PayErrorClass.Refused,
        ["INVALID_RECEIVE_ACCOUNT"] = PayErrorClass.Refused,
        ["SELLER_NOT_EXIST"] = PayErrorClass.Refused,
        ["SELLER_BEEN_BLOCKED"] = PayErrorClass.Refused,
        ["MERCHANT_STATUS_NOT_NORMAL"] = PayErrorClass.Refused,

        // Amount and merchant limits.
        ["TOTAL_FEE_EXCEED"] = PayErrorClass.Refused,
        ["BEYOND_PAY_RESTRICTION"] = PayErrorClass.Refused,
        ["BEYOND_PER_RECEIPT_RESTRICTION"] = PayErrorClass.Refused,
        ["BEYOND_PER_RECEIPT_SINGLE_RESTRICTION"] = PayErrorClass.Refused,
        ["BEYOND_PER_RECEIPT_DAY_RESTRICTION"] = PayErrorClass.Refused,
        ["PRODUCT_AMOUNT_LIMIT_ERROR"] = PayErrorClass.Refused,

        // What was asked.
        ["EXIST_FORBIDDEN_WORD"] = PayErrorClass.Refused,
        ["NOW_TIME_AFTER_EXPIRE_TIME_ERROR"] = PayErrorClass.Refused,
        ["RISK_MERCHANT_IP_NOT_EXIST"] = PayErrorClass.Refused,

        // The payer, where the platform knows him when it is asked.
        ["PAYMENT_AUTH_CODE_INVALID"] = PayErrorClass.Refused,
        ["AUTH_TOKEN_IS_NOT_EXIST"] = PayErrorClass.Refused,
        ["BUYER_BALANCE_NOT_ENOUGH"] = PayErrorClass.Refused,
        ["BUYER_BANKCARD_BALANCE_NOT_ENOUGH"] = PayErrorClass.Refused,
        ["ERROR_BALANCE_PAYMENT_DISABLE"] = PayErrorClass.Refused,
        ["NO_PAYMENT_INSTRUMENTS_AVAILABLE"] = PayErrorClass.Refused,
        ["BUYER_PAYMENT_AMOUNT_DAY_LIMIT_ERROR"] = PayErrorClass.Refused,
        ["BUYER_PAYMENT_AMOUNT_MONTH_LIMIT_ERROR"] = PayErrorClass.Refused,
        ["BUYER_SELLER_EQUAL"] = PayErrorClass.Refused,
        ["TRADE_BUYER_NOT_MATCH"] = PayErrorClass.Refused,
        ["PAYER_UNMATCHED"] = PayErrorClass.Refused,
        ["BUYER_NOT_EXIST"] = PayErrorClass.Refused,
        ["BUYER_ENABLE_STATUS_FORBID"] = PayErrorClass.Refused,
        ["NOT_CERTIFIED_USER"] = PayErrorClass.Refused,
        ["PAYMENT_REQUEST_HAS_RISK"] = PayErrorClass.Refused,
        ["PAYMENT_FAIL"] = PayErrorClass.Refused,
        ["PULL_MOBILE_CASHIER_FAIL"] = PayErrorClass.Refused,

        // Of queries, refunds and cancels; from a request to pay they would be a surprise.
        [TradeNotExist] = PayErrorClass.Unknown,
        ["SELLER_BALANCE_NOT_ENOUGH"] = PayErrorClass.Unknown,
        ["REFUND_AMT_NOT_EQUAL_TOTAL"] = PayErrorClass.Unknown,
        ["REASON_TRADE_REFUND_FEE_ERR"] = PayErrorClass.Unknown,
        ["REFUND_FEE_ERROR"] = PayErrorClass.Unknown,
        ["DISCORDANT_REPEAT_REQUEST"] = PayErrorClass.Unknown,
        ["TRADE_NOT_ALLOW_REFUND"] = PayErrorClass.Unknown,
        ["NOT_ALLOW_PARTIAL_REFUND"] = PayErrorClass.Unknown,
        ["ONLINE_TRADE_VOUCHER_NOT_ALLOW_REFUND"] = PayErrorClass.Unknown,
        ["REASON_TRADE_BEEN_FREEZEN"] = PayErrorClass.Unknown,
        ["BUYER_ERROR"] = PayErrorClass.Unknown,
        ["CUSTOMER_VALIDATE_ERROR"] = PayErrorClass.Unknown,
        ["REFUND_ACCOUNT_NOT_EXIST"] = PayErrorClass.Unknown,
        ["REFUND_CHARGE_ERROR"] = PayErrorClass.Unknown,
        ["TRADE_CANCEL_TIME_OUT"] = PayErrorClass.Unknown,
        ["CANCEL_NOT_ALLOWED"] = PayErrorClass.Unknown,
    }.ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>What an answer that is no success means for a request to pay. Only a signed one refuses, and the one that comes before anything could be done.</summary>
    public static PayErrorClass OfPay(AlipayResponse response) => response switch
    {
        { Kind: AlipayResponseKind.Verified } => OfPay(response.Head),
        { Kind: AlipayResponseKind.Unsigned, Head: { Code: "40002", SubCode: InvalidAppId } } => PayErrorClass.Refused,
        _ => PayErrorClass.Unknown,
    };

    /// <summary>What an error answer to a query or close says of the payment.</summary>
    public static ChannelPayState StateOf(AlipayResponse response) =>
        response is { Kind: AlipayResponseKind.Verified, Head.Code: BusinessFailed } && !IsUnknown(response.Head.SubCode)
            ? Plain(response.Head.SubCode) switch
            {
                TradeNotExist => ChannelPayState.ChannelNotFound,
                "TRADE_HAS_SUCCESS" or "TRADE_HAS_FINISHED" => ChannelPayState.ChannelPaid,
                "TRADE_HAS_CLOSE" => ChannelPayState.ChannelClosed,
                _ => ChannelPayState.ChannelUnknown,
            }
            : ChannelPayState.ChannelUnknown;

    /// <summary>Whether a close was refused because the trade is paid or closed, without saying which (5.2).</summary>
    public static bool IsStatusError(AlipayResponse response) =>
        response is { Kind: AlipayResponseKind.Verified, Head.Code: BusinessFailed }
        && Plain(response.Head.SubCode) is "TRADE_STATUS_ERROR" or "REASON_TRADE_STATUS_INVALID" or "REASON_ILLEGAL_STATUS";

    private static PayErrorClass OfPay(AnswerHead head)
    {
        var subCode = Plain(head.SubCode);
        if (IsUnknown(head.SubCode))
        {
            return PayErrorClass.Unknown;
        }

        if (head.Code == BusinessFailed)
        {
            return subCode.StartsWith("MERCHANT_PERM_RECEIPT_", StringComparison.Ordinal)
                ? PayErrorClass.Refused
                : _pay.GetValueOrDefault(subCode, PayErrorClass.Unknown);
        }

        // Whatever else a gateway code says, a number with a history is queried.
        return _refusingCodes.Contains(head.Code!) ? _pay.GetValueOrDefault(subCode, PayErrorClass.Refused) : PayErrorClass.Unknown;
    }

    /// <summary>System errors in all their spellings (3.4).</summary>
    private static bool IsUnknown(string? subCode) =>
        subCode is not null
        && (subCode.Contains("SYSTEM_ERROR", StringComparison.OrdinalIgnoreCase) || subCode.Contains("unknow", StringComparison.OrdinalIgnoreCase));

    private static string Plain(string? subCode)
    {
        var plain = (subCode ?? "").ToUpperInvariant();
        foreach (var prefix in (string[])["AOP.", "ACQ.", "AQC."])
        {
            plain = plain.StartsWith(prefix, StringComparison.Ordinal) ? plain[prefix.Length..] : plain;
        }

        return plain;
    }
}
