using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace PayCore.PayCenter.Web;

/// <summary>A language that our pages speak.</summary>
internal enum Language
{
    English,
    Chinese,
}

/// <summary>Finds out which language a visitor reads.</summary>
internal static class Languages
{
    private const string Parameter = "lang";
    private const string Cookie = "paycenter_lang";

    /// <summary>The value of the <c>lang</c> attribute.</summary>
    public static string Tag(this Language language) => language == Language.Chinese ? "zh-CN" : "en";

    /// <summary>The value of <c>?lang=</c>.</summary>
    public static string Code(this Language language) => language == Language.Chinese ? "zh" : "en";

    /// <summary>What the visitor chose with <c>?lang=</c>, else chose before, else what the browser prefers, else English.</summary>
    public static Language Of(HttpRequest request)
    {
        if (Parse(request.Query[Parameter]) is { } chosen)
        {
            return chosen;
        }

        return Parse(request.Cookies[Cookie]) ?? Preferred(request) ?? Language.English;
    }

    /// <summary>Keeps a choice made with <c>?lang=</c> for the pages that follow.</summary>
    public static void Remember(HttpRequest request, HttpResponse response)
    {
        if (Parse(request.Query[Parameter]) is { } chosen)
        {
            response.Cookies.Append(Cookie, chosen.Code(), new CookieOptions
            {
                HttpOnly = true,
                SameSite = Microsoft.AspNetCore.Http.SameSiteMode.Lax,
                Secure = request.IsHttps,
                IsEssential = true,
            });
        }
    }

    private static Language? Preferred(HttpRequest request)
    {
        // Stable by quality, so that equal ones keep the browser's order.
        var wanted = request.GetTypedHeaders().AcceptLanguage.Where(l => l.Quality is not 0).OrderByDescending(l => l.Quality ?? 1);
        return wanted.Select(Parse).FirstOrDefault(language => language is not null);
    }

    private static Language? Parse(StringWithQualityHeaderValue value) => Parse(value.Value.Value?.Split('-')[0].ToLowerInvariant());

    private static Language? Parse(string? code) => code switch
    {
        "zh" => Language.Chinese,
        "en" => Language.English,
        _ => null,
    };
}
