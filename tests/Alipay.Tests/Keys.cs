using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace PayCore.Alipay.Tests;

/// <summary>Keys made for this run. None of them is used anywhere else.</summary>
internal static class Keys
{
    public const string AppId = "2021000000000001";
    public const string SellerId = "2088000000000001";

    /// <summary>The application's.</summary>
    public static RSA App { get; } = RSA.Create(2048);

    /// <summary>What Alipay signs with for this application.</summary>
    public static RSA Alipay { get; } = RSA.Create(2048);

    /// <summary>Nobody's who matters.</summary>
    public static RSA Stranger { get; } = RSA.Create(2048);

    /// <summary>The certificates of this run, good at <see cref="World.Start"/>.</summary>
    public static Certificates Good { get; } = new();
}

/// <summary>A root, an authority below it, and the two certificates that it issued, as the platform hands them over (alipay.md 2).</summary>
internal sealed class Certificates
{
    private static readonly RSA _rootKey = RSA.Create(2048);
    private static readonly RSA _authorityKey = RSA.Create(2048);
    private static readonly X500DistinguishedName _rootName = Name("Ant R1");
    private static readonly X500DistinguishedName _authorityName = Name("Ant Class 2 R1");

    public Certificates(
        RSA? appKey = null, RSA? alipayKey = null, DateTimeOffset? appFrom = null, DateTimeOffset? appUntil = null, DateTimeOffset? alipayUntil = null,
        DateTimeOffset? rootUntil = null)
    {
        Root = Issue(_rootName, _rootKey, _rootName, _rootKey, "1FCF", isAuthority: true, until: rootUntil);
        Authority = Issue(_authorityName, _authorityKey, _rootName, _rootKey, "62C4", isAuthority: true);
        App = Issue(Name("2088000000000001"), appKey ?? Keys.App, _authorityName, _authorityKey, "2025", from: appFrom, until: appUntil);
        Alipay = Issue(Name("Alipay"), alipayKey ?? Keys.Alipay, _authorityName, _authorityKey, "00C0FFEE", until: alipayUntil);
    }

    public X509Certificate2 Root { get; }

    public X509Certificate2 Authority { get; }

    public X509Certificate2 App { get; }

    public X509Certificate2 Alipay { get; }

    public string AppPem => App.ExportCertificatePem();

    /// <summary>The leaf first, then its issuer.</summary>
    public string AlipayPem => $"{Alipay.ExportCertificatePem()}\n{Authority.ExportCertificatePem()}\n";

    public string RootPem => Root.ExportCertificatePem();

    /// <summary>A name as the platform's authorities write theirs: C, O, OU, CN.</summary>
    public static X500DistinguishedName Name(string commonName, string organization = "Ant Financial", string unit = "Certification Authority")
    {
        var builder = new X500DistinguishedNameBuilder();
        // The builder writes them last first.
        builder.AddCommonName(commonName);
        builder.AddOrganizationalUnitName(unit);
        builder.AddOrganizationName(organization);
        builder.AddCountryOrRegion("CN");
        return builder.Build();
    }

    public static X509Certificate2 Issue(
        X500DistinguishedName subject, AsymmetricAlgorithm key, X500DistinguishedName issuer, AsymmetricAlgorithm issuerKey, string serial, bool isAuthority = false,
        DateTimeOffset? from = null, DateTimeOffset? until = null)
    {
        var request = key is RSA rsa
            ? new CertificateRequest(subject, rsa, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1)
            : new CertificateRequest(subject, (ECDsa)key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(isAuthority, false, 0, true));
        var signer = issuerKey is RSA issuerRsa
            ? X509SignatureGenerator.CreateForRSA(issuerRsa, RSASignaturePadding.Pkcs1)
            : X509SignatureGenerator.CreateForECDsa((ECDsa)issuerKey);
        return request.Create(
            issuer, signer, from ?? World.Start.AddYears(-1), until ?? World.Start.AddYears(4), Convert.FromHexString(serial));
    }
}
