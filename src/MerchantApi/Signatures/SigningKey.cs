namespace PayCore.MerchantApi;

/// <summary>
/// The merchant's half of a key: what signs a request. Immutable; safe to share between threads; the key bytes cannot be read back.
/// </summary>
public sealed class SigningKey
{
    private readonly SignatureMaker maker;

    private SigningKey(string appId, string keyId, MerchantKeyAlgorithm algorithm, SignatureMaker maker)
    {
        ArgumentException.ThrowIfNullOrEmpty(appId);
        ArgumentException.ThrowIfNullOrEmpty(keyId);
        AppId = appId;
        KeyId = keyId;
        Algorithm = algorithm;
        this.maker = maker;
    }

    /// <summary>The app that signs.</summary>
    public string AppId { get; }

    /// <summary>The key's name within the app.</summary>
    public string KeyId { get; }

    /// <summary>The key's algorithm.</summary>
    public MerchantKeyAlgorithm Algorithm { get; }

    /// <summary>Reads a private key (PKCS#8, <c>-----BEGIN PRIVATE KEY-----</c>).</summary>
    /// <param name="appId">The app that signs.</param>
    /// <param name="keyId">The key's name within the app.</param>
    /// <param name="algorithm">The key's algorithm; not HMAC.</param>
    /// <param name="pem">Exactly one PEM block.</param>
    /// <returns>The key.</returns>
    /// <exception cref="MerchantKeyException">The key is unreadable, of another kind, or weak.</exception>
    public static SigningKey FromPrivateKeyPem(string appId, string keyId, MerchantKeyAlgorithm algorithm, string pem) =>
        new(appId, keyId, algorithm, KeyMaterial.ReadPrivate(algorithm, pem));

    /// <summary>Takes a shared secret for <c>hmac-sha256</c>. The bytes are copied.</summary>
    /// <param name="appId">The app that signs.</param>
    /// <param name="keyId">The key's name within the app.</param>
    /// <param name="secret">32 random bytes or more.</param>
    /// <returns>The key.</returns>
    /// <exception cref="MerchantKeyException">The secret is too short or plainly not random.</exception>
    public static SigningKey FromSecret(string appId, string keyId, ReadOnlySpan<byte> secret) =>
        new(appId, keyId, MerchantKeyAlgorithm.HmacSha256, KeyMaterial.SecretMaker(secret));

    /// <summary>The name of the key as <c>app_id/key_id</c>; nothing secret.</summary>
    /// <returns>The <c>keyid</c> that a message names.</returns>
    public override string ToString() => $"{AppId}/{KeyId}";

    internal byte[] Sign(ReadOnlySpan<byte> signatureBase) => maker(signatureBase);
}
