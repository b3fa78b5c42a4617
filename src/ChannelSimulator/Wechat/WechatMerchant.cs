namespace PayCore.ChannelSimulator;

/// <summary>A merchant as the provider knows it.</summary>
internal sealed class WechatMerchant(WechatMerchantRegistration registration, IReadOnlyList<PlatformKey> keys)
{
    private readonly Dictionary<string, RsaKey> _signers = keys.ToDictionary(k => k.Serial, k => new RsaKey(k.PrivateKeyPem));
    private long _callbacks;

    public WechatMerchantRegistration Registration { get; } = registration;

    /// <summary>All keys, also those that the mode does not use.</summary>
    public IReadOnlyList<PlatformKey> Keys { get; } = keys;

    public RsaKey MerchantKey { get; } = new(registration.MerchantPublicKeyPem);

    public PlatformKey PublicKey => Keys.First(k => k.Certificate is null);

    /// <summary>What can be downloaded, the oldest first; nothing in public-key mode.</summary>
    public IReadOnlyList<PlatformKey> Certificates =>
        Registration.KeyMode == WechatKeyMode.PublicKey ? [] : [.. Keys.Where(k => k.Certificate is not null)];

    /// <summary>The key that the request names, where the mode knows it; otherwise the mode's own (wechat-pay-v3.md 2.4).</summary>
    public PlatformKey AnswerKey(string? named, DateTimeOffset now)
    {
        var known = Registration.KeyMode == WechatKeyMode.Migration ? [.. Certificates, PublicKey] : Certificates;
        return known.FirstOrDefault(k => k.Serial == named) ?? (Registration.KeyMode == WechatKeyMode.PublicKey ? PublicKey : SigningCertificate(now));
    }

    /// <summary>The platform chooses the key of a callback, during the migration by the share (wechat-pay-v3.md 2.4).</summary>
    public PlatformKey CallbackKey(DateTimeOffset now) => Registration.KeyMode switch
    {
        WechatKeyMode.PublicKey => PublicKey,
        WechatKeyMode.Migration when IsInTheShare(Interlocked.Increment(ref _callbacks)) => PublicKey,
        _ => SigningCertificate(now),
    };

    public RsaKey Signer(PlatformKey key) => _signers[key.Serial];

    /// <summary>The share without chance: of each hundred in a row exactly so many, spread evenly.</summary>
    private bool IsInTheShare(long callback) => Part(callback) > Part(callback - 1);

    private decimal Part(long callbacks) => Math.Floor(callbacks * Registration.MigrationPercent / 100);

    /// <summary>The newest of those whose time to sign has come. An ended one signs too: what to make of that is the merchant's test.</summary>
    private PlatformKey SigningCertificate(DateTimeOffset now) =>
        Certificates.LastOrDefault(k => k.Certificate!.SignsFrom <= now) ?? Certificates[0];
}
