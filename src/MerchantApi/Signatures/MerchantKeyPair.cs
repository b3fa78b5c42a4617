using NSec.Cryptography;

namespace PayCore.MerchantApi;

/// <summary>A fresh key pair of a merchant: the private half signs at the merchant, the public half goes into the app's document.</summary>
/// <param name="PrivateKeyPem">PKCS#8 in PEM. Secret.</param>
/// <param name="PublicKeyPem">SubjectPublicKeyInfo in PEM.</param>
public sealed record MerchantKeyPair(string PrivateKeyPem, string PublicKeyPem)
{
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
