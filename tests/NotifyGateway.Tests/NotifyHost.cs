using System.Collections.Concurrent;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using PayCore.Configuration;
using PayCore.Contracts.V1;
using PayCore.OutboundAddresses;
using PayCore.ServiceDefaults;
using PayCore.ServiceDefaults.Rpc;
using PayCore.TestKit;
using NotifyContract = PayCore.Contracts.V1.NotifyGateway;
using PayDatabaseContract = PayCore.Contracts.V1.PayDatabase;

namespace PayCore.NotifyGateway.Tests;

/// <summary>
/// NotifyGateway in a host of its own, with a database in memory on the in-process network. Time stands still unless a test moves it or asks for the
/// real clock. When it ends, no log line may hold a secret, and nothing may have failed unexpectedly.
/// </summary>
public sealed class NotifyHost : IAsyncDisposable
{
    public const string Secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    public const string SecondSecret = "whsec_c2Vjb25kLXNlY3JldC1mb3ItdGhlLXRlc3RzIQ==";

    private readonly IHost _host;
    private bool _stopped;

    private NotifyHost(IHost host, FakePayDatabase database, FakeTimeProvider? clock, LogLines log) =>
        (_host, Database, MaybeClock, Log) = (host, database, clock, log);

    public FakePayDatabase Database { get; }

    public FakeTimeProvider Clock => MaybeClock ?? throw new InvalidOperationException("This host runs by the real clock.");

    public LogLines Log { get; }

    public IServiceProvider Services => _host.Services;

    private NotifyContract.NotifyGatewayClient Client => new(Services.GetRequiredService<ServiceNetwork>().InvokerFor(RoleNames.NotifyGateway));

    private FakeTimeProvider? MaybeClock { get; }

    /// <summary>The document of an app with these webhook secrets.</summary>
    public static string App(string ack = "success", params string[] secrets)
    {
        var list = string.Join(",", (secrets.Length == 0 ? [Secret] : secrets).Select(s => $"\"{s}\""));
        return $$$"""{"merchant_id":"m1","keys":[],"webhook":{"secrets":[{{{list}}}],"ack":"{{{ack}}}"}}""";
    }

    public static async Task<NotifyHost> StartAsync(
        Action<NotifyOptions>? configure = null, Action<IServiceCollection>? services = null, bool realClock = false, bool allowLoopback = true,
        IReadOnlyDictionary<string, string>? apps = null, bool start = true, FakePayDatabase? database = null,
        FakeTimeProvider? clock = null)
    {
        const int Seed = 20261122;
        TestContext.Current.TestOutputHelper?.WriteLine($"seed {Seed}");
        clock ??= realClock ? null : new FakeTimeProvider(new DateTimeOffset(2026, 11, 22, 8, 0, 0, TimeSpan.Zero));
        TimeProvider time = clock ?? TimeProvider.System;
        database ??= new FakePayDatabase(time);
        var log = new LogLines();

        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings { EnvironmentName = Environments.Production });
        builder.Logging.AddProvider(log).SetMinimumLevel(LogLevel.Trace);
        builder.Services.AddSingleton(time);
        builder.Services.AddSingleton<RandomSource>(new SeededRandom(Seed));
        builder.Services.AddSingleton<IConfigBackend>(new MemoryConfig(apps ?? new Dictionary<string, string> { ["app1"] = App() }));
        services?.Invoke(builder.Services);
        builder.Services.AddNotifyGateway();
        builder.Services.Configure<NotifyOptions>(o => configure?.Invoke(o));
        builder.Services.Configure<OutboundOptions>(o =>
        {
            if (allowLoopback)
            {
                o.AllowPrivateAddresses.Add("127.0.0.0/8");
            }
        });
        var host = builder.Build();

        var network = host.Services.GetRequiredService<InProcessNetwork>();
        network.Register(RoleNames.PayDatabase, binder => PayDatabaseContract.BindService(binder, database), []);
        network.Register(
            RoleNames.NotifyGateway,
            binder => NotifyContract.BindService(binder, host.Services.GetRequiredService<NotifyService>()),
            [host.Services.GetRequiredService<ErrorInterceptor>()]);
        var it = new NotifyHost(host, database, clock, log);
        if (start)
        {
            await it.StartAsync();
        }

