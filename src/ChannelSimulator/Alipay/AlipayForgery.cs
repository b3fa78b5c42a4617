namespace PayCore.ChannelSimulator;

/// <summary>Signs with a key that nobody has agreed on. The key is made when a fault first wants it.</summary>
internal sealed class AlipayForgery(SimulatedKeys keys)
{
    private readonly Lazy<RsaKey> _key = new(() => new RsaKey(keys.Next()));

    public string Sign(byte[] message) => _key.Value.Sign(message);
}
