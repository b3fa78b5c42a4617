using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Options;
using PayCore.ChannelSimulator;
using PayCore.Configuration;
using PayCore.Contracts.V1;
using PayCore.Host.Demonstration;
using PayCore.MerchantApi;
using PayCore.PayManagerSystem;
using PayCore.ServiceDefaults;
using PayCore.ServiceDefaults.Clock;
using PayCore.ServiceDefaults.Health;
using PayCore.ServiceDefaults.Ports;
using PayCore.ServiceDefaults.Rpc;
using PayCore.ServiceDefaults.Security;
using PayCore.ServiceDefaults.Telemetry;

namespace PayCore.Host;

/// <summary>Builds a process that runs a set of roles: all of them, or one.</summary>
public static class PayCoreHost
{
    private static readonly TimeSpan _stopTimeout = TimeSpan.FromSeconds(25);

    /// <summary>
    /// Builds the host. Settings come from appsettings.json, the environment (<c>PayCore__Section__Name</c> or <c>Section__Name</c>) and the arguments
    /// (<c>--Section:Name=value</c>); <c>--roles</c> names the roles, all of them when absent.
    /// </summary>
    /// <param name="args">The command line.</param>
    /// <param name="configure">For tests: replaces clock, randomness, network or outbound handlers before anything is built.</param>
    public static WebApplication Build(string[] args, Action<WebApplicationBuilder>? configure = null) => Build(args, configure, Role.All);

    /// <summary>As <see cref="Build(string[], Action{WebApplicationBuilder}?)"/>, out of other roles than those of this program.</summary>
    internal static WebApplication Build(string[] args, Action<WebApplicationBuilder>? configure, IReadOnlyList<Role> known)
    {
        var builder = NewBuilder(args);
        UseDemoClock(builder);
        configure?.Invoke(builder);

        var settings = builder.Configuration;
        var roles = ChooseRoles(settings["roles"], known);
        var everything = roles.Count == known.Count;
        var ports = settings.GetSection("Ports").Get<PortsOptions>() ?? new PortsOptions();
        AddDefaults(builder, ports);
        if (everything && settings.GetValue("Demo:Merchant", true))
        {
            var demo = new DemoMerchant(
                settings["Data"]!, settings["Public:BaseUrl"]!, $"http://127.0.0.1:{ports.Simulator}", DemoMerchant.WaysOf(settings["Demo:Ways"]));
            Below(builder, demo.Settings());
            builder.Services.AddSingleton(demo);
        }

        var innerPorts = everything ? [] : roles.Where(r => r.InnerPort is not null).ToList();
        var inner = InnerPorts.Add(builder, ports.Address, innerPorts.Count > 0, everything || roles.Any(r => RoleCalls.Table.ContainsKey(r.Name)));
        builder.WebHost.ConfigureKestrel(kestrel => Listen(kestrel, ports, roles, innerPorts, inner));
        AddRoles(builder, roles);
        InstanceReporter.Add(builder.Services, roles);
        AddTelemetry(builder, ports, everything ? "paycore" : string.Join('+', roles.Select(r => r.Name)));
        AddGracefulStop(builder.Services);
        builder.Services.AddOptions<LimitsOptions>().BindConfiguration("Limits");
        builder.Services.AddGrpcHealthChecks();

        var app = builder.Build();
        inner.Demand(app.Services);
        app.UseTrustedProxies();
        app.UseGracefulStop();
        inner.Use(app);
        app.UseMiddleware<LoadLimits>();
        if (ports.Operations > 0)
        {
            app.MapMetrics();
        }

        if (roles.Any(r => r.PublicPorts.Contains(PortKind.MerchantGrpc)))
        {
            app.UseMerchantApi();
            var server = new Uri(app.Configuration["Public:BaseUrl"]!);
            app.MapOpenApi(MerchantOpenApi.Create(MerchantServices.All, MerchantServices.Notifications, server)).On(PortKind.Web);
        }

        if (roles.Any(r => r.PublicPorts.Contains(PortKind.Console)))
        {
            app.UsePayManagerSystem();
        }

        Map(app, roles, innerPorts.Count > 0);
        return app;
    }

    /// <summary>
    /// Builds roles for a command, with the settings of <see cref="Build(string[], Action{WebApplicationBuilder}?)"/>. It is never started: nothing listens and no worker runs, and the roles are called
    /// on the <see cref="InProcessNetwork"/>.
    /// </summary>
    /// <param name="settings">Settings (<c>--Section:Name=value</c>).</param>
    /// <param name="roles">The roles; may be none.</param>
    /// <param name="configure">Sees the settings before anything is built; may refuse.</param>
    internal static WebApplication BuildForCommand(string[] settings, IReadOnlyList<Role> roles, Action<WebApplicationBuilder> configure)
    {
        var builder = NewBuilder(settings);
        UseDemoClock(builder);
        AddDefaults(builder, builder.Configuration.GetSection("Ports").Get<PortsOptions>() ?? new PortsOptions());
        configure(builder);
        AddRoles(builder, roles);
        builder.Services.AddPayConfiguration();
        var app = builder.Build();
        Map(app, roles, innerPorts: false);
        return app;
    }

