using PayCore.Contracts.V1;
using RefundState = PayCore.Contracts.V1.Refund.Types.State;

namespace PayCore.Payments;

/// <summary>When to ask about a refund that is not decided (invariants, section 4, "unknown refund"). Pure: from times to the next time.</summary>
public static class RefundSchedule
{
    /// <summary>A call without usable answer is made again, under the same number, no sooner than this after the one before.</summary>
    public static readonly TimeSpan RepeatAfter = TimeSpan.FromSeconds(60);

    /// <summary>Undecided for longer than this: a person is told.</summary>
    public static readonly TimeSpan AlertAfter = TimeSpan.FromHours(1);

    private static readonly TimeSpan _turn = TimeSpan.FromSeconds(10);

    private static readonly TimeSpan[] _ladder =
        [TimeSpan.FromSeconds(30), TimeSpan.FromMinutes(2), TimeSpan.FromMinutes(5), TimeSpan.FromMinutes(15), TimeSpan.FromHours(1)];

    /// <summary>
    /// The next look at a SENT refund: 30 s, 2, 5, 15 minutes and 1 hour after the first call, hourly to 24 hours, every 6 hours to 7 days; then null: a person has it.
    /// </summary>
    /// <param name="sentAt">The first call.</param>
    /// <param name="now">The look that has just been.</param>
    public static DateTimeOffset? NextLook(DateTimeOffset sentAt, DateTimeOffset now) =>
        LadderTime.Next(sentAt, now, _ladder, (TimeSpan.FromHours(1), TimeSpan.FromHours(24)), (TimeSpan.FromHours(6), TimeSpan.FromDays(7)));

    /// <summary>Whether a call that the channel does not seem to have may be made again, under the same number.</summary>
    /// <param name="lastSentAt">The call before; null when there was none.</param>
    /// <param name="now">Now.</param>
    public static bool MayRepeat(DateTimeOffset? lastSentAt, DateTimeOffset now) => lastSentAt is not { } sent || now - sent >= RepeatAfter;

    /// <summary>
    /// Whether the last call of a SENT refund was answered with "not now", whatever became of those before it: no balance, or asked too often. Its reason stands in the
    /// refund until the next call begins.
    /// </summary>
    /// <param name="refund">The refund as it is stored now.</param>
    public static bool WasToldNotNow(StoredRefund refund)
    {
        ArgumentNullException.ThrowIfNull(refund);
        return refund.Refund.State == RefundState.Sent && refund.Refund.FailureCode.Length > 0;
    }

    /// <summary>When a refund is due for its next look; null when it is decided, or a person has it.</summary>
    /// <param name="refund">The refund as it is stored now.</param>
    /// <param name="now">The look that has just been.</param>
    public static DateTimeOffset? Next(StoredRefund refund, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(refund);
        switch (refund.Refund.State)
        {
            case RefundState.Created:
                // It waits for its turn, and is due at once when the one before it has ended; this is for when that is never learned.
                var waited = now - refund.Refund.CreateTime.ToDateTimeOffset();
                return now + (waited < AlertAfter ? _turn : RepeatAfter);

            case RefundState.Sent:
                // Not known to be with the channel: asked for again as soon as that is allowed; ever more rarely when the channel answers "not now".
                var next = NextLook(refund.FirstSentTime.ToDateTimeOffset(), now);
                var repeat = refund.LastSentTime.ToDateTimeOffset() + RepeatAfter;
                return refund.OpenCalls > 0 && !WasToldNotNow(refund) && repeat > now && repeat < next ? repeat : next;

            case RefundState.Abnormal:
                return NextLook(refund.FirstSentTime.ToDateTimeOffset(), now);

            default:
                return null;
        }
    }
}
