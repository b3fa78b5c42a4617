namespace PayCore.ChannelSimulator;

/// <summary>Settings of the simulator, configuration section <c>Simulator</c>.</summary>
public sealed class SimulatorOptions
{
    /// <summary>Where payers and tests reach the simulator.</summary>
    public string PublicBaseUrl { get; set; } = "http://127.0.0.1:8090";

    /// <summary>Folder of the merchants and the journal. Without it everything is forgotten when the process ends.</summary>
    public string? DataFolder { get; set; }

    /// <summary>Factor on the intervals between callback retries: 0.001 makes 15 seconds 15 milliseconds.</summary>
    public double ScheduleScale { get; set; } = 1.0;

    /// <summary>Whether refunds of one order that follow each other too soon are refused: WeChat Pay within a minute, Alipay within three seconds.</summary>
    public bool EnforceRefundSpacing { get; set; }

    /// <summary>From which amount in fen a payment code asks its payer for the password.</summary>
    public long PasswordFrom { get; set; } = 1000_00;
}
