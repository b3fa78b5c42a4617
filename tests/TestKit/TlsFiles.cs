using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace PayCore.TestKit;

/// <summary>A certificate authority of its own with a certificate for a server on loopback and one for a client, as PEM files in a folder.</summary>
public sealed class TlsFiles
{
    public TlsFiles(string folder)
    {
        (Ca, ServerCert, ServerKey, ClientCert, ClientKey) = (In("ca.pem"), In("server.pem"), In("server.key"), In("client.pem"), In("client.key"));
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=test authority", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, hasPathLengthConstraint: false, pathLengthConstraint: 0, critical: true));
        using var authority = request.CreateSelfSigned(Begin, End);
        File.WriteAllText(Ca, authority.ExportCertificatePem());
        Issue(authority, "CN=server", ServerCert, ServerKey);
        Issue(authority, "CN=client", ClientCert, ClientKey);

        string In(string name) => Path.Combine(folder, name);
    }

    public string Ca { get; }

    public string ServerCert { get; }

    public string ServerKey { get; }

    public string ClientCert { get; }

    public string ClientKey { get; }

    private static DateTimeOffset Begin => TimeProvider.System.GetUtcNow().AddHours(-1);

    private static DateTimeOffset End => TimeProvider.System.GetUtcNow().AddDays(1);

    private static void Issue(X509Certificate2 authority, string name, string certFile, string keyFile)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest(name, key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.1"), new Oid("1.3.6.1.5.5.7.3.2")], critical: false));
        using var certificate = request.Create(authority, Begin.AddMinutes(1), End.AddHours(-1), RandomNumberGenerator.GetBytes(12));
        File.WriteAllText(certFile, certificate.ExportCertificatePem());
        File.WriteAllText(keyFile, key.ExportPkcs8PrivateKeyPem());
    }
}
