namespace PayCore.ChannelSimulator;

/// <summary>A placing that passed the field rules.</summary>
internal sealed record PlaceRequest
{
    public required string MchId { get; init; }

    public required string AppId { get; init; }

    public required string OutTradeNo { get; init; }

    public required string Description { get; init; }

    /// <summary>native, jsapi, app, h5 or codepay.</summary>
    public required string Scene { get; init; }

    /// <summary>Null for a payment code only.</summary>
    public required string? NotifyUrl { get; init; }

    /// <summary>Who is to pay; JSAPI only.</summary>
    public string? OpenId { get; init; }

    /// <summary>What the payer shows; payment code only.</summary>
    public string? AuthCode { get; init; }

    public required long Total { get; init; }

    public required string Currency { get; init; }

    public DateTimeOffset? TimeExpire { get; init; }

    public string? Attach { get; init; }

    public string? DeviceId { get; init; }

    /// <summary>Digest of all members, whatever their order in the body.</summary>
    public required string Digest { get; init; }
}
