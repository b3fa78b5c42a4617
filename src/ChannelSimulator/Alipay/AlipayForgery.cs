using System.Security.Cryptography;

namespace PayCore.ChannelSimulator;

/// <summary>Signs with a key that nobody has agreed on. The key is made when a fault first wants it.</summary>
internal sealed class AlipayForgery
{
    private readonly Lazy<RsaKey> _key = new(() =>
    {
        using var rsa = RSA.Create(2048);
        return new RsaKey(rsa.ExportPkcs8PrivateKeyPem());
    });

    public string Sign(byte[] message) => _key.Value.Sign(message);
}
