using System.Security.Cryptography;

namespace PayCore.ChannelSimulator;

/// <summary>The only source of randomness of the simulator, so that a test can put a predictable one in its place.</summary>
internal class SimulatorRandom
{
    private const string LettersAndDigits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

    public virtual void Fill(Span<byte> bytes) => RandomNumberGenerator.Fill(bytes);

    public string Digits(int count) => Characters("0123456789", count);

    public string Text(int count) => Characters(LettersAndDigits, count);

    public string Hex(int bytes)
    {
        var buffer = new byte[bytes];
        Fill(buffer);
        return Convert.ToHexString(buffer);
    }

    public string Uuid()
    {
        Span<byte> bytes = stackalloc byte[16];
        Fill(bytes);
        return new Guid(bytes).ToString();
    }

    private string Characters(string alphabet, int count)
    {
        // The slight preference of the remainder for the first characters does not matter here: nothing secret is made of it.
        var bytes = new byte[count];
        Fill(bytes);
        return string.Create(count, (bytes, alphabet), static (text, state) =>
        {
            for (var i = 0; i < text.Length; i++)
            {
                text[i] = state.alphabet[state.bytes[i] % state.alphabet.Length];
            }
        });
    }
}
