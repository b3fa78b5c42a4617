namespace PayCore.ServiceDefaults.Ports;

/// <summary>
/// Who a port is for. Every endpoint has exactly one kind and is not found on a port of another kind, or when it has none.
/// </summary>
public enum PortKind
{
    /// <summary>Browsers, merchants' REST calls and providers' callbacks: shop, cashier, /v1, /callback, docs.</summary>
    Web,

    /// <summary>Merchants' signed gRPC calls.</summary>
    MerchantGrpc,

    /// <summary>The operators' console.</summary>
    Console,

    /// <summary>Probes and metrics, for the platform that runs us. Every process has one, whatever its roles.</summary>
    Operations,

    /// <summary>The channel simulator, which plays the providers.</summary>
    Simulator,

    /// <summary>gRPC between our services. One port per role.</summary>
    Inner,
}

/// <summary>What an endpoint asks of the port that a request came in by.</summary>
/// <param name="Kind">The kind of port.</param>
/// <param name="Role">For <see cref="PortKind.Inner"/>: the role whose port it must be.</param>
public sealed record PortRequirement(PortKind Kind, string? Role = null);

/// <summary>Which kind of port a connection came in by; a feature of the connection.</summary>
/// <param name="Kind">The kind of port.</param>
/// <param name="Role">For <see cref="PortKind.Inner"/>: the role that listens there.</param>
public sealed record PortFeature(PortKind Kind, string? Role = null);
