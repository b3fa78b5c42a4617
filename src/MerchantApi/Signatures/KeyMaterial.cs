using System.Security.Cryptography;
using NSec.Cryptography;

namespace PayCore.MerchantApi;

/// <summary>Whether a signature belongs to the data.</summary>
internal delegate bool SignatureCheck(ReadOnlySpan<byte> data, ReadOnlySpan<byte> signature);

/// <summary>Makes the signature of the data.</summary>
internal delegate byte[] SignatureMaker(ReadOnlySpan<byte> data);

/// <summary>Reads keys, refuses weak ones, and turns each into the one operation we need of it.</summary>
internal static class KeyMaterial
{
    private const int RsaBitsMin = 2048;
    private const int RsaBitsMax = 8192;
    private const int SecretBytesMin = 32;
    private const int SecretDistinctBytesMin = 8;
    private const int P256SignatureBytes = 64;
    private const string P256Oid = "1.2.840.10045.3.1.7";

    public static SignatureCheck ReadPublic(MerchantKeyAlgorithm algorithm, string pem)
    {
        var der = Der(pem, "PUBLIC KEY");
        try
        {
            return algorithm switch
            {
                MerchantKeyAlgorithm.RsaV15Sha256 => RsaCheck(der),
                MerchantKeyAlgorithm.EcdsaP256Sha256 => EcdsaCheck(der),
                MerchantKeyAlgorithm.Ed25519 => Ed25519Check(der),
                _ => throw new MerchantKeyException($"{algorithm.ToName()} has a shared secret, not a public key."),
            };
        }
        catch (Exception e) when (e is CryptographicException or FormatException)
        {
            throw new MerchantKeyException($"The public key is not a key for {algorithm.ToName()}.");
        }
    }

    public static SignatureMaker ReadPrivate(MerchantKeyAlgorithm algorithm, string pem)
    {
        var der = Der(pem, "PRIVATE KEY");
        try
        {
            return algorithm switch
            {
                MerchantKeyAlgorithm.RsaV15Sha256 => RsaMaker(der),
                MerchantKeyAlgorithm.EcdsaP256Sha256 => EcdsaMaker(der),
                MerchantKeyAlgorithm.Ed25519 => Ed25519Maker(der),
                _ => throw new MerchantKeyException($"{algorithm.ToName()} has a shared secret, not a private key."),
            };
        }
        catch (Exception e) when (e is CryptographicException or FormatException)
        {
            throw new MerchantKeyException($"The private key is not a key for {algorithm.ToName()}.");
        }
        finally
        {
            CryptographicOperations.ZeroMemory(der);
        }
    }

    public static SignatureCheck SecretCheck(ReadOnlySpan<byte> secret)
    {
        var sign = SecretMaker(secret);
        return (data, signature) => CryptographicOperations.FixedTimeEquals(sign(data), signature);
    }

    public static SignatureMaker SecretMaker(ReadOnlySpan<byte> secret)
    {
        if (secret.Length < SecretBytesMin)
        {
            throw new MerchantKeyException($"A shared secret has at least {SecretBytesMin} bytes.");
        }

        // Catches "00…00", "change me change me" and the like; a random secret passes with a chance of 1 - 10^-30.
        if (new HashSet<byte>(secret.ToArray()).Count < SecretDistinctBytesMin)
        {
            throw new MerchantKeyException("The shared secret is not random: too few different bytes.");
        }

        var kept = secret.ToArray();
        return data => HMACSHA256.HashData(kept, data);
    }

