using System.Reflection;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;
using PayCore.Configuration;
using PayCore.Contracts.V1;
using PayCore.ServiceDefaults;
using PayCore.ServiceDefaults.Clock;
using PayCore.ServiceDefaults.Rpc;
using PayCore.ServiceDefaults.Security;

namespace PayCore.Host;

/// <summary>
/// Tells PayDatabase how this process does, for the console. Only a process with a role that calls PayDatabase has it: it opens no new way. What cannot be told is told
/// the next time.
/// </summary>
internal sealed class InstanceReporter(
    Instances.InstancesClient client, IReadOnlyList<Role> roles, HealthCheckService health, ClockGuard clock, IOptions<ConfigOptions> configuration, RandomSource random,
    TimeProvider time, IHostApplicationLifetime lifetime, ILogger<InstanceReporter> log, ConfigStore? store = null) : BackgroundService
{
    private static readonly TimeSpan _every = TimeSpan.FromSeconds(20);

    private readonly string _id = random.NextToken();
    private readonly DateTimeOffset _start = time.GetUtcNow();

    /// <summary>The version of this program.</summary>
    public static string Version { get; } = typeof(InstanceReporter).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "";

    /// <summary>Adds it where one of the roles calls PayDatabase, or is it.</summary>
    public static void Add(IServiceCollection services, IReadOnlyList<Role> roles)
    {
        if (roles.Any(r => r.Name == RoleNames.PayDatabase))
        {
            // It tells itself: its own port lets only those in who have an arrow to it.
            services.AddSingleton(provider => new Instances.InstancesClient(
                provider.GetRequiredService<InProcessNetwork>().InvokerFor(RoleNames.PayDatabase, provider.GetRequiredService<TimeProvider>())));
            services.AddHostedService<InstanceReporter>();
        }
        else if (roles.Any(r => RoleCalls.Allow(r.Name, RoleNames.PayDatabase)))
        {
            services.AddRoleClient(RoleNames.PayDatabase, invoker => new Instances.InstancesClient(invoker));
            services.AddHostedService<InstanceReporter>();
        }
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // Before everything has started nobody could answer.
        var started = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var began = lifetime.ApplicationStarted.Register(started.SetResult);
        await started.Task.WaitAsync(stoppingToken);
        using var timer = new PeriodicTimer(_every, time);
        do
        {
            await ReportAsync(stoppingToken);
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    private async Task ReportAsync(CancellationToken cancellation)
    {
        try
        {
            var report = await health.CheckHealthAsync(cancellation);
            var instance = new Instance
            {
                InstanceId = _id,
                Machine = Environment.MachineName,
                ProcessId = Environment.ProcessId,
                Version = Version,
                Roles = { roles.Select(r => r.Name) },
                StartTime = Timestamp.FromDateTimeOffset(_start),
                Readiness = report.Status switch
                {
                    HealthStatus.Healthy => Instance.Types.Readiness.Ready,
                    HealthStatus.Degraded => Instance.Types.Readiness.Degraded,
                    _ => Instance.Types.Readiness.NotReady,
                },
                // An exception's own words may hold an address or a password.
                Problems =
                {
                    report.Entries.Where(e => e.Value.Status != HealthStatus.Healthy)
                        .Select(e => new InstanceProblem { Check = e.Key, Detail = e.Value.Exception?.GetType().Name ?? e.Value.Description ?? "" }),
                },
                ConfigurationBackend = configuration.Value.Backend,
            };
            if (clock.Skews().TryGetValue(RoleNames.PayDatabase, out var ahead))
            {
                instance.ClockAheadMs = (long)ahead.TotalMilliseconds;
            }

            if (store is { IsRead: true })
            {
                instance.ConfigurationAsOf = Timestamp.FromDateTimeOffset(store.Freshness.AsOf);
                instance.ConfigurationTrouble = store.Freshness.Trouble ?? "";
                instance.RefusedDocuments.AddRange(store.Problems.Select(p => new RefusedDocument { Folder = p.Folder, Name = p.Name, Reason = p.Reason }));
            }

            await client.ReportInstanceAsync(new ReportInstanceRequest { Instance = instance }, cancellationToken: cancellation);
        }
        catch (RpcException e)
        {
            log.LogDebug("This process could not say how it does: {Status}", e.Status);
        }
#pragma warning disable CA1031 // Whatever a check of this process met, it is no reason to end it.
        catch (Exception e) when (!cancellation.IsCancellationRequested)
        {
            log.LogError(e, "This process could not say how it does");
        }
#pragma warning restore CA1031
    }
}
