using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Options;

namespace PayCore.OutboundAddresses;

/// <summary>Turns a host name into addresses. Tests answer for the DNS.</summary>
public interface IHostResolver
{
    /// <summary>All addresses of a host.</summary>
    /// <exception cref="SocketException">The name cannot be resolved.</exception>
    Task<IReadOnlyList<IPAddress>> ResolveAsync(string host, CancellationToken cancellation);
}

/// <summary>We do not connect there. Nothing was sent.</summary>
public sealed class AddressRefusedException(string reason) : Exception(reason);

/// <summary>
/// Stands between an address that somebody else named and the network (invariant I26). It resolves the name, checks every address that it got,
/// and connects to exactly one of those, so that a second look into the DNS cannot lead elsewhere. One address that is not public refuses the
/// whole name. Safe for concurrent use.
/// </summary>
public sealed class AddressGuard(IOptions<OutboundOptions> options, IHostResolver resolver)
{
    private readonly AddressAllowance _allowance = AddressAllowance.Parse(options.Value.AllowPrivateAddresses);

    /// <summary>Says what is wrong with an address before anything is resolved, or null: for the moment when it is stored.</summary>
    /// <returns>A reason that completes "notify_url …".</returns>
    public string? CheckUrl(string url) => UrlRules.Check(url, _allowance);

    /// <summary>Resolves a host and checks all of its addresses.</summary>
    /// <param name="host">A name, or an IP address with or without brackets.</param>
    /// <param name="port">The port that will be connected.</param>
    /// <param name="secure">True for https. Plain http goes to allowed addresses only.</param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <exception cref="AddressRefusedException">One of them may not be reached.</exception>
    /// <exception cref="SocketException">The name cannot be resolved.</exception>
    public async Task<IReadOnlyList<IPAddress>> ResolveAsync(string host, int port, bool secure, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(host);
        var found = IPAddress.TryParse(host.Trim('[', ']'), out var literal) ? [literal] : await resolver.ResolveAsync(host, cancellation);
        if (found.Count == 0)
        {
            throw new SocketException((int)SocketError.HostNotFound);
        }

        // IPv4 first: a host that announces IPv6 without a working route would use up the time for the connection.
        IReadOnlyList<IPAddress> addresses = [.. found.Select(PublicAddress.Unwrap).OrderBy(a => a.AddressFamily is not AddressFamily.InterNetwork)];
        foreach (var address in addresses)
        {
            // The address itself stays out of the message: whoever named the host must not learn what our DNS says about it.
            var allowed = _allowance.Covers(host, port, address) || (secure && PublicAddress.Is(address));
            if (!allowed)
            {
                throw new AddressRefusedException(secure ? "The host has an address that is not public." : "Plain http is not allowed to this host.");
            }
        }

        return addresses;
    }

    /// <summary>For <see cref="SocketsHttpHandler.ConnectCallback"/>: resolves, checks, and connects to a checked address.</summary>
    /// <exception cref="AddressRefusedException">The host may not be reached; no packet went there.</exception>
    /// <exception cref="SocketException">It cannot be resolved or reached.</exception>
    public async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(context);
        var host = context.DnsEndPoint.Host;
        var port = context.DnsEndPoint.Port;
        var secure = context.InitialRequestMessage.RequestUri?.Scheme == Uri.UriSchemeHttps;
        var addresses = await ResolveAsync(host, port, secure, cancellation);

        SocketException? last = null;
        foreach (var address in addresses)
        {
            var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            try
            {
                await socket.ConnectAsync(new IPEndPoint(address, port), cancellation);
                return new NetworkStream(socket, ownsSocket: true);
            }
            catch (SocketException e)
            {
                last = e;
                socket.Dispose();
            }
            catch
            {
                socket.Dispose();
                throw;
            }
        }

        throw last!;
    }
}
