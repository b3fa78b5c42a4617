using System.Collections.Frozen;
using PayCore.Contracts.V1;

namespace PayCore.Channels.Alipay;

/// <summary>What an error answer means for a call that moves money.</summary>
internal enum ErrorClass
{
    /// <summary>Nothing is known; repeat under the same number or query.</summary>
    Unknown,

    /// <summary>The platform refused for certain; nothing happened there.</summary>
    Refused,

    /// <summary>The number is paid, used or ended: a query decides now.</summary>
    QueryNow,

    /// <summary>The account's balance does not suffice: the same number again when it does.</summary>
    NoBalance,

    /// <summary>Not executed for want of room: the same number again later.</summary>
    Later,
}

/// <summary>What one sub code means for each call; a code that does not belong to a call is a surprise there, and decides nothing.</summary>
internal sealed record ErrorMeaning(
    ErrorClass Pay = ErrorClass.Unknown, ErrorClass Refund = ErrorClass.Unknown, ErrorClass Reverse = ErrorClass.Unknown,
    ErrorClass Transfer = ErrorClass.Unknown);

/// <summary>
/// Every sub code of alipay.md 3.3, 8.1 and 12 with its meaning. Sub codes are compared without case and without the prefixes that the platform mixes up
/// (<c>ACQ.</c>, <c>AQC.</c>, <c>aop.</c>); a business code that is not here is unknown.
/// </summary>
internal static class ErrorMap
{
    private const string TradeNotExist = "TRADE_NOT_EXIST";
    private const string BusinessFailed = "40004";
    private const string CallLimited = "40005";

    /// <summary>Said before the application is known, so before anything could be done, and therefore without a signature (3.2).</summary>
    private const string InvalidAppId = "isv.invalid-app-id";

    private static readonly ErrorMeaning _undecided = new();

    /// <summary>The number has a history there.</summary>
    private static readonly ErrorMeaning _history = new(Pay: ErrorClass.QueryNow);

    /// <summary>The same, and in that state nothing goes back.</summary>
    private static readonly ErrorMeaning _wrongState = new(ErrorClass.QueryNow, ErrorClass.Refused, ErrorClass.Refused);

    /// <summary>The request, the contract or the receiving account, whatever was asked for about a trade.</summary>
    private static readonly ErrorMeaning _trade = new(ErrorClass.Refused, ErrorClass.Refused, ErrorClass.Refused);

    private static readonly ErrorMeaning _pay = new(Pay: ErrorClass.Refused);
    private static readonly ErrorMeaning _refund = new(Refund: ErrorClass.Refused);
    private static readonly ErrorMeaning _reverse = new(Reverse: ErrorClass.Refused);
    private static readonly ErrorMeaning _refundOrReverse = new(Refund: ErrorClass.Refused, Reverse: ErrorClass.Refused);
    private static readonly ErrorMeaning _transfer = new(Transfer: ErrorClass.Refused);
    private static readonly ErrorMeaning _payerWithoutBalance = new(Transfer: ErrorClass.NoBalance);

    /// <summary>Before anything is executed, the gateway refuses by its own codes; one that has no row of its own is this.</summary>
    private static readonly ErrorMeaning _gateway = new(ErrorClass.Refused, ErrorClass.Refused, ErrorClass.Refused, ErrorClass.Refused);

    /// <summary>Not executed either; what was given a number keeps it and waits for room. A user who pays does not wait.</summary>
    private static readonly ErrorMeaning _callLimited = new(ErrorClass.Refused, ErrorClass.Later, ErrorClass.Later, ErrorClass.Later);

    private static readonly FrozenSet<string> _refusingCodes = FrozenSet.Create(StringComparer.Ordinal, "20001", "40001", "40002", "40003", "40006");

