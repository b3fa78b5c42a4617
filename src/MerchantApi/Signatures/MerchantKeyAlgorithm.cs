namespace PayCore.MerchantApi;

/// <summary>The signature algorithms a merchant may use (names as registered by RFC 9421 section 6.2).</summary>
/// <remarks>A key has one algorithm, fixed when the key is stored. A message may only agree with it.</remarks>
public enum MerchantKeyAlgorithm
{
    /// <summary><c>rsa-v1_5-sha256</c>: RSASSA-PKCS1-v1_5 with SHA-256, 2048 bits or more.</summary>
    RsaV15Sha256,

    /// <summary><c>ecdsa-p256-sha256</c>: ECDSA on P-256 with SHA-256; the signature is r‖s, 64 bytes, never DER.</summary>
    EcdsaP256Sha256,

    /// <summary><c>ed25519</c>: Edwards curve 25519, 64 bytes.</summary>
    Ed25519,

    /// <summary><c>hmac-sha256</c>: HMAC with SHA-256 and a shared secret of 32 bytes or more.</summary>
    HmacSha256,
}

/// <summary>The registered names of the algorithms, as they stand in configuration and in the <c>alg</c> parameter.</summary>
public static class MerchantKeyAlgorithms
{
    /// <summary>The registered name, for instance <c>ecdsa-p256-sha256</c>.</summary>
    /// <param name="algorithm">One of the four algorithms.</param>
    /// <returns>The name as RFC 9421 registers it.</returns>
    public static string ToName(this MerchantKeyAlgorithm algorithm) => algorithm switch
    {
        MerchantKeyAlgorithm.RsaV15Sha256 => "rsa-v1_5-sha256",
        MerchantKeyAlgorithm.EcdsaP256Sha256 => "ecdsa-p256-sha256",
        MerchantKeyAlgorithm.Ed25519 => "ed25519",
        MerchantKeyAlgorithm.HmacSha256 => "hmac-sha256",
        _ => throw new ArgumentOutOfRangeException(nameof(algorithm)),
    };

    /// <summary>Finds the algorithm of a registered name. Case counts.</summary>
    /// <param name="name">The name, for instance from a configuration document.</param>
    /// <param name="algorithm">The algorithm, when the answer is <see langword="true"/>.</param>
    /// <returns>Whether the name is one of the four.</returns>
    public static bool TryParse(string? name, out MerchantKeyAlgorithm algorithm)
    {
        foreach (var candidate in Enum.GetValues<MerchantKeyAlgorithm>())
        {
            if (candidate.ToName() == name)
            {
                algorithm = candidate;
                return true;
            }
        }

        algorithm = default;
        return false;
    }
}
