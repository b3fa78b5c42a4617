namespace PayCore.Payments;

/// <summary>When to ask about a refund that is not decided (invariants, section 4, "unknown refund"). Pure: from times to the next time.</summary>
public static class RefundSchedule
{
    /// <summary>A call without usable answer is made again, under the same number, no sooner than this after the one before.</summary>
    public static readonly TimeSpan RepeatAfter = TimeSpan.FromSeconds(60);

    /// <summary>Undecided for longer than this: a person is told.</summary>
    public static readonly TimeSpan AlertAfter = TimeSpan.FromHours(1);

    private static readonly TimeSpan[] _ladder =
        [TimeSpan.FromSeconds(30), TimeSpan.FromMinutes(2), TimeSpan.FromMinutes(5), TimeSpan.FromMinutes(15), TimeSpan.FromHours(1)];

    /// <summary>
    /// The next look at a SENT refund: 30 s, 2, 5, 15 minutes and 1 hour after the first call, hourly to 24 hours, every 6 hours to 7 days; then null: a person has it.
    /// </summary>
    /// <param name="sentAt">The first call.</param>
    /// <param name="now">The look that has just been.</param>
    public static DateTimeOffset? NextLook(DateTimeOffset sentAt, DateTimeOffset now) =>
        LadderTime.Next(sentAt, now, _ladder, (TimeSpan.FromHours(1), TimeSpan.FromHours(24)), (TimeSpan.FromHours(6), TimeSpan.FromDays(7)));
}
