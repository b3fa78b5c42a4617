using System.Text.Json.Serialization;

namespace PayCore.ChannelSimulator;

/// <summary>A transfer to a WeChat user, as it was at one moment (wechat-pay-v3.md 7).</summary>
public sealed record SimulatedTransfer : LedgerEntry
{
    /// <summary>The merchant number.</summary>
    [JsonPropertyName("mchid")]
    public required string MchId { get; init; }

    /// <summary>The AppID of the payee's openid.</summary>
    [JsonPropertyName("appid")]
    public required string AppId { get; init; }

    /// <summary>The merchant's number: the same number is the same transfer, made once.</summary>
    public required string OutBillNo { get; init; }

    /// <summary>The provider's number.</summary>
    public required string TransferBillNo { get; init; }

    /// <summary>Who is paid.</summary>
    public required string OpenId { get; init; }

    /// <summary>The payee's name as the merchant gave it, decrypted.</summary>
    public string? UserName { get; init; }

    /// <summary>The amount in fen.</summary>
    public required long Amount { get; init; }

    /// <summary>What the payee is shown.</summary>
    public required string Remark { get; init; }

    /// <summary>Where the callback goes; null for nowhere.</summary>
    public string? NotifyUrl { get; init; }

    /// <summary>ACCEPTED, PROCESSING, WAIT_USER_CONFIRM, TRANSFERING (spelled so), SUCCESS, FAIL, CANCELING or CANCELLED.</summary>
    public required string State { get; init; }

    /// <summary>Why it failed.</summary>
    public string? FailReason { get; init; }

    /// <summary>What opens the page on which the payee confirms.</summary>
    public required string PackageInfo { get; init; }

    /// <summary>When it was accepted.</summary>
    public required DateTimeOffset CreateTime { get; init; }

    /// <summary>When it changed last.</summary>
    public required DateTimeOffset UpdateTime { get; init; }

    /// <summary>What became, or will become, of it by the plan: SUCCESS or FAIL.</summary>
    public required string Outcome { get; init; }

    /// <summary>Why it will fail.</summary>
    public string? OutcomeReason { get; init; }

    /// <summary>How many times it was asked for.</summary>
    public required int RequestedCount { get; init; }

    /// <summary>Digest of everything it was asked for with; a repeat must have the same.</summary>
    public required string ParameterDigest { get; init; }

    internal override string Key => KeyOf(MchId, OutBillNo);

    internal static string KeyOf(string mchId, string outBillNo) => mchId + "/" + outBillNo;
}
