namespace PayCore.ChannelSimulator.Tests;

/// <summary>One simulator for a class whose tests leave nothing behind; making keys takes longer than everything else.</summary>
public sealed class SharedSimulator : IAsyncLifetime
{
    internal SimulatorHost Host { get; private set; } = null!;

    public async ValueTask InitializeAsync() => Host = await SimulatorHost.StartAsync();

    public ValueTask DisposeAsync() => Host.DisposeAsync();
}
