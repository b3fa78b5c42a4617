using System.Net;

namespace PayCore.ServiceDefaults;

/// <summary>Tells addresses that only this machine or this network reaches, by what they look like. Resolves nothing.</summary>
public static class LocalAddress
{
    private static readonly IPNetwork[] _networks =
    [
        IPNetwork.Parse("0.0.0.0/8"), IPNetwork.Parse("10.0.0.0/8"), IPNetwork.Parse("100.64.0.0/10"), IPNetwork.Parse("127.0.0.0/8"),
        IPNetwork.Parse("169.254.0.0/16"), IPNetwork.Parse("172.16.0.0/12"), IPNetwork.Parse("192.168.0.0/16"),
        IPNetwork.Parse("::/127"), IPNetwork.Parse("fc00::/7"), IPNetwork.Parse("fe80::/10"),
    ];

    private static readonly string[] _suffixes = [".localhost", ".localdomain", ".local", ".internal", ".home.arpa"];

    /// <summary>True for an address that no provider can call back.</summary>
    /// <param name="address">An absolute address.</param>
    public static bool Is(Uri address)
    {
        ArgumentNullException.ThrowIfNull(address);
        if (!IPAddress.TryParse(address.DnsSafeHost, out var ip))
        {
            // A name without a dot means something in one network only.
            return !address.DnsSafeHost.Contains('.', StringComparison.Ordinal)
                || _suffixes.Any(s => address.DnsSafeHost.EndsWith(s, StringComparison.OrdinalIgnoreCase));
        }

        var plain = ip.IsIPv4MappedToIPv6 ? ip.MapToIPv4() : ip;
        return _networks.Any(n => n.Contains(plain));
    }
}
