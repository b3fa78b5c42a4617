using Google.Protobuf.WellKnownTypes;

namespace PayCore.QueryGateway;

/// <summary>When the records alone are not answer enough.</summary>
internal static class Freshness
{
    private static readonly TimeSpan _overdue = TimeSpan.FromSeconds(10);

    /// <summary>OrderMonitor should have asked the channel by now and has not: the caller's question does it.</summary>
    /// <param name="dueTime">When the next look is due; null when none is.</param>
    /// <param name="now">Now.</param>
    public static bool IsStale(Timestamp? dueTime, DateTimeOffset now) => dueTime is not null && now - dueTime.ToDateTimeOffset() > _overdue;
}
