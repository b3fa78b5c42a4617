using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace PayCore.ServiceDefaults.Security;

/// <summary>A certificate and its private key, both PEM.</summary>
public sealed record CertificatePair(string Certificate, string Key)
{
    /// <summary>Without the key.</summary>
    public override string ToString() => Certificate;
}

/// <summary>
/// An authority of one's own, for development, tests and a single machine. In production certificates come from the platform; all that PayCore asks of them is the
/// name of the role (<see cref="RoleName"/>).
/// </summary>
public sealed class DevelopmentAuthority : IDisposable
{
    // Another machine's clock may be behind.
    private static readonly TimeSpan _before = TimeSpan.FromMinutes(10);

    private readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly X509Certificate2 _certificate;
    private readonly RandomSource _random;
    private readonly DateTimeOffset _from;
    private readonly DateTimeOffset _until;

    /// <summary>Makes one.</summary>
    /// <param name="time">The clock.</param>
    /// <param name="random">For serial numbers.</param>
    /// <param name="life">How long it and its certificates are valid from now on.</param>
    public DevelopmentAuthority(TimeProvider time, RandomSource random, TimeSpan life)
    {
        ArgumentNullException.ThrowIfNull(time);
        _random = random;
        _from = time.GetUtcNow() - _before;
        _until = time.GetUtcNow() + life;
        var request = new CertificateRequest("CN=PayCore development CA", _key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, hasPathLengthConstraint: true, 0, critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, critical: true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, critical: false));
        _certificate = request.CreateSelfSigned(_from, _until);
    }

    /// <summary>The authority's own; the key signs whatever it is asked to.</summary>
    public CertificatePair Own => new(_certificate.ExportCertificatePem() + "\n", _key.ExportPkcs8PrivateKeyPem() + "\n");

    /// <summary>Issues a certificate that speaks for roles, as client and as server.</summary>
    public CertificatePair Issue(params IReadOnlyCollection<string> roles)
    {
        ArgumentNullException.ThrowIfNull(roles);
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={string.Join(' ', roles)}", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        foreach (var role in roles)
        {
            names.AddDnsName(RoleName.Of(role));
        }

        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, critical: true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(InnerCertificates.ServerPurpose), new Oid(InnerCertificates.ClientPurpose)], critical: false));
        request.CertificateExtensions.Add(X509AuthorityKeyIdentifierExtension.CreateFromCertificate(_certificate, true, false));
        Span<byte> serial = stackalloc byte[16];
        _random.Fill(serial);
        // A serial number is positive.
        serial[0] = (byte)((serial[0] & 0x7f) | 0x40);
        using var certificate = request.Create(_certificate.SubjectName, X509SignatureGenerator.CreateForECDsa(_key), _from, _until, serial);
        return new(certificate.ExportCertificatePem() + "\n", key.ExportPkcs8PrivateKeyPem() + "\n");
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _certificate.Dispose();
        _key.Dispose();
    }
}
