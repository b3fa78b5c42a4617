using System.Net;
using PayCore.ServiceDefaults.Ports;

namespace PayCore.Host;

/// <summary>Where a process listens (section <c>Ports</c>).</summary>
internal sealed class PortsOptions
{
    /// <summary>The address of all ports. Default: loopback; in a container 0.0.0.0.</summary>
    public string Bind { get; set; } = "127.0.0.1";

    /// <summary>Shop, cashier, REST, callbacks, health. Default 8080.</summary>
    public int Web { get; set; } = 8080;

    /// <summary>Merchants' gRPC. Default 8081.</summary>
    public int MerchantGrpc { get; set; } = 8081;

    /// <summary>The operators' console. Default 8082.</summary>
    public int Console { get; set; } = 8082;

    /// <summary>Probes and metrics, of every process. Default 8085; 0: none.</summary>
    public int Operations { get; set; } = 8085;

    /// <summary>The simulator. Default 8090.</summary>
    public int Simulator { get; set; } = 8090;

    /// <summary>Role → inner port, where it is not the role's default.</summary>
    public Dictionary<string, int> Inner { get; } = new(StringComparer.Ordinal);

    /// <summary>The address to bind to.</summary>
    public IPAddress Address => IPAddress.Parse(Bind);

    /// <summary>The port of a public kind.</summary>
    public int Of(PortKind kind) => kind switch
    {
        PortKind.Web => Web,
        PortKind.MerchantGrpc => MerchantGrpc,
        PortKind.Console => Console,
        PortKind.Operations => Operations,
        PortKind.Simulator => Simulator,
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "Not a port for the world."),
    };
}
