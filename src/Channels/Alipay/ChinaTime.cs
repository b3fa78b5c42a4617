using System.Globalization;
using Google.Protobuf.WellKnownTypes;

namespace PayCore.Channels.Alipay;

/// <summary>Times as the platform writes them: UTC+8 without saying so (alipay.md, opening).</summary>
internal static class ChinaTime
{
    private static readonly TimeSpan _offset = TimeSpan.FromHours(8);

    /// <summary>In whole seconds, rounded down: an expiry is never later than what we promised.</summary>
    public static string Write(DateTimeOffset when) => when.ToOffset(_offset).ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture);

    /// <summary>When a day of the platform ends.</summary>
    public static DateTimeOffset EndOf(DateOnly day) => new(day.AddDays(1).ToDateTime(TimeOnly.MinValue), _offset);

    /// <summary>With or without a fraction. A time proves nothing, so one that cannot be read is absent, not a refusal of money.</summary>
    public static Timestamp? Read(string? text) =>
        DateTime.TryParseExact(text, ["yyyy-MM-dd HH:mm:ss", "yyyy-MM-dd HH:mm:ss.FFFFFFF"], CultureInfo.InvariantCulture, DateTimeStyles.None, out var time)
            ? Timestamp.FromDateTimeOffset(new DateTimeOffset(time, _offset))
            : null;
}
