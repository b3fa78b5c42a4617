using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;
using SameSiteMode = Microsoft.AspNetCore.Http.SameSiteMode;

namespace PayCore.PayManagerSystem.Web;

/// <summary>A language that our pages speak.</summary>
public enum Language
{
    /// <summary>English.</summary>
    English,

    /// <summary>Chinese, simplified.</summary>
    Chinese,
}

/// <summary>How an operator likes to see the console: kept in cookies, chosen with <c>?lang=</c> and <c>?theme=</c>.</summary>
/// <param name="Language">The language.</param>
/// <param name="Theme"><c>light</c> or <c>dark</c>; null: the browser did not say.</param>
/// <param name="Zone">The time zone's name (<c>Asia/Shanghai</c>); empty: UTC.</param>
public sealed record Preferences(Language Language, string? Theme, string Zone)
{
    private const string LanguageKey = "lang";
    private const string ThemeKey = "theme";
    private const string Prefix = "console_";

    /// <summary>The client hint by which browsers say whether they like it dark.</summary>
    private const string ThemeHint = "Sec-CH-Prefers-Color-Scheme";

    private static readonly TimeSpan _kept = TimeSpan.FromDays(365);

    /// <summary>The value of the <c>lang</c> attribute.</summary>
    public string Tag => Language == Language.Chinese ? "zh-CN" : "en";

    /// <summary>Dark, as chosen or as the browser likes it.</summary>
    public bool IsDark => Theme == "dark";

    /// <summary>The time zone, UTC where this machine does not know it.</summary>
    public TimeZoneInfo TimeZone => Zone.Length > 0 && TimeZoneInfo.TryFindSystemTimeZoneById(Zone, out var zone) ? zone : TimeZoneInfo.Utc;

    /// <summary>The text in the language.</summary>
    public string this[Text text] => text.In(Language);

    /// <summary>The text in the language, filled in.</summary>
    public string Say(Text text, params ReadOnlySpan<object?> arguments) => text.In(Language, arguments);

    /// <summary>What the visitor chose now, else chose before, else what the browser prefers.</summary>
    public static Preferences Of(HttpRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        var language = LanguageOf(request.Query[LanguageKey]) ?? LanguageOf(request.Cookies[Prefix + LanguageKey]) ?? Preferred(request) ?? Language.English;
        var theme = ThemeOf(request.Query[ThemeKey]) ?? ThemeOf(request.Cookies[Prefix + ThemeKey]) ?? ThemeOf(request.Headers[ThemeHint].ToString().Trim('"'));
        return new Preferences(language, theme, request.Cookies[Prefix + "zone"] is { Length: <= 64 } zone ? Uri.UnescapeDataString(zone) : "");
    }

    /// <summary>Keeps what was chosen now, and asks the browser what it likes.</summary>
    internal static void Remember(HttpContext http)
    {
        Keep(http, LanguageKey, LanguageOf(http.Request.Query[LanguageKey]) switch { Language.Chinese => "zh", Language.English => "en", _ => null });
        Keep(http, ThemeKey, ThemeOf(http.Request.Query[ThemeKey]));
        http.Response.Headers["Accept-CH"] = ThemeHint;
        http.Response.Headers["Critical-CH"] = ThemeHint;
        http.Response.Headers.Append(HeaderNames.Vary, ThemeHint);
    }

    private static void Keep(HttpContext http, string key, string? value)
    {
        if (value is not null)
        {
            http.Response.Cookies.Append(Prefix + key, value, new CookieOptions
            {
                HttpOnly = true,
                SameSite = SameSiteMode.Strict,
                Secure = http.Request.IsHttps,
                MaxAge = _kept,
                IsEssential = true,
            });
        }
    }

    private static string? ThemeOf(string? text) => text is "light" or "dark" ? text : null;

    private static Language? Preferred(HttpRequest request) => request.GetTypedHeaders().AcceptLanguage
        .Where(l => l.Quality is not 0).OrderByDescending(l => l.Quality ?? 1)
        .Select(l => LanguageOf(l.Value.Value?.Split('-')[0].ToLowerInvariant()))
        .FirstOrDefault(language => language is not null);

    private static Language? LanguageOf(string? code) => code switch
    {
        "zh" => Language.Chinese,
        "en" => Language.English,
        _ => null,
    };
}
