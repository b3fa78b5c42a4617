using PayCore.Configuration;
using PayCore.Host.Demonstration;
using PayCore.ServiceDefaults.Rpc;

namespace PayCore.Host.Cluster;

/// <summary>A process beside the roles that does what an operator may do: write documents, and make inner calls. Nothing listens.</summary>
internal sealed class ClusterClient(ClusterPlan plan) : IAsyncDisposable
{
    private readonly WebApplication _host = PayCoreHost.BuildForCommand([.. plan.ClientSettings.Select(s => $"--{s.Key}={s.Value}")], [], _ => { });

    /// <summary>The documents.</summary>
    public IConfigBackend Documents => _host.Services.GetRequiredService<IConfigBackend>();

    /// <summary>The clock that all processes of the cluster share.</summary>
    public DemoClock Clock => (DemoClock)_host.Services.GetRequiredService<TimeProvider>();

    /// <summary>The cluster as the demo walks through it.</summary>
    public DemoSite NewSite() =>
        new(new Uri(plan.Web), new Uri(plan.Simulator), _host.Services.GetRequiredService<ServiceNetwork>().InvokerFor, Clock);

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _host.DisposeAsync();
}
