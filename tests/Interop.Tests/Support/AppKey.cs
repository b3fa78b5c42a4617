using System.Security.Cryptography;
using PayCore.Configuration;
using PayCore.MerchantApi;

namespace PayCore.Interop.Tests.Support;

/// <summary>A merchant's key: what its library signs with, and what stands in the app's document.</summary>
public sealed record AppKey
{
    /// <summary>The algorithms that a key may have.</summary>
    public static TheoryData<string> Algorithms => ["ed25519", "ecdsa-p256-sha256", "hmac-sha256", "rsa-v1_5-sha256"];

    /// <summary>The document's part.</summary>
    public required AppKeyDocument Document { get; init; }

    /// <summary>PKCS#8 in PEM, for the public-key algorithms.</summary>
    public string? PrivateKey { get; init; }

    public static AppKey Create(string algorithm, string keyId)
    {
        var document = new AppKeyDocument { KeyId = keyId, Alg = algorithm };
        switch (algorithm)
        {
            case "ed25519":
                var pair = MerchantKeyPair.CreateEd25519();
                return new AppKey { Document = document with { PublicKey = pair.PublicKeyPem }, PrivateKey = pair.PrivateKeyPem };
            case "ecdsa-p256-sha256":
                using (var key = ECDsa.Create(ECCurve.NamedCurves.nistP256))
                {
                    return Of(document, key);
                }

            case "rsa-v1_5-sha256":
                using (var key = RSA.Create(2048))
                {
                    return Of(document, key);
                }

            case "hmac-sha256":
                return new AppKey { Document = document with { Secret = Convert.ToBase64String(RandomNumberGenerator.GetBytes(32)) } };
            default:
                throw new ArgumentException($"There is no algorithm {algorithm}.", nameof(algorithm));
        }
    }

    private static AppKey Of(AppKeyDocument document, AsymmetricAlgorithm key) => new()
    {
        Document = document with { PublicKey = key.ExportSubjectPublicKeyInfoPem() },
        PrivateKey = key.ExportPkcs8PrivateKeyPem(),
    };
}
