using System.Diagnostics.Metrics;
using Microsoft.Extensions.Hosting;

namespace PayCore.Configuration;

/// <summary>Measures how many documents are in use and refused, and how old what is known of them is.</summary>
internal sealed class ConfigMetrics(ConfigStore store, IEnumerable<IConfigFolder> folders, IMeterFactory meters, TimeProvider time) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken)
    {
        var meter = meters.Create("PayCore.Configuration");
        meter.CreateObservableGauge("paycore_config_documents", () => Measure(f => f.InUse.Count()), null, "Documents that are in use.");
        meter.CreateObservableGauge(
            "paycore_config_problems", () => Measure(f => f.Problems.Count), null, "Documents that are refused; the last good one of each stays in use.");
        meter.CreateObservableGauge(
            "paycore_config_age", () => (time.GetUtcNow() - store.Freshness.AsOf).TotalSeconds, "s", "Since when a change of the configuration would not have been seen.");
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private IEnumerable<Measurement<int>> Measure(Func<IConfigFolder, int> value) =>
        folders.Select(f => new Measurement<int>(value(f), new KeyValuePair<string, object?>("folder", f.Name)));
}
