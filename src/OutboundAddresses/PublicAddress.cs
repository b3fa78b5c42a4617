using System.Net;
using System.Net.Sockets;

namespace PayCore.OutboundAddresses;

/// <summary>
/// Tells addresses of the public internet from all others. Pure. For IPv4 the special-purpose registry of IANA (RFC 6890) is refused; of IPv6 only
/// global unicast is accepted, without the parts that stand for something else.
/// </summary>
public static class PublicAddress
{
    // Every block is refused whole: what the registry marks as not globally reachable, and metadata services with public numbers.
    private static readonly IPNetwork[] _refusedV4 =
    [
        IPNetwork.Parse("0.0.0.0/8"),          // this network
        IPNetwork.Parse("10.0.0.0/8"),         // private
        IPNetwork.Parse("100.64.0.0/10"),      // carrier-grade NAT, and a cloud's metadata at 100.100.100.200
        IPNetwork.Parse("127.0.0.0/8"),        // loopback
        IPNetwork.Parse("168.63.129.16/32"),   // a cloud's metadata
        IPNetwork.Parse("169.254.0.0/16"),     // link-local, and most clouds' metadata
        IPNetwork.Parse("172.16.0.0/12"),      // private
        IPNetwork.Parse("192.0.0.0/24"),       // protocol assignments, and a cloud's metadata at 192.0.0.192
        IPNetwork.Parse("192.0.2.0/24"),       // documentation
        IPNetwork.Parse("192.88.99.0/24"),     // 6to4 relays
        IPNetwork.Parse("192.168.0.0/16"),     // private
        IPNetwork.Parse("198.18.0.0/15"),      // benchmarks
        IPNetwork.Parse("198.51.100.0/24"),    // documentation
        IPNetwork.Parse("203.0.113.0/24"),     // documentation
        IPNetwork.Parse("224.0.0.0/4"),        // multicast
        IPNetwork.Parse("240.0.0.0/4"),        // reserved, and broadcast
    ];

    // Within 2000::/3. Teredo (2001::/32) lies in the first. Nobody receives webhooks at a Teredo or 6to4 address, and either may
    // carry a private IPv4 address, so both are refused whole.
    private static readonly IPNetwork[] _refusedV6 =
    [
        IPNetwork.Parse("2001::/23"),          // protocol assignments
        IPNetwork.Parse("2001:db8::/32"),      // documentation
        IPNetwork.Parse("2002::/16"),          // 6to4
        IPNetwork.Parse("3fff::/20"),          // documentation
    ];

    private static readonly IPNetwork _globalUnicast = IPNetwork.Parse("2000::/3");

    // The well-known NAT64 prefix: the last four bytes are the IPv4 address that is reached. In a network with IPv6 only, a public IPv4 host
    // looks like this, so the address inside decides. The prefix for local use (64:ff9b:1::/48) is not global unicast.
    private static readonly IPNetwork _nat64 = IPNetwork.Parse("64:ff9b::/96");

    /// <summary>True for an address of the public internet.</summary>
    public static bool Is(IPAddress address)
    {
        ArgumentNullException.ThrowIfNull(address);
        var plain = Unwrap(address);
        return plain.AddressFamily switch
        {
            AddressFamily.InterNetwork => !Array.Exists(_refusedV4, n => n.Contains(plain)),
            AddressFamily.InterNetworkV6 when _nat64.Contains(plain) => Is(new IPAddress(plain.GetAddressBytes()[12..])),
            AddressFamily.InterNetworkV6 => plain.ScopeId == 0 && _globalUnicast.Contains(plain) && !Array.Exists(_refusedV6, n => n.Contains(plain)),
            _ => false,
        };
    }

    /// <summary>An IPv4-mapped IPv6 address (<c>::ffff:a.b.c.d</c>) as the IPv4 address that it reaches; others unchanged.</summary>
    public static IPAddress Unwrap(IPAddress address)
    {
        ArgumentNullException.ThrowIfNull(address);
        return address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
    }
}
