using System.Security.Cryptography;
using System.Text;
using NSec.Cryptography;

namespace PayCore.MerchantApi.Tests;

/// <summary>Fresh keys of each algorithm, both halves, and a table of them as the verifier wants it.</summary>
public sealed class TestKeys : IMerchantKeys
{
    private readonly Dictionary<(string, string), MerchantKey> keys = [];
    private readonly Dictionary<MerchantKeyAlgorithm, SigningKey> signing = [];

    public TestKeys(string appId = "app1")
    {
        foreach (var algorithm in Enum.GetValues<MerchantKeyAlgorithm>())
        {
            var keyId = $"k-{algorithm.ToName()}";
            if (algorithm == MerchantKeyAlgorithm.HmacSha256)
            {
                var secret = RandomNumberGenerator.GetBytes(32);
                Add(MerchantKey.FromSecret(appId, keyId, secret));
                signing[algorithm] = SigningKey.FromSecret(appId, keyId, secret);
                continue;
            }

            var (publicPem, privatePem) = Pair(algorithm);
            Add(MerchantKey.FromPublicKeyPem(appId, keyId, algorithm, publicPem));
            signing[algorithm] = SigningKey.FromPrivateKeyPem(appId, keyId, algorithm, privatePem);
        }
    }

    public void Add(MerchantKey key) => keys[(key.AppId, key.KeyId)] = key;

    public SigningKey Signing(MerchantKeyAlgorithm algorithm) => signing[algorithm];

    public MerchantKey? Find(string appId, string keyId) => keys.GetValueOrDefault((appId, keyId));

    public static (string Public, string Private) Pair(MerchantKeyAlgorithm algorithm)
    {
        switch (algorithm)
        {
            case MerchantKeyAlgorithm.RsaV15Sha256:
                using (var rsa = RSA.Create(2048))
                {
                    return (rsa.ExportSubjectPublicKeyInfoPem(), rsa.ExportPkcs8PrivateKeyPem());
                }

            case MerchantKeyAlgorithm.EcdsaP256Sha256:
                using (var ecdsa = ECDsa.Create(ECCurve.NamedCurves.nistP256))
                {
                    return (ecdsa.ExportSubjectPublicKeyInfoPem(), ecdsa.ExportPkcs8PrivateKeyPem());
                }

            default:
                using (var key = Key.Create(
                    NSec.Cryptography.SignatureAlgorithm.Ed25519, new KeyCreationParameters { ExportPolicy = KeyExportPolicies.AllowPlaintextExport }))
                {
                    return (
                        Encoding.ASCII.GetString(key.Export(KeyBlobFormat.PkixPublicKeyText)),
                        Encoding.ASCII.GetString(key.Export(KeyBlobFormat.PkixPrivateKeyText)));
                }
        }
    }

    public static string Nonce() => Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16));
}