    /// <summary>What must be there before the start: the demo merchant of the all-in-one.</summary>
    public static async Task PrepareAsync(WebApplication app)
    {
        ArgumentNullException.ThrowIfNull(app);
        if (app.Services.GetService<DemoMerchant>() is { } demo)
        {
            var providers = new ProvidersHere(app.Services.GetRequiredService<WechatMerchants>(), app.Services.GetRequiredService<AlipayMerchants>());
            await demo.WriteDocumentsAsync(providers, app.Services.GetRequiredService<IConfigBackend>());
        }
    }

    /// <summary>The roles that a process runs.</summary>
    internal static IReadOnlyList<Role> Roles(WebApplication app) => app.Services.GetRequiredService<IReadOnlyList<Role>>();

    private static WebApplicationBuilder NewBuilder(string[] args) => WebApplication.CreateBuilder(new WebApplicationOptions
    {
        Args = args,
        ContentRootPath = AppContext.BaseDirectory,
        ApplicationName = "paycore-host",
    });

    /// <summary>The clock of a demonstration whose processes share a file. Who may write it winds every ladder forward, so it is for one machine.</summary>
    private static void UseDemoClock(WebApplicationBuilder builder)
    {
        if (builder.Configuration["Demo:ClockFile"] is not { Length: > 0 } file)
        {
            return;
        }

        var ports = builder.Configuration.GetSection("Ports").Get<PortsOptions>() ?? new PortsOptions();
        if (!System.Net.IPAddress.IsLoopback(ports.Address))
        {
            throw new InvalidOperationException($"Demo:ClockFile is for a demonstration, and accepted on loopback only, not on {ports.Bind}.");
        }

        builder.Services.AddSingleton<TimeProvider>(new DemoClock(file));
    }

    private static void AddRoles(WebApplicationBuilder builder, IReadOnlyList<Role> roles)
    {
        builder.Services.AddServiceDefaults();
        builder.Services.AddOptions<ServiceNetworkOptions>().Configure(o => builder.Configuration.GetSection("Services").Bind(o.Addresses));
        builder.Services.AddOptions<PublicOptions>().BindConfiguration("Public");
        builder.Services.AddOptions<IdOptions>().BindConfiguration("Ids");
        builder.Services.AddOptions<ClockOptions>().BindConfiguration("Clock");
        builder.Services.AddOptions<ConfigOptions>().BindConfiguration("Config").Configure(o => o.MasterKey = builder.Configuration["PAYCORE_MASTER_KEY"]);
        builder.Services.AddOptions<SecurityOptions>().BindConfiguration("Security");
        builder.Services.AddSingleton(roles);
        foreach (var role in roles)
        {
            role.Add(builder.Services);
        }
    }

    private static void AddTelemetry(WebApplicationBuilder builder, PortsOptions ports, string name)
    {
        var telemetry = new TelemetryOptions { ServiceName = name, Scraped = ports.Operations > 0 };
        builder.Configuration.GetSection("Telemetry").Bind(telemetry);
        builder.Services.AddTelemetry(telemetry);
    }

    /// <summary>What is kept stands in one folder, <c>Data</c> (default <c>data</c>), unless a setting says otherwise.</summary>
    private static void AddDefaults(WebApplicationBuilder builder, PortsOptions ports)
    {
        var data = builder.Configuration["Data"] ?? Path.Combine(Directory.GetCurrentDirectory(), "data");
        Below(builder, new Dictionary<string, string?>
        {
            ["Data"] = data,
            ["Config:Folder"] = Path.Combine(data, "config"),
            ["Config:LastGoodFolder"] = Path.Combine(data, "config-last-good"),
            ["Database:ConnectionString"] = $"Data Source={Path.Combine(data, "paycore.db")}",
            ["Public:BaseUrl"] = $"http://127.0.0.1:{ports.Web}",
            ["Console:BaseUrl"] = $"http://127.0.0.1:{ports.Console}",
            ["Console:ExportFolder"] = Path.Combine(data, "exports"),
            ["PayCenter:PublicBaseUrl"] = $"http://127.0.0.1:{ports.Web}",
            // Our pages are never kept; that antiforgery says so too is no news, once for each page.
            ["Logging:LogLevel:Microsoft.AspNetCore.Antiforgery"] = "Error",
            // Why it does not start, Program says in a line; a loop that fails is critical.
            ["Logging:LogLevel:Microsoft.Extensions.Hosting.Internal.Host"] = "Critical",
            ["Logging:LogLevel:Default"] = "Warning",
            // Their lines have the path, and a cashier's path is its page token; the last one puts it into the scope of every line as well.
            ["Logging:LogLevel:Microsoft.AspNetCore"] = "Warning",
            ["Logging:LogLevel:Microsoft.AspNetCore.Hosting.Diagnostics"] = "None",
        });
    }

