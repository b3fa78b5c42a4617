using System.Text.Json.Serialization;

namespace PayCore.ChannelSimulator;

/// <summary>What the platform does with its keys of one merchant (wechat-pay-v3.md 2.4 and 2.5). What is left out stays as it is.</summary>
public sealed record WechatKeyChange
{
    /// <summary>The merchant number.</summary>
    [JsonPropertyName("mchid")]
    public required string MchId { get; init; }

    /// <summary>The key mode from now on. The keys outlive it: a merchant that comes back to a mode finds the same ones.</summary>
    public WechatKeyMode? Mode { get; init; }

    /// <summary>The share of the callbacks that the public key signs during the migration, from 0 to 100.</summary>
    public decimal? Percent { get; init; }

    /// <summary>Adds a certificate beside those that are there.</summary>
    public bool Rotate { get; init; }

    /// <summary>When the added certificate begins to sign; until then it can be downloaded only. The platform waits 24 hours at least.</summary>
    public int SignsAfterSeconds { get; init; } = 86_400;

    /// <summary>How many days are left of the five years of the added certificate; not above zero for one that has ended. Null: all of them.</summary>
    public int? CertificateDays { get; init; }

    /// <summary>Takes away all certificates but the newest.</summary>
    public bool Retire { get; init; }
}

/// <summary>The platform's keys of a merchant, without their private halves.</summary>
public sealed record WechatKeys
{
    /// <summary>The key mode.</summary>
    public required WechatKeyMode Mode { get; init; }

    /// <summary>The share of the callbacks that the public key signs during the migration.</summary>
    public required decimal Percent { get; init; }

    /// <summary><c>PUB_KEY_ID_</c> and digits.</summary>
    public required string PublicKeyId { get; init; }

    /// <summary>The serial numbers of the certificates, the oldest first; none in public-key mode.</summary>
    public required IReadOnlyList<string> Certificates { get; init; }
}
