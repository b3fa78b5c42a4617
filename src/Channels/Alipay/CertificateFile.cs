using System.Formats.Asn1;
using System.Globalization;
using System.Numerics;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using static PayCore.Channels.Alipay.AccountDefectException;

namespace PayCore.Channels.Alipay;

/// <summary>
/// A certificate file of the platform: PEM blocks, some of which may use algorithms that this machine does not know (alipay.md 2.2). A block's own signature
/// algorithm is read from its DER, and only those signed by RSA are opened.
/// </summary>
internal static class CertificateFile
{
    private const string RsaAlgorithms = "1.2.840.113549.1.1";

    /// <summary>The DER of each block, in the file's order; at least one.</summary>
    /// <exception cref="AccountDefectException">It holds no certificate, or something else.</exception>
    public static IReadOnlyList<byte[]> Blocks(string field, string text)
    {
        var blocks = new List<byte[]>();
        var rest = text.AsSpan();
        while (PemEncoding.TryFind(rest, out var found))
        {
            Demand(
                !rest[found.Label].Contains("PRIVATE", StringComparison.Ordinal), Checks.Document, field,
                "is a private key, which must not be here", "是私钥，不应填在这里");
            Demand(rest[found.Label] is "CERTIFICATE", Checks.Certificate, field, "holds something other than certificates", "含有证书以外的内容");
            blocks.Add(Convert.FromBase64String(rest[found.Base64Data].ToString()));
            rest = rest[found.Location.End..];
        }

        return blocks.Count > 0
            ? blocks
            : throw Of(Checks.Certificate, field, "is no certificate in PEM form (-----BEGIN CERTIFICATE-----)", "不是 PEM 格式的证书（-----BEGIN CERTIFICATE-----）");
    }

    /// <summary>Those blocks that RSA signed, opened.</summary>
    /// <exception cref="AccountDefectException">A block is no certificate.</exception>
    public static IReadOnlyList<X509Certificate2> SignedByRsa(string field, IEnumerable<byte[]> blocks) =>
        [.. blocks.Where(b => IsSignedByRsa(field, b)).Select(b => Open(field, b))];

    /// <summary>Opens one certificate, whatever signed it.</summary>
    /// <exception cref="AccountDefectException">It is none.</exception>
    public static X509Certificate2 Open(string field, byte[] der)
    {
        try
        {
            return X509CertificateLoader.LoadCertificate(der);
        }
        catch (CryptographicException)
        {
            throw Unreadable(field);
        }
    }

    /// <summary>Whether RSA signed the certificate (not: whether its own key is one).</summary>
    /// <exception cref="AccountDefectException">It has not the form of a certificate.</exception>
    public static bool IsSignedByRsa(string field, byte[] der)
    {
        try
        {
            var certificate = new AsnReader(der, AsnEncodingRules.DER).ReadSequence();
            certificate.ReadEncodedValue();
            var algorithm = certificate.ReadSequence().ReadObjectIdentifier();
            return algorithm.StartsWith(RsaAlgorithms + ".", StringComparison.Ordinal);
        }
        catch (AsnContentException)
        {
            throw Unreadable(field);
        }
    }

    /// <summary>The platform's name for a certificate: 32 characters of lower-case hexadecimal (2.1).</summary>
    public static string SerialOf(X509Certificate2 certificate) => SerialOf(certificate.Issuer.Replace(", ", ",", StringComparison.Ordinal), certificate.SerialNumber);

    /// <summary>The same from its parts.</summary>
    /// <param name="issuer">Last name part first, separated by bare commas.</param>
    /// <param name="serialHex">The serial number; unsigned, whatever its first bit.</param>
    public static string SerialOf(string issuer, string serialHex)
    {
        var serial = BigInteger.Parse("0" + serialHex, NumberStyles.HexNumber, CultureInfo.InvariantCulture);
#pragma warning disable CA5351 // The platform defines this name by MD5; it protects nothing.
        return Convert.ToHexStringLower(MD5.HashData(Encoding.UTF8.GetBytes($"{issuer}{serial}")));
#pragma warning restore CA5351
    }

    private static AccountDefectException Unreadable(string field) =>
        Of(Checks.Certificate, field, "holds a certificate that cannot be read", "含有无法读取的证书");
}
