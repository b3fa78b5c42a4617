using Microsoft.AspNetCore.Http;

namespace PayCore.PayCenter.Web;

/// <summary>What a browser may do with our answers.</summary>
internal static class SecurityHeaders
{
    /// <summary>Our own files only; nothing inline; no frame around us.</summary>
    public const string StrictPolicy =
        "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; connect-src 'self'; form-action 'self'; "
        + "frame-ancestors 'none'; base-uri 'none'";

    /// <summary>
    /// The channel's own form, which submits itself to the channel. The sandbox gives it an origin of its own, so it can reach nothing of ours.
    /// </summary>
    public const string ChannelFormPolicy =
        "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; form-action *; frame-ancestors 'none'; base-uri 'none'; "
        + "sandbox allow-forms allow-scripts allow-top-navigation";

    /// <summary>As <see cref="StrictPolicy"/>; forms may also lead to this place, which is ours under the name that browsers know.</summary>
    public static string PolicyWithFormsTo(Uri place) =>
        StrictPolicy.Replace("form-action 'self'", $"form-action 'self' {place.GetLeftPart(UriPartial.Authority)}", StringComparison.Ordinal);

    /// <summary>Sets the headers of a page or an answer that nobody may keep.</summary>
    public static void Set(HttpResponse response, string policy = StrictPolicy)
    {
        SetForAssets(response, policy);
        response.Headers.CacheControl = "no-store";
    }

    /// <summary>Sets the headers, and leaves it to the caller how long the answer may be kept.</summary>
    public static void SetForAssets(HttpResponse response, string policy = StrictPolicy)
    {
        response.Headers.ContentSecurityPolicy = policy;
        response.Headers.XContentTypeOptions = "nosniff";
        response.Headers["Referrer-Policy"] = "no-referrer";
    }
}
