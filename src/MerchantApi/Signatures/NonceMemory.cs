using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace PayCore.MerchantApi;

/// <summary>
/// The nonces that this instance saw in the last 600 seconds: as long as a signature can be fresh (300 s before our clock to 300 s after
/// it).
/// </summary>
/// <remarks>
/// The memory is bounded. When it is full the oldest nonce is forgotten rather than a request refused: what makes a replay harmless, here
/// and on other instances, is that every changing call is idempotent by the merchant's number.
/// </remarks>
public sealed class NonceMemory
{
    /// <summary>How long a nonce is remembered, in seconds.</summary>
    public const int KeptSeconds = 600;

    private readonly TimeProvider time;
    private readonly int capacity;
    private readonly Lock gate = new();
    private readonly HashSet<UInt128> seen = [];
    private readonly Queue<(UInt128 Mark, long SeenAtMs)> order = new();

    /// <summary>Creates an empty memory.</summary>
    /// <param name="time">The clock.</param>
    /// <param name="capacity">
    /// How many nonces are kept at most; each takes about 70 bytes. The default is enough for 1,600 requests a second.
    /// </param>
    public NonceMemory(TimeProvider time, int capacity = 1_000_000)
    {
        ArgumentNullException.ThrowIfNull(time);
        ArgumentOutOfRangeException.ThrowIfLessThan(capacity, 1);
        this.time = time;
        this.capacity = capacity;
    }

    /// <summary>How many nonces are remembered now.</summary>
    public int Count
    {
        get
        {
            lock (gate)
            {
                return seen.Count;
            }
        }
    }

    /// <summary>
    /// Remembers a nonce. Called only after the signature was verified, so that nobody else can use up a merchant's nonces.
    /// </summary>
    /// <param name="appId">The app that signed.</param>
    /// <param name="keyId">The key that signed.</param>
    /// <param name="nonce">Its nonce.</param>
    /// <returns><see langword="false"/> when this key already used the nonce.</returns>
    public bool Remember(string appId, string keyId, string nonce)
    {
        var mark = Mark($"{appId}/{keyId} {nonce}");
        var now = time.GetUtcNow().ToUnixTimeMilliseconds();
        lock (gate)
        {
            while (order.TryPeek(out var oldest) && now - oldest.SeenAtMs > KeptSeconds * 1000L)
            {
                seen.Remove(order.Dequeue().Mark);
            }

            if (!seen.Add(mark))
            {
                return false;
            }

            order.Enqueue((mark, now));
            if (order.Count > capacity)
            {
                seen.Remove(order.Dequeue().Mark);
            }

            return true;
        }
    }

    /// <summary>16 bytes stand for the text, so that a long name costs no more than a short one.</summary>
    private static UInt128 Mark(string text) => BinaryPrimitives.ReadUInt128BigEndian(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
}