    // A key object is only read after this point; OpenSSL and libsodium make a context for each call, so one object serves many threads.
    private static SignatureCheck RsaCheck(byte[] der)
    {
        var rsa = RSA.Create();
        rsa.ImportSubjectPublicKeyInfo(der, out var read);
        RequireWhole(der, read);
        RequireStrong(rsa);
        return (data, signature) =>
            signature.Length == (rsa.KeySize + 7) / 8
            && rsa.VerifyData(data, signature, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
    }

    private static SignatureMaker RsaMaker(byte[] der)
    {
        var rsa = RSA.Create();
        rsa.ImportPkcs8PrivateKey(der, out var read);
        RequireWhole(der, read);
        RequireStrong(rsa);
        return data => rsa.SignData(data, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
    }

    private static SignatureCheck EcdsaCheck(byte[] der)
    {
        var ecdsa = ECDsa.Create();
        ecdsa.ImportSubjectPublicKeyInfo(der, out var read);
        RequireWhole(der, read);
        RequireP256(ecdsa);
        return (data, signature) =>
            signature.Length == P256SignatureBytes
            && ecdsa.VerifyData(data, signature, HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation);
    }

    private static SignatureMaker EcdsaMaker(byte[] der)
    {
        var ecdsa = ECDsa.Create();
        ecdsa.ImportPkcs8PrivateKey(der, out var read);
        RequireWhole(der, read);
        RequireP256(ecdsa);
        return data => ecdsa.SignData(data, HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation);
    }

    private static SignatureCheck Ed25519Check(byte[] der)
    {
        var key = PublicKey.Import(SignatureAlgorithm.Ed25519, der, KeyBlobFormat.PkixPublicKey);
        return (data, signature) =>
            signature.Length == SignatureAlgorithm.Ed25519.SignatureSize && SignatureAlgorithm.Ed25519.Verify(key, data, signature);
    }

    private static SignatureMaker Ed25519Maker(byte[] der)
    {
        var key = Key.Import(SignatureAlgorithm.Ed25519, der, KeyBlobFormat.PkixPrivateKey);
        return data => SignatureAlgorithm.Ed25519.Sign(key, data);
    }

    private static void RequireStrong(RSA rsa)
    {
        if (rsa.KeySize is < RsaBitsMin or > RsaBitsMax)
        {
            throw new MerchantKeyException($"An RSA key has {RsaBitsMin} to {RsaBitsMax} bits; this one has {rsa.KeySize}.");
        }

        // FIPS 186-5, appendix A.1.1: the public exponent is odd and above 2^16.
        var exponent = rsa.ExportParameters(includePrivateParameters: false).Exponent ?? [];
        var value = new System.Numerics.BigInteger(exponent, isUnsigned: true, isBigEndian: true);
        if (value <= ushort.MaxValue || value.IsEven)
        {
            throw new MerchantKeyException("The RSA key has a weak public exponent; 65537 is usual.");
        }
    }

    private static void RequireP256(ECDsa ecdsa)
    {
        var curve = ecdsa.ExportParameters(includePrivateParameters: false).Curve;
        if (!curve.IsNamed || curve.Oid.Value != P256Oid)
        {
            throw new MerchantKeyException("The elliptic curve is not P-256.");
        }
    }

    private static void RequireWhole(byte[] der, int read)
    {
        if (read != der.Length)
        {
            throw new MerchantKeyException("There is something behind the key in its PEM block.");
        }
    }

    /// <summary>
    /// The bytes of the one PEM block with this label. Anything else around it is refused: a pasted chain or a private key is a mistake to
    /// hear of.
    /// </summary>
    private static byte[] Der(string pem, string label)
    {
        ArgumentNullException.ThrowIfNull(pem);
        if (!PemEncoding.TryFind(pem, out var found))
        {
            throw new MerchantKeyException($"There is no PEM block; expected -----BEGIN {label}-----.");
        }

        if (!pem.AsSpan()[found.Label].SequenceEqual(label))
        {
            var hint = pem.Contains("PRIVATE KEY", StringComparison.Ordinal) ? " This is a private key: keep it with the merchant." : "";
            throw new MerchantKeyException($"The PEM block must be {label}.{(label == "PUBLIC KEY" ? hint : "")}");
        }

        var (start, length) = found.Location.GetOffsetAndLength(pem.Length);
        if (!pem.AsSpan(0, start).IsWhiteSpace() || !pem.AsSpan(start + length).IsWhiteSpace())
        {
            throw new MerchantKeyException("There is text around the PEM block; exactly one block is expected.");
        }

        return Convert.FromBase64String(pem[found.Base64Data]);
    }
}