    private static readonly FrozenDictionary<string, ErrorMeaning> _codes = new Dictionary<string, ErrorMeaning>
    {
        ["TRADE_HAS_SUCCESS"] = _history,
        ["TRADE_HAS_CLOSE"] = _wrongState,
        // A cancel should be repeated after it, say some pages; a query decides.
        ["TRADE_HAS_FINISHED"] = new(ErrorClass.QueryNow, ErrorClass.Refused),
        ["TRADE_STATUS_ERROR"] = _wrongState,
        ["REASON_TRADE_STATUS_INVALID"] = _wrongState,
        ["REASON_ILLEGAL_STATUS"] = _wrongState,
        ["CONTEXT_INCONSISTENT"] = _history,
        // Asked twice: the first code lives, and can be scanned.
        ["APPLY_PC_MERCHANT_CODE_ERROR"] = _history,

        // The request, the contract or the receiving account.
        ["INVALID_PARAMETER"] = _gateway,
        ["ACCESS_FORBIDDEN"] = _trade,
        ["PARTNER_ERROR"] = _trade,
        ["MERCHANT_AGREEMENT_NOT_EXIST"] = _trade,
        ["MERCHANT_AGREEMENT_INVALID"] = _trade,
        ["UN_SUPPORT_TRADE_SCENE"] = _trade,
        ["INVALID_RECEIVE_ACCOUNT"] = _trade,
        ["SELLER_NOT_EXIST"] = _trade,
        ["SELLER_BEEN_BLOCKED"] = _trade,
        ["MERCHANT_STATUS_NOT_NORMAL"] = _trade,

        // Amount and merchant limits.
        ["TOTAL_FEE_EXCEED"] = _pay,
        ["BEYOND_PAY_RESTRICTION"] = _pay,
        ["BEYOND_PER_RECEIPT_RESTRICTION"] = _pay,
        ["BEYOND_PER_RECEIPT_SINGLE_RESTRICTION"] = _pay,
        ["BEYOND_PER_RECEIPT_DAY_RESTRICTION"] = _pay,
        ["PRODUCT_AMOUNT_LIMIT_ERROR"] = _pay,

        // What was asked.
        ["EXIST_FORBIDDEN_WORD"] = _pay,
        ["NOW_TIME_AFTER_EXPIRE_TIME_ERROR"] = _pay,
        ["RISK_MERCHANT_IP_NOT_EXIST"] = _pay,

        // The payer, where the platform knows him when it is asked.
        ["PAYMENT_AUTH_CODE_INVALID"] = _pay,
        ["AUTH_TOKEN_IS_NOT_EXIST"] = _pay,
        ["BUYER_BALANCE_NOT_ENOUGH"] = _pay,
        ["BUYER_BANKCARD_BALANCE_NOT_ENOUGH"] = _pay,
        ["ERROR_BALANCE_PAYMENT_DISABLE"] = _pay,
        ["NO_PAYMENT_INSTRUMENTS_AVAILABLE"] = _pay,
        ["BUYER_PAYMENT_AMOUNT_DAY_LIMIT_ERROR"] = _pay,
        ["BUYER_PAYMENT_AMOUNT_MONTH_LIMIT_ERROR"] = _pay,
        ["BUYER_SELLER_EQUAL"] = _pay,
        ["TRADE_BUYER_NOT_MATCH"] = _pay,
        ["PAYER_UNMATCHED"] = _pay,
        ["BUYER_NOT_EXIST"] = _pay,
        ["BUYER_ENABLE_STATUS_FORBID"] = _pay,
        ["NOT_CERTIFIED_USER"] = _pay,
        ["PAYMENT_REQUEST_HAS_RISK"] = _pay,
        ["PAYMENT_FAIL"] = _pay,
        ["PULL_MOBILE_CASHIER_FAIL"] = _pay,

        // Refunds and cancels.
        [TradeNotExist] = _refund,
        ["SELLER_BALANCE_NOT_ENOUGH"] = new(Refund: ErrorClass.NoBalance, Reverse: ErrorClass.NoBalance),
        ["REFUND_AMT_NOT_EQUAL_TOTAL"] = _refund,
        ["REASON_TRADE_REFUND_FEE_ERR"] = _refundOrReverse,
        ["REFUND_FEE_ERROR"] = _refund,
        // The number was used with another amount: the refund that exists is asked for.
        ["DISCORDANT_REPEAT_REQUEST"] = _undecided,
        ["TRADE_NOT_ALLOW_REFUND"] = _refund,
        ["NOT_ALLOW_PARTIAL_REFUND"] = _refund,
        ["ONLINE_TRADE_VOUCHER_NOT_ALLOW_REFUND"] = _refund,
        ["REASON_TRADE_BEEN_FREEZEN"] = _refundOrReverse,
        ["BUYER_ERROR"] = _refund,
        ["CUSTOMER_VALIDATE_ERROR"] = _refund,
        ["REFUND_ACCOUNT_NOT_EXIST"] = _refund,
        ["REFUND_CHARGE_ERROR"] = _undecided,
        ["TRADE_CANCEL_TIME_OUT"] = _reverse,
        ["CANCEL_NOT_ALLOWED"] = _reverse,

        // Transfers: the payee.
        ["PAYEE_NOT_EXIST"] = _transfer,
        ["PAYEE_ACCOUNT_NOT_EXSIT"] = _transfer,
        ["PAYEE_ACCOUNT_STATUS_ERROR"] = _transfer,
        ["PAYEE_USER_INFO_ERROR"] = _transfer,
        ["PAYEE_ACC_OCUPIED"] = _transfer,
        ["PAYEE_USER_TYPE_ERROR"] = _transfer,
        ["PAYEE_NOT_RELNAME_CERTIFY"] = _transfer,
        ["PERMIT_NON_BANK_LIMIT_PAYEE"] = _transfer,
        ["PERM_AML_NOT_REALNAME_REV"] = _transfer,
        ["BLOCK_USER_FORBBIDEN_RECIEVE"] = _transfer,
        ["NO_ACCOUNT_RECEIVE_PERMISSION"] = _transfer,
        ["CARD_BIN_ERROR"] = _transfer,
        ["INVALID_CARDNO"] = _transfer,

        // The payer.
        ["PAYER_BALANCE_NOT_ENOUGH"] = _payerWithoutBalance,
        ["BALANCE_IS_NOT_ENOUGH"] = _payerWithoutBalance,
        ["PAYER_STATUS_ERROR"] = _transfer,
        ["PAYER_NOT_EXIST"] = _transfer,
        ["PAYER_PAYEE_CANNOT_SAME"] = _transfer,
        ["PAYCARD_UNABLE_PAYMENT"] = _transfer,
        ["PERMIT_CHECK_PERM_LIMITED"] = _transfer,
        ["SECURITY_CHECK_FAILED"] = _transfer,
        ["PRODUCT_NOT_SIGN"] = _transfer,
        ["MRCHPROD_QUERY_ERROR"] = _transfer,

        // What was asked, and limits.
        ["PARAM_ILLEGAL"] = _transfer,
        ["MEMO_REQUIRED_IN_TRANSFER_ERROR"] = _transfer,
        ["REMARK_HAS_SENSITIVE_WORD"] = _transfer,
        ["EXCEED_LIMIT_SM_AMOUNT"] = _transfer,
        ["EXCEED_LIMIT_SM_MIN_AMOUNT"] = _transfer,
        ["EXCEED_LIMIT_DM_AMOUNT"] = _transfer,
        ["EXCEED_LIMIT_DM_MAX_AMOUNT"] = _transfer,
        ["EXCEED_LIMIT_MM_AMOUNT"] = _transfer,
        ["EXCEED_LIMIT_PERSONAL_SM_AMOUNT"] = _transfer,
        ["EXCEED_LIMIT_ENT_SM_AMOUNT"] = _transfer,
        ["EXCEED_LIMIT_UNRN_DM_AMOUNT"] = _transfer,
        ["RESOURCE_LIMIT_EXCEED"] = new(Transfer: ErrorClass.Later),

        // Something exists under the number, or may: it is asked for.
        ["PAYMENT_INFO_INCONSISTENCY"] = _undecided,
        ["REQUEST_PROCESSING"] = _undecided,
    }.ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>The sub codes that have a row, without their prefixes.</summary>
    internal static IEnumerable<string> Codes => _codes.Keys;

