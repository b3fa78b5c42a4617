namespace PayCore.ChannelSimulator;

/// <summary>Settings of the simulated providers (section <c>Simulator</c>).</summary>
public sealed class SimulatorOptions
{
    /// <summary>Where browsers and our channels reach the simulator. Default <c>http://127.0.0.1:8090</c>.</summary>
    public string PublicBaseUrl { get; set; } = "http://127.0.0.1:8090";

    /// <summary>Folder of merchants and ledger, so that a restart forgets nothing. Null (default): memory only.</summary>
    public string? DataFolder { get; set; }

    /// <summary>Multiplies the pauses between repeats of a callback, for tests and demonstrations. Default 1: the provider's own schedule.</summary>
    public double ScheduleScale { get; set; } = 1.0;
}
