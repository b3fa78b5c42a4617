using Grpc.AspNetCore.Server;
using Grpc.Core;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using PayCore.Contracts.V1;
using PayCore.ServiceDefaults.Clock;
using PayCore.ServiceDefaults.Health;
using PayCore.ServiceDefaults.Ports;
using PayCore.ServiceDefaults.Rpc;
using PayCore.ServiceDefaults.Security;
using PayCore.ServiceDefaults.Telemetry;

namespace PayCore.ServiceDefaults;

/// <summary>What every role needs, decided once.</summary>
public static class ServiceDefaultsExtensions
{
    /// <summary>Adds clock, randomness, the network between roles, error handling and the rule of ports. Safe to call twice.</summary>
    public static IServiceCollection AddServiceDefaults(this IServiceCollection services)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton(RandomSource.System);
        services.TryAddSingleton<IdFactory>();
        services.TryAddSingleton<InProcessNetwork>();
        services.TryAddSingleton<InnerCertificates>();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<ICertificateSource, InnerCertificates>(provider => provider.GetRequiredService<InnerCertificates>()));
        services.TryAddSingleton<ServiceNetwork>();
        services.AddMetrics();
        services.TryAddSingleton<ErrorInterceptor>();
        services.AddOptions<ClockOptions>().Validate(
            o => o.Tolerance > TimeSpan.Zero && o.CompareEvery > TimeSpan.Zero && o.ReadTimeout > TimeSpan.Zero, "The settings of Clock are positive times.").ValidateOnStart();
        services.TryAddSingleton<ClockGuard>();
        services.TryAddSingleton<ClockGate>();
        services.TryAddSingleton<ClockWatch>();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IHostedService, ClockWatch>(provider => provider.GetRequiredService<ClockWatch>()));
        services.AddReadiness<ClockWatch>("clock");
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IHostedService, ProcessMetrics>());
        services.TryAddEnumerable(ServiceDescriptor.Singleton<MatcherPolicy, PortMatcherPolicy>());
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IConfigureOptions<GrpcServiceOptions>, InnermostInterceptor>());
        services.AddGrpc();
        return services;
    }

    // A class and not a delegate, so that adding the defaults twice adds it once.
    private sealed class InnermostInterceptor : IConfigureOptions<GrpcServiceOptions>
    {
        public void Configure(GrpcServiceOptions options)
        {
            options.Interceptors.Add<RpcTrace>();
            options.Interceptors.Add<ErrorInterceptor>();
            options.Interceptors.Add<ClockGate>();
        }
    }

    /// <summary>Adds what calls and answers between processes need: the certificates are read at the start, followed, and shown in the detail of readiness.</summary>
    public static IServiceCollection AddInnerCertificates(this IServiceCollection services)
    {
        services.AddSingleton<CertificateWatch>();
        services.AddHostedService(provider => provider.GetRequiredService<CertificateWatch>());
        return services.AddReadiness<CertificateWatch>("certificate");
    }

    /// <summary>Adds the client of PayDatabase, and compares this process's clock with the one that stamps the writes. Safe to call twice.</summary>
    public static IServiceCollection AddPayDatabaseClient(this IServiceCollection services)
    {
        services.AddRoleClient(RoleNames.PayDatabase, invoker => new PayDatabase.PayDatabaseClient(invoker));
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IClockSource, PayDatabaseClock>());
        return services;
    }

    /// <summary>Adds the generated client of a role's service.</summary>
    /// <param name="services">The container.</param>
    /// <param name="role">The role that serves it.</param>
    /// <param name="create">The generated client's constructor.</param>
    public static IServiceCollection AddRoleClient<TClient>(this IServiceCollection services, string role, Func<CallInvoker, TClient> create)
        where TClient : ClientBase
    {
        services.AddSingleton(new CalledRole(role));
        services.TryAddSingleton(provider => create(provider.GetRequiredService<ServiceNetwork>().InvokerFor(role)));
        return services;
    }
}
