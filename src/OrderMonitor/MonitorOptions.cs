namespace PayCore.OrderMonitor;

/// <summary>Settings of the watch (section <c>Monitor</c>).</summary>
public sealed class MonitorOptions
{
    /// <summary>How often what is due is looked for. Default 1 s.</summary>
    public TimeSpan SweepEvery { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>How often committed events are numbered for the feed. Default 500 ms.</summary>
    public TimeSpan NumberEventsEvery { get; set; } = TimeSpan.FromMilliseconds(500);

    /// <summary>How often what is stuck and what waits is counted, for the metrics. Default 30 s.</summary>
    public TimeSpan CountEvery { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// So many orders are looked at side by side, so many refunds, and so many transfers. A quarter of these places, from 2 on at least one, is never one provider's alone. Range
    /// 1–500, default 32.
    /// </summary>
    public int AtOnce { get; set; } = 32;

    /// <summary>So many of <see cref="AtOnce"/> wait for the same provider at most.</summary>
    internal int LooksOfAChannelMax => Math.Max(1, AtOnce - Math.Max(1, AtOnce / 4));

    /// <summary>How long what was taken is left alone by others. Default 30 s.</summary>
    public TimeSpan Lease { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>The providers' clock: their day is the statement's day. Default +08:00.</summary>
    public TimeSpan StatementOffset { get; set; } = TimeSpan.FromHours(8);

    /// <summary>From when on, by that clock, the statements of the day before are asked for. Default 10:30.</summary>
    public TimeSpan StatementsAt { get; set; } = new(10, 30, 0);

    /// <summary>Of how many days before today the statements are asked for, the newest first: a day on which this process was down is made up for. 1–30, default 7.</summary>
    public int StatementDays { get; set; } = 7;

    /// <summary>How often those that are not there yet are asked for again. Default 10 minutes.</summary>
    public TimeSpan StatementsEvery { get; set; } = TimeSpan.FromMinutes(10);
}
