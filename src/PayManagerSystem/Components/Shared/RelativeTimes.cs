using System.Globalization;
using PayCore.PayManagerSystem.Web;

namespace PayCore.PayManagerSystem.Components.Shared;

/// <summary>Says how long ago something was.</summary>
internal static class RelativeTimes
{
    private const int DaysShown = 30;

    /// <summary><c>5 min ago</c>, <c>in 3 h</c>; what is far away as its day.</summary>
    public static string Since(this Preferences preferences, DateTimeOffset time, DateTimeOffset now)
    {
        var isPast = now >= time;
        var span = isPast ? now - time : time - now;
        var (text, count) = span switch
        {
            { TotalSeconds: < 45 } => (SharedTexts.JustNow, 0),
            { TotalMinutes: < 60 } => (isPast ? SharedTexts.MinutesAgo : SharedTexts.InMinutes, Math.Max(1, (int)span.TotalMinutes)),
            { TotalHours: < 48 } => (isPast ? SharedTexts.HoursAgo : SharedTexts.InHours, (int)span.TotalHours),
            { TotalDays: < DaysShown } => (isPast ? SharedTexts.DaysAgo : SharedTexts.InDays, (int)span.TotalDays),
            _ => (null, 0),
        };
        return text is null
            ? TimeZoneInfo.ConvertTime(time, preferences.TimeZone).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture)
            : preferences.Say(text, count);
    }
}
