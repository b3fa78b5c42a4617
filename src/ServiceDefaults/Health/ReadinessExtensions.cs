using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Diagnostics.HealthChecks;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using PayCore.ServiceDefaults.Ports;
using PayCore.ServiceDefaults.Rpc;

namespace PayCore.ServiceDefaults.Health;

/// <summary>
/// Two questions that a platform asks of a process. Live: it answers at all; only a restart helps one that does not. Ready: send it work. What each check means and why
/// it is one stands in the decision record of inside traffic.
/// </summary>
public static class ReadinessExtensions
{
    private static readonly TimeSpan _limit = TimeSpan.FromSeconds(2);

    /// <summary>Adds something that must hold before the process is sent work. Safe to call twice.</summary>
    /// <typeparam name="TCheck">The check; one object for the process. Its words and data are shown to operators: no secret.</typeparam>
    /// <param name="services">The container.</param>
    /// <param name="name">Its name in the detail.</param>
    public static IServiceCollection AddReadiness<TCheck>(this IServiceCollection services, string name)
        where TCheck : class, IHealthCheck
    {
        services.AddHealthChecks();
        services.TryAddSingleton<TCheck>();
        return services.Configure<HealthCheckServiceOptions>(options =>
        {
            if (options.Registrations.All(r => r.Name != name))
            {
                options.Registrations.Add(new HealthCheckRegistration(name, p => p.GetRequiredService<TCheck>(), HealthStatus.Unhealthy, null, _limit));
            }
        });
    }

    /// <summary>
    /// Maps <c>/health/live</c> and <c>/health/ready</c>: on the operations port with every check by name, as JSON, and on the web port in one word.
    /// </summary>
    public static void MapHealth(this IEndpointRouteBuilder endpoints)
    {
        foreach (var kind in (PortKind[])[PortKind.Web, PortKind.Operations])
        {
            endpoints.MapGet("/health/live", () => "ok").On(kind).CountedAs(LoadKind.Nothing);
            endpoints.MapHealthChecks("/health/ready", new HealthCheckOptions
            {
                ResponseWriter = kind == PortKind.Operations ? WriteDetailAsync : static (http, report) => http.Response.WriteAsync(Word(report)),
            }).On(kind).CountedAs(LoadKind.Nothing);
        }
    }

    private static string Word(HealthReport report) => report.Status == HealthStatus.Unhealthy ? "not ready" : "ready";

    private static Task WriteDetailAsync(HttpContext http, HealthReport report)
    {
        http.Response.ContentType = "application/json; charset=utf-8";
        return http.Response.WriteAsync(JsonSerializer.Serialize(new
        {
            status = Word(report),
            checks = report.Entries.ToDictionary(
                e => e.Key,
                // An exception's own words may hold an address or a password.
                e => new { status = $"{e.Value.Status}", detail = e.Value.Exception is null ? e.Value.Description : e.Value.Exception.GetType().Name, e.Value.Data }),
        }, JsonSerializerOptions.Web));
    }
}