    /// <summary>What an answer that is no success means for a request to pay. Only a signed one refuses, and the one that comes before anything could be done.</summary>
    public static ErrorClass OfPay(AlipayResponse response) =>
        response is { Kind: AlipayResponseKind.Unsigned, Head: { Code: "40002", SubCode: InvalidAppId } } ? ErrorClass.Refused : Of(response).Pay;

    /// <summary>The same for a refund; nothing unsigned refuses it.</summary>
    public static ErrorClass OfRefund(AlipayResponse response) => Of(response).Refund;

    /// <summary>The same for taking a payment back.</summary>
    public static ErrorClass OfReverse(AlipayResponse response) => Of(response).Reverse;

    /// <summary>The same for a transfer; nothing unsigned refuses it.</summary>
    public static ErrorClass OfTransfer(AlipayResponse response) => Of(response).Transfer;

    /// <summary>What an error answer to a query or close says of the payment.</summary>
    public static ChannelPayState StateOf(AlipayResponse response) =>
        Businesslike(response) switch
        {
            TradeNotExist => ChannelPayState.ChannelNotFound,
            "TRADE_HAS_SUCCESS" or "TRADE_HAS_FINISHED" => ChannelPayState.ChannelPaid,
            "TRADE_HAS_CLOSE" => ChannelPayState.ChannelClosed,
            _ => ChannelPayState.ChannelUnknown,
        };

