using PayCore.Contracts.V1;

namespace PayCore.Payments;

/// <summary>
/// When to ask the channel about an order that nobody told us about (invariants, section 4, "query of PAYING").
/// Pure: from times to the next time.
/// </summary>
public static class CheckSchedule
{
    /// <summary>The smallest wait between two looks at one order.</summary>
    public static readonly TimeSpan Soonest = TimeSpan.FromSeconds(1);

    /// <summary>An attempt that the channel does not know is beyond paying this long after the expiry that it was sent.</summary>
    public static readonly TimeSpan UnknownAfterExpiry = TimeSpan.FromSeconds(60);

    /// <summary>An order that is undecided this long after its expiry needs a person.</summary>
    public static readonly TimeSpan OverdueAfterExpiry = TimeSpan.FromMinutes(10);

    /// <summary>A barcode payment that is not decided after this is taken back.</summary>
    public static readonly TimeSpan ReverseAfter = TimeSpan.FromSeconds(60);

    private static readonly TimeSpan _afterFailure = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan _againFor = TimeSpan.FromDays(1);
    private static readonly TimeSpan _barcodeEvery = TimeSpan.FromSeconds(4);
    private static readonly TimeSpan _barcodeUntil = TimeSpan.FromMinutes(10);

    private static readonly TimeSpan[] _afterUnknownPay = [TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(3), TimeSpan.FromSeconds(10)];
    private static readonly TimeSpan[] _afterPay = [TimeSpan.FromSeconds(15), TimeSpan.FromSeconds(30), TimeSpan.FromSeconds(60)];
    private static readonly TimeSpan[] _afterClose = [TimeSpan.FromMinutes(5), TimeSpan.FromMinutes(30)];

    /// <summary>
    /// The next look at an open attempt: 1, 3, 10 s after a call without usable answer; 15, 30, 60 s after the call, then every 60 s
    /// to 10 minutes, every 2 minutes to the order's expiry, and once at the expiry itself.
    /// </summary>
    /// <param name="createdAt">When the attempt was made.</param>
    /// <param name="answered">The channel's answer is recorded.</param>
    /// <param name="expiresAt">The order's expiry.</param>
    /// <param name="now">The look that has just been.</param>
    public static DateTimeOffset NextLook(DateTimeOffset createdAt, bool answered, DateTimeOffset expiresAt, DateTimeOffset now)
    {
        var age = now - createdAt;
        var early = answered ? _afterPay : [.. _afterUnknownPay, .. _afterPay];
        var step = early.FirstOrDefault(s => s > age);
        var next = step > TimeSpan.Zero ? createdAt + step
            : now + (age < TimeSpan.FromMinutes(10) ? TimeSpan.FromMinutes(1) : TimeSpan.FromMinutes(2));

        // After the expiry the order is being closed: ask every minute until that is certain.
        return now >= expiresAt ? now + TimeSpan.FromMinutes(1) : next < expiresAt ? next : expiresAt;
    }

    /// <summary>
    /// The next look at a barcode payment, which a person waits for at the till: every 4 s, and exactly when it is due to be taken back; every minute once it is
    /// undecided for 10 minutes.
    /// </summary>
    /// <param name="createdAt">When the attempt was made.</param>
    /// <param name="now">The look that has just been.</param>
    public static DateTimeOffset NextLookAtBarcode(DateTimeOffset createdAt, DateTimeOffset now)
    {
        var reverseAt = createdAt + ReverseAfter;
        var next = now + (now - createdAt < _barcodeUntil ? _barcodeEvery : TimeSpan.FromMinutes(1));
        return now < reverseAt && reverseAt < next ? reverseAt : next;
    }

    /// <summary>Whether it is time to take a barcode payment back that is not decided.</summary>
    public static bool IsForReversal(Attempt attempt, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(attempt);
        return attempt.Scene == Scene.Barcode && now - attempt.CreateTime.ToDateTimeOffset() >= ReverseAfter;
    }

    /// <summary>The next look at an order that was closed: 5 and 30 minutes after, then never (the day's bill is next).</summary>
    public static DateTimeOffset? NextLookAfterClose(DateTimeOffset closedAt, DateTimeOffset now)
    {
        var step = _afterClose.FirstOrDefault(s => closedAt + s > now);
        return step > TimeSpan.Zero ? closedAt + step : null;
    }

    /// <summary>
    /// The next look at an order when the last one by the ladder failed, or the channel gave no answer. Of a PAID order a minute after; of one that ended unpaid a quarter of the
    /// time since its end, for a day: then the day's bill says whether it was paid.
    /// </summary>
    /// <param name="order">The order as it is stored now.</param>
    /// <param name="now">The time of the look that has just been.</param>
    public static DateTimeOffset? Again(StoredOrder order, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(order);
        if (order.Order.State is not (PayOrder.Types.State.Closed or PayOrder.Types.State.Failed))
        {
            return now + _afterFailure;
        }

        var since = now - order.EndTime.ToDateTimeOffset();
        var wait = since / 4;
        return since < _againFor ? now + (wait > _afterFailure ? wait : _afterFailure) : null;
    }

    /// <summary>When an order is due for its next look, or null when nothing can come any more but by the day's bill.</summary>
    /// <param name="order">The order as it is stored now.</param>
    /// <param name="now">The time of the look that has just been.</param>
    public static DateTimeOffset? Next(StoredOrder order, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(order);
        var expiresAt = order.Order.ExpireTime.ToDateTimeOffset();
        var open = order.Attempts.Where(a => AttemptTransitions.IsOpen(a.Attempt.State)).ToList();
        switch (order.Order.State)
        {
            case PayOrder.Types.State.Created:
                return expiresAt > now ? expiresAt : now + Soonest;

            case PayOrder.Types.State.Paying when open.Count == 0:
                // Nothing to ask; only the expiry ends it.
                return expiresAt > now ? expiresAt : now + Soonest;

            case PayOrder.Types.State.Paying:
                return open.Min(a => a.Attempt.Scene == Scene.Barcode
                    ? NextLookAtBarcode(a.Attempt.CreateTime.ToDateTimeOffset(), now)
                    : NextLook(a.Attempt.CreateTime.ToDateTimeOffset(), a.Attempt.State == Attempt.Types.State.Open, expiresAt, now));

            case PayOrder.Types.State.Closed:
            case PayOrder.Types.State.Failed:
                return NextLookAfterClose(order.EndTime.ToDateTimeOffset(), now);

            default:
                // PAID: losing attempts are closed, then it is over.
                return open.Count > 0 ? now + TimeSpan.FromMinutes(1) : null;
        }
    }
}
