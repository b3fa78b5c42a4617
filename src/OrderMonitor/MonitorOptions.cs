namespace PayCore.OrderMonitor;

/// <summary>Settings of the watch (section <c>Monitor</c>).</summary>
public sealed class MonitorOptions
{
    /// <summary>How often due orders are looked for. Default 1 s.</summary>
    public TimeSpan SweepEvery { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>Orders taken at once. Range 1–500, default 50.</summary>
    public int TakeMax { get; set; } = 50;

    /// <summary>Orders looked at side by side. Default 16.</summary>
    public int AtOnce { get; set; } = 16;

    /// <summary>How long a taken order is left alone by others. Default 30 s.</summary>
    public TimeSpan Lease { get; set; } = TimeSpan.FromSeconds(30);
}
