using System.Text.Json.Serialization;

namespace PayCore.ChannelSimulator;

/// <summary>A fault to be injected (wechat-pay-v3.md 12, no. 13).</summary>
public sealed class Fault
{
    /// <summary>Names the fault; given by <see cref="Faults.Add"/> when empty.</summary>
    public string Id { get; set; } = "";

    /// <summary>place, query, close, callback, certificates or any.</summary>
    public required string Operation { get; set; }

    /// <summary>One of <see cref="FaultKinds"/>.</summary>
    public required string Kind { get; set; }

    /// <summary>Only for this order; null for every one.</summary>
    public string? OutTradeNo { get; set; }

    /// <summary>How many times it strikes; -1 for always.</summary>
    public int Count { get; set; } = 1;

    /// <summary>How late <c>late</c> is.</summary>
    public int DelayMs { get; set; }

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

    /// <summary>The operations a fault can name.</summary>
    public static IReadOnlyList<string> Operations { get; } = ["place", "query", "close", "callback", "certificates", "any"];

    /// <summary>All kinds.</summary>
    public static IReadOnlyList<string> All { get; } =
    [
        Late, Lost, DropBefore, EffectThenTimeout, EffectThenDrop, Error500Before, Error500After, Error429, Error503, Garbage, NotSigned, BadSignature,
        OldTimestamp, ProbeSignature, BodyChanged, Twice, WrongAmount, OtherMchId, OtherOutTradeNo, OtherKey, Hold, HoldAfterEffect,
    ];

    /// <summary>Whether this kind means something for this operation.</summary>
    public static bool Fits(string kind, string operation) => kind switch
    {
        Twice or OtherKey => operation is "callback" or "any",
        WrongAmount or OtherMchId or OtherOutTradeNo => operation is "callback" or "query" or "any",
        DropBefore or Error500Before or Error500After or Error429 or Error503 => operation is not "callback",
        _ => true,
    };
}
