using System.CommandLine.Parsing;
using System.Globalization;
using System.Text.RegularExpressions;

namespace PayCore.Host.CommandLine;

/// <summary>Moments and durations as a person writes them, and as they are shown.</summary>
internal static partial class Times
{
    /// <summary>How to write a moment.</summary>
    public const string MomentName = "TIME";

    private static readonly string[] _formats = ["yyyy-MM-dd'T'HH:mm:sszzz", "yyyy-MM-dd'T'HH:mm:ss'Z'"];

    /// <summary><c>now</c>, or RFC 3339 with seconds and offset.</summary>
    public static DateTimeOffset? Moment(ArgumentResult argument, TimeProvider time)
    {
        var text = argument.Tokens.Single().Value;
        if (text == "now")
        {
            return time.GetUtcNow();
        }

        if (DateTimeOffset.TryParseExact(text, _formats, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var moment))
        {
            return moment;
        }

        argument.AddError($"'{text}' is no time: write now, or for example 2026-12-01T08:00:00+08:00.");
        return null;
    }

    /// <summary>A whole number with <c>s</c>, <c>m</c>, <c>h</c> or <c>d</c>.</summary>
    public static TimeSpan? Duration(ArgumentResult argument)
    {
        var text = argument.Tokens.Single().Value;
        if (DurationRule().Match(text) is not { Success: true } match)
        {
            argument.AddError($"'{text}' is no duration: write for example 90s, 30m, 24h or 7d.");
            return null;
        }

        var number = int.Parse(match.Groups[1].ValueSpan, CultureInfo.InvariantCulture);
        return match.Groups[2].Value switch
        {
            "s" => TimeSpan.FromSeconds(number),
            "m" => TimeSpan.FromMinutes(number),
            "h" => TimeSpan.FromHours(number),
            _ => TimeSpan.FromDays(number),
        };
    }

    /// <summary>A moment in this machine's time zone.</summary>
    public static string Show(DateTimeOffset moment, TimeProvider time) =>
        TimeZoneInfo.ConvertTime(moment, time.LocalTimeZone).ToString("yyyy-MM-dd HH:mm:ss zzz", CultureInfo.InvariantCulture);

    [GeneratedRegex(@"^([0-9]{1,6})([smhd])\z")]
    private static partial Regex DurationRule();
}
