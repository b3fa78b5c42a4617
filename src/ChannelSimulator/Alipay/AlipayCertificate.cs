using System.Globalization;
using System.Numerics;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace PayCore.ChannelSimulator;

/// <summary>A certificate as merchant and provider name it.</summary>
internal sealed record AlipayCertificate(string Serial, string Pem, DateTimeOffset Until)
{
    public static AlipayCertificate Of(X509Certificate2 certificate) =>
        new(SerialOf(certificate), certificate.ExportCertificatePem() + "\n", certificate.NotAfter.ToUniversalTime());

    /// <summary>MD5 over the issuer, its own name first, and the serial number as an unsigned decimal (alipay.md 2.1).</summary>
    public static string SerialOf(X509Certificate2 certificate)
    {
        var issuer = certificate.Issuer.Replace(", ", ",", StringComparison.Ordinal);
        var number = BigInteger.Parse("0" + certificate.SerialNumber, NumberStyles.HexNumber, CultureInfo.InvariantCulture);
        return Md5(issuer + number.ToString(CultureInfo.InvariantCulture));
    }

    /// <summary>The serials of the certificates in a root file that are signed with RSA, joined (alipay.md 2.2).</summary>
    public static string RootSerialOf(string pem)
    {
        var certificates = new X509Certificate2Collection();
        certificates.ImportFromPem(pem);
        return string.Join('_', certificates
            .Where(c => c.SignatureAlgorithm.Value!.StartsWith("1.2.840.113549.1.1", StringComparison.Ordinal))
            .Select(SerialOf));
    }

#pragma warning disable CA5351 // The provider's rule; it names certificates, it protects nothing.
    private static string Md5(string text) => Convert.ToHexStringLower(MD5.HashData(Encoding.UTF8.GetBytes(text)));
#pragma warning restore CA5351
}