    /// <summary>Whether a close was refused because the trade is paid or closed, without saying which (5.2).</summary>
    public static bool IsStatusError(AlipayResponse response) =>
        Businesslike(response) is "TRADE_STATUS_ERROR" or "REASON_TRADE_STATUS_INVALID" or "REASON_ILLEGAL_STATUS";

    /// <summary>Whether a query of a transfer was answered with "there is none" (8.2).</summary>
    public static bool IsTransferNotFound(AlipayResponse response) => Businesslike(response) == "ORDER_NOT_EXIST";

    /// <summary>Whether there is no statement of that day (9.1): it is empty, or not made yet.</summary>
    public static bool IsNoStatement(AlipayResponse response) => Businesslike(response) is "BILL_NOT_EXIST" or "NO_BILL_DATA";

    private static ErrorMeaning Of(AlipayResponse response)
    {
        if (response.Kind != AlipayResponseKind.Verified || IsUnknown(response.Head.SubCode))
        {
            return _undecided;
        }

        var (code, subCode) = (response.Head.Code!, Plain(response.Head.SubCode));
        if (code == BusinessFailed)
        {
            return subCode.StartsWith("MERCHANT_PERM_RECEIPT_", StringComparison.Ordinal) ? _pay : _codes.GetValueOrDefault(subCode, _undecided);
        }

        // Whatever else a gateway code says, a number with a history is queried.
        return code == CallLimited ? _codes.GetValueOrDefault(subCode, _callLimited)
            : _refusingCodes.Contains(code) ? _codes.GetValueOrDefault(subCode, _gateway)
            : _undecided;
    }

    /// <summary>The sub code of a signed business failure that has a meaning; otherwise empty.</summary>
    private static string Businesslike(AlipayResponse response) =>
        response is { Kind: AlipayResponseKind.Verified, Head.Code: BusinessFailed } && !IsUnknown(response.Head.SubCode) ? Plain(response.Head.SubCode) : "";

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
