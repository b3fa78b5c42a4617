using System.Security.Cryptography;
using NSec.Cryptography;

namespace PayCore.MerchantApi;

/// <summary>A fresh key pair of a merchant: the private half signs at the merchant, the public half goes into the app's document.</summary>
/// <param name="PrivateKeyPem">PKCS#8 in PEM. Secret.</param>
/// <param name="PublicKeyPem">SubjectPublicKeyInfo in PEM.</param>
public sealed record MerchantKeyPair(string PrivateKeyPem, string PublicKeyPem)
{
    private const int RsaBits = 3072;

    /// <summary>Makes a pair.</summary>
    /// <param name="algorithm">The algorithm; not HMAC, which has a shared secret.</param>
    public static MerchantKeyPair Create(MerchantKeyAlgorithm algorithm)
    {
        switch (algorithm)
        {
            case MerchantKeyAlgorithm.Ed25519:
                return CreateEd25519();
            case MerchantKeyAlgorithm.EcdsaP256Sha256:
                using (var key = ECDsa.Create(ECCurve.NamedCurves.nistP256))
                {
                    return new MerchantKeyPair(key.ExportPkcs8PrivateKeyPem(), key.ExportSubjectPublicKeyInfoPem());
                }

            case MerchantKeyAlgorithm.RsaV15Sha256:
                using (var key = RSA.Create(RsaBits))
                {
                    return new MerchantKeyPair(key.ExportPkcs8PrivateKeyPem(), key.ExportSubjectPublicKeyInfoPem());
                }

            default:
                throw new ArgumentOutOfRangeException(nameof(algorithm), algorithm, "It has no key pair.");
        }
    }

    /// <summary>Makes an Ed25519 pair.</summary>
    public static MerchantKeyPair CreateEd25519()
    {
        using var key = Key.Create(
            SignatureAlgorithm.Ed25519, new KeyCreationParameters { ExportPolicy = KeyExportPolicies.AllowPlaintextExport });
        return new MerchantKeyPair(
            System.Text.Encoding.ASCII.GetString(key.Export(KeyBlobFormat.PkixPrivateKeyText)),
            System.Text.Encoding.ASCII.GetString(key.PublicKey.Export(KeyBlobFormat.PkixPublicKeyText)));
    }

    /// <summary>Shows the public half only.</summary>
    public override string ToString() => PublicKeyPem;
}
