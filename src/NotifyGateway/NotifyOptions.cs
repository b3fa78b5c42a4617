using System.ComponentModel.DataAnnotations;

namespace PayCore.NotifyGateway;

/// <summary>
/// Settings of telling merchants (section <c>Notify</c>). The defaults are the numbers of invariants, section 4. A value outside its range stops
/// the process at start. Which private addresses may be reached in development is a setting of the guard: <c>Outbound:AllowPrivateAddresses</c>.
/// </summary>
public sealed class NotifyOptions
{
    /// <summary>How often due deliveries are looked for, woken or not. 100 ms to 1 min, default 1 s.</summary>
    [Duration("00:00:00.1", "00:01:00")]
    public TimeSpan SweepEvery { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>
    /// Tries under way at once in this process. 1 to 10,000, default 256. When more than half of them are taken, an endpoint that is not known to
    /// answer quickly has one place, so that it takes very many hanging endpoints at once to delay the others.
    /// </summary>
    [Range(1, 10_000)]
    public int InFlightMax { get; set; } = 256;

    /// <summary>Tries under way at once towards one endpoint (scheme, host and port). 1 to 1,000, default 8.</summary>
    [Range(1, 1_000)]
    public int InFlightPerEndpointMax { get; set; } = 8;

    /// <summary>How long resolving and connecting may take. 100 ms to 1 min, default 3 s.</summary>
    [Duration("00:00:00.1", "00:01:00")]
    public TimeSpan ConnectTimeout { get; set; } = TimeSpan.FromSeconds(3);

    /// <summary>How long one try may take in all, the merchant's answer read. 100 ms to 1 min, default 15 s.</summary>
    [Duration("00:00:00.1", "00:01:00")]
    public TimeSpan TryTimeout { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>Bytes of an answer that are read. 256 to 1,048,576, default 65,536. A longer answer does not acknowledge by its body.</summary>
    [Range(256, 1_048_576)]
    public int AnswerBytesMax { get; set; } = 64 * 1024;

    /// <summary>How long a taken delivery is ours alone, in whole seconds. 2 s to 10 min, default 30 s.</summary>
    [Duration("00:00:02", "00:10:00")]
    public TimeSpan Lease { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How often the lease of a running try is renewed. Shorter than half the lease. Default 10 s.</summary>
    [Duration("00:00:00.1", "00:05:00")]
    public TimeSpan RenewEvery { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// Longest expected wait of a taken delivery for a place at its endpoint, in this process. 0 to 10 s, default 5 s. What would wait longer goes
    /// into its endpoint's line in the database.
    /// </summary>
    [Duration("00:00:00", "00:00:10")]
    public TimeSpan WaitMax { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>Longest that a <c>Retry-After</c> of the merchant is honoured. 0 to 12 h, default 1 h.</summary>
    [Duration("00:00:00", "12:00:00")]
    public TimeSpan RetryAfterMax { get; set; } = TimeSpan.FromHours(1);

    /// <summary>Failures of an endpoint in a row after which the log warns. 1 to 1,000, default 5.</summary>
    [Range(1, 1_000)]
    public int WarnAfterFailures { get; set; } = 5;

    /// <summary>Failures of an endpoint in a row after which it gets one try per <see cref="ProbeEvery"/>. 1 to 100,000, default 100.</summary>
    [Range(1, 100_000)]
    public int ProbeAfterFailures { get; set; } = 100;

    /// <summary>Time between the tries towards such an endpoint. 1 s to 1 h, default 1 min.</summary>
    [Duration("00:00:01", "01:00:00")]
    public TimeSpan ProbeEvery { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>
    /// Multiplies the pauses between tries, for tests and demonstrations. 0.00001 to 1, default 1. A merchant's <c>Retry-After</c> is not scaled.
    /// </summary>
    [Range(0.00001, 1.0)]
    public double ScheduleScale { get; set; } = 1.0;

    /// <summary>How long a stopping process waits for the tries under way. 0 to 5 min, default 20 s. Leases of the rest run out.</summary>
    [Duration("00:00:00", "00:05:00")]
    public TimeSpan StopTimeout { get; set; } = TimeSpan.FromSeconds(20);

    /// <summary>Wake-ups that the queue inside the process holds; more are dropped, and the sweep finds them. 1 to 1,000,000, default 10,000.</summary>
    [Range(1, 1_000_000)]
    public int QueueMax { get; set; } = 10_000;
}