    /// <summary>Settings that any other source overrides.</summary>
    private static void Below(WebApplicationBuilder builder, Dictionary<string, string?> settings) =>
        ((IConfigurationBuilder)builder.Configuration).Sources.Insert(0, new Microsoft.Extensions.Configuration.Memory.MemoryConfigurationSource { InitialData = settings });

    private static IReadOnlyList<Role> ChooseRoles(string? names, IReadOnlyList<Role> known)
    {
        if (string.IsNullOrWhiteSpace(names) || names == "all")
        {
            return known;
        }

        var asked = names.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        var unknown = asked.Except(known.Select(r => r.Name), StringComparer.OrdinalIgnoreCase).ToList();
        return unknown.Count == 0
            ? [.. known.Where(r => asked.Contains(r.Name, StringComparer.OrdinalIgnoreCase))]
            : throw new InvalidOperationException($"There is no role {string.Join(", ", unknown)}. Roles: {string.Join(", ", known.Select(r => r.Name))}.");
    }

    private static void AddGracefulStop(IServiceCollection services)
    {
        services.AddOptions<DrainOptions>().BindConfiguration("Drain");
        services.AddSingleton<GracefulStop>();
        services.AddHostedService(provider => provider.GetRequiredService<GracefulStop>());
        services.AddReadiness<GracefulStop>("running");
        services.AddOptions<Microsoft.Extensions.Hosting.HostOptions>().Configure<IOptions<DrainOptions>>((host, drain) => host.ShutdownTimeout = _stopTimeout + drain.Value.Delay);
    }

    /// <summary>While the process takes its leave, connections are asked to go too, so that none is cut with a request on its way.</summary>
    private static void UseGracefulStop(this WebApplication app)
    {
        var stop = app.Services.GetRequiredService<GracefulStop>();
        app.Use((http, next) =>
        {
            if (stop.IsStopping && HttpProtocol.IsHttp11(http.Request.Protocol))
            {
                http.Response.Headers.Connection = "close";
            }

            return next(http);
        });
    }

    private static void Listen(KestrelServerOptions kestrel, PortsOptions ports, IReadOnlyList<Role> roles, List<Role> innerRoles, InnerPorts inner)
    {
        kestrel.AddServerHeader = false;
        kestrel.Limits.MaxRequestBodySize = 1024 * 1024;
        PortKind[] everywhere = ports.Operations > 0 ? [PortKind.Operations] : [];
        foreach (var kind in roles.SelectMany(r => r.PublicPorts).Concat(everywhere).Distinct())
        {
            kestrel.Listen(ports.Address, ports.Of(kind), listen => Mark(listen, new PortFeature(kind)));
        }

        foreach (var role in innerRoles)
        {
            var port = ports.Inner.GetValueOrDefault(role.Name, role.InnerPort!.Value);
            kestrel.Listen(ports.Address, port, listen =>
            {
                inner.Protect(listen, role.Name);
                Mark(listen, new PortFeature(PortKind.Inner, role.Name));
            });
        }
    }

    private static void Mark(ListenOptions listen, PortFeature feature)
    {
        // Without TLS a port speaks HTTP/1.1 or HTTP/2, never both.
        listen.Protocols = feature.Kind is PortKind.MerchantGrpc or PortKind.Inner ? HttpProtocols.Http2 : HttpProtocols.Http1;
        listen.Use(next => connection =>
        {
            connection.Features.Set(feature);
            return next(connection);
        });
    }

    private static void Map(WebApplication app, IReadOnlyList<Role> roles, bool innerPorts)
    {
        app.MapHealth();
        var registrations = new List<IDisposable>();
        var network = app.Services.GetRequiredService<InProcessNetwork>();
        foreach (var role in roles)
        {
            role.Map(new RoleMap(role.Name, app, network, innerPorts, registrations));
            if (innerPorts && role.InnerPort is not null)
            {
                app.MapGrpcHealthChecksService().OnInnerPort(role.Name).CountedAs(LoadKind.Nothing);
            }
        }

        app.Lifetime.ApplicationStopped.Register(() => registrations.ForEach(r => r.Dispose()));
    }
}
