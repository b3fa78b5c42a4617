using QRCoder;
using QRCoder.Exceptions;

namespace PayCore.PayCenter.Cashier;

/// <summary>Draws QR codes: dark on white in every colour scheme, with the quiet zone of four modules that readers need.</summary>
internal static class QrCode
{
    private const int PixelsPerModule = 8;

    /// <summary>An SVG that scales. Null when the text is longer than a code holds.</summary>
    public static string? Svg(string text)
    {
        using var data = Data(text);
        using var code = data is null ? null : new SvgQRCode(data);
        return code?.GetGraphic(1, "#000000", "#ffffff", drawQuietZones: true, SvgQRCode.SizingMode.ViewBoxAttribute);
    }

    /// <summary>A PNG in base64, which a phone can keep. Null when the text is longer than a code holds.</summary>
    public static string? Png(string text)
    {
        using var data = Data(text);
        using var code = data is null ? null : new PngByteQRCode(data);
        return code is null ? null : Convert.ToBase64String(code.GetGraphic(PixelsPerModule, drawQuietZones: true));
    }

    private static QRCodeData? Data(string text)
    {
        try
        {
            return QRCodeGenerator.GenerateQrCode(text, QRCodeGenerator.ECCLevel.M);
        }
        catch (DataTooLongException)
        {
            return null;
        }
    }
}
