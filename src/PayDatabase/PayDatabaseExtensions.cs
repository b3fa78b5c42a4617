using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using PayCore.ServiceDefaults;
using PayCore.ServiceDefaults.Clock;
using PayCore.ServiceDefaults.Rpc;
using Contract = PayCore.Contracts.V1.PayDatabase;

namespace PayCore.PayDatabase;

/// <summary>Hosts PayDatabase.</summary>
public static class PayDatabaseExtensions
{
    /// <summary>Adds the service; the schema is migrated and checked before anything serves.</summary>
    public static IServiceCollection AddPayDatabase(this IServiceCollection services)
    {
        services.AddServiceDefaults();
        services.AddOptions<DatabaseOptions>().BindConfiguration("Database");
        services.AddSingleton<SqlDatabase>();
        services.AddSingleton<Migrator>();
        services.AddSingleton<WriteLoops>();
        services.AddHostedService<SchemaGate>();
        services.AddHostedService(provider => provider.GetRequiredService<WriteLoops>());
        services.AddSingleton<PayDatabaseService>();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IClockSource, SqlClock>());
        return services;
    }

    /// <summary>Offers the service to the other roles.</summary>
    public static void MapPayDatabase(this RoleMap map)
    {
        ArgumentNullException.ThrowIfNull(map);
        map.Inner<PayDatabaseService>(Contract.BindService);
    }

    /// <summary>Keeps the process from serving with a schema that it does not know.</summary>
    private sealed class SchemaGate(Migrator migrator) : IHostedLifecycleService
    {
        public Task StartingAsync(CancellationToken cancellationToken)
        {
            migrator.Run();
            return Task.CompletedTask;
        }

        public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
