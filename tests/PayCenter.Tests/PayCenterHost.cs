using System.Collections.Concurrent;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using PayCore.Contracts.V1;
using PayCore.ServiceDefaults;
using PayCore.ServiceDefaults.Ports;
using PayCore.ServiceDefaults.Rpc;

namespace PayCore.PayCenter.Tests;

/// <summary>PayCenter in a real Kestrel on a port of the system's choice, with fake gateways on the network between roles.</summary>
public sealed class PayCenterHost : IAsyncDisposable
{
    private readonly WebApplication _app;

    private PayCenterHost(WebApplication app, FakeGateways gateways, LogMemory log)
    {
        _app = app;
        Gateways = gateways;
        Log = log;
        Address = new Uri(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());
    }

    public FakeGateways Gateways { get; }

    public LogMemory Log { get; }

    public Uri Address { get; }

    /// <summary>Starts it.</summary>
    /// <param name="time">The clock; the system's when absent.</param>
    /// <param name="settings">Settings by their full names.</param>
    /// <param name="port">The port; 0 leaves it to the system.</param>
    /// <param name="kind">Which kind of port it is.</param>
    public static async Task<PayCenterHost> StartAsync(
        TimeProvider? time = null, IReadOnlyDictionary<string, string?>? settings = null, int port = 0, PortKind kind = PortKind.Web)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory });
        var log = new LogMemory();
        builder.Logging.AddProvider(log).SetMinimumLevel(LogLevel.Information);
        builder.Configuration.AddInMemoryCollection(settings ?? new Dictionary<string, string?>());
        builder.Services.AddRouting();
        builder.Services.AddSingleton(time ?? TimeProvider.System);
        builder.Services.AddSingleton<IDataProtectionProvider>(new EphemeralDataProtectionProvider());
        builder.Services.AddPayCenter();
        builder.WebHost.UseKestrel(kestrel => kestrel.Listen(System.Net.IPAddress.Loopback, port, listen => listen.Use(next => connection =>
        {
            connection.Features.Set(new PortFeature(kind));
            return next(connection);
        })));
        var app = builder.Build();

        var gateways = new FakeGateways(time ?? TimeProvider.System);
        var network = app.Services.GetRequiredService<InProcessNetwork>();
        network.Register(RoleNames.QueryGateway, binder => QueryGatewayInner.BindService(binder, gateways.Query), []);
        network.Register(RoleNames.PayGateway, binder => PayGatewayInner.BindService(binder, gateways.Pay), []);
        app.UseRouting();
        new RoleMap(RoleNames.PayCenter, app, network, innerPorts: false, []).MapPayCenter();
        await app.StartAsync();
        return new PayCenterHost(app, gateways, log);
    }

    /// <summary>A new browser: its own cookies, no redirects followed.</summary>
    public Browser Open(string acceptLanguage = "en") => new(Address, acceptLanguage);

    /// <summary>A service of the role.</summary>
    public T Service<T>()
        where T : notnull => _app.Services.GetRequiredService<T>();

    /// <summary>Tells the process to end.</summary>
    public void Stop() => _app.Lifetime.StopApplication();

    /// <summary>Runs until the process is told to end.</summary>
    public Task WaitAsync() => _app.WaitForShutdownAsync();

    public async ValueTask DisposeAsync()
    {
        // A host that is disposed of without a stop reports its background services as failed.
        await _app.StopAsync();
        await _app.DisposeAsync();
    }
}

/// <summary>Remembers what was logged.</summary>
public sealed class LogMemory : ILoggerProvider
{
    public ConcurrentQueue<(LogLevel Level, string Text)> Lines { get; } = new();

    public ILogger CreateLogger(string categoryName) => new Memory(this, categoryName);

    public void Dispose()
    {
    }

    private sealed class Memory(LogMemory owner, string category) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            owner.Lines.Enqueue((logLevel, $"{category}: {formatter(state, exception)} {exception}"));
    }
}
