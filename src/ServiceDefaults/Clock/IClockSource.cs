namespace PayCore.ServiceDefaults.Clock;

/// <summary>Another clock with which this process compares its own.</summary>
public interface IClockSource
{
    /// <summary>For logs and refusals: "the database", "WeChat Pay at api.mch.weixin.qq.com".</summary>
    string Name { get; }

    /// <summary>Until it was read once, this process is not ready.</summary>
    bool IsAwaited => false;

    /// <summary>What that clock shows now; null when there is no such clock. One that cannot be read throws, and the last reading counts on.</summary>
    Task<DateTimeOffset?> ReadAsync(CancellationToken cancellation);
}

/// <summary>How clocks are compared.</summary>
public sealed class ClockOptions
{
    /// <summary>Farther from any other clock than this, the process serves no money. Default 60 s (invariants, I28).</summary>
    public TimeSpan Tolerance { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>How often they are compared. Default each minute (invariants, section 4).</summary>
    public TimeSpan CompareEvery { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>How long one reading may take. Default 2 s.</summary>
    public TimeSpan ReadTimeout { get; set; } = TimeSpan.FromSeconds(2);
}
