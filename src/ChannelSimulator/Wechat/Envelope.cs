using System.Security.Cryptography;
using System.Text;

namespace PayCore.ChannelSimulator;

/// <summary>AEAD_AES_256_GCM (wechat-pay-v3.md 5.3).</summary>
internal sealed class Envelope(SimulatorRandom random)
{
    public (string Nonce, string Ciphertext) Seal(string apiV3Key, string associatedData, ReadOnlySpan<byte> plain)
    {
        // Twelve bytes that are also text: they travel as they are, not in Base64.
        var nonce = random.Text(12);
        var output = new byte[plain.Length + 16];
        using var aes = new AesGcm(Encoding.UTF8.GetBytes(apiV3Key), 16);
        aes.Encrypt(
            Encoding.UTF8.GetBytes(nonce), plain, output.AsSpan(0, plain.Length), output.AsSpan(plain.Length), Encoding.UTF8.GetBytes(associatedData));
        return (nonce, Convert.ToBase64String(output));
    }
}
