using System.Globalization;
using Google.Protobuf.WellKnownTypes;

namespace PayCore.Channels.Wechat;

/// <summary>Times as the platform writes them: RFC 3339 with +08:00 in messages, and without a word of it in bills (wechat-pay-v3.md 8.5, 11).</summary>
internal static class ChinaTime
{
    private static readonly TimeSpan _offset = TimeSpan.FromHours(8);

    /// <summary>In whole seconds, rounded down: an expiry is never later than what we promised.</summary>
    public static string Write(DateTimeOffset when) => when.ToOffset(_offset).ToString("yyyy-MM-dd'T'HH:mm:sszzz", CultureInfo.InvariantCulture);

    /// <summary>When a day of the platform ends.</summary>
    public static DateTimeOffset EndOf(DateOnly day) => new(day.AddDays(1).ToDateTime(TimeOnly.MinValue), _offset);

    /// <summary>The time of a bill's line when it is on that day; otherwise null.</summary>
    public static Timestamp? ReadOn(DateOnly day, string text) =>
        DateTime.TryParseExact(text, "yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture, DateTimeStyles.None, out var time) && DateOnly.FromDateTime(time) == day
            ? Timestamp.FromDateTimeOffset(new DateTimeOffset(time, _offset))
            : null;
}
