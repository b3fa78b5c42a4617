namespace PayCore.Cashier.Tests.Support;

/// <summary>The system's clock, set ahead: what waits for a time finds it come, and timers run as ever.</summary>
public sealed class OffsetClock : TimeProvider
{
    private long _ticks;

    /// <summary>Sets it further ahead.</summary>
    public void Add(TimeSpan time) => Interlocked.Add(ref _ticks, time.Ticks);

    /// <inheritdoc/>
    public override DateTimeOffset GetUtcNow() => base.GetUtcNow().AddTicks(Interlocked.Read(ref _ticks));
}
