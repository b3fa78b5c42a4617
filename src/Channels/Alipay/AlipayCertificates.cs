using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using PayCore.Configuration;
using PayCore.ServiceDefaults.Telemetry;
using static PayCore.Channels.Alipay.AccountDefectException;

namespace PayCore.Channels.Alipay;

/// <summary>How long a certificate is good.</summary>
/// <param name="Field">The member of the document that holds it.</param>
/// <param name="Name">Its subject's common name.</param>
/// <param name="From">Not before.</param>
/// <param name="Until">Not after.</param>
internal sealed record CertificateLife(string Field, string Name, DateTimeOffset From, DateTimeOffset Until);

/// <summary>The certificates of every account, for the metrics.</summary>
internal sealed class AlipayCertificatesInUse(IConfigDocuments<AlipayAccount> accounts) : ICertificateSource
{
    public IEnumerable<CertificateInUse> Certificates =>
        accounts.All.Values.SelectMany(a => (a.Certificates?.Lives ?? []).Select(l => new CertificateInUse($"alipay {a.Name} {l.Field}", l.Until)));
}

/// <summary>What certificate mode adds to an account (alipay.md 2): the serial numbers that requests and answers carry, and how long each certificate is good.</summary>
/// <param name="AppSn">Of the application's certificate.</param>
/// <param name="RootSn">Of the root file.</param>
/// <param name="AlipaySn">Of Alipay's certificate; answers name it.</param>
/// <param name="Lives">The application's certificate first, then Alipay's and those above it.</param>
internal sealed record AlipayCertificates(string AppSn, string RootSn, string AlipaySn, IReadOnlyList<CertificateLife> Lives)
{
    private const string AppCert = "app_cert";
    private const string AlipayCert = "alipay_cert";
    private const string AlipayRootCert = "alipay_root_cert";

    /// <summary>When the application's certificate ends: Alipay takes no request after it.</summary>
    public DateTimeOffset AppUntil => Lives[0].Until;

    /// <summary>Reads the three files and answers the key that verifies answers and callbacks.</summary>
    /// <exception cref="AccountDefectException">One cannot be read, is another's, or leads to no root of the file.</exception>
    public static (AlipayCertificates Certificates, RSA AlipayKey) Read(AlipayAccountDocument document, RSA privateKey)
    {
        using var app = CertificateFile.Open(AppCert, CertificateFile.Blocks(AppCert, document.AppCert!)[0]);
        using var appKey = RsaKey(AppCert, app);
        Demand(
            RsaKeys.ArePair(appKey, privateKey), Checks.KeyPair, AppCert,
            "does not belong to private_key: its public key is another; take the certificate that was issued for this key",
            "与 private_key 不匹配：证书中的公钥不是该私钥的公钥；请使用为该私钥签发的应用公钥证书");

        var alipayBlocks = CertificateFile.Blocks(AlipayCert, document.AlipayCert!);
        var alipay = CertificateFile.SignedByRsa(AlipayCert, alipayBlocks);
        var roots = CertificateFile.SignedByRsa(AlipayRootCert, CertificateFile.Blocks(AlipayRootCert, document.AlipayRootCert!));
        try
        {
            Demand(
                alipay.Count > 0 && CertificateFile.IsSignedByRsa(AlipayCert, alipayBlocks[0]), Checks.Certificate, AlipayCert,
                "is not signed by RSA; take alipayCertPublicKey_RSA2.crt", "不是 RSA 签发的证书，请使用 alipayCertPublicKey_RSA2.crt");
            Demand(
                roots.Count > 0, Checks.Certificate, AlipayRootCert,
                "holds no certificate that RSA signed; take alipayRootCert.crt whole", "不含 RSA 签名的证书，请使用完整的 alipayRootCert.crt");
            var alipayKey = RsaKey(AlipayCert, alipay[0]);
            Demand(
                !RsaKeys.ArePair(alipayKey, privateKey), Checks.PlatformKey, AlipayCert,
                "is the application's own certificate; it must be Alipay's (alipayCertPublicKey_RSA2.crt)",
                "是应用自己的证书；此处应为支付宝公钥证书（alipayCertPublicKey_RSA2.crt）");
            var lives = new[] { Life(AppCert, app) }.Concat(LivesToRoot(alipay, roots));
            var read = new AlipayCertificates(
                CertificateFile.SerialOf(app), string.Join('_', roots.Select(CertificateFile.SerialOf)), CertificateFile.SerialOf(alipay[0]), [.. lives]);
            return (read, alipayKey);
        }
        finally
        {
            foreach (var certificate in alipay.Concat(roots))
            {
                certificate.Dispose();
            }
        }
    }

    /// <summary>Alipay's certificate and those above it. Time is left out: what has ended is found by its life, and does not make a document unreadable.</summary>
    private static List<CertificateLife> LivesToRoot(IReadOnlyList<X509Certificate2> alipay, IReadOnlyList<X509Certificate2> roots)
    {
        using var chain = new X509Chain
        {
            ChainPolicy =
            {
                TrustMode = X509ChainTrustMode.CustomRootTrust,
                RevocationMode = X509RevocationMode.NoCheck,
                DisableCertificateDownloads = true,
                VerificationFlags = X509VerificationFlags.IgnoreNotTimeValid,
            },
        };
        chain.ChainPolicy.CustomTrustStore.AddRange(roots.ToArray());
        chain.ChainPolicy.ExtraStore.AddRange(alipay.Skip(1).ToArray());
        Demand(
            chain.Build(alipay[0]), Checks.Certificate, AlipayCert,
            "does not lead to a certificate of alipay_root_cert; take both files whole and of the same environment",
            "无法追溯到 alipay_root_cert 中的根证书；请使用同一环境下完整的两个文件");
        return
        [
            .. chain.ChainElements.Select(
                e => Life(roots.Any(r => r.RawDataMemory.Span.SequenceEqual(e.Certificate.RawDataMemory.Span)) ? AlipayRootCert : AlipayCert, e.Certificate)),
        ];
    }

    private static CertificateLife Life(string field, X509Certificate2 certificate) => new(
        field, PlainText.Clip(certificate.GetNameInfo(X509NameType.SimpleName, forIssuer: false)), new DateTimeOffset(certificate.NotBefore),
        new DateTimeOffset(certificate.NotAfter));

    private static RSA RsaKey(string field, X509Certificate2 certificate)
    {
        RSA? key = null;
        try
        {
            key = certificate.GetRSAPublicKey();
        }
        catch (CryptographicException)
        {
            // Handled as no RSA key.
        }

        return RsaKeys.DemandStrength(field, key ?? throw Of(Checks.Certificate, field, "has no RSA key", "不含 RSA 公钥"));
    }
}
