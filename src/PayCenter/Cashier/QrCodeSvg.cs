using QRCoder;
using QRCoder.Exceptions;

namespace PayCore.PayCenter.Cashier;

/// <summary>Draws a QR code.</summary>
internal static class QrCodeSvg
{
    /// <summary>
    /// An SVG that scales, dark on white in every colour scheme, with the quiet zone of four modules that readers need. Null when the text is
    /// longer than a code holds.
    /// </summary>
    public static string? Draw(string text)
    {
        try
        {
            using var data = QRCodeGenerator.GenerateQrCode(text, QRCodeGenerator.ECCLevel.M);
            using var code = new SvgQRCode(data);
            return code.GetGraphic(1, "#000000", "#ffffff", drawQuietZones: true, SvgQRCode.SizingMode.ViewBoxAttribute);
        }
        catch (DataTooLongException)
        {
            return null;
        }
    }
}
