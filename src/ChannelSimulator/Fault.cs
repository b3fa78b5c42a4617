using System.Text.Json.Serialization;

namespace PayCore.ChannelSimulator;

/// <summary>A fault to be injected (wechat-pay-v3.md 12, no. 13; alipay.md 14, nos. 9 and 12).</summary>
public sealed class Fault
{
    /// <summary>Names the fault; given by <see cref="Faults.Add"/> when empty.</summary>
    public string Id { get; set; } = "";

    /// <summary>One of <see cref="FaultKinds.Operations"/>: those of Alipay begin with <c>alipay.</c>, the others are WeChat Pay's.</summary>
    public required string Operation { get; set; }

    /// <summary>One of <see cref="FaultKinds"/>.</summary>
    public required string Kind { get; set; }

    /// <summary>
    /// Only for the one with this merchant's number: an order's, or where a refund or a transfer is worked on, its own (out_refund_no, out_bill_no,
    /// out_request_no, out_biz_no). Null for every one.
    /// </summary>
    public string? OutTradeNo { get; set; }

    /// <summary>How many times it strikes; -1 for always.</summary>
    public int Count { get; set; } = 1;

    /// <summary>How late <c>late</c> is, and how far <c>clock_skew</c> puts the clock forward; back when negative.</summary>
    public int DelayMs { get; set; }

    /// <summary>The error of <c>business_error</c>: Alipay's sub_code, WeChat Pay's code.</summary>
    public string SubCode { get; set; } = "ACQ.SYSTEM_ERROR";

    /// <summary>How many times it has struck.</summary>
    [JsonInclude]
    public int Fired { get; internal set; }
}

/// <summary>The kinds of faults, and where each has a meaning.</summary>
public static class FaultKinds
{
    /// <summary>The work is done, the answer waits; a callback waits before it is sent.</summary>
    public const string Late = "late";

    /// <summary>Never arrives: no work, no answer.</summary>
    public const string Lost = "lost";

    /// <summary>The work is done, then no answer until the caller goes away; of a callback the merchant's answer is lost.</summary>
    public const string EffectThenTimeout = "effect_then_timeout";

    /// <summary>The work is done, then the connection breaks; of a callback the merchant's answer is lost.</summary>
    public const string EffectThenDrop = "effect_then_drop";

    /// <summary>The connection breaks: no work, no answer.</summary>
    public const string DropBefore = "drop_before";

    /// <summary>500 without the work.</summary>
    public const string Error500Before = "error_500_before";

    /// <summary>500 after the work.</summary>
    public const string Error500After = "error_500_after";

    /// <summary>429 without the work.</summary>
    public const string Error429 = "error_429";

    /// <summary>503 without the work.</summary>
    public const string Error503 = "error_503";

    /// <summary>An unreadable body without signature.</summary>
    public const string Garbage = "garbage";

    /// <summary>The signature headers are missing.</summary>
    public const string NotSigned = "unsigned";

    /// <summary>A signature by some other message.</summary>
    public const string BadSignature = "bad_signature";

    /// <summary>A good signature that is ten minutes old.</summary>
    public const string OldTimestamp = "old_timestamp";

    /// <summary>A signature that is wrong on purpose (wechat-pay-v3.md 2.3).</summary>
    public const string ProbeSignature = "probe_signature";

    /// <summary>The body was changed after it was signed.</summary>
    public const string BodyChanged = "body_changed";

    /// <summary>The callback is sent twice.</summary>
    public const string Twice = "twice";

    /// <summary>The transaction has another amount.</summary>
    public const string WrongAmount = "wrong_amount";

    /// <summary>The transaction has another merchant number.</summary>
    public const string OtherMchId = "other_mchid";

    /// <summary>The transaction has another order number.</summary>
    public const string OtherOutTradeNo = "other_out_trade_no";

    /// <summary>The callback is encrypted with another APIv3 key.</summary>
    public const string OtherKey = "other_key";

    /// <summary>Waits before the work until released.</summary>
    public const string Hold = "hold";

    /// <summary>Waits after the work until released.</summary>
    public const string HoldAfterEffect = "hold_after_effect";

    /// <summary>The Date header of the answer is off; everything else is as it should be.</summary>
    public const string ClockSkew = "clock_skew";

    /// <summary>502 with an HTML page, after the work.</summary>
    public const string BadGateway = "bad_gateway";

    /// <summary>The answer breaks off in the middle.</summary>
    public const string Truncated = "truncated";

    /// <summary>The refusal stands in <c>error_response</c>; no work.</summary>
    public const string ErrorResponse = "error_response";

    /// <summary>A refusal of the gateway without signature; no work.</summary>
    public const string UnsignedError = "unsigned_error";

    /// <summary>Code 20000 without the work.</summary>
    public const string Code20000Before = "code_20000_before";

    /// <summary>Code 20000 after the work.</summary>
    public const string Code20000After = "code_20000_after";

    /// <summary>Code 40005 without the work.</summary>
    public const string Code40005 = "code_40005";

    /// <summary>A refusal with <see cref="Fault.SubCode"/>, signed, without the work: code 40004, at WeChat Pay the status that belongs to its code.</summary>
    public const string BusinessError = "business_error";

