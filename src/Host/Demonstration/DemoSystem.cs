using PayCore.Configuration;
using PayCore.ServiceDefaults.Ports;
using PayCore.ServiceDefaults.Rpc;

namespace PayCore.Host.Demonstration;

/// <summary>A running system that the demo walks through.</summary>
internal abstract class DemoSystem : IAsyncDisposable
{
    /// <summary>Its pages, its provider, its records.</summary>
    public required DemoSite Site { get; init; }

    /// <summary>What its processes said last, for whoever must find out why a step did not happen.</summary>
    public virtual IEnumerable<string> Lines => [];

    /// <inheritdoc/>
    public abstract ValueTask DisposeAsync();
}

/// <summary>Every role in this process.</summary>
internal sealed class AllInOneSystem(WebApplication app) : DemoSystem
{
    /// <summary>Starts it.</summary>
    /// <param name="folder">Where its data is.</param>
    /// <param name="settings">Besides its own.</param>
    /// <param name="clock">Its clock; the system's when absent.</param>
    /// <param name="write">Writes documents before it starts.</param>
    public static async Task<AllInOneSystem> StartAsync(string folder, string[] settings, TimeProvider? clock = null, Func<IConfigBackend, Task>? write = null)
    {
        var ports = FreePorts.Take(4);
        var app = PayCoreHost.Build([
            $"--Data={folder}", $"--Ports:Web={ports[0]}", $"--Ports:MerchantGrpc={ports[1]}", $"--Ports:Simulator={ports[2]}", $"--Ports:Console={ports[3]}", "--Ports:Operations=0",
            "--Demo:Ways=all", "--Logging:LogLevel:Default=Error",
            "--Logging:LogLevel:Microsoft.AspNetCore=Error", "--Logging:Console:LogToStandardErrorThreshold=Trace", .. settings,
        ], builder =>
        {
            if (clock is not null)
            {
                builder.Services.AddSingleton(clock);
            }
        });
        await PayCoreHost.PrepareAsync(app);
        if (write is not null)
        {
            await write(app.Services.GetRequiredService<IConfigBackend>());
        }

        await app.StartAsync();
        return new AllInOneSystem(app)
        {
            Site = new DemoSite(
                new Uri($"http://127.0.0.1:{ports[0]}"), new Uri($"http://127.0.0.1:{ports[2]}"), app.Services.GetRequiredService<ServiceNetwork>().InvokerFor,
                app.Services.GetRequiredService<TimeProvider>()),
        };
    }

    /// <inheritdoc/>
    public override async ValueTask DisposeAsync()
    {
        await app.StopAsync();
        await app.DisposeAsync();
    }
}
