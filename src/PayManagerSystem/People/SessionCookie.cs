using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;

namespace PayCore.PayManagerSystem.People;

/// <summary>A cookie that holds a token. Over TLS its name binds it to this host; without TLS, on the machine itself, browsers would refuse that name.</summary>
internal sealed record SessionCookie(string Name)
{
    /// <summary>The session.</summary>
    public static SessionCookie Session { get; } = new("paycore-console");

    /// <summary>Between the password and the second factor.</summary>
    public static SessionCookie Login { get; } = new("paycore-console-login");

    /// <summary>What the records have of a token.</summary>
    public static string HashOf(string token) => Convert.ToHexStringLower(SHA256.HashData(Encoding.ASCII.GetBytes(token)));

    /// <summary>The token's hash, or null when the browser sent none.</summary>
    public string? ReadHash(HttpContext http) => http.Request.Cookies[NameFor(http)] is { Length: > 0 and <= 64 } token ? HashOf(token) : null;

    /// <summary>Gives the browser the token, until it is closed.</summary>
    public void Write(HttpContext http, string token) => http.Response.Cookies.Append(NameFor(http), token, Options(http));

    /// <summary>Takes it back.</summary>
    public void Delete(HttpContext http) => http.Response.Cookies.Delete(NameFor(http), Options(http));

    private string NameFor(HttpContext http) => http.Request.IsHttps ? $"__Host-{Name}" : Name;

    private static CookieOptions Options(HttpContext http) => new()
    {
        HttpOnly = true,
        Secure = http.Request.IsHttps,
        SameSite = SameSiteMode.Strict,
        Path = "/",
        IsEssential = true,
    };
}
