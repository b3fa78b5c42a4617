using System.Globalization;

namespace PayCore.ChannelSimulator;

/// <summary>Times as they stand on the wire: RFC 3339, whole seconds, China's offset (wechat-pay-v3.md 11).</summary>
internal static class WireTime
{
    private static readonly TimeSpan _china = TimeSpan.FromHours(8);

    public static string Text(DateTimeOffset time) =>
        time.ToOffset(_china).ToString("yyyy-MM-dd'T'HH:mm:sszzz", CultureInfo.InvariantCulture);

    public static string Day(DateTimeOffset time) => time.ToOffset(_china).ToString("yyyyMMdd", CultureInfo.InvariantCulture);

    /// <summary>The moment as a clock in China shows it.</summary>
    public static DateTimeOffset Local(DateTimeOffset time) => time.ToOffset(_china);

    /// <summary>The day in China of this moment.</summary>
    public static DateOnly Date(DateTimeOffset time) => DateOnly.FromDateTime(time.ToOffset(_china).DateTime);

    /// <summary>When a day begins in China.</summary>
    public static DateTimeOffset Start(DateOnly day) => new(day.ToDateTime(TimeOnly.MinValue), _china);

    /// <summary>Any offset and an optional fraction, but never a time without offset.</summary>
    public static DateTimeOffset? Parse(string text)
    {
        string[] formats = ["yyyy-MM-dd'T'HH:mm:ssK", "yyyy-MM-dd'T'HH:mm:ss.FFFFFFFK"];
        return (text.EndsWith('Z') || (text.Length > 6 && text[^6] is '+' or '-'))
            && DateTimeOffset.TryParseExact(text, formats, CultureInfo.InvariantCulture, DateTimeStyles.None, out var time)
            ? time
            : null;
    }
}