    /// <summary>A good answer with its members in another order, the signature first.</summary>
    public const string Reordered = "reordered";

    /// <summary>A good answer with blanks and line breaks between its tokens.</summary>
    public const string Blanks = "blanks";

    /// <summary>A good answer with escapes for every character that can have one.</summary>
    public const string UnicodeEscapes = "unicode_escapes";

    /// <summary>The notify names another application.</summary>
    public const string OtherAppId = "other_app_id";

    /// <summary>The notify names another receiver of the money.</summary>
    public const string OtherSellerId = "other_seller_id";

    /// <summary>The notify has a field that nobody knows.</summary>
    public const string UnknownField = "unknown_field";

    /// <summary>A notify of TRADE_FINISHED comes before that of the payment.</summary>
    public const string FinishedFirst = "finished_first";

    /// <summary>A notify of a refund comes before that of the payment.</summary>
    public const string RefundFirst = "refund_first";

    /// <summary>The notify is in GBK.</summary>
    public const string Gbk = "gbk";

    /// <summary>The subject in the notify holds percent signs, plus signs and what else a form has to escape.</summary>
    public const string OddSubject = "odd_subject";

    /// <summary>The cancel is not done and says so: <c>retry_flag</c> Y.</summary>
    public const string RetryFlag = "retry_flag";

    /// <summary>The operations a fault can name.</summary>
    public static IReadOnlyList<string> Operations { get; } =
    [
        "place", "codepay", "query", "close", "reverse", "callback", "certificates", "refund", "query_refund", "refund_callback",
        "transfer", "query_transfer", "cancel_transfer", "transfer_callback", "bill", "download",
        "alipay.precreate", "alipay.page", "alipay.wap", "alipay.app", "alipay.create", "alipay.pay", "alipay.query", "alipay.close", "alipay.cancel",
        "alipay.refund", "alipay.query_refund", "alipay.transfer", "alipay.query_transfer", "alipay.balance", "alipay.bill", "alipay.download",
        "alipay.certificate", "alipay.callback", "alipay.refund_callback", "alipay.transfer_callback",
        "any",
    ];

    /// <summary>All kinds.</summary>
    public static IReadOnlyList<string> All { get; } =
    [
        Late, Lost, DropBefore, EffectThenTimeout, EffectThenDrop, Error500Before, Error500After, Error429, Error503, Garbage, NotSigned, BadSignature,
        OldTimestamp, ProbeSignature, BodyChanged, Twice, WrongAmount, OtherMchId, OtherOutTradeNo, OtherKey, Hold, HoldAfterEffect, ClockSkew,
        BadGateway, Truncated, ErrorResponse, UnsignedError, Code20000Before, Code20000After, Code40005, BusinessError, Reordered, Blanks, UnicodeEscapes,
        OtherAppId, OtherSellerId, UnknownField, FinishedFirst, RefundFirst, Gbk, OddSubject,
        RetryFlag,
    ];

    /// <summary>Whether this kind means something for this operation.</summary>
    public static bool Fits(string kind, string operation)
    {
        var alipay = operation.StartsWith("alipay.", StringComparison.Ordinal);
        var callback = operation.EndsWith("callback", StringComparison.Ordinal);
        var page = operation is "alipay.page" or "alipay.wap" or "alipay.app";
        // A page is for the buyer's eyes, and a bill is proved by its digest: nothing in them is signed.
        var signed = !page && operation is not ("download" or "alipay.download");
        return operation == "any" || kind switch
        {
            DropBefore or Error500Before or Error500After or Error429 or Error503 or ClockSkew => !callback,
            NotSigned or BadSignature => signed,
            Garbage or BodyChanged => !page,
            OldTimestamp or ProbeSignature => !alipay && signed,
            Twice => callback,
            OtherKey => callback || (alipay && signed),
            WrongAmount => callback || operation is "query" or "codepay" or "refund" or "query_refund" or "query_transfer"
                or "alipay.query" or "alipay.pay" or "alipay.refund" or "alipay.query_refund" or "alipay.query_transfer",
            OtherMchId => (callback && !alipay) || operation is "query" or "codepay" or "query_transfer",
            OtherOutTradeNo => callback || operation is "query" or "codepay" or "refund" or "query_refund" or "transfer" or "query_transfer" or "cancel_transfer"
                or "alipay.precreate" or "alipay.query" or "alipay.close" or "alipay.create" or "alipay.pay" or "alipay.cancel" or "alipay.refund"
                or "alipay.query_refund" or "alipay.transfer" or "alipay.query_transfer",
            RetryFlag => operation is "alipay.cancel",
            BadGateway => alipay && !callback,
            // What WeChat Pay refuses of an order, a test brings about by asking for it; its other refusals lie with accounts and products.
            BusinessError => signed && !callback && operation is not ("place" or "query" or "close" or "certificates"),
            Truncated or ErrorResponse or UnsignedError or Code20000Before or Code20000After or Code40005
                or Reordered or Blanks or UnicodeEscapes => alipay && signed && !callback,
            OtherAppId or UnknownField => alipay && callback,
            OtherSellerId or Gbk or OddSubject => operation is "alipay.callback" or "alipay.refund_callback",
            FinishedFirst or RefundFirst => operation is "alipay.callback",
            _ => true,
        };
    }
}
