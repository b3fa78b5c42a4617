using System.Globalization;

namespace PayCore.ChannelSimulator;

/// <summary>Times as they stand on the wire: Beijing time without offset (alipay.md 1.3).</summary>
internal static class AlipayTime
{
    private const string Form = "yyyy-MM-dd HH:mm:ss";

    private static readonly TimeSpan _china = TimeSpan.FromHours(8);

    public static string Text(DateTimeOffset time) => time.ToOffset(_china).ToString(Form, CultureInfo.InvariantCulture);

    public static DateTimeOffset? Parse(string text) =>
        DateTime.TryParseExact(text, Form, CultureInfo.InvariantCulture, DateTimeStyles.None, out var time) ? new DateTimeOffset(time, _china) : null;

    /// <summary>The midnight that ends the day of this moment.</summary>
    public static DateTimeOffset Midnight(DateTimeOffset time)
    {
        var local = time.ToOffset(_china);
        return new DateTimeOffset(local.Date, _china).AddDays(1);
    }
}
