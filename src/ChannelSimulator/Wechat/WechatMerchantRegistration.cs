using System.Text.Json.Serialization;

namespace PayCore.ChannelSimulator;

/// <summary>What a merchant gives the provider (wechat-pay-v3.md 0).</summary>
public sealed record WechatMerchantRegistration
{
    /// <summary>The merchant number.</summary>
    [JsonPropertyName("mchid")]
    public required string MchId { get; init; }

    /// <summary>The AppID bound to it.</summary>
    [JsonPropertyName("appid")]
    public required string AppId { get; init; }

    /// <summary>The name shown to the payer.</summary>
    public required string Name { get; init; }

    /// <summary>The serial number of the merchant's API certificate, 40 hexadecimal characters.</summary>
    public required string MerchantSerialNo { get; init; }

    /// <summary>The merchant's public key, PEM SubjectPublicKeyInfo.</summary>
    public required string MerchantPublicKeyPem { get; init; }

    /// <summary>The APIv3 key, 32 characters used as raw bytes.</summary>
    public required string ApiV3Key { get; init; }

    /// <summary>Which keys the platform has for the merchant.</summary>
    public WechatKeyMode KeyMode { get; init; }

    /// <summary>The share of the callbacks that the public key signs during the migration, from 0 to 100.</summary>
    public decimal MigrationPercent { get; init; }
}

/// <summary>What the provider gives the merchant: the public key, which signs unless the merchant is in certificate mode.</summary>
public sealed record RegisteredWechatMerchant
{
    /// <summary><c>PUB_KEY_ID_</c> and digits.</summary>
    public required string PublicKeyId { get; init; }

    /// <summary>The key, PEM SubjectPublicKeyInfo.</summary>
    public required string PublicKeyPem { get; init; }
}
