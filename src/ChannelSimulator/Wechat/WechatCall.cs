namespace PayCore.ChannelSimulator;

/// <summary>An API call as it came off the wire.</summary>
internal sealed record WechatCall
{
    public required string Method { get; init; }

    /// <summary>The request target exactly as sent, with the query.</summary>
    public required string Target { get; init; }

    public required byte[] Body { get; init; }

    public required string? Authorization { get; init; }

    /// <summary>The platform key the merchant uses (<c>Wechatpay-Serial</c>).</summary>
    public required string? NamedKey { get; init; }
}

/// <summary>What is to be answered; no body means 204.</summary>
internal sealed record WechatAnswer(int Status, byte[] Body)
{
    public static WechatAnswer Nothing { get; } = new(204, []);

    public string? Code { get; init; }

    /// <summary>The content type of a file, which is not signed; null for everything else.</summary>
    public string? FileType { get; init; }

    public static WechatAnswer Of(WechatError error) => new(error.Status, error.Body) { Code = error.Code };
}
