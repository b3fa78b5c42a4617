using System.Net;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using PayCore.ServiceDefaults;
using PayCore.ServiceDefaults.Ports;
using PayCore.ServiceDefaults.Rpc;
using PayCore.ServiceDefaults.Security;

namespace PayCore.Host;

/// <summary>
/// The ports between services: over mutual TLS, for the roles that may call by <see cref="RoleCalls"/>; without it on loopback only, when somebody said so. Inner calls
/// move money and name no person, so nobody else is answered.
/// </summary>
internal sealed class InnerPorts
{
    private readonly bool _tls;

    private InnerPorts(bool tls) => _tls = tls;

    /// <summary>Refuses settings by which calls would leave this machine unprotected, and adds the certificates where any are needed.</summary>
    /// <param name="builder">The process.</param>
    /// <param name="address">Where its ports are.</param>
    /// <param name="listens">It has inner ports.</param>
    /// <param name="calls">It calls other processes, where settings say where they are. Who neither listens nor calls needs no certificate.</param>
    /// <exception cref="InvalidOperationException">Names the setting.</exception>
    public static InnerPorts Add(WebApplicationBuilder builder, IPAddress address, bool listens, bool calls)
    {
        var security = builder.Configuration.GetSection("Security").Get<SecurityOptions>() ?? new SecurityOptions();
        var called = builder.Configuration.GetSection("Services").Get<Dictionary<string, string>>() ?? [];
        if (!listens && (!calls || called.Count == 0))
        {
            return new InnerPorts(tls: false);
        }

        if (security.Internal is not ("mtls" or "none"))
        {
            throw new InvalidOperationException($"Security:Internal is '{security.Internal}'; it is mtls or none.");
        }

        if (listens && !security.IsMutualTls && !IPAddress.IsLoopback(address))
        {
            throw new InvalidOperationException($"Security:Internal=none is accepted on loopback only, not on {address}.");
        }

        foreach (var (role, addresses) in called)
        {
            RoleAddresses.Parse(role, addresses, security.IsMutualTls);
        }

        if (security.IsMutualTls)
        {
            builder.Services.AddInnerCertificates();
        }

        return new InnerPorts(security.IsMutualTls);
    }

    /// <summary>Reads the certificates, so that a wrong file stops the start.</summary>
    /// <exception cref="InvalidOperationException">Names the setting.</exception>
    public void Demand(IServiceProvider services)
    {
        if (_tls)
        {
            services.GetRequiredService<InnerCertificates>().Demand();
        }
    }

    /// <summary>Protects a port, and notes on each connection who is at its other end. Comes before anything else that looks at a connection.</summary>
    public void Protect(ListenOptions listen, string role)
    {
        if (!_tls)
        {
            return;
        }

        var services = listen.ApplicationServices;
        var log = services.GetRequiredService<ILogger<InnerPorts>>();
        listen.UseHttps(services.GetRequiredService<InnerCertificates>().ServerTls());
        listen.Use(next => connection =>
        {
            var certificate = connection.Features.GetRequiredFeature<ITlsConnectionFeature>().ClientCertificate!;
            var may = RoleCalls.Table.Keys.Any(caller => RoleCalls.Allow(caller, role) && RoleName.IsIn(certificate, caller));
            if (!may)
            {
                log.LogError("{Caller} may not call {Role}: the diagram has no such arrow", string.Join(", ", RoleName.All(certificate)), role);
                connection.Features.Set(new Refusal($"This certificate's roles may not call {role}."));
            }

            return next(connection);
        });
    }

    /// <summary>Answers whoever may not call, before anything else does.</summary>
    public void Use(WebApplication app)
    {
        if (_tls)
        {
            app.Use(static (http, next) => http.Features.Get<Refusal>() is { } refusal ? http.RefuseCallAsync(Grpc.Core.StatusCode.PermissionDenied, refusal.Message) : next(http));
        }
    }

    private sealed record Refusal(string Message);
}
