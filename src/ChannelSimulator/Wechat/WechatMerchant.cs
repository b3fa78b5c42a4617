namespace PayCore.ChannelSimulator;

/// <summary>A merchant as the provider knows it.</summary>
internal sealed class WechatMerchant(WechatMerchantRegistration registration, IReadOnlyList<PlatformKey> keys)
{
    private readonly Dictionary<string, RsaKey> _signers = keys.ToDictionary(k => k.Serial, k => new RsaKey(k.PrivateKeyPem));

    public WechatMerchantRegistration Registration { get; } = registration;

    public IReadOnlyList<PlatformKey> Keys { get; } = keys;

    public RsaKey MerchantKey { get; } = new(registration.MerchantPublicKeyPem);

    public PlatformKey PublicKey => Keys.First(k => k.CertificatePem is null);

    public IEnumerable<PlatformKey> Certificates => Keys.Where(k => k.CertificatePem is not null);

    /// <summary>The key the request named; without or with an unknown name the certificate, if there is one (wechat-pay-v3.md 2.4).</summary>
    public PlatformKey AnswerKey(string? named) =>
        Keys.FirstOrDefault(k => k.Serial == named) ?? Certificates.FirstOrDefault() ?? PublicKey;

    public RsaKey Signer(PlatformKey key) => _signers[key.Serial];
}
