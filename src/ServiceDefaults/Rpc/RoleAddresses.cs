using System.Net;
using Grpc.Net.Client.Balancer;
using Microsoft.Extensions.Logging;

namespace PayCore.ServiceDefaults.Rpc;

/// <summary>Where the instances of a role are: a list of addresses, or a name in DNS that stands for all of them.</summary>
public sealed class RoleAddresses
{
    private RoleAddresses(IReadOnlyList<BalancerAddress> fixedOnes, DnsEndPoint? name) => (Fixed, Name) = (fixedOnes, name);

    /// <summary>The addresses that were listed; none when a name stands for them.</summary>
    internal IReadOnlyList<BalancerAddress> Fixed { get; }

    /// <summary>The name and port, when it is a name.</summary>
    internal DnsEndPoint? Name { get; }

    /// <summary>Reads a setting <c>Services:{Role}</c>.</summary>
    /// <param name="role">The role, for the message.</param>
    /// <param name="text">One address, several with commas between them, or <c>dns:///name:port</c>.</param>
    /// <param name="tls">Calls go over TLS: <c>https</c>. Without, they stay on this machine: <c>http</c> on loopback.</param>
    /// <exception cref="InvalidOperationException">It is none of these; names the setting.</exception>
    public static RoleAddresses Parse(string role, string text, bool tls)
    {
        ArgumentNullException.ThrowIfNull(text);
        var parts = text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        var uris = parts.Select(p => Uri.TryCreate(p, UriKind.Absolute, out var uri) ? uri : null).ToList();
        return uris switch
        {
            [{ Scheme: "dns" } dns] when tls && Uri.TryCreate($"https:/{dns.AbsolutePath}", UriKind.Absolute, out var name) && name.Port != 443 =>
                new RoleAddresses([], new DnsEndPoint(name.Host, name.Port)),
            [_, ..] when uris.All(u => u?.PathAndQuery == "/" && u.Scheme == (tls ? "https" : "http") && (tls || u.IsLoopback)) =>
                new RoleAddresses([.. uris.Select(u => new BalancerAddress(u!.DnsSafeHost, u.Port))], null),
            _ => throw new InvalidOperationException(
                $"Services:{role} is '{text}'. " + (tls
                    ? "With Security:Internal=mtls it is https://host:port, several of them with commas between, or dns:///name:port."
                    : "With Security:Internal=none it is http://127.0.0.1:port, or several of them with commas between: nothing leaves this machine unprotected.")),
        };
    }
}

/// <summary>Tells a channel the addresses of its role.</summary>
internal sealed class RoleResolverFactory(RoleAddresses addresses, TimeProvider time) : ResolverFactory
{
    /// <summary>The scheme of a channel's target: <c>role:///PayDatabase</c>.</summary>
    public const string Scheme = "role";

    public override string Name => Scheme;

    public override Resolver Create(ResolverOptions options) => new RoleResolver(addresses, time, options.LoggerFactory);
}

/// <summary>
/// A list stays as it is. A name is asked for again every few seconds, and at once when an instance went away; the library's own resolver keeps 15 s between two
/// questions.
/// </summary>
internal sealed class RoleResolver(RoleAddresses addresses, TimeProvider time, ILoggerFactory logs) : PollingResolver(logs)
{
    private static readonly TimeSpan _askEvery = TimeSpan.FromSeconds(5);

    private ITimer? _timer;

    protected override void OnStarted()
    {
        if (addresses.Name is not null)
        {
            _timer = time.CreateTimer(_ => Refresh(), null, _askEvery, _askEvery);
        }
    }

    protected override async Task ResolveAsync(CancellationToken cancellationToken)
    {
        var found = addresses.Fixed;
        if (addresses.Name is { } name)
        {
            found = [.. (await Dns.GetHostAddressesAsync(name.Host, cancellationToken)).Select(a => new BalancerAddress(a.ToString(), name.Port))];
        }

        Listener(ResolverResult.ForResult(found));
    }

    protected override void Dispose(bool disposing)
    {
        _timer?.Dispose();
        base.Dispose(disposing);
    }
}
