using System.Net;
using Microsoft.AspNetCore.Http;
using PayCore.ServiceDefaults.Ports;

namespace PayCore.PayManagerSystem.Web;

/// <summary>What a browser may do with the console's answers; and none of them over a network without TLS.</summary>
internal static class ConsoleGuard
{
    /// <summary>Our own files only and no script inside a page; MudBlazor sets style attributes.</summary>
    public const string Policy =
        "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self'; frame-ancestors 'none'; object-src 'none'; "
        + "base-uri 'self'; form-action 'self'";

    /// <summary>Guards requests that came in by the console's port; others pass.</summary>
    public static Task InvokeAsync(HttpContext http, RequestDelegate next)
    {
        var isConsole = http.Features.Get<PortFeature>()?.Kind == PortKind.Console;
        if (!isConsole)
        {
            return next(http);
        }

        var headers = http.Response.Headers;
        headers.ContentSecurityPolicy = Policy;
        headers.XContentTypeOptions = "nosniff";
        headers["Referrer-Policy"] = "no-referrer";
        headers["Cross-Origin-Opener-Policy"] = "same-origin";
        headers["Permissions-Policy"] = "camera=(), microphone=(), geolocation=(), payment=()";
        headers.CacheControl = "no-store";
        if (http.Request.IsHttps)
        {
            headers.StrictTransportSecurity = "max-age=31536000";
        }
        else if (!IsLoopback(http))
        {
            http.Response.StatusCode = StatusCodes.Status403Forbidden;
            return http.Response.WriteAsync("The console is served over HTTPS; plain HTTP only on the machine itself.");
        }

        if (HttpMethods.IsGet(http.Request.Method))
        {
            Preferences.Remember(http);
        }

        return next(http);
    }

    private static bool IsLoopback(HttpContext http) => http.Connection.RemoteIpAddress is { } remote && IPAddress.IsLoopback(remote);
}
