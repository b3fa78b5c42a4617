using System.Security.Cryptography;

namespace PayCore.ChannelSimulator;

/// <summary>The simulator's randomness: ids, nonces, codes. Tests may replace it.</summary>
public class SimulatorRandom
{
    private const string Letters = "0123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";

    /// <summary>Fills the span with random bytes.</summary>
    public virtual void Fill(Span<byte> bytes) => RandomNumberGenerator.Fill(bytes);

    /// <summary>Random letters and digits.</summary>
    public string Text(int length) => Of(Letters, length);

    /// <summary>Random digits.</summary>
    public string Digits(int length) => Of("0123456789", length);

    private string Of(string alphabet, int length)
    {
        var bytes = new byte[length];
        Fill(bytes);
        return string.Concat(bytes.Select(b => alphabet[b % alphabet.Length]));
    }
}
