namespace PayCore.ChannelSimulator;

/// <summary>An order that passed the field rules.</summary>
internal sealed record AlipayPayRequest
{
    /// <summary>precreate, page, wap, app, create or pay.</summary>
    public required string Scene { get; init; }

    public required string AppId { get; init; }

    /// <summary>The merchant to whom the number belongs.</summary>
    public required string Pid { get; init; }

    public required string SellerId { get; init; }

    public required string OutTradeNo { get; init; }

    public required long Total { get; init; }

    public required string Subject { get; init; }

    public string? Body { get; init; }

    public string? PassbackParams { get; init; }

    public string? NotifyUrl { get; init; }

    public string? ReturnUrl { get; init; }

    public string? QuitUrl { get; init; }

    /// <summary>The last moment the buyer can pay.</summary>
    public required DateTimeOffset TimeExpire { get; init; }

    /// <summary>The end of the QR code; null without one.</summary>
    public DateTimeOffset? CodeExpire { get; init; }
}
