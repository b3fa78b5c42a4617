using System.Text.Json;

namespace PayCore.ChannelSimulator;

/// <summary>A call whose public parameters are in order.</summary>
internal sealed record AlipayCall
{
    public required AlipayMerchant Merchant { get; init; }

    public required string Method { get; init; }

    /// <summary>The business parameters, a JSON object.</summary>
    public required JsonElement Content { get; init; }

    /// <summary>Where the caller reached the gateway, and so will reach what it offers; null when there was no call.</summary>
    public string? Site { get; init; }

    public string? NotifyUrl { get; init; }

    public string? ReturnUrl { get; init; }
}