        return it;
    }

    public Task StartAsync() => _host.StartAsync(TestContext.Current.CancellationToken);

    public async Task StopAsync()
    {
        _stopped = true;
        await _host.StopAsync(TestContext.Current.CancellationToken);
    }

    public async Task WakeAsync(string deliveryId = "any") => await Client.WakeAsync(
        new WakeRequest { DeliveryIds = { deliveryId } }, cancellationToken: TestContext.Current.CancellationToken);

    public async Task<Delivery> ResendAsync(string deliveryId) => (await Client.ResendAsync(
        new ResendRequest { DeliveryId = deliveryId, By = "li" }, cancellationToken: TestContext.Current.CancellationToken)).Delivery;

    public async Task<IReadOnlyList<Delivery>> ListAsync(ListDeliveriesRequest request) =>
        (await Client.ListDeliveriesAsync(request, cancellationToken: TestContext.Current.CancellationToken)).Deliveries;

    /// <summary>Wakes the worker and waits until it asked for what is due at this moment.</summary>
    public async Task<ServedClaim> LookNowAsync()
    {
        await WakeAsync();
        return await Database.ClaimServedNowAsync();
    }

    /// <summary>Moves the clock second by second; each second the worker looks, and what it begins ends.</summary>
    public async Task PassAsync(int seconds)
    {
        for (var i = 0; i < seconds; i++)
        {
            Clock.Advance(TimeSpan.FromSeconds(1));
            await LookNowAsync();
            await Database.WhenQuietAsync();
        }
    }

    /// <summary>Moves the clock in this way until something is reached.</summary>
    public async Task PassUntilAsync(Func<bool> reached)
    {
        for (var i = 0; i < 300 && !reached(); i++)
        {
            await PassAsync(1);
        }

        reached().Should().BeTrue();
    }

    public async ValueTask DisposeAsync()
    {
        if (!_stopped)
        {
            using var now = new CancellationTokenSource(TimeSpan.Zero);
            await _host.StopAsync(now.Token);
        }

        _host.Dispose();
        Log.Lines.Should().NotContain(l => l.Contains("unexpectedly", StringComparison.Ordinal));
        foreach (var secret in new[] { Secret, SecondSecret })
        {
            var text = secret["whsec_".Length..];
            var bytes = Encoding.UTF8.GetString(Convert.FromBase64String(text));
            Log.Lines.Should().NotContain(l => l.Contains(text, StringComparison.Ordinal) || l.Contains(bytes, StringComparison.Ordinal));
        }
    }

    private sealed class MemoryConfig(IReadOnlyDictionary<string, string> apps) : IConfigBackend
    {
        public Task<IReadOnlyList<ConfigDocument>> ReadAllAsync(CancellationToken cancellation) => Task.FromResult<IReadOnlyList<ConfigDocument>>(
            [.. apps.Select(a => new ConfigDocument("apps", a.Key, Encoding.UTF8.GetBytes(a.Value)))]);

        public Task WaitForChangeAsync(CancellationToken cancellation) => Task.Delay(Timeout.Infinite, cancellation);

        public Task WriteAsync(string folder, string name, ReadOnlyMemory<byte> content, CancellationToken cancellation) => throw new NotSupportedException();

        public Task<bool> ReplaceAsync(string folder, string name, string? version, ReadOnlyMemory<byte> content, CancellationToken cancellation) =>
            throw new NotSupportedException();

        public Task<bool> DeleteAsync(string folder, string name, string version, CancellationToken cancellation) => throw new NotSupportedException();

        public Task<IReadOnlyList<ConfigVersion>> HistoryAsync(string folder, string name, CancellationToken cancellation) => throw new NotSupportedException();
    }
}

/// <summary>Every log line of a host, with its level first and its exception last.</summary>
public sealed class LogLines : ILoggerProvider
{
    public ConcurrentQueue<string> Lines { get; } = [];

    public ILogger CreateLogger(string categoryName) => new Logger(Lines);

    public void Dispose()
    {
    }

    private sealed class Logger(ConcurrentQueue<string> lines) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            lines.Enqueue($"{logLevel}: {formatter(state, exception)} {exception}");
    }
}
