using System.Security.Cryptography;
using System.Text;

namespace PayCore.ChannelSimulator;

/// <summary>A key of the platform for one merchant: a WeChat Pay public key, or one with a <see cref="Certificate"/>.</summary>
internal sealed record PlatformKey
{
    public required string Serial { get; init; }

    public required string PrivateKeyPem { get; init; }

    public required string PublicKeyPem { get; init; }

    public PlatformCertificate? Certificate { get; init; }
}

/// <summary>The certificate of a key.</summary>
internal sealed record PlatformCertificate
{
    public required string Pem { get; init; }

    public required DateTimeOffset EffectiveTime { get; init; }

    public required DateTimeOffset ExpireTime { get; init; }

    /// <summary>From when the platform signs with it; before, it can be downloaded only.</summary>
    public required DateTimeOffset SignsFrom { get; init; }
}

/// <summary>An RSA key in use. The instance is not made for several threads at once, hence the lock.</summary>
internal sealed class RsaKey
{
    private readonly Lock _lock = new();
    private readonly RSA _rsa = RSA.Create();

    public RsaKey(string pem) => _rsa.ImportFromPem(pem);

    public string Sign(ReadOnlySpan<byte> message)
    {
        lock (_lock)
        {
            return Convert.ToBase64String(_rsa.SignData(message, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1));
        }
    }

    public bool Verify(ReadOnlySpan<byte> message, ReadOnlySpan<byte> signature)
    {
        lock (_lock)
        {
            return _rsa.VerifyData(message, signature, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        }
    }

    /// <summary>RSAES-OAEP with SHA-1, Base64 (wechat-pay-v3.md 9).</summary>
    public string Encrypt(string text)
    {
        lock (_lock)
        {
            return Convert.ToBase64String(_rsa.Encrypt(Encoding.UTF8.GetBytes(text), RSAEncryptionPadding.OaepSHA1));
        }
    }

    /// <summary>Throws <see cref="CryptographicException"/> or <see cref="FormatException"/> when it was not encrypted for this key.</summary>
    public string Decrypt(string ciphertext)
    {
        lock (_lock)
        {
            return Encoding.UTF8.GetString(_rsa.Decrypt(Convert.FromBase64String(ciphertext), RSAEncryptionPadding.OaepSHA1));
        }
    }

    /// <summary>Lines, each ended by a line feed, then the raw body and the last line feed (wechat-pay-v3.md 1.3 and 2.2).</summary>
    public static byte[] Message(ReadOnlySpan<byte> body, params ReadOnlySpan<string> lines)
    {
        var head = new StringBuilder();
        foreach (var line in lines)
        {
            head.Append(line).Append('\n');
        }

        return [.. Encoding.UTF8.GetBytes(head.ToString()), .. body, (byte)'\n'];
    }
}
