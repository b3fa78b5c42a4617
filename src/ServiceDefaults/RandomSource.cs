using System.Buffers.Binary;
using System.Buffers.Text;
using System.Security.Cryptography;

namespace PayCore.ServiceDefaults;

/// <summary>
/// The one source of randomness of a process: ids, nonces, tokens, jitter, weighted choices. Tests replace it by a seeded one.
/// Safe for concurrent use.
/// </summary>
public abstract class RandomSource
{
    /// <summary>Fills the span with random bytes.</summary>
    public abstract void Fill(Span<byte> bytes);

    /// <summary>A number from 0 (inclusive) to 1 (exclusive).</summary>
    public double NextDouble()
    {
        Span<byte> bytes = stackalloc byte[8];
        Fill(bytes);
        return (BinaryPrimitives.ReadUInt64LittleEndian(bytes) >> 11) * (1.0 / (1UL << 53));
    }

    /// <summary>A token of 32 random bytes in base64url: cannot be guessed.</summary>
    public string NextToken()
    {
        Span<byte> bytes = stackalloc byte[32];
        Fill(bytes);
        return Base64Url.EncodeToString(bytes);
    }

    /// <summary>The operating system's cryptographic generator.</summary>
    public static RandomSource System { get; } = new SystemRandomSource();

    private sealed class SystemRandomSource : RandomSource
    {
        public override void Fill(Span<byte> bytes) => RandomNumberGenerator.Fill(bytes);
    }
}
