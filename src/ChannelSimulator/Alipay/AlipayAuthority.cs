using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using Microsoft.Extensions.Options;

namespace PayCore.ChannelSimulator;

/// <summary>
/// The provider's certificate authority: roots, and below the first of them the authority that issues. Made when the first certificate is wanted and kept
/// in the data folder.
/// </summary>
internal sealed class AlipayAuthority(SimulatedKeys keys, SimulatorRandom random, TimeProvider time, IOptions<SimulatorOptions> options)
{
    private readonly Lock _lock = new();
    private Kept? _kept;
    private string? _rootSerial;

    /// <summary>The root file: two RSA roots with one of an elliptic curve between them, which the serial leaves out (alipay.md 2.2).</summary>
    public string RootsPem => Keep().RootsPem;

    /// <summary>The serial of the root file.</summary>
    public string RootSerial => _rootSerial ??= AlipayCertificate.RootSerialOf(RootsPem);

    /// <summary>The authority that issues, as it follows the certificate in a chain.</summary>
    public string IssuerPem => Keep().IssuerPem;

    /// <summary>Issues a certificate for a key.</summary>
    /// <param name="name">What the certificate is for: a common name without comma.</param>
    /// <param name="publicKey">The key, SubjectPublicKeyInfo.</param>
    /// <param name="until">Its end, which may be in the past.</param>
    public AlipayCertificate Issue(string name, byte[] publicKey, DateTimeOffset until)
    {
        var kept = Keep();
        using var key = RSA.Create();
        key.ImportSubjectPublicKeyInfo(publicKey, out _);
        using var issuerKey = RSA.Create();
        issuerKey.ImportFromPem(kept.IssuerKeyPem);
        using var issuer = X509Certificate2.CreateFromPem(kept.IssuerPem);
        var request = new CertificateRequest(Name(name), key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, true));
        var now = time.GetUtcNow();
        var from = (until < now ? until : now).AddDays(-1);
        using var certificate = request.Create(
            issuer.SubjectName, X509SignatureGenerator.CreateForRSA(issuerKey, RSASignaturePadding.Pkcs1), from, until, SerialNumber());
        return AlipayCertificate.Of(certificate);
    }

    private static X500DistinguishedName Name(string commonName) =>
        new($"CN={commonName}, OU=Certification Authority, O=Ant Financial, C=CN");

    private Kept Keep()
    {
        lock (_lock)
        {
            if (_kept is not null)
            {
                return _kept;
            }

            var file = options.Value.DataFolder is { } folder ? Path.Combine(folder, "alipay-authority.json") : null;
            if (file is not null && File.Exists(file))
            {
                return _kept = JsonSerializer.Deserialize<Kept>(File.ReadAllBytes(file), SimulatorJson.Options)!;
            }

            _kept = Make();
            if (file is not null)
            {
                SecretFile.Write(file, SimulatorJson.Bytes(_kept));
            }

            return _kept;
        }
    }

    private Kept Make()
    {
        using var rootKey = keys.NextRsa();
        using var issuerKey = keys.NextRsa();
        using var curve = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var sign = X509SignatureGenerator.CreateForRSA(rootKey, RSASignaturePadding.Pkcs1);
        var first = Name("Ant Financial Certification Authority R1 (simulator)");
        using var root = Authority(new CertificateRequest(first, rootKey, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1), first, sign);
        var second = Name("Ant Financial Certification Authority R2 (simulator)");
        using var secondRoot = Authority(new CertificateRequest(second, rootKey, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1), second, sign);
        var elliptic = Name("Ant Financial Certification Authority E1 (simulator)");
        using var curveRoot = Authority(new CertificateRequest(elliptic, curve, HashAlgorithmName.SHA256), elliptic, X509SignatureGenerator.CreateForECDsa(curve));
        using var issuer = Authority(
            new CertificateRequest(
                Name("Ant Financial Certification Authority Class 2 R1 (simulator)"), issuerKey, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1),
            first, sign);
        string[] roots = [.. ((X509Certificate2[])[root, curveRoot, secondRoot]).Select(c => c.ExportCertificatePem() + "\n")];
        return new Kept(string.Concat(roots), issuer.ExportCertificatePem() + "\n", issuerKey.ExportPkcs8PrivateKeyPem());
    }

    private X509Certificate2 Authority(CertificateRequest request, X500DistinguishedName issuer, X509SignatureGenerator signer)
    {
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, true));
        // From long ago, so that a certificate which ended before today still lies within it.
        var from = time.GetUtcNow().AddYears(-10);
        return request.Create(issuer, signer, from, from.AddYears(40), SerialNumber());
    }

    /// <summary>Serial numbers begin with a set bit: who reads them as signed computes another serial (alipay.md 2.1).</summary>
    private byte[] SerialNumber()
    {
        var serial = new byte[16];
        random.Fill(serial);
        serial[0] |= 0x80;
        return serial;
    }

    private sealed record Kept(string RootsPem, string IssuerPem, string IssuerKeyPem);
}
