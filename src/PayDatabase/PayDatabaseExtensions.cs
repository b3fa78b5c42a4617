using System.Data.Common;
using Grpc.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using PayCore.Contracts.V1;
using PayCore.ServiceDefaults;
using PayCore.ServiceDefaults.Clock;
using PayCore.ServiceDefaults.Health;
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
        services.AddOptions<DatabaseOptions>().BindConfiguration("Database")
            .Validate(o => o.KeepRejectedCallbacks.TotalDays is >= 1 and <= 3_650, "Database:KeepRejectedCallbacks is 1 to 3,650 days.")
            .ValidateOnStart();
        services.AddSingleton<SqlDatabase>();
        services.AddSingleton<Migrator>();
        services.AddSingleton<DatabaseMetrics>();
        services.AddSingleton<WriteLoops>();
        services.AddHostedService<SchemaGate>();
        services.AddHostedService(provider => provider.GetRequiredService<WriteLoops>());
        services.AddSingleton<PayDatabaseService>();
        services.AddSingleton<OperatorsService>();
        services.AddSingleton<ConsoleRecordsService>();
        services.AddSingleton<InstancesService>();
        services.AddSingleton<FigureKeeper>();
        services.AddSingleton<RejectedCallbacks>();
        services.AddSingleton<Seeding.Seeder>();
        services.AddHostedService(provider => provider.GetRequiredService<FigureKeeper>());
        services.AddHostedService(provider => provider.GetRequiredService<RejectedCallbacks>());
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IClockSource, SqlClock>());
        services.AddReadiness<DatabaseHealth>("database");
        return services;
    }

    /// <summary>Offers the service to the other roles.</summary>
    public static void MapPayDatabase(this RoleMap map)
    {
        ArgumentNullException.ThrowIfNull(map);
        map.Inner<PayDatabaseService>(Contract.BindService);
        map.Inner<OperatorsService>(Contracts.V1.Operators.BindService);
        map.Inner<ConsoleRecordsService>(ConsoleRecords.BindService);
        map.Inner<InstancesService>(Contracts.V1.Instances.BindService);
    }

    /// <summary>Keeps the process from serving with a schema that it does not know.</summary>
    private sealed class SchemaGate(Migrator migrator) : IHostedLifecycleService
    {
        public async Task StartingAsync(CancellationToken cancellationToken)
        {
            try
            {
                await migrator.RunAsync(cancellationToken);
            }
            catch (Exception e) when (e is DbException or RpcException)
            {
                throw new InvalidOperationException($"The database does not answer: {e.Message}", e);
            }
        }

        public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
