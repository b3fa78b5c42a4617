namespace PayCore.ChannelSimulator;

/// <summary>What a merchant enters in the provider's console for one application (alipay.md 2).</summary>
public sealed record AlipayMerchantRegistration
{
    /// <summary>The application.</summary>
    public required string AppId { get; init; }

    /// <summary>The merchant it belongs to, which is also the receiver of the money: 2088 and 12 digits.</summary>
    public required string Pid { get; init; }

    /// <summary>The name shown to the payer.</summary>
    public required string Name { get; init; }

    /// <summary>The application's public key, SubjectPublicKeyInfo: PEM or one line of Base64.</summary>
    public required string AppPublicKey { get; init; }

    /// <summary><c>key</c> or <c>certificate</c>. An application has exactly one mode.</summary>
    public string Mode { get; init; } = "key";

    /// <summary>The application's gateway address, where messages go; null for none (alipay.md 6.10).</summary>
    public string? GatewayUrl { get; init; }

    /// <summary>How many days the application's certificate lives; not above zero for one that has ended.</summary>
    public int AppCertDays { get; init; } = 1825;
}

/// <summary>What the provider gives the merchant: in key mode a key, in certificate mode three files.</summary>
public sealed record RegisteredAlipayMerchant
{
    /// <summary>Key mode: the Alipay public key, one line of Base64 as the console shows it.</summary>
    public string? AlipayPublicKey { get; init; }

    /// <summary>Certificate mode: <c>appCertPublicKey</c>, PEM.</summary>
    public string? AppCert { get; init; }

    /// <summary>Certificate mode: <c>alipayCertPublicKey_RSA2</c>, PEM, the certificate and the one that issued it.</summary>
    public string? AlipayCert { get; init; }

    /// <summary>Certificate mode: <c>alipayRootCert</c>, PEM of several blocks.</summary>
    public string? AlipayRootCert { get; init; }
}
