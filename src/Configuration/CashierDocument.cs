using System.Buffers.Text;
using System.Text;
using System.Text.RegularExpressions;

namespace PayCore.Configuration;

/// <summary>How an app looks at the cashier, and whom its users ask.</summary>
public sealed partial record CashierDocument
{
    private const int SupportLengthMax = 128;
    private const int LogoBytesMax = 32 * 1024;
    private const string PngPrefix = "data:image/png;base64,";
    private const string SvgPrefix = "data:image/svg+xml;base64,";

    private static ReadOnlySpan<byte> PngSignature => [0x89, (byte)'P', (byte)'N', (byte)'G', 0x0D, 0x0A, 0x1A, 0x0A];

    /// <summary>Whom a user asks about an order: a web address, an e-mail address, a number or a sentence; at most 128 characters.</summary>
    public string? Support { get; init; }

    /// <summary>
    /// A data URL in base64 of a PNG or SVG image of at most 32 KB. It is shown as an image only, where scripts in it do not run; an address elsewhere is not
    /// loaded by the cashier's pages.
    /// </summary>
    public string? Logo { get; init; }

    /// <summary><c>#rrggbb</c> of the main button. Any colour will do: the text on it is black or white, whichever reads better (at least 4.5 to 1).</summary>
    public string? Colour { get; init; }

    /// <summary>Checks it.</summary>
    /// <exception cref="InvalidDocumentException">Names the field and the reason.</exception>
    internal void Check()
    {
        if (Support is not null && (Support.Length is 0 or > SupportLengthMax || Support.Any(char.IsControl)))
        {
            throw new InvalidDocumentException("cashier.support", $"has 1 to {SupportLengthMax} characters and no control characters");
        }

        if (Logo is not null && !IsLogo(Logo))
        {
            throw new InvalidDocumentException("cashier.logo", "is a data URL in base64 of a PNG or SVG image of at most 32 KB");
        }

        if (Colour is not null && !ColourRule().IsMatch(Colour))
        {
            throw new InvalidDocumentException("cashier.colour", "is #rrggbb, for example #0b6e4f");
        }
    }

    private static bool IsLogo(string url)
    {
        var isPng = url.StartsWith(PngPrefix, StringComparison.Ordinal);
        if (!isPng && !url.StartsWith(SvgPrefix, StringComparison.Ordinal))
        {
            return false;
        }

        var base64 = url.AsSpan((isPng ? PngPrefix : SvgPrefix).Length);
        if (!Base64.IsValid(base64, out var length) || length > LogoBytesMax || base64.ContainsAny(" \t\r\n"))
        {
            return false;
        }

        var image = Convert.FromBase64String(base64.ToString());
        return isPng ? image.AsSpan().StartsWith(PngSignature) : Encoding.UTF8.GetString(image).Contains("<svg", StringComparison.Ordinal);
    }

    [GeneratedRegex("^#[0-9a-fA-F]{6}\\z", RegexOptions.CultureInvariant)]
    private static partial Regex ColourRule();
}
