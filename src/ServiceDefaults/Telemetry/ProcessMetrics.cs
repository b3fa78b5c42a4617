using System.Diagnostics.Metrics;
using Microsoft.Extensions.Hosting;
using PayCore.ServiceDefaults.Clock;

namespace PayCore.ServiceDefaults.Telemetry;

/// <summary>A certificate that is in use and will end.</summary>
/// <param name="Name">Whose: few and fixed, as <c>alipay 2021000000000001 app_cert</c>.</param>
/// <param name="NotAfter">When it ends.</param>
public sealed record CertificateInUse(string Name, DateTimeOffset NotAfter);

/// <summary>Somebody who uses certificates. Register it, and their ends can be watched.</summary>
public interface ICertificateSource
{
    /// <summary>Those in use at this moment.</summary>
    IEnumerable<CertificateInUse> Certificates { get; }
}

/// <summary>What is measured of every process: its clock, and the certificates that it uses.</summary>
internal sealed class ProcessMetrics(IMeterFactory meters, ClockGuard guard, IEnumerable<ICertificateSource> certificates, TimeProvider time) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken)
    {
        var meter = meters.Create("PayCore.Process");
        meter.CreateObservableGauge(
            "paycore_clock_offset", () => guard.Skews().Select(s => new Measurement<double>(s.Value.TotalSeconds, Label("clock", s.Key))), "s",
            "How far this process's clock is ahead of another one.");
        meter.CreateObservableGauge(
            "paycore_certificate_left",
            () => certificates.SelectMany(c => c.Certificates).GroupBy(c => c.Name)
                .Select(c => new Measurement<double>((c.Min(one => one.NotAfter) - time.GetUtcNow()).TotalSeconds, Label("certificate", c.Key))),
            "s", "How long a certificate in use is valid yet.");
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private static KeyValuePair<string, object?> Label(string name, string value) => new(name, value);
}
