using System.Net;

namespace PayCore.OutboundAddresses;

/// <summary>What an address must look like before anybody resolves it. Pure: the same text always gets the same answer.</summary>
public static class UrlRules
{
    /// <summary>The longest address that is stored.</summary>
    public const int LengthMax = 255;

    // Names that mean something inside a network only. Whatever a name resolves to is checked again at each connection.
    private static readonly string[] _innerSuffixes = [".localhost", ".localdomain", ".local", ".internal", ".home.arpa"];

    /// <summary>Says what is wrong with an address, or null when nothing is.</summary>
    /// <param name="url">As its owner wrote it.</param>
    /// <param name="allowance">For development: what may be reached although it is not public, also by plain http.</param>
    /// <returns>A reason that completes "notify_url …", without a capital letter or full stop.</returns>
    public static string? Check(string url, AddressAllowance allowance)
    {
        ArgumentNullException.ThrowIfNull(url);
        ArgumentNullException.ThrowIfNull(allowance);
        if (url.Length is 0 or > LengthMax)
        {
            return $"has 1 to {LengthMax} characters";
        }

        if (url.Any(c => c is <= ' ' or >= '\x7f' or '\\'))
        {
            return "has printable ASCII characters only (another host name in punycode) and no backslash";
        }

        if (!Uri.TryCreate(url, UriKind.Absolute, out var uri)
            || (uri.Scheme != Uri.UriSchemeHttps && uri.Scheme != Uri.UriSchemeHttp)
            || !url.StartsWith($"{uri.Scheme}://", StringComparison.OrdinalIgnoreCase)
            || uri.HostNameType is not (UriHostNameType.Dns or UriHostNameType.IPv4 or UriHostNameType.IPv6)
            || uri.IdnHost.Contains('%', StringComparison.Ordinal))
        {
            return "is an absolute https address";
        }

        var authority = url.AsSpan(uri.Scheme.Length + 3);
        if (authority.IndexOfAny('/', '?', '#') is var end and >= 0)
        {
            authority = authority[..end];
        }

        if (authority.Contains('@'))
        {
            return "has no user name or password";
        }

        if (url.Contains('#', StringComparison.Ordinal))
        {
            return "has no fragment";
        }

        if (uri.Port is < 1 or > 65535)
        {
            return "has a port from 1 to 65535";
        }

        if (allowance.CoversHost(uri.IdnHost, uri.Port))
        {
            return null;
        }

        if (uri.Scheme != Uri.UriSchemeHttps)
        {
            return "is an https address";
        }

        if (uri.Port is not 443 and < 1024)
        {
            return "has port 443 or one from 1024 to 65535";
        }

        return IsPublicHost(uri) ? null : "names a host of the public internet";
    }

    private static bool IsPublicHost(Uri uri)
    {
        if (uri.HostNameType is not UriHostNameType.Dns)
        {
            return IPAddress.TryParse(uri.IdnHost.Trim('[', ']'), out var address) && PublicAddress.Is(address);
        }

        // A last label of digits is an IP address in a spelling that somebody downstream might understand.
        var name = uri.IdnHost.TrimEnd('.');
        var lastLabel = name[(name.LastIndexOf('.') + 1)..];
        return name.Contains('.', StringComparison.Ordinal)
            && !char.IsAsciiDigit(lastLabel[0])
            && !_innerSuffixes.Any(s => name.EndsWith(s, StringComparison.OrdinalIgnoreCase));
    }
}
