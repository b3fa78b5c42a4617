using System.Text.Json.Serialization;

namespace PayCore.ChannelSimulator;

/// <summary>Which keys the platform has for a merchant, and which of them signs (wechat-pay-v3.md 2.4).</summary>
[JsonConverter(typeof(JsonStringEnumConverter<WechatKeyMode>))]
public enum WechatKeyMode
{
    /// <summary>The public key signs everything. There is no certificate to download.</summary>
    [JsonStringEnumMemberName("public_key")]
    PublicKey,

    /// <summary>The certificate signs everything. A public key that a request names is ignored.</summary>
    [JsonStringEnumMemberName("certificate")]
    Certificate,

    /// <summary>On the way to the public key: a request chooses the key of its answer, and of the callbacks a share is signed with the public key.</summary>
    [JsonStringEnumMemberName("migration")]
    Migration,
}
