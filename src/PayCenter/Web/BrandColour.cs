using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using PayCore.ServiceDefaults.Ports;
using PayCore.ServiceDefaults.Rpc;

namespace PayCore.PayCenter.Web;

/// <summary>
/// A merchant's colour as a style sheet of its own, since our policy lets no style stand in a page. It colours the main button; the text on it is black or white,
/// whichever reads better, so that every colour has a contrast of at least 4.5 to 1 (WCAG 2.2, 1.4.3).
/// </summary>
internal static partial class BrandColour
{
    /// <summary>The address of the style sheet of <c>#rrggbb</c>.</summary>
    public static string Url(string colour) => $"/pay-assets/colour/{colour.TrimStart('#').ToLowerInvariant()}.css";

    /// <summary>Serves the style sheets on the web port. They follow from their address and may be kept for ever.</summary>
    public static void Map(IEndpointRouteBuilder endpoints) => endpoints.MapGet("/pay-assets/colour/{name}", (string name, HttpContext context) =>
    {
        SecurityHeaders.SetForAssets(context.Response);
        if (!NameRule().IsMatch(name))
        {
            return Results.NotFound();
        }

        context.Response.Headers.CacheControl = "public, max-age=31536000, immutable";
        var colour = name[..6];
        return Results.Text($":root {{ --accent: #{colour}; --accent-text: {TextOn(colour)}; }}\n", "text/css", Encoding.UTF8);
    }).On(PortKind.Web);

    /// <summary>Black or white, whichever reads better on <c>rrggbb</c>.</summary>
    public static string TextOn(string colour)
    {
        var luminance = (0.2126 * Channel(colour, 0)) + (0.7152 * Channel(colour, 2)) + (0.0722 * Channel(colour, 4));
        return 1.05 / (luminance + 0.05) >= (luminance + 0.05) / 0.05 ? "#ffffff" : "#000000";
    }

    // WCAG 2.2, relative luminance.
    private static double Channel(string colour, int at)
    {
        var value = int.Parse(colour.AsSpan(at, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture) / 255.0;
        return value <= 0.04045 ? value / 12.92 : Math.Pow((value + 0.055) / 1.055, 2.4);
    }

    [GeneratedRegex("^[0-9a-f]{6}\\.css\\z", RegexOptions.CultureInvariant)]
    private static partial Regex NameRule();
}
