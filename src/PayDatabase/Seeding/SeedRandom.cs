using System.Buffers.Binary;
using PayCore.ServiceDefaults;

namespace PayCore.PayDatabase.Seeding;

/// <summary>Numbers that a seed decides (SplitMix64). For made-up data only: whoever knows the seed knows them all.</summary>
internal sealed class SeedRandom(ulong seed) : RandomSource
{
    private ulong _state = seed;

    /// <inheritdoc/>
    public override void Fill(Span<byte> bytes)
    {
        Span<byte> word = stackalloc byte[8];
        for (var at = 0; at < bytes.Length; at += word.Length)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(word, Next());
            word[..Math.Min(word.Length, bytes.Length - at)].CopyTo(bytes[at..]);
        }
    }

    /// <summary>True with this probability.</summary>
    public bool Chance(double probability) => NextDouble() < probability;

    /// <summary>From the least (inclusive) to the most (exclusive).</summary>
    public long Between(long least, long most) => least + (long)(NextDouble() * (most - least));

    /// <summary>One of them, by weight.</summary>
    public T Pick<T>(IReadOnlyList<T> of, Func<T, double> weight)
    {
        var at = NextDouble() * of.Sum(weight);
        foreach (var one in of)
        {
            if ((at -= weight(one)) < 0)
            {
                return one;
            }
        }

        return of[^1];
    }

    /// <summary>One of them; each is half as likely as the one before.</summary>
    public T PickFirst<T>(IReadOnlyList<T> of) => of[Math.Min((int)-Math.Log2(1 - NextDouble()), of.Count - 1)];

    private ulong Next()
    {
        _state += 0x9E3779B97F4A7C15;
        var z = _state;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }
}
