using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;

namespace PayCore.OutboundAddresses;

/// <summary>
/// Addresses that are not public and may be reached all the same, for development: <c>localhost:5000</c>, <c>[::1]:5000</c>, <c>10.1.2.3</c>,
/// <c>127.0.0.0/8</c>. Empty in production.
/// </summary>
public sealed class AddressAllowance
{
    private readonly HashSet<(string Host, int Port)> _hosts;
    private readonly IReadOnlyList<IPNetwork> _networks;

    private AddressAllowance(HashSet<(string Host, int Port)> hosts, IReadOnlyList<IPNetwork> networks) => (_hosts, _networks) = (hosts, networks);

    /// <summary>Allows nothing that is not public.</summary>
    public static AddressAllowance None { get; } = new([], []);

    /// <summary>Reads the entries of a setting.</summary>
    /// <param name="entries">Each is <c>host:port</c>, an IP address, or a network in CIDR notation.</param>
    /// <exception cref="FormatException">Names the entry that is none of these.</exception>
    public static AddressAllowance Parse(IEnumerable<string> entries)
    {
        ArgumentNullException.ThrowIfNull(entries);
        var hosts = new HashSet<(string, int)>();
        var networks = new List<IPNetwork>();
        foreach (var entry in entries)
        {
            // The parser would also take "5000" for an address, and drop the port of "[::1]:5000".
            var plainAddress = !entry.StartsWith('[') && (entry.Contains(':', StringComparison.Ordinal) || entry.Count(c => c == '.') == 3);
            if (plainAddress && IPAddress.TryParse(entry, out var address))
            {
                var plain = PublicAddress.Unwrap(address);
                networks.Add(new IPNetwork(plain, plain.GetAddressBytes().Length * 8));
            }
            else if (IPNetwork.TryParse(entry, out var network))
            {
                networks.Add(network);
            }
            else if (TrySplit(entry, out var host, out var port))
            {
                hosts.Add((host, port));
            }
            else
            {
                throw new FormatException($"'{entry}' is not host:port, an IP address or a network such as 127.0.0.0/8.");
            }
        }

        return new AddressAllowance(hosts, networks);
    }

    /// <summary>True when this host and port are listed by name, or the host is an IP address (or localhost) in a listed network.</summary>
    public bool CoversHost(string host, int port)
    {
        ArgumentNullException.ThrowIfNull(host);
        var name = Normalize(host);
        return _hosts.Contains((name, port)) || (AsLiteral(name) is { } address && CoversAddress(address));
    }

    /// <summary>True when a host that resolved to this address may be reached there.</summary>
    public bool Covers(string host, int port, IPAddress address) => _hosts.Contains((Normalize(host), port)) || CoversAddress(address);

    private bool CoversAddress(IPAddress address)
    {
        var plain = PublicAddress.Unwrap(address);
        return _networks.Any(n => n.Contains(plain));
    }

    // The name that every machine has needs no entry of its own beside 127.0.0.0/8.
    private static IPAddress? AsLiteral(string name) =>
        name == "localhost" ? IPAddress.Loopback : IPAddress.TryParse(name, out var address) ? address : null;

    private static string Normalize(string host) => host.Trim('[', ']').TrimEnd('.').ToLowerInvariant();

    private static bool TrySplit(string entry, [NotNullWhen(true)] out string? host, out int port)
    {
        var colon = entry.LastIndexOf(':');
        host = colon > 0 ? Normalize(entry[..colon]) : null;
        port = 0;
        return host is { Length: > 0 } && Uri.CheckHostName(host) is not UriHostNameType.Unknown
            && int.TryParse(entry.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out port) && port is >= 1 and <= 65535;
    }
}
