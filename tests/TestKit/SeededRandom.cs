using PayCore.ServiceDefaults;

namespace PayCore.TestKit;

/// <summary>Randomness that a printed seed brings back.</summary>
public sealed class SeededRandom(int seed) : RandomSource
{
    private readonly Random _random = new(seed);
    private readonly Lock _gate = new();

    public override void Fill(Span<byte> bytes)
    {
        lock (_gate)
        {
            _random.NextBytes(bytes);
        }
    }
}
