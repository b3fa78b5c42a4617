namespace PayCore.MerchantApi;

/// <summary>
/// A key that a merchant signs with: whose it is, its one algorithm, and when it counts. Immutable; safe to share between threads.
/// </summary>
/// <remarks>The secret or key bytes cannot be read back, and <see cref="ToString"/> shows names only.</remarks>
public sealed class MerchantKey
{
    private readonly SignatureCheck check;

    private MerchantKey(
        string appId,
        string keyId,
        MerchantKeyAlgorithm algorithm,
        SignatureCheck check,
        DateTimeOffset? notBefore,
        DateTimeOffset? notAfter)
    {
        AppId = RequireName(appId, nameof(appId));
        KeyId = RequireName(keyId, nameof(keyId));
        Algorithm = algorithm;
        NotBefore = notBefore;
        NotAfter = notAfter;
        this.check = check;
    }

    /// <summary>The app that the key speaks for.</summary>
    public string AppId { get; }

    /// <summary>The key's name within the app.</summary>
    public string KeyId { get; }

    /// <summary>The only algorithm under which the key is used.</summary>
    public MerchantKeyAlgorithm Algorithm { get; }

    /// <summary>Before this moment the key does not count yet; none means always.</summary>
    public DateTimeOffset? NotBefore { get; }

    /// <summary>After this moment the key does not count any more; none means never.</summary>
    public DateTimeOffset? NotAfter { get; }

    /// <summary>Reads a public key (SubjectPublicKeyInfo, <c>-----BEGIN PUBLIC KEY-----</c>).</summary>
    /// <param name="appId">The app that the key speaks for.</param>
    /// <param name="keyId">The key's name within the app.</param>
    /// <param name="algorithm">The key's algorithm; not HMAC.</param>
    /// <param name="pem">Exactly one PEM block.</param>
    /// <param name="notBefore">When the key starts to count.</param>
    /// <param name="notAfter">When it stops.</param>
    /// <returns>The key.</returns>
    /// <exception cref="MerchantKeyException">
    /// The key is unreadable, of another kind, or weak (RSA below 2048 bits, a curve that is not P-256).
    /// </exception>
    public static MerchantKey FromPublicKeyPem(
        string appId,
        string keyId,
        MerchantKeyAlgorithm algorithm,
        string pem,
        DateTimeOffset? notBefore = null,
        DateTimeOffset? notAfter = null) =>
        new(appId, keyId, algorithm, KeyMaterial.ReadPublic(algorithm, pem), notBefore, notAfter);

    /// <summary>Takes a shared secret for <c>hmac-sha256</c>. The bytes are copied.</summary>
    /// <param name="appId">The app that the key speaks for.</param>
    /// <param name="keyId">The key's name within the app.</param>
    /// <param name="secret">32 random bytes or more.</param>
    /// <param name="notBefore">When the key starts to count.</param>
    /// <param name="notAfter">When it stops.</param>
    /// <returns>The key.</returns>
    /// <exception cref="MerchantKeyException">The secret is shorter than 32 bytes or plainly not random.</exception>
    public static MerchantKey FromSecret(
        string appId, string keyId, ReadOnlySpan<byte> secret, DateTimeOffset? notBefore = null, DateTimeOffset? notAfter = null) =>
        new(appId, keyId, MerchantKeyAlgorithm.HmacSha256, KeyMaterial.SecretCheck(secret), notBefore, notAfter);

    /// <summary>Whether the key counts at this moment.</summary>
    /// <param name="now">The moment.</param>
    /// <returns><see langword="true"/> between <see cref="NotBefore"/> and <see cref="NotAfter"/>, both included.</returns>
    public bool IsActive(DateTimeOffset now) => (NotBefore is null || NotBefore <= now) && (NotAfter is null || now <= NotAfter);

    /// <summary>The name of the key as <c>app_id/key_id</c>; nothing secret.</summary>
    /// <returns>The <c>keyid</c> that a message names.</returns>
    public override string ToString() => $"{AppId}/{KeyId}";

    internal bool Verifies(ReadOnlySpan<byte> signatureBase, ReadOnlySpan<byte> signature) => check(signatureBase, signature);

    private static string RequireName(string name, string parameter)
    {
        ArgumentException.ThrowIfNullOrEmpty(name, parameter);
        foreach (var c in name)
        {
            if (c is <= ' ' or > '~' or '/' or '"' or '\\')
            {
                throw new ArgumentException("A name has printable ASCII characters, but no space, slash, quote or backslash.", parameter);
            }
        }

        return name;
    }
}
