using System.Diagnostics;
using System.Reflection;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using OpenTelemetry;
using OpenTelemetry.Context.Propagation;
using OpenTelemetry.Exporter;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;
using PayCore.ServiceDefaults.Ports;
using PayCore.ServiceDefaults.Rpc;

namespace PayCore.ServiceDefaults.Telemetry;

/// <summary>What can be seen of a process from outside (section <c>Telemetry</c>). docs/operations.md says what it means.</summary>
public sealed class TelemetryOptions
{
    /// <summary>Where traces and metrics are sent by OTLP over gRPC, as <c>http://collector:4317</c>. None by default, and then nothing is traced.</summary>
    public Uri? OtlpEndpoint { get; set; }

    /// <summary>The process's name in traces and metrics. Default: the role's name, or <c>paycore</c> for all of them.</summary>
    public string ServiceName { get; set; } = "paycore";

    /// <summary>Somebody may scrape <c>/metrics</c>.</summary>
    public bool Scraped { get; set; } = true;
}

/// <summary>Registers OpenTelemetry, once for every role.</summary>
public static class TelemetryExtensions
{
    private const int SeriesMax = 200;

    /// <summary>Metrics that have a label of apps or of routes.</summary>
    private static readonly string[] _wide = ["paycore_orders", "paycore_refunds", "paycore_transfers", "http.server.request.duration"];

    /// <summary>
    /// Adds metrics when somebody may read them, and traces when there is a collector to send them to: what nobody sees costs nothing. Sampling, headers and the like are the
    /// standard's own settings (<c>OTEL_TRACES_SAMPLER</c>, <c>OTEL_EXPORTER_OTLP_HEADERS</c>).
    /// </summary>
    public static IServiceCollection AddTelemetry(this IServiceCollection services, TelemetryOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        services.Replace(ServiceDescriptor.Singleton<DistributedContextPropagator>(new ClosedPropagator()));
        if (!options.Scraped && options.OtlpEndpoint is null)
        {
            return services;
        }

        var telemetry = services.AddOpenTelemetry().ConfigureResource(resource => resource.AddService(
            options.ServiceName, serviceNamespace: "paycore",
            serviceVersion: typeof(TelemetryExtensions).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion));
        telemetry.WithMetrics(metrics =>
        {
            // Not System.Net.Http: one of its labels is the other side's name, which merchants choose.
            metrics.AddMeter("PayCore.*", "Microsoft.AspNetCore.Hosting").AddRuntimeInstrumentation();
            // Room is taken for as many series as a metric may have: most have few.
            metrics.AddView(instrument => _wide.Contains(instrument.Name) ? null : new MetricStreamConfiguration { CardinalityLimit = SeriesMax });
            if (options.Scraped)
            {
                metrics.AddPrometheusExporter();
            }
        });
        if (options.OtlpEndpoint is { } collector)
        {
            // The instrumentation would otherwise take the caller's context over once more.
            Sdk.SetDefaultTextMapPropagator(new TraceContextPropagator());
            telemetry
                .WithTracing(traces => traces.AddSource("PayCore.*").AddAspNetCoreInstrumentation(requests =>
                {
                    requests.Filter = RequestTrace.IsTraced;
                    requests.EnrichWithHttpRequest = RequestTrace.Begin;
                }))
                .UseOtlpExporter(OtlpExportProtocol.Grpc, collector);
        }

        return services;
    }

    /// <summary>Offers the metrics on the operations port.</summary>
    public static void MapMetrics(this IEndpointRouteBuilder endpoints) => endpoints.MapPrometheusScrapingEndpoint().On(PortKind.Operations);
}
