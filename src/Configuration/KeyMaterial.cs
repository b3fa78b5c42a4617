using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace PayCore.Configuration;

/// <summary>What a key or certificate of a document is, without the key.</summary>
/// <param name="Fingerprint">
/// The first 16 hexadecimal digits of the SHA-256 of the public key: a private key, its public key and its certificate have the same. The same as
/// <c>openssl pkey -pubout -outform DER | sha256sum</c> begins with.
/// </param>
/// <param name="NotAfter">When the first of the certificates ends; null: it is no certificate.</param>
public sealed record KeyMaterial(string Fingerprint, DateTimeOffset? NotAfter)
{
    private const int FingerprintCharacters = 16;

    /// <summary>Reads PEM, or the bare base64 of an RSA key; null when it is neither.</summary>
    public static KeyMaterial? Read(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        try
        {
            return text.Contains("BEGIN CERTIFICATE", StringComparison.Ordinal) ? Certificates(text)
                : text.Contains("-----BEGIN ", StringComparison.Ordinal) ? Pem(text)
                : Bare(Convert.FromBase64String(text));
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException or FormatException)
        {
            return null;
        }
    }

    private static KeyMaterial? Certificates(string text)
    {
        var found = new X509Certificate2Collection();
        found.ImportFromPem(text);
        try
        {
            return found.Count == 0 ? null : new KeyMaterial(FingerprintOf(found[0].PublicKey.ExportSubjectPublicKeyInfo()), found.Min(c => new DateTimeOffset(c.NotAfter.ToUniversalTime())));
        }
        finally
        {
            foreach (var certificate in found)
            {
                certificate.Dispose();
            }
        }
    }

    private static KeyMaterial Pem(string text)
    {
        var found = PemEncoding.Find(text);
        if (text[found.Label] is "PUBLIC KEY")
        {
            // Of whatever algorithm.
            return new KeyMaterial(FingerprintOf(Convert.FromBase64String(text[found.Base64Data])), null);
        }

        try
        {
            using var rsa = RSA.Create();
            rsa.ImportFromPem(text);
            return new KeyMaterial(FingerprintOf(rsa.ExportSubjectPublicKeyInfo()), null);
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException)
        {
            using var curve = ECDsa.Create();
            curve.ImportFromPem(text);
            return new KeyMaterial(FingerprintOf(curve.ExportSubjectPublicKeyInfo()), null);
        }
    }

    private static KeyMaterial? Bare(byte[] der)
    {
        using var rsa = RSA.Create();
        Action<RSA>[] forms =
        [
            r => r.ImportPkcs8PrivateKey(der, out _), r => r.ImportRSAPrivateKey(der, out _), r => r.ImportSubjectPublicKeyInfo(der, out _), r => r.ImportRSAPublicKey(der, out _),
        ];
        foreach (var form in forms)
        {
            try
            {
                form(rsa);
                return new KeyMaterial(FingerprintOf(rsa.ExportSubjectPublicKeyInfo()), null);
            }
            catch (CryptographicException)
            {
                // The next form.
            }
        }

        return null;
    }

    private static string FingerprintOf(byte[] publicKey) => Convert.ToHexStringLower(SHA256.HashData(publicKey))[..FingerprintCharacters];
}
